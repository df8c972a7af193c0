package dev.rondo.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import dev.rondo.error.RondoException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.Attribute;
import dev.rondo.format.ElementType;
import dev.rondo.format.FunctionDef;
import dev.rondo.format.NodeDef;
import dev.rondo.format.StateDef;
import dev.rondo.format.ValueDef;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Functions are well formed once they exist, however they were made. */
class FunctionTest {
    private static final Value X = new Value("x", ValueType.f32("B", 4));
    private static final Value H = new Value("h", ValueType.f32("B", 4));
    private static final Value Y = new Value("y", ValueType.f32("B", 4));
    private static final Value W = new Value("@w", ValueType.f32(4, 4));
    private static final Op ADD = new Elementwise.Binary(BinaryFunction.ADD);
    private static final Node SUM = new Node(ADD, List.of(X, H), List.of(Y));

    private static String refused(List<Value> inputs, List<State> states, List<Node> nodes, List<Value> outputs) {
        return assertThrows(ShapeException.class, () -> new Function("f", inputs, states, nodes, outputs))
                .getMessage();
    }

    @Test
    void aFunctionAnswersQuestionsAboutItself() {
        Node product = new Node(new Contraction.Linear(), List.of(X, W, Value.ABSENT), List.of(Y));
        var f = new Function("f", List.of(X), List.of(new State(H, Y)), List.of(product), List.of(Y, W));
        assertEquals(List.of(W), f.weights());
        assertEquals(X, f.input("x").orElseThrow());
        assertEquals(Y, f.state("h").orElseThrow().next());
        assertEquals(W, f.output("@w").orElseThrow());
        assertTrue(f.input("h").isEmpty());
        assertEquals(List.of("B"), f.dimensionNames());
        assertEquals(W, product.input("weight"));
        assertTrue(product.input("bias").isAbsent());
        assertThrows(IllegalArgumentException.class, () -> product.input("gain"));
        var g = new Function("f", List.of(X), List.of(new State(H, Y)), List.of(product), List.of(Y));
        assertNotEquals(f, g);
        assertEquals(f, new Function("f", List.of(X), List.of(new State(H, Y)), List.of(product), List.of(Y, W)));
    }

    @Test
    void namesAreDefinedOnceAndBeforeTheyAreUsed() {
        assertTrue(refused(List.of(X, X), List.of(), List.of(), List.of()).contains("defined once; got 'x'"));
        assertTrue(refused(List.of(X), List.of(new State(X, X)), List.of(), List.of())
                .contains("defined once; got 'x'"));
        assertTrue(refused(List.of(W), List.of(), List.of(), List.of()).contains("got '@w'"));
        assertTrue(
                refused(List.of(X), List.of(), List.of(SUM), List.of()).contains("defined before it is used; got h"));
        assertTrue(refused(List.of(X), List.of(), List.of(), List.of(Y)).contains("output"));
        assertTrue(refused(List.of(X), List.of(new State(H, Y)), List.of(), List.of())
                .contains("state h: a value is defined before it is used; got y"));
        assertTrue(
                refused(List.of(X), List.of(), List.of(), List.of(Value.ABSENT)).contains("outputs are values"));
        assertTrue(refused(List.of(X), List.of(), List.of(), List.of(X, X)).contains("outputs are distinct"));
    }

    @Test
    void typesAreThoseOfTheShapeRules() {
        Value wrong = new Value("y", ValueType.f32("B", 5));
        Node lies = new Node(ADD, List.of(X, H), List.of(wrong));
        assertTrue(refused(List.of(X, H), List.of(), List.of(lies), List.of()).contains("add gives [f32[B,4]]"));
        Value other = new Value("x", ValueType.f32("B", 5));
        Node misuses = new Node(ADD, List.of(other, H), List.of(Y));
        assertTrue(
                refused(List.of(X, H), List.of(), List.of(misuses), List.of()).contains("got x: f32[B,5]"));
        Value scalar = new Value("n", ValueType.f32());
        assertTrue(refused(List.of(scalar), List.of(new State(H, scalar)), List.of(), List.of())
                .contains("its type f32[B,4]; got n: f32[]"));
        Value sideways = new Value("s", ValueType.f32(4, "B"));
        assertTrue(refused(List.of(), List.of(new State(sideways, sideways)), List.of(), List.of())
                .contains("rows (B) are the first dimension"));
        Node few = new Node(ADD, List.of(X), List.of(Y));
        assertTrue(refused(List.of(X), List.of(), List.of(few), List.of()).contains("takes inputs [a, b]; got 1"));
        Node absent = new Node(ADD, List.of(X, Value.ABSENT), List.of(Y));
        assertTrue(refused(List.of(X), List.of(), List.of(absent), List.of()).contains("'b' is required; got nothing"));
        Node none = new Node(new Structure.Concat(0), List.of(), List.of(Y));
        assertTrue(refused(List.of(), List.of(), List.of(none), List.of()).contains("takes inputs [part]; got 0"));
    }

