package dev.rondo.convert;

import dev.rondo.convert.ConversionRequest.Tolerance;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.format.ReferenceCase;
import dev.rondo.format.TensorData;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.verify.TensorFile;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reference vectors whose names are those of a function's values. */
final class IoCase {
    private IoCase() {}

    /**
     * The case that an io file holds: of the function it names, or of the only one that has values of all its names.
     * When an input has a leading axis more than the function's, the function is called step by step.
     *
     * @throws FormatException when no function, or more than one, has these values
     */
    static ReferenceCase read(ConversionRequest.Io io, String name, List<Function> functions, Tolerance tolerance)
            throws IOException {
        var fitting = new ArrayList<Function>();
        for (Function function : functions) {
            if (io.function().isEmpty() || io.function().get().equals(function.name())) {
                fitting.add(function);
            }
        }
        if (fitting.isEmpty()) {
            throw new InputException(
                    "--io",
                    "names a function of the model, one of "
                            + functions.stream().map(Function::name).toList(),
                    "'" + io.function().orElse("") + "'",
                    "correct the name");
        }
        if (fitting.size() > 1) {
            Set<String> names = new TreeSet<>();
            for (Function function : functions) {
                TensorFile tensors = TensorFile.read(io.file(), function);
                names.addAll(tensors.inputs().keySet());
                names.addAll(tensors.outputs().keySet());
                if (!fits(function, tensors)) {
                    fitting.remove(function);
                }
            }
            if (fitting.size() != 1) {
                throw new FormatException(
                        String.valueOf(io.file().getFileName()),
                        -1,
                        "io file",
                        "must hold values of one function: " + signatures(functions),
                        "names " + names + ", of "
                                + fitting.stream().map(Function::name).toList(),
                        "rename its tensors in.NAME and out.NAME, or say --io FUNCTION=FILE",
                        null);
            }
        }
        Function function = fitting.getFirst();
        TensorFile tensors = TensorFile.read(io.file(), function);
        if (!fits(function, tensors)) {
            throw new FormatException(
                    String.valueOf(io.file().getFileName()),
                    -1,
                    "io file",
                    "must hold all inputs and some outputs of " + signatures(List.of(function)),
                    "inputs " + tensors.inputs().keySet() + ", outputs "
                            + tensors.outputs().keySet(),
                    "rename its tensors in.NAME and out.NAME",
                    null);
        }
        return new ReferenceCase(
                name,
                function.name(),
                tensors.isStepwise(function),
                tolerance.atol(),
                tolerance.rtol(),
                typed(function, tensors.inputs()),
                typed(function, tensors.outputs()));
    }

    /** Whole numbers of the width that the function has, if they fit it; many tools write all of them as I64. */
    private static Map<String, TensorData> typed(Function function, Map<String, TensorData> tensors) {
        var typed = new LinkedHashMap<String, TensorData>();
        tensors.forEach((name, data) -> typed.put(
                name,
                function.input(name)
                        .or(() -> function.output(name))
                        .map(value -> as(value.type().element(), data))
                        .orElse(data)));
        return typed;
    }

    private static TensorData as(ElementType element, TensorData data) {
        if (data.element() != ElementType.I64) {
            return data;
        }
        long[] numbers = data.data().toArray(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN));
        if (element == ElementType.I32 && Arrays.stream(numbers).allMatch(n -> n == (int) n)) {
            return TensorData.ofInts(
                    data.shape(), Arrays.stream(numbers).mapToInt(n -> (int) n).toArray());
        }
        if (element == ElementType.BOOL && Arrays.stream(numbers).allMatch(n -> n == 0 || n == 1)) {
            var flags = new boolean[numbers.length];
            for (int i = 0; i < flags.length; i++) {
                flags[i] = numbers[i] != 0;
            }
            return TensorData.ofBooleans(data.shape(), flags);
        }
        return data;
    }

    /** Whether these are all inputs of the function, states at will, and at least one of its results. */
    private static boolean fits(Function function, TensorFile tensors) {
        Set<String> inputs = tensors.inputs().keySet();
        Set<String> outputs = tensors.outputs().keySet();
        return function.inputs().stream().map(Value::name).allMatch(inputs::contains)
                && inputs.stream()
                        .allMatch(n -> function.input(n).isPresent()
                                || function.state(n).isPresent())
                && !outputs.isEmpty()
                && outputs.stream()
                        .allMatch(n -> function.output(n).isPresent()
                                || function.state(n).isPresent());
    }

    private static String signatures(List<Function> functions) {
        return String.join(
                "; ",
                functions.stream()
                        .map(f -> f.name() + ": inputs " + f.inputs() + ", states "
                                + f.states().stream().map(s -> s.value()).toList() + ", outputs " + f.outputs())
                        .toList());
    }
}
