package dev.rondo.tests;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Port;
import dev.rondo.Session;
import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.Packing;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.TensorData;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.graph.Node;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.State;
import dev.rondo.graph.Value;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoublePredicate;

/**
 * The runtime: writes the function and its weights to a model file, opens it, and runs it in a session.
 *
 * @param kernel which kernels
 * @param panels whether matrices lie in panels rather than rows
 * @param narrow whether weights that bf16 or f16 hold exactly are stored so
 * @param spare whether the session has more capacity than the call needs, and the file is loaded rather than mapped
 */
record RuntimeEngine(Model.Kernel kernel, boolean panels, boolean narrow, boolean spare) implements Engine {
    @Override
    public String name() {
        return "runtime, " + kernel + " kernels, " + (panels ? "panels" : "rows") + (narrow ? ", narrow" : "")
                + (spare ? ", spare capacity" : "");
    }

    /** A few roundings of f32 on sums of a dozen products. */
    @Override
    public double tolerance() {
        return 1e-5;
    }

    @Override
    public Interpreter.Result run(
            Function function, Map<String, NdArray> inputs, Map<String, NdArray> states, Map<String, NdArray> weights) {
        try {
            Path file = Files.createTempFile("engine", ".rondo");
            try {
                write(file, function, weights);
                try (Model model = spare ? Model.load(file) : Model.open(file)) {
                    return call(model, function, inputs, states);
                }
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(Path file, Function function, Map<String, NdArray> weights) throws IOException {
        var writer = new RondoFileWriter();
        List<Function> functions = new ArrayList<>(function.bodies());
        functions.add(function);
        functions.forEach(f -> writer.function(FunctionCodec.encode(f)));
        Map<String, Integer> gates = gates(functions);
        for (String name : gates.keySet()) {
            NdArray weight = weights.get(name);
            if (weight.element() == ElementType.F32) {
                boolean matrix = weight.rank() >= 2 && weight.size(0) % gates.get(name) == 0;
                Layout layout = panels && matrix ? new Layout.Panels(gates.get(name)) : new Layout.Rows();
                writer.tensor(name, encoding(weight), layout, weight.shape(), () -> floats(weight));
            } else {
                writer.tensor(name, data(weight));
            }
        }
        writer.write(file);
    }

    /** Every weight, and how many gates the operator that uses it has. */
    private static Map<String, Integer> gates(List<Function> functions) {
        Map<String, Integer> gates = new LinkedHashMap<>();
        for (Function function : functions) {
            function.weights().forEach(w -> gates.putIfAbsent(w.tensorName(), 1));
            for (Node node : function.nodes()) {
                if (node.op() instanceof Recurrent op) {
                    int count = switch (op) {
                        case Recurrent.ElmanCell _, Recurrent.ElmanLayer _ -> 1;
                        case Recurrent.LstmCell _, Recurrent.LstmLayer _ -> 4;
                        case Recurrent.GruCell _, Recurrent.GruLayer _ -> 3;
                    };
                    for (String slot : List.of("weight_hidden", "weight_input")) {
                        Value weight = node.input(slot);
                        if (weight.isWeight()) {
                            gates.put(weight.tensorName(), count);
                        }
                    }
                }
            }
        }
        return gates;
    }

    private Encoding encoding(NdArray weight) {
        if (narrow && all(weight, v -> Packing.bfloatToFloat(Packing.floatToBfloat((float) v)) == v)) {
            return Encoding.BF16;
        }
        if (narrow && all(weight, v -> Packing.halfToFloat(Packing.floatToHalf((float) v)) == v)) {
            return Encoding.F16;
        }
        return Encoding.F32;
    }

    private static boolean all(NdArray weight, DoublePredicate holds) {
        return Arrays.stream(weight.values()).allMatch(holds);
    }

    private Interpreter.Result call(
            Model model, Function function, Map<String, NdArray> inputs, Map<String, NdArray> states) {
        Map<String, Long> sizes = Interpreter.sizes(function, inputs, states);
        Map<String, Integer> capacity = new HashMap<>();
        sizes.forEach((name, size) -> capacity.put(name, Math.toIntExact(size) + (spare ? 3 : 0)));
        Session session = model.session(new Capacity(capacity), kernel);
        sizes.forEach((name, size) -> session.size(name, Math.toIntExact(size)));
        states.forEach((name, value) -> session.state(name, floats(value)));
        Call call = session.call(function.name());
        inputs.forEach((name, value) -> fill(call.input(name), value));
        call.run();
        Map<String, NdArray> outputs = new LinkedHashMap<>();
        function.outputs().forEach(v -> outputs.put(v.name(), read(call.output(v.name()))));
        Map<String, NdArray> next = new LinkedHashMap<>();
        for (State state : function.states()) {
            Value value = state.value();
            float[] floats = session.state(value.name());
            List<Integer> shape = Interpreter.shape(value.type().dims(), sizes::get);
            next.put(
                    value.name(),
                    NdArray.tabulate(ElementType.F32, List.of(floats.length), i -> floats[i[0]])
                            .reshape(shape.toArray(Integer[]::new)));
        }
        return new Interpreter.Result(outputs, next);
    }

    private static void fill(Port port, NdArray value) {
        if (Arrays.stream(port.shape()).boxed().toList().equals(value.shape())) {
            for (int i = 0; i < value.values().length; i++) {
                switch (value.element()) {
                    case F32, F64 -> port.set(i, value.values()[i]);
                    case I32, I64, BOOL -> port.set(i, (long) value.values()[i]);
                }
            }
        } else {
            throw new IllegalArgumentException("input " + port.name() + " has shape " + Arrays.toString(port.shape())
                    + ", given " + value.shape());
        }
    }

    private static NdArray read(Port port) {
        List<Integer> shape = Arrays.stream(port.shape()).boxed().toList();
        double[] values = new double[port.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = port.get(i);
        }
        return new NdArray(port.element(), shape, values);
    }

    private static float[] floats(NdArray array) {
        float[] floats = new float[array.values().length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) array.values()[i];
        }
        return floats;
    }

    private static TensorData data(NdArray array) {
        double[] values = array.values();
        return switch (array.element()) {
            case F32 -> TensorData.ofFloats(array.shape(), floats(array));
            case F64 -> TensorData.ofDoubles(array.shape(), values);
            case I32 ->
                TensorData.ofInts(
                        array.shape(),
                        Arrays.stream(values).mapToInt(v -> (int) v).toArray());
            case I64 ->
                TensorData.ofLongs(
                        array.shape(),
                        Arrays.stream(values).mapToLong(v -> (long) v).toArray());
            case BOOL -> {
                boolean[] flags = new boolean[values.length];
                for (int i = 0; i < flags.length; i++) {
                    flags[i] = values[i] != 0;
                }
                yield TensorData.ofBooleans(array.shape(), flags);
            }
        };
    }

    @Override
    public String toString() {
        return name();
    }
}