    @Test
    void theBuilderFindsErrorsWhereTheyAreMade() {
        FunctionBuilder f = Function.builder("f");
        Value x = f.input("x", ElementType.F32, "B", 4);
        assertThrows(ShapeException.class, () -> f.input("x", ElementType.F32, "B"));
        assertThrows(ShapeException.class, () -> f.next(x, x));
        assertEquals(f.weight("w", 4, 4), f.weight("w", 4, 4));
        assertThrows(ShapeException.class, () -> f.weight("w", 4, 5));
        ShapeException refused =
                assertThrows(ShapeException.class, () -> f.linear(x, f.weight("v", 4, 5), Value.ABSENT));
        assertTrue(refused.getMessage().contains("function f, node 0 linear: input 'weight' is f32[?,4]; got @v"));
        assertEquals("linear_1", f.linear(x, f.weight("w", 4, 4), Value.ABSENT).name());
        assertEquals("linear_2", f.linear(x, f.weight("w", 4, 4), Value.ABSENT).name());
        Value taken = f.add("negate_1", new Elementwise.Unary(UnaryFunction.NEGATE), x);
        assertEquals(
                "negate_2",
                f.add(new Elementwise.Unary(UnaryFunction.NEGATE), taken).name());
    }

    private static final ValueDef IN = new ValueDef("x", ElementType.F32, List.of("B", "4"));

    private static NodeDef node(
            String op, List<String> inputs, List<String> outputs, Map<String, Attribute> attributes) {
        return new NodeDef(op, 1, inputs, outputs, attributes);
    }

    private static <E extends RondoException> String notDecoded(Class<E> kind, FunctionDef... definitions) {
        return assertThrows(kind, () -> FunctionCodec.decode(List.of(definitions), Map.of("w", ValueType.f32(4, 4))))
                .getMessage();
    }

    private static FunctionDef with(NodeDef... nodes) {
        return new FunctionDef("f", List.of(IN), List.of(), List.of(nodes), List.of());
    }

    @Test
    void functionsOfAFileAreRefusedWhenTheyBreakARule() {
        NodeDef negate = node("negate", List.of("x"), List.of("y"), Map.of());
        assertEquals(1, FunctionCodec.decode(List.of(with(negate)), Map.of()).size());
        Class<FormatException> format = FormatException.class;
        assertTrue(notDecoded(format, with(node("negate", List.of("@v"), List.of("y"), Map.of())))
                .contains("weights are tensors of the file; got @v"));
        assertTrue(notDecoded(format, with(node("negate", List.of("z"), List.of("y"), Map.of())))
                .contains("defined before it is used; got 'z'"));
        assertTrue(notDecoded(format, with(node("negate", List.of("x"), List.of(), Map.of())))
                .contains("names its 1 outputs; got []"));
        assertTrue(notDecoded(format, with(node("negate", List.of("x"), List.of(""), Map.of())))
                .contains("a name of its own; got ''"));
        assertTrue(notDecoded(format, with(negate, negate)).contains("a name of its own; got 'y'"));
        assertTrue(notDecoded(format, with(node("median", List.of("x"), List.of("y"), Map.of())))
                .contains("in the catalogue; got 'median'"));
        assertTrue(notDecoded(ShapeException.class, with(node("negate", List.of(""), List.of("y"), Map.of())))
                .contains("'x' is required"));
        assertTrue(notDecoded(ShapeException.class, with(node("linear", List.of("x", "@w"), List.of("y"), Map.of())))
                .contains("takes inputs [x, weight, bias]; got 2"));
        var body = Map.<String, Attribute>of(
                "body", new Attribute.Reference("later"), "over", new Attribute.Texts(List.of("x")));
        assertTrue(notDecoded(format, with(node("scan", List.of("x", ""), List.of("y"), body)))
                .contains("an earlier function; got 'later'"));
        var strange = new FunctionDef(
                "f", List.of(new ValueDef("x", ElementType.F32, List.of("B+"))), List.of(), List.of(), List.of());
        assertTrue(notDecoded(format, strange).contains("value x: dimensions are expressions over names"));
        var huge = new FunctionDef(
                "f",
                List.of(new ValueDef("x", ElementType.F32, List.of("9000000000000000000*9000000000000000000"))),
                List.of(),
                List.of(),
                List.of());
        assertTrue(notDecoded(format, huge).contains("overflow"));
        var state = new FunctionDef("f", List.of(IN), List.of(new StateDef(IN, "")), List.of(), List.of());
        assertTrue(notDecoded(format, state).contains("a name of its own; got 'x'"));
    }
}
