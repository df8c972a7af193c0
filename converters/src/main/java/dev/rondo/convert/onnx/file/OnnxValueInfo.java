package dev.rondo.convert.onnx.file;

import java.util.List;
import java.util.Optional;

/**
 * What a graph declares about one of its inputs or outputs.
 *
 * @param elementCode the number of its element type, 0 when it is no tensor
 * @param dims        empty when the rank is not declared
 */
public record OnnxValueInfo(String name, long elementCode, Optional<List<Dimension>> dims) {
    /** A size, a name, or neither (-1 and ""). */
    public record Dimension(long size, String name) {}

    public OnnxValueInfo {
        dims = dims.map(List::copyOf);
    }
}
