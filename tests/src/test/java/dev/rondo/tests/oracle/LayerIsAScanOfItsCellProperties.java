package dev.rondo.tests.oracle;

import static dev.rondo.tests.oracle.Closeness.assertClose;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Op;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Value;
import dev.rondo.tests.Engine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** A sequence-level layer means the scan of its cell: both are built and give what the oracle gives. */
class LayerIsAScanOfItsCellProperties {
    private static final List<Activation> ACTIVATIONS = List.of(
            Activation.TANH,
            Activation.SIGMOID,
            Activation.RELU,
            Activation.IDENTITY,
            Activation.hardSigmoid(0.2f, 0.5f));

    private enum Kind {
        ELMAN(1),
        LSTM(4),
        GRU_RESET_AFTER(3),
        GRU_RESET_BEFORE(3);

        final int gates;

        Kind(int gates) {
            this.gates = gates;
        }
    }

    /** Which of the optional things a layer has. */
    private record Options(
            boolean reverse,
            boolean repeat,
            boolean state,
            boolean inputWeight,
            boolean bias,
            boolean peepholes,
            boolean projection,
            boolean lengths) {}

    private record Sizes(int rows, int steps, int inputs, int units, int projected) {}

    @Provide
    Arbitrary<Options> options() {
        Arbitrary<Boolean> flag = Arbitraries.of(true, false);
        return Combinators.combine(flag, flag, flag, flag, flag, flag, flag, flag)
                .as(Options::new);
    }

    @Provide
    Arbitrary<Sizes> sizes() {
        Arbitrary<Integer> few = Arbitraries.integers().between(1, 5);
        return Combinators.combine(Arbitraries.integers().between(1, 3), few, few, few, few)
                .as(Sizes::new);
    }

