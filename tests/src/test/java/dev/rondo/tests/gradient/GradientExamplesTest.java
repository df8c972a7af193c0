package dev.rondo.tests.gradient;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.graph.Function;
import dev.rondo.graph.GraphTextParser;
import dev.rondo.graph.Value;
import dev.rondo.tests.Engine;
import dev.rondo.tests.oracle.NdArray;
import dev.rondo.train.gradient.Gradient;
import dev.rondo.train.gradient.Parameters;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Gradients that are known on paper: where differences do not tell, and those of linear recurrences. */
class GradientExamplesTest {
    static final List<Engine> ENGINES =
            List.of(new Engine.OfInterpreter(), new TrainingEngine(false, false), new TrainingEngine(true, true));

    /** The gradient of the output "loss" by the inputs of a name that begins with x. */
    private static NdArray gradient(Engine engine, String text, String by, Map<String, NdArray> inputs) {
        Function f = GraphTextParser.parse(text).getLast();
        List<Value> parameters =
                f.inputs().stream().filter(v -> v.name().startsWith("x")).toList();
        Function gradient = Gradient.of(f, f.output("loss").orElseThrow(), parameters);
        return engine.run(gradient, inputs, Map.of()).output("grad/" + by);
    }

    private static void holds(Engine engine, NdArray found, double... wanted) {
        assertArrayEquals(wanted, found.values(), engine.tolerance());
    }

    @ParameterizedTest
    @FieldSource("ENGINES")
    void equalNumbersShareTheirMaximum(Engine engine) {
        String text = """
            function f(x: f32[3], x2: f32[3]) -> loss {
                y = %s(x, x2)
                loss = reduce_sum(y, axis=0)
            }
            """;
        var inputs = Map.of("x", NdArray.vector(1, 2, 3), "x2", NdArray.vector(1, 1, 4));
        holds(engine, gradient(engine, text.formatted("maximum"), "x", inputs), 0.5, 1, 0);
        holds(engine, gradient(engine, text.formatted("maximum"), "x2", inputs), 0.5, 0, 1);
        holds(engine, gradient(engine, text.formatted("minimum"), "x", inputs), 0.5, 0, 1);
    }

    @ParameterizedTest
    @FieldSource("ENGINES")
    void equalElementsShareTheirReduction(Engine engine) {
        var inputs = Map.of("x", NdArray.vector(2, 5, 5, 1, 1, 1));
        String text = "function f(x: f32[6]) -> loss { loss = reduce_%s(x, axis=0) }";
        holds(engine, gradient(engine, text.formatted("max"), "x", inputs), 0, 0.5, 0.5, 0, 0, 0);
        holds(engine, gradient(engine, text.formatted("min"), "x", inputs), 0, 0, 0, 1 / 3.0, 1 / 3.0, 1 / 3.0);
    }

    /** Padding that is as large as the largest step takes no part; a row without steps gives nothing back. */
    @ParameterizedTest
    @FieldSource("ENGINES")
    void paddingIsNotPooled(Engine engine) {
        String text = """
            function f(x: f32[B,T,1], lengths: i32[B]) -> loss {
                y = pool_time(x, lengths=lengths, pooling=%s)
                column = reduce_sum(y, axis=0)
                loss = reduce_sum(column, axis=0)
            }
            """;
        NdArray x = NdArray.f32(List.of(2, 3, 1), 4, 4, 4, 0, 0, 0);
        var inputs = Map.of("x", x, "lengths", NdArray.ints(2, 0));
        holds(engine, gradient(engine, text.formatted("max"), "x", inputs), 0.5, 0.5, 0, 0, 0, 0);
        holds(engine, gradient(engine, text.formatted("mean"), "x", inputs), 0.5, 0.5, 0, 0, 0, 0);
        holds(engine, gradient(engine, text.formatted("last"), "x", inputs), 0, 1, 0, 0, 0, 0);
    }

    @ParameterizedTest
    @FieldSource("ENGINES")
    void windowsShareAndAddUp(Engine engine) {
        String text = """
            function f(x: f32[1,T,1]) -> loss {
                y = pool_window(x, pooling=max, size=2, stride=1)
                a = reduce_sum(y, axis=0)
                b = reduce_sum(a, axis=0)
                loss = reduce_sum(b, axis=0)
            }
            """;
        var inputs = Map.of("x", NdArray.f32(List.of(1, 4, 1), 3, 3, 1, 2));
        holds(engine, gradient(engine, text, "x", inputs), 0.5, 1.5, 0, 1);
    }

