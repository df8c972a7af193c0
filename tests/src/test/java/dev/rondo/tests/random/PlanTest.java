package dev.rondo.tests.random;

import static dev.rondo.tests.oracle.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import dev.rondo.tests.session.ModelFile;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a plan rearranges changes nothing: what is constant, shared, folded, or in another place. */
class PlanTest {
    private static final Capacity ROOM = Capacity.of("B", 4).and("T", 6);

    /** Runs the first function of a text a few times on random inputs, states carried, and compares with the oracle. */
    private static void agrees(Model.Kernel kernel, String text) {
        ModelFile file = ModelFile.of(text).randomWeights(5, 1);
        Function function = file.function("f");
        try (Model model = file.load()) {
            Capacity capacity = function.dimensionNames().contains("T") ? ROOM : Capacity.of("B", 4);
            Session session = model.session(capacity, kernel);
            Call call = session.call("f");
            Map<String, NdArray> states = new HashMap<>();
            var random = new Random(3);
            for (int i = 0; i < 4; i++) {
                Map<String, NdArray> inputs = new HashMap<>();
                for (Value input : function.inputs()) {
                    var domain = new RandomFunction.Domain(0, 4);
                    var shape = Interpreter.shape(input.type().dims(), session::size);
                    NdArray value = RandomFunction.random(input.type(), shape, domain, random, session::size);
                    inputs.put(input.name(), value);
                    ModelFile.fill(call.input(input.name()), value);
                }
                Interpreter.Result wanted = Interpreter.run(function, inputs, states, file.weights());
                call.run();
                for (Value output : function.outputs()) {
                    NdArray got = ModelFile.read(call.output(output.name()));
                    assertClose(wanted.output(output.name()), got, 1e-5, output.name() + " of call " + i);
                }
                wanted.states().forEach((name, value) -> {
                    NdArray got = ModelFile.array(value.shape(), session.state(name));
                    assertClose(value, got, 1e-5, "state " + name);
                    states.put(name, got);
                });
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void constantsAreComputedOnce(Model.Kernel kernel) {
        agrees(kernel, """
            function f(x: f32[B,3]) -> y, alone {
                weight a: f32[2,3]
                weight b: f32[2,3]
                sum = add(@a, @b)
                shown = reshape(sum, shape=[3,2])
                turned = transpose(shown, permutation=[1,0])
                bent = activate(turned, function=tanh)
                alone = reduce_sum(bent, axis=0)
                y = linear(x, bent)
            }
            """);
    }

    @ParameterizedTest
    @EnumSource
    void chainsThatMeet(Model.Kernel kernel) {
        agrees(kernel, """
            function f(x: f32[B,3], y: f32[B,3]) -> c {
                a = exp(x)
                a2 = negate(a)
                b = sqrt(y)
                c0 = add(a2, b)
                d = sin(x)
                c = multiply(d, c0)
            }
            """);
    }

    @ParameterizedTest
    @EnumSource
    void reshapedStatesAndOnesThatAreResults(Model.Kernel kernel) {
        agrees(kernel, """
            function f(x: f32[B,6]) -> shown, s, flat, x {
                state s: f32[B,2,3] <- next
                shown = reshape(s, shape=[B,3,2])
                flat = reshape(s, shape=[B,6])
                sum = add(flat, x)
                next = reshape(sum, shape=[B,2,3])
            }
            """);
    }

    @ParameterizedTest
    @EnumSource
    void statesThatTakeEachOthersPlaces(Model.Kernel kernel) {
        agrees(kernel, """
            function f(x: f32[B,2]) -> a, c {
                state a: f32[B,2] <- b
                state b: f32[B,2] <- c
                state c: f32[B,2] <- d
                state d: f32[B,2] <- x
                state e: f32[B,1,2] <- f
                f = reshape(a, shape=[B,1,2])
            }
            """);
    }

    @ParameterizedTest
    @EnumSource
    void statesThatTakeEachOthersPlacesInAScan(Model.Kernel kernel) {
        agrees(kernel, """
            function body(x: f32[B,2]) -> a, b, x {
                state a: f32[B,2] <- b
                state b: f32[B,2] <- sum
                sum = subtract(a, x)
            }
            function f(x: f32[B,T,2], a: f32[B,2]) -> before, between, same, a_last, b_last {
                before, between, same, a_last, b_last = scan(body, over(x=x), from(a=a), reverse=true)
            }
            """);
    }

    /** An output keeps its values until the next run, whatever becomes of the input that it is. */
    @ParameterizedTest
    @EnumSource
    void resultsThatAreInputsOutliveThem(Model.Kernel kernel) {
        ModelFile file = ModelFile.of("""
            function f(x: f32[B,2]) -> x, flat {
                flat = reshape(x, shape=[2*B])
            }
            """);
        try (Model model = file.load()) {
            Call call = model.session(Capacity.ONE, kernel).call("f");
            call.input("x").copyFrom(new float[] {1, 2});
            call.run();
            call.input("x").copyFrom(new float[] {3, 4});
            assertArrayEquals(new float[] {1, 2}, call.output("x").toFloats());
            assertArrayEquals(new float[] {1, 2}, call.output("flat").toFloats());
        }
    }

    /** An embedding that is a result too cannot be folded: with and without that result the steps are the same. */
    @ParameterizedTest
    @CsvSource({
        "elman_cell, PLAIN",
        "lstm_cell, PLAIN",
        "gru_cell, PLAIN",
        "elman_cell, BEST",
        "lstm_cell, BEST",
        "gru_cell, BEST"
    })
    void foldedEmbeddingsGiveTheSame(String cell, Model.Kernel kernel) {
        int gates = cell.startsWith("elman") ? 1 : cell.startsWith("lstm") ? 4 : 3;
        boolean lstm = gates == 4;
        String text = """
            function f(token: i32[B]) -> h1%s {
                state h: f32[B,21] <- h1
                %s
                weight table: f32[9,13]
                weight u: f32[%d,21]
                weight w: f32[%d,13]
                weight b: f32[%d]
                x = gather(@table, token)
                h1%s = %s(x, h%s, @u, weight_input=@w, bias=@b%s)
            }
            """;
        int rows = gates * 21;
        String c = lstm ? "state c: f32[B,21] <- c1" : "";
        String two = lstm ? ", c1" : "";
        String in = lstm ? ", c" : "";
        String more = gates == 3 ? ", reset_after=true" : gates == 1 ? ", activation=tanh" : "";
        var folded = ModelFile.of(text.formatted("", c, rows, rows, rows, two, cell, in, more));
        var apart = ModelFile.of(text.formatted(", x", c, rows, rows, rows, two, cell, in, more));
        try (Model one = folded.randomWeights(8, 1).load();
                Model other = apart.randomWeights(8, 1).load()) {
            Call first = one.session(Capacity.ONE, kernel).call("f");
            Call second = other.session(Capacity.ONE, kernel).call("f");
            for (int token : new int[] {0, 8, 3, 3, 5}) {
                first.input("token").set(0, token);
                second.input("token").set(0, token);
                first.run();
                second.run();
                float[] a = first.output("h1").toFloats();
                float[] b = second.output("h1").toFloats();
                if (kernel == Model.Kernel.PLAIN) {
                    assertArrayEquals(b, a);
                } else {
                    // Plain kernels fold, in another order of additions.
                    assertArrayEquals(b, a, 1e-6f);
                }
            }
        }
    }

    /** Weights of every operator that has them give the same whether the file holds them or the caller feeds them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "elman_cell(a, h, U, activation=tanh)",
                "elman_cell(x, h, U, weight_input=W, bias=b, activation=relu)",
                "elman(t, U, weight_input=W, bias=b, lengths=l, activation=tanh)",
                "lstm_cell(x, h, c, U, weight_input=W, bias=b, peepholes=p)",
                "lstm(t, U, weight_input=W, bias=b, peepholes=p, lengths=l, reverse=true)",
                "lstm(t, U, weight_input=W, projection=R)",
                "gru_cell(x, h, U, weight_input=W, bias=b, reset_after=false)",
                "gru_cell(x, h, U, weight_input=W, bias=b, hidden_bias=d, reset_after=true)",
                "gru(t, U, weight_input=W, bias=b, hidden_bias=d, reset_after=true, lengths=l)",
                "linear(x, W, bias=b)",
                "conv1d(t, K, bias=b, before=1, after=1)",
                "conv1d(t, K2, bias=b, before=2, dilation=2, groups=2)"
            })
    void weightsAreStoredOrFed(String node) {
        int units = 5;
        int gates = node.startsWith("lstm") ? 4 : node.startsWith("gru") ? 3 : 1;
        int rows = gates * units;
        Map<String, String> types = new HashMap<>();
        types.put("U", "f32[%d,%d]".formatted(rows, units));
        types.put("W", "f32[%d,4]".formatted(rows));
        types.put("b", "f32[%d]".formatted(node.startsWith("conv1d(t, K2") ? 6 : rows));
        types.put("p", "f32[3,%d]".formatted(units));
        types.put("R", "f32[%d,%d]".formatted(units, units));
        types.put("d", "f32[%d]".formatted(units));
        types.put("K", "f32[5,3,4]");
        types.put("K2", "f32[6,3,2]");
        types.keySet().removeIf(name -> !node.matches(".*\\b" + name + "\\b.*"));
        var declared = new StringBuilder();
        var fed = new StringBuilder();
        String stored = node;
        for (var entry : types.entrySet()) {
            declared.append("    weight ").append(entry.getKey() + ": " + entry.getValue() + "\n");
            fed.append(", ").append(entry.getKey() + ": " + entry.getValue());
            stored = stored.replaceAll("\\b" + entry.getKey() + "\\b", "@" + entry.getKey());
        }
        boolean layer = node.contains("(t,");
        boolean recurrent = !node.startsWith("linear") && !node.startsWith("conv");
        String results = !recurrent ? "y" : "y" + (layer ? ", h9" : "") + (gates == 4 ? ", c9" : "");
        String inputs = layer ? "t: f32[B,T,4], l: i32[B]" : "x: f32[B,4], a: f32[B,5]";
        String states = "    state h: f32[B,5]\n    state c: f32[B,5]\n";
        String form = "function f(%s%s) -> y {\n%s    %s = %s\n}\n";
        var one = ModelFile.of(form.formatted(inputs, "", states + declared, results, stored))
                .randomWeights(4, 1);
        var other = ModelFile.of(form.formatted(inputs, fed, states, results, node));
        assertEquals(types.keySet(), one.weights().keySet());
        for (Model.Kernel kernel : Model.Kernel.values()) {
            try (Model storing = one.load();
                    Model feeding = other.load()) {
                Call first = call(storing, kernel, layer);
                Call second = call(feeding, kernel, layer);
                one.weights().forEach((name, value) -> ModelFile.fill(second.input(name), value));
                first.run();
                second.run();
                NdArray wanted = ModelFile.read(first.output("y"));
                assertClose(wanted, ModelFile.read(second.output("y")), 1e-5, node + " " + kernel);
            }
        }
    }

    private static Call call(Model model, Model.Kernel kernel, boolean layer) {
        Session session = model.session(layer ? ROOM : Capacity.of("B", 4), kernel);
        var random = new Random(6);
        for (String state : new String[] {"h", "c"}) {
            session.state(state, ModelFile.floats(NdArray.random(random, 1, session.size("B"), 5)));
        }
        Call call = session.call("f");
        if (layer) {
            ModelFile.fill(call.input("t"), NdArray.random(random, 1, 4, 6, 4));
            ModelFile.fill(call.input("l"), NdArray.ints(6, 0, 3, 1));
        } else {
            ModelFile.fill(call.input("x"), NdArray.random(random, 1, 4, 4));
            ModelFile.fill(call.input("a"), NdArray.random(random, 1, 4, 5));
        }
        return call;
    }
}
