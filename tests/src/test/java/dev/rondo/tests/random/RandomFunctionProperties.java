package dev.rondo.tests.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.graph.Extension;
import dev.rondo.graph.Function;
import dev.rondo.graph.Node;
import dev.rondo.graph.Op;
import dev.rondo.graph.State;
import dev.rondo.graph.Value;
import dev.rondo.tests.oracle.Closeness;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import dev.rondo.tests.session.ModelFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Random functions over the whole catalogue give on the runtime what the interpreter says, call after call. */
class RandomFunctionProperties {
    /** A result that is off by more than this part is wrong, whatever the estimate of its error. */
    private static final double LARGEST = 2e-3;

    private static final List<Encoding> ENCODINGS =
            List.of(Encoding.F32, Encoding.F32, Encoding.BF16, Encoding.F16, Encoding.INT8);

    @Property(tries = 500)
    void runtimeAgreesWithInterpreter(@ForAll long seed, @ForAll @IntRange(min = 1, max = 8) int nodes) {
        agree(Catalogue.function(seed, nodes), seed);
    }

    @Property(tries = 150)
    void chainsAgreeWithInterpreter(@ForAll long seed, @ForAll @IntRange(min = 2, max = 8) int nodes) {
        agree(Catalogue.elementwise(seed, nodes), seed);
    }

    private static void agree(RandomFunction random, long seed) {
        var choices = new Random(seed);
        ModelFile file = new ModelFile().function(random.function());
        random.weights().forEach((name, value) -> file.weight(name, value).store(name, storage(value, choices)));
        // One size of all five calls; the session has room for more.
        int rows = 5 + choices.nextInt(3);
        int steps = 5 + choices.nextInt(3);
        try (Model model = file.load()) {
            for (Model.Kernel kernel : Model.Kernel.values()) {
                var capacity = new HashMap<>(Map.of("B", rows, "T", steps));
                capacity.keySet().retainAll(names(model));
                Session session = model.session(new Capacity(capacity), kernel);
                new Check(random, file.decoded(model), session, new Random(seed), kernel.name()).calls();
            }
        }
    }

    private static Set<String> names(Model model) {
        var names = new HashSet<String>();
        model.functions().values().forEach(f -> names.addAll(f.dimensionNames()));
        return names;
    }

    private static ModelFile.Storage storage(NdArray weight, Random random) {
        Encoding encoding = weight.rank() == 0 ? Encoding.F32 : ENCODINGS.get(random.nextInt(ENCODINGS.size()));
        int groups = List.of(1, 1, 3, 4).get(random.nextInt(4));
        // Products with int8 panels round x, too, by far more than LARGEST: ProductProperties holds them to integers.
        boolean panels =
                encoding != Encoding.INT8 && weight.rank() >= 2 && weight.size(0) % groups == 0 && random.nextBoolean();
        return new ModelFile.Storage(encoding, panels ? new Layout.Panels(groups) : new Layout.Rows());
    }

    /** Calls a function with sizes that change, and compares. */
    private record Check(
            RandomFunction random, Map<String, NdArray> weights, Session session, Random values, String kernel) {

        void calls() {
            Function function = random.function();
            Call call = session.call(function.name());
            boolean first = true;
            for (int[] sizes : new int[][] {{2, 3}, {5, 5}, {1, 1}, {0, 2}, {3, 0}, {4, 4}}) {
                resize(function, sizes);
                if (first) {
                    for (State state : function.states()) {
                        NdArray value = random.random(state.value(), values, this::size);
                        session.state(state.value().name(), ModelFile.floats(value));
                    }
                }
                first = false;
                compare(function, call);
            }
        }

        private long size(String name) {
            return session.size(name);
        }

        /** Rows that stay keep their state, new rows begin at zero. */
        private void resize(Function function, int[] sizes) {
            Map<String, float[]> before = new HashMap<>();
            function.states()
                    .forEach(s ->
                            before.put(s.value().name(), session.state(s.value().name())));
            for (int i = 0; i < sizes.length; i++) {
                String name = RandomFunction.SIZES.get(i);
                if (function.dimensionNames().contains(name)) {
                    session.size(name, sizes[i]);
                }
            }
            before.forEach((name, old) -> {
                float[] now = session.state(name);
                float[] wanted = Arrays.copyOf(old, now.length);
                assertArrayEquals(wanted, now, "state " + name + " after a change of size");
            });
        }

        private void compare(Function function, Call call) {
            Map<String, NdArray> inputs = new HashMap<>();
            for (Value input : function.inputs()) {
                NdArray value = random.random(input, values, this::size);
                inputs.put(input.name(), value);
                ModelFile.fill(call.input(input.name()), value);
            }
            Map<String, NdArray> states = new HashMap<>();
            for (State state : function.states()) {
                states.put(state.value().name(), state(state.value()));
            }
            Interpreter.Result wanted = Interpreter.run(function, inputs, states, weights);
            call.run();
            String what = kernel + ", sizes " + call.function().dimensionNames() + " "
                    + function.dimensionNames().stream().map(this::size).toList() + "\n" + function.bodies() + function
                    + "\n";
            for (Value output : function.outputs()) {
                NdArray got = ModelFile.read(call.output(output.name()));
                close(output.name(), wanted.output(output.name()), got, what);
            }
            for (State state : function.states()) {
                String name = state.value().name();
                close(name, wanted.state(name), state(state.value()), what);
            }
        }

        private NdArray state(Value state) {
            List<Integer> shape = Interpreter.shape(state.type().dims(), this::size);
            return ModelFile.array(shape, session.state(state.name()));
        }

        private void close(String name, NdArray wanted, NdArray got, String what) {
            double error = Math.min(LARGEST, random.errors().get(name) * 4 + 1e-6);
            boolean real = wanted.element() == ElementType.F32 || wanted.element() == ElementType.F64;
            Closeness.assertClose(wanted, got, real ? error : 0, real ? 1e-6 : 0, what + name);
        }
    }

    /** Every operator is produced, alone and among others; one that is new has to get an entry. */
    @Example
    void everyOperatorIsProduced() {
        Set<Class<?>> records = records(Op.class);
        assertEquals(records, new HashSet<>(Catalogue.makers().keySet()));
        var produced = new HashSet<Class<?>>();
        for (int seed = 0; seed < 400; seed++) {
            Function function = Catalogue.function(seed, 8).function();
            var nodes = new ArrayList<Node>(function.nodes());
            function.bodies().forEach(b -> nodes.addAll(b.nodes()));
            nodes.forEach(n -> produced.add(n.op().getClass()));
        }
        assertEquals(records, produced);
    }

    /** All but extensions, which a session does not run. */
    private static Set<Class<?>> records(Class<?> type) {
        if (type == Extension.class) {
            return Set.of();
        }
        if (!type.isSealed()) {
            return Set.of(type);
        }
        var records = new LinkedHashSet<Class<?>>();
        for (Class<?> permitted : type.getPermittedSubclasses()) {
            records.addAll(records(permitted));
        }
        return records;
    }

    /** Errors that the comparison may forgive are small: most results are held to a part in ten thousand. */
    @Example
    void estimatesStaySmall() {
        int all = 0;
        int tight = 0;
        for (int seed = 0; seed < 300; seed++) {
            for (double error : Catalogue.function(seed, 6).errors().values()) {
                all++;
                tight += error < 1e-4 ? 1 : 0;
            }
        }
        assertTrue(tight > 0.7 * all, tight + " of " + all);
    }
}