    /** A power has finite slopes where its base is 0. */
    @ParameterizedTest
    @FieldSource("ENGINES")
    void powersOfZero(Engine engine) {
        String text = """
            function f(x: f32[3], x2: f32[3]) -> loss {
                y = power(x, x2)
                loss = reduce_sum(y, axis=0)
            }
            """;
        var inputs = Map.of("x", NdArray.vector(0, 0, 2), "x2", NdArray.vector(0, 2, 3));
        holds(engine, gradient(engine, text, "x", inputs), 0, 0, 12);
        holds(engine, gradient(engine, text, "x2", inputs), 0, 0, 8 * Math.log(2));
    }

    /**
     * {@code h_t = W h_{t−1} + x_t} and the loss is the last h along an eigenvector of Wᵀ: the gradient by x at a
     * distance of ℓ steps is that eigenvector times λ^ℓ. It vanishes or explodes with the spectrum (Bengio, Simard and
     * Frasconi 1994; Pascanu, Mikolov and Bengio 2013).
     */
    @ParameterizedTest
    @FieldSource("ENGINES")
    void gradientsOfLinearRecurrencesGoWithTheSpectrum(Engine engine) {
        String text = """
            function f(x: f32[1,T,2], w: f32[2,2], v: f32[1,2]) -> loss {
                y, last = elman(x, w, activation=identity)
                along = multiply(last, v)
                rows = reduce_sum(along, axis=0)
                loss = reduce_sum(rows, axis=0)
            }
            """;
        int steps = 12;
        for (double lambda : List.of(0.5, 1.0, 1.5)) {
            // W = Q diag(λ, 0.25) Qᵀ with the rotation by 3-4-5.
            NdArray w = NdArray.matrix(
                    new double[] {0.64 * lambda + 0.36 * 0.25, 0.48 * (lambda - 0.25)},
                    new double[] {0.48 * (lambda - 0.25), 0.36 * lambda + 0.64 * 0.25});
            NdArray x = NdArray.f32(List.of(1, steps, 2), new double[2 * steps]);
            NdArray g =
                    gradient(engine, text, "x", Map.of("x", x, "w", w, "v", NdArray.matrix(new double[] {0.8, 0.6})));
            for (int t = 0; t < steps; t++) {
                double factor = Math.pow(lambda, steps - 1 - t);
                double allowed = engine.tolerance() * factor;
                assertEquals(0.8 * factor, g.at(0, t, 0), allowed, "λ = " + lambda + ", step " + t);
                assertEquals(0.6 * factor, g.at(0, t, 1), allowed, "λ = " + lambda + ", step " + t);
            }
        }
    }

    /** The weight of all time steps is one weight: its gradient is the sum over them, by hand in two steps. */
    @ParameterizedTest
    @FieldSource("ENGINES")
    void theGradientOfARecurrentWeightIsASumOverTime(Engine engine) {
        String text = """
            function f(sequence: f32[1,2,1], h: f32[1,1], x: f32[1,1]) -> loss {
                y, last = elman(sequence, x, h=h, activation=identity)
                row = reduce_sum(last, axis=0)
                loss = reduce_sum(row, axis=0)
            }
            """;
        double w = 0.5;
        double h0 = 2;
        double h1 = w * h0 + 1;
        var inputs = Map.of(
                "sequence", NdArray.f32(List.of(1, 2, 1), 1, 3),
                "h", NdArray.matrix(new double[] {h0}),
                "x", NdArray.matrix(new double[] {w}));
        // loss = w h1 + 3 and h1 = w h0 + 1: by the second step h1, by the first one w h0.
        holds(engine, gradient(engine, text, "x", inputs), h1 + w * h0);
    }

    /** A weight of a scan's body is an input of the function around it. */
    @Test
    void weightsOfBodiesBecomeInputs() {
        List<Function> functions = GraphTextParser.parse("""
            function step(x: f32[B]) -> y {
                state s: f32[B] <- y
                weight a: f32[]
                weight k: i32[]
                weight b: f32[]
                z = multiply(s, @a)
                n = cast(@k, to=f32)
                c = add(x, @b)
                d = add(c, n)
                y = add(z, d)
            }
            function f(x: f32[B,T]) -> y, @b {
                weight b: f32[]
                y, last = scan(step, over(x=x))
            }
            """);
        Function fed = Parameters.asInputs(functions.getLast());
        assertEquals(
                List.of("param/a", "param/b"),
                Parameters.of(fed).stream().map(Value::name).toList());
        assertEquals(List.of(), fed.weights());
        Function body = fed.bodies().getFirst();
        assertEquals(List.of("@k"), body.weights().stream().map(Value::name).toList());
        assertEquals("param/b", fed.outputs().getLast().name());
        assertEquals("b", Parameters.tensorName(fed.outputs().getLast()));
    }
}
