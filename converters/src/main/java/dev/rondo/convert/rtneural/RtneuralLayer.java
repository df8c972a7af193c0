package dev.rondo.convert.rtneural;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * A layer as the file has it.
 *
 * @param index      in the list
 * @param activation after the layer; empty for none
 * @param size       of the last axis of its output
 * @param weights    as Keras gives them: kernels have inputs before outputs
 */
record RtneuralLayer(
        int index,
        String type,
        String activation,
        int size,
        List<JsonTensor> weights,
        OptionalInt kernelSize,
        OptionalInt dilation,
        OptionalInt groups,
        OptionalDouble epsilon) {

    String subject() {
        return "layers[" + index + "] (" + type + ")";
    }
}
