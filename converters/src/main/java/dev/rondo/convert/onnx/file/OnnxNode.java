package dev.rondo.convert.onnx.file;

import java.util.List;
import java.util.Map;

/**
 * A node of a graph.
 *
 * @param name    may be empty
 * @param inputs  names of values, {@code ""} where an optional one is left out
 * @param outputs names of values, {@code ""} where nobody wants one
 * @param domain  {@code ""} for ONNX's own operators
 * @param index   in its graph, from 0
 */
public record OnnxNode(
        String name,
        String opType,
        String domain,
        List<String> inputs,
        List<String> outputs,
        Map<String, OnnxAttribute> attributes,
        int index) {
    public OnnxNode {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        attributes = Map.copyOf(attributes);
    }

    /** For messages: operator, domain and the node's name, or its place when it has none. */
    public String subject() {
        String operator = domain.isEmpty() ? opType : domain + "." + opType;
        String place = name.isEmpty() ? "number " + index + outputs : "'" + name + "'";
        return "node " + place + " (" + operator + ")";
    }
}
