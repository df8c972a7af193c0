package dev.rondo.convert.onnx.file;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An ONNX model.
 *
 * @param file      its name, for messages
 * @param producer  what wrote it, may be empty
 * @param opsets    by domain, {@code ""} for ONNX's own
 * @param functions names of functions that the model defines itself
 */
public record OnnxModel(
        String file, String producer, Map<String, Long> opsets, OnnxGraph graph, List<String> functions) {
    public OnnxModel {
        opsets = Collections.unmodifiableMap(new LinkedHashMap<>(opsets));
        functions = List.copyOf(functions);
    }
}
