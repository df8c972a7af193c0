package dev.rondo.train.gradient;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.training.Training;
import dev.rondo.error.ShapeException;
import dev.rondo.graph.Function;
import dev.rondo.graph.GraphTextParser;
import dev.rondo.graph.Node;
import dev.rondo.graph.Op;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.State;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What a gradient function looks like; what it computes is tested against differences in the module tests. */
class GradientTest {
    private static final String MODEL = """
        function f(x: f32[B,T,3], u: f32[8,2], w: f32[8,3], unused: f32[2,2], n: i32[B,2]) -> y, loss {
            state h: f32[B,2] <- h1
            state c: f32[B,2] <- c1
            y, h1, c1 = lstm(x, u, h=h, c=c, weight_input=w)
            z, hz, cz = lstm(x, u, weight_input=w)
            a = reduce_sum(y, axis=2)
            b = reduce_sum(a, axis=1)
            loss = reduce_sum(b, axis=0)
        }
        """;

    private static Function function(String text) {
        return GraphTextParser.parse(text).getLast();
    }

    private static List<Value> inputs(Function f, String... names) {
        return List.of(names).stream().map(n -> f.input(n).orElseThrow()).toList();
    }

    private static Value loss(Function f) {
        return f.output("loss").orElseThrow();
    }

    private static List<Op> operators(Function f) {
        return f.nodes().stream().map(Node::op).toList();
    }

    private static List<String> names(List<Value> values) {
        return values.stream().map(Value::name).toList();
    }

    @Test
    void inputsAndStatesStayAndGradientsFollowTheOutputs() {
        Function f = function(MODEL);
        Function g = Gradient.of(f, loss(f), inputs(f, "w", "u", "unused"));
        assertEquals(f.inputs(), g.inputs());
        assertEquals(
                f.states().stream().map(State::value).toList(),
                g.states().stream().map(State::value).toList());
        assertEquals(
                List.of("h1", "c1"),
                g.states().stream().map(s -> s.next().name()).toList());
        assertEquals(List.of("y", "loss", "grad/w", "grad/u", "grad/unused"), names(g.outputs()));
        for (Value parameter : inputs(f, "w", "u", "unused")) {
            assertEquals(
                    parameter.type(),
                    g.output("grad/" + parameter.name()).orElseThrow().type());
        }
    }

    @Test
    void onlyWhatTheLossNeedsIsTraced() {
        Function f = function(MODEL);
        Function g = Gradient.of(f, loss(f), inputs(f, "w", "u"));
        assertEquals(
                1,
                operators(g).stream()
                        .filter(Training.LstmTrace.class::isInstance)
                        .count());
        // The second layer leads nowhere, so it is gone.
        assertTrue(operators(g).stream().noneMatch(Recurrent.class::isInstance));
    }

    /** What no parameter reaches is computed as before and has no way back. */
    @Test
    void frozenParametersCostNothing() {
        Function f = function(MODEL);
        Function g = Gradient.of(f, loss(f), inputs(f, "unused"));
        assertTrue(operators(g).stream().noneMatch(Training.class::isInstance));
        assertTrue(operators(g).stream().anyMatch(Recurrent.LstmLayer.class::isInstance));
        assertTrue(operators(g).stream().anyMatch(Structure.Fill.class::isInstance));
        Function onlyHidden = Gradient.of(f, loss(f), inputs(f, "u"));
        assertEquals(
                1,
                operators(onlyHidden).stream()
                        .filter(Training.OuterSum.class::isInstance)
                        .count());
    }

    /** Values inside may serve as loss, and names that the gradient makes up meet none of the function's. */
    @Test
    void namesOfTheFunctionStayFree() {
        Function f = function("""
            function f(x: f32[B]) -> y {
                multiply_1 = multiply(x, x)
                fill_1 = activate(multiply_1, function=tanh)
                y = add(fill_1, x)
                inside = reduce_sum(y, axis=0)
                activate_backward_1 = negate(inside)
                kept = add(activate_backward_1, inside)
            }
            """);
        Value inside = f.nodes().stream()
                .flatMap(n -> n.outputs().stream())
                .filter(v -> v.name().equals("inside"))
                .findFirst()
                .orElseThrow();
        Function g = Gradient.of(f, inside, inputs(f, "x"));
        assertEquals(List.of("y", "grad/x"), names(g.outputs()));
    }

    @Test
    void wrongLossesAndParametersAreNamed() {
        Function f = function(MODEL);
        Value y = f.output("y").orElseThrow();
        wrong("type f32[]", () -> Gradient.of(f, y, inputs(f, "w")));
        wrong("f32 input", () -> Gradient.of(f, loss(f), inputs(f, "n")));
        wrong(
                "f32 input",
                () -> Gradient.of(f, loss(f), List.of(f.states().getFirst().value())));
        wrong("distinct", () -> Gradient.of(f, loss(f), inputs(f, "w", "w")));
    }

    @Test
    void theBackwardPassHasNoGradient() {
        Function f = function(MODEL);
        Function g = Gradient.of(f, loss(f), inputs(f, "w"));
        ShapeException error = assertThrows(
                ShapeException.class, () -> Gradient.of(g, g.output("loss").orElseThrow(), inputs(g, "w")));
        assertTrue(error.getMessage().contains("have no gradient"), error.getMessage());
        assertTrue(error.getMessage().contains("lstm_trace"), error.getMessage());
    }

    private static void wrong(String rule, Executable call) {
        ShapeException error = assertThrows(ShapeException.class, call);
        assertTrue(error.getMessage().contains(rule), error.getMessage());
    }
}
