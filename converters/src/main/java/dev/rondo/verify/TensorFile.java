package dev.rondo.verify;

import dev.rondo.convert.safetensors.Dtype;
import dev.rondo.convert.safetensors.SafetensorsFile;
import dev.rondo.convert.safetensors.SafetensorsTensor;
import dev.rondo.convert.safetensors.SafetensorsWriter;
import dev.rondo.error.FormatException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.TensorData;
import dev.rondo.graph.Function;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Inputs and outputs of a function in a safetensors file: {@code in.NAME} or {@code NAME} is an input, {@code out.NAME}
 * an output; NAME is that of an input, an output or a state, a state also as {@code state.NAME}.
 *
 * @param inputs  by name as in the function
 * @param outputs by name as in the function
 */
public record TensorFile(Map<String, TensorData> inputs, Map<String, TensorData> outputs) {
    private static final String IN = "in.";
    private static final String OUT = "out.";
    private static final String STATE = "state.";
    private static final ValueLayout.OfDouble F64 =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /**
     * Copies all tensors of a file.
     *
     * @throws FormatException when the file breaks its format, or holds one value under two names
     */
    public static TensorFile read(Path path, Function function) throws IOException {
        var inputs = new LinkedHashMap<String, TensorData>();
        var outputs = new LinkedHashMap<String, TensorData>();
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            for (SafetensorsTensor tensor : file.tensors().values()) {
                boolean output = tensor.name().startsWith(OUT);
                String name = tensor.name()
                        .substring(output ? OUT.length() : tensor.name().startsWith(IN) ? IN.length() : 0);
                if (name.startsWith(STATE)
                        && function.state(name.substring(STATE.length())).isPresent()) {
                    name = name.substring(STATE.length());
                }
                if ((output ? outputs : inputs).put(name, data(tensor)) != null) {
                    throw new FormatException(
                            path.toString(),
                            -1,
                            "tensor '" + tensor.name() + "'",
                            "is the only one for '" + name + "' of function " + function.name(),
                            "a second one",
                            "in.NAME and NAME are the same: leave one out",
                            null);
                }
            }
        }
        return new TensorFile(inputs, outputs);
    }

    /** Whether an input has an axis of steps before those of the function's, so that it is called step by step. */
    public boolean isStepwise(Function function) {
        return function.inputs().stream().anyMatch(input -> {
            TensorData given = inputs.get(input.name());
            return given != null && given.shape().size() == input.type().rank() + 1;
        });
    }

    private static TensorData data(SafetensorsTensor tensor) {
        for (long dim : tensor.shape()) {
            if (dim > Integer.MAX_VALUE) {
                throw new ShapeException(
                        "tensor '" + tensor.name() + "'",
                        "dimensions are below 2^31",
                        "shape " + tensor.shape(),
                        "split the tensor");
            }
        }
        List<Integer> shape = tensor.shape().stream().map(Math::toIntExact).toList();
        if (tensor.dtype() == Dtype.F64) {
            var values = new double[Math.toIntExact(tensor.elements())];
            for (int i = 0; i < values.length; i++) {
                values[i] = tensor.data().get(F64, 8L * i);
            }
            return TensorData.ofDoubles(shape, values);
        }
        if (tensor.dtype() == Dtype.BOOL) {
            long[] values = tensor.toLongs();
            var flags = new boolean[values.length];
            for (int i = 0; i < flags.length; i++) {
                flags[i] = values[i] != 0;
            }
            return TensorData.ofBooleans(shape, flags);
        }
        return tensor.dtype().isInteger()
                ? TensorData.ofLongs(shape, tensor.toLongs())
                : TensorData.ofFloats(shape, tensor.toFloats());
    }

    /** Writes {@code out.NAME} for outputs and {@code out.state.NAME} for states. */
    public static void write(Path path, Map<String, TensorData> outputs, Map<String, TensorData> states)
            throws IOException {
        var writer = new SafetensorsWriter();
        outputs.forEach((name, data) -> add(writer, OUT + name, data));
        states.forEach((name, data) -> add(writer, OUT + STATE + name, data));
        writer.write(path);
    }

    private static void add(SafetensorsWriter writer, String name, TensorData data) {
        Dtype dtype = switch (data.element()) {
            case F32 -> Dtype.F32;
            case F64 -> Dtype.F64;
            case I32 -> Dtype.I32;
            case I64 -> Dtype.I64;
            case BOOL -> Dtype.BOOL;
        };
        writer.tensor(name, dtype, data.shape(), data.data().toArray(ValueLayout.JAVA_BYTE));
    }
}