    @Provide
    Arbitrary<Engine> engines() {
        return Arbitraries.of(Engine.all());
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void layerAndScanAgree(
            @ForAll("engines") Engine engine,
            @ForAll Kind kind,
            @ForAll("options") Options options,
            @ForAll("sizes") Sizes sizes,
            @ForAll long seed) {
        var build = new Build(kind, options, sizes, new Random(seed));
        Map<String, NdArray> values = build.values();
        Interpreter.Result wanted =
                Interpreter.run(build.layer(), build.inputs(values), Map.of(), build.weights(values));
        Interpreter.Result layer = engine.run(build.layer(), build.inputs(values), build.weights(values));
        Interpreter.Result scan = engine.run(build.scan(), build.inputs(values), build.weights(values));
        for (String output : build.outputs()) {
            String what = engine + " " + kind + " " + options + " " + output;
            assertClose(layer.output(output), scan.output(output), engine.tolerance(), what);
            assertClose(wanted.output(output), layer.output(output), engine.tolerance(), what + " of the layer");
        }
    }

    /** Both functions of one choice, and values for them. */
    private static final class Build {
        private final Kind kind;
        private final Options options;
        private final Sizes sizes;
        private final Random random;
        private final Activation first;
        private final LstmActivations lstm;

        Build(Kind kind, Options options, Sizes sizes, Random random) {
            this.kind = kind;
            this.options = options;
            this.sizes = sizes;
            this.random = random;
            this.first = ACTIVATIONS.get(random.nextInt(ACTIVATIONS.size()));
            this.lstm = new LstmActivations(
                    Activation.SIGMOID, Activation.hardSigmoid(0.2f, 0.5f), first, Activation.SIGMOID, Activation.TANH);
        }

        boolean isLstm() {
            return kind == Kind.LSTM;
        }

        int hidden() {
            return isLstm() && options.projection ? sizes.projected : sizes.units;
        }

        int features() {
            return options.inputWeight ? sizes.inputs : kind.gates * sizes.units;
        }

        List<String> outputs() {
            return isLstm() ? List.of("y", "h", "c") : List.of("y", "h");
        }

        Function layer() {
            FunctionBuilder f = Function.builder("layer");
            var in = new ArrayList<Value>();
            in.add(f.input("x", ElementType.F32, sizes.rows, sizes.steps, features()));
            in.add(start(f, "h0", hidden()));
            if (isLstm()) {
                in.add(start(f, "c0", sizes.units));
            }
            in.addAll(parameters(f));
            in.add(lengths(f));
            Op op = switch (kind) {
                case ELMAN -> new Recurrent.ElmanLayer(first, options.reverse, options.repeat);
                case LSTM -> new Recurrent.LstmLayer(lstm, options.reverse, options.repeat);
                case GRU_RESET_AFTER ->
                    new Recurrent.GruLayer(Activation.SIGMOID, first, true, options.reverse, options.repeat);
                case GRU_RESET_BEFORE ->
                    new Recurrent.GruLayer(Activation.SIGMOID, first, false, options.reverse, options.repeat);
            };
            f.addAll(op, outputs(), in).forEach(f::output);
            return f.build();
        }

        Function scan() {
            FunctionBuilder body = Function.builder("cell");
            var in = new ArrayList<Value>();
            in.add(body.input("x", ElementType.F32, "B", features()));
            in.add(body.state("h", "B", hidden()));
            if (isLstm()) {
                in.add(body.state("c", "B", sizes.units));
            }
            in.addAll(parameters(body));
            Op op = switch (kind) {
                case ELMAN -> new Recurrent.ElmanCell(first);
                case LSTM -> new Recurrent.LstmCell(lstm);
                case GRU_RESET_AFTER -> new Recurrent.GruCell(Activation.SIGMOID, first, true);
                case GRU_RESET_BEFORE -> new Recurrent.GruCell(Activation.SIGMOID, first, false);
            };
            List<Value> next = body.addAll(op, List.of(), in);
            body.next(in.get(1), next.getFirst());
            if (isLstm()) {
                body.next(in.get(2), next.get(1));
            }
            body.output(next.getFirst());

            FunctionBuilder f = Function.builder("scan");
            var outer = new ArrayList<Value>();
            outer.add(f.input("x", ElementType.F32, sizes.rows, sizes.steps, features()));
            outer.add(start(f, "h0", hidden()));
            if (isLstm()) {
                outer.add(start(f, "c0", sizes.units));
            }
            outer.add(lengths(f));
            var repeated = new Scan(body.build(), List.of("x"), options.reverse, options.repeat);
            f.addAll(repeated, outputs(), outer).forEach(f::output);
            return f.build();
        }

        private Value start(FunctionBuilder f, String name, int size) {
            return options.state ? f.input(name, ElementType.F32, sizes.rows, size) : Value.ABSENT;
        }

        private Value lengths(FunctionBuilder f) {
            return options.lengths ? f.input("lengths", ElementType.I32, sizes.rows) : Value.ABSENT;
        }

        /** Weights and biases in the order of the slots of cells and layers. */
        private List<Value> parameters(FunctionBuilder f) {
            int rows = kind.gates * sizes.units;
            var in = new ArrayList<Value>();
            in.add(f.weight("weight_hidden", rows, hidden()));
            in.add(options.inputWeight ? f.weight("weight_input", rows, sizes.inputs) : Value.ABSENT);
            in.add(options.bias ? f.weight("bias", rows) : Value.ABSENT);
            if (isLstm()) {
                in.add(options.peepholes ? f.weight("peepholes", 3, sizes.units) : Value.ABSENT);
                in.add(options.projection ? f.weight("projection", hidden(), sizes.units) : Value.ABSENT);
            } else if (kind == Kind.GRU_RESET_AFTER || kind == Kind.GRU_RESET_BEFORE) {
                boolean hiddenBias = options.bias && kind == Kind.GRU_RESET_AFTER;
                in.add(hiddenBias ? f.weight("hidden_bias", sizes.units) : Value.ABSENT);
            }
            return in;
        }

        Map<String, NdArray> values() {
            Map<String, NdArray> values = new HashMap<>();
            Function layer = layer();
            var all = new ArrayList<>(layer.inputs());
            all.addAll(layer.weights());
            for (Value value : all) {
                Integer[] shape =
                        value.type().dims().stream().map(d -> (int) d.fixed()).toArray(Integer[]::new);
                values.put(value.name(), NdArray.random(random, 0.7, shape));
            }
            values.replace(
                    "lengths",
                    NdArray.ints(IntStream.range(0, sizes.rows)
                            .map(b -> random.nextInt(sizes.steps + 1))
                            .toArray()));
            return values;
        }

        Map<String, NdArray> inputs(Map<String, NdArray> values) {
            Map<String, NdArray> inputs = new HashMap<>(values);
            inputs.keySet().removeIf(n -> n.startsWith("@"));
            return inputs;
        }

        Map<String, NdArray> weights(Map<String, NdArray> values) {
            Map<String, NdArray> weights = new HashMap<>();
            values.forEach((name, value) -> {
                if (name.startsWith("@")) {
                    weights.put(name.substring(1), value);
                }
            });
            return weights;
        }
    }
}
