package dev.rondo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.error.RondoException;
import dev.rondo.error.ShapeException;
import dev.rondo.error.StateException;
import dev.rondo.format.Attribute;
import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.format.FunctionDef;
import dev.rondo.format.Layout;
import dev.rondo.format.NodeDef;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.StateDef;
import dev.rondo.format.ValueDef;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.graph.GraphTextParser;
import dev.rondo.graph.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions that nobody would write, and calls that nobody should make: they work, or say what is wrong, soon. */
class HostileFunctionTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private Model model(RondoFileWriter writer) throws IOException {
        Path path = folder.resolve("model.rondo");
        writer.write(path);
        return Model.open(path);
    }

    private Model model(String text) throws IOException {
        var writer = new RondoFileWriter();
        for (Function function : GraphTextParser.parse(text)) {
            writer.function(FunctionCodec.encode(function));
            function.weights().forEach(weight -> zeros(writer, weight));
        }
        return model(writer);
    }

    private static void zeros(RondoFileWriter writer, Value weight) {
        List<Integer> shape =
                weight.type().dims().stream().map(dim -> (int) dim.fixed()).toList();
        var values = new float[shape.stream().reduce(1, Math::multiplyExact)];
        writer.tensor(weight.tensorName(), Encoding.F32, new Layout.Rows(), shape, () -> values);
    }

    private static FunctionDef function(String name, List<StateDef> states, List<NodeDef> nodes, String... outputs) {
        var x = new ValueDef("x", ElementType.F32, List.of("B", "3"));
        return new FunctionDef(name, List.of(x), states, nodes, List.of(outputs));
    }

    private static NodeDef node(String op, List<String> inputs, String output, Map<String, Attribute> attributes) {
        return new NodeDef(op, 1, inputs, List.of(output), attributes);
    }

    private static Map<String, Attribute> shape(String... dims) {
        return Map.of("shape", new Attribute.Texts(List.of(dims)));
    }

    /** Calls function f at the capacity and at size 0; what that says, or "". */
    private static String call(Model model, Capacity capacity) {
        try {
            Session session = model.session(capacity);
            Call call = session.call("f");
            call.run();
            capacity.sizes().keySet().forEach(name -> session.size(name, 0));
            call.run();
            return "";
        } catch (RondoException wrong) {
            return wrong.getMessage();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        function f(x: f32[B*1000000000,3]) -> y { y = abs(x) }                                         | value x
        function f(x: f32[1000000000*B*B,0]) -> y { y = abs(x) }                                       | value x
        function f(x: f32[B*4611686018427387904]) -> y { y = abs(x) }                                  | value x
        function f(x: f32[100000*B,100000*B,0]) -> y { y = abs(x) }                                    | value x
        function f(x: i32[B]) -> y { y = length_mask(x, size=1000000000*B*B) }                         | value y
        function f(x: f32[1]) -> x { state h: f32[B*2147483647,2] }                                    | value h
        function f(x: f32[B,T]) -> y { y = slice(x, axis=1, start=B*9223372036854775807, length=1) }   | value y
        function f(x: f32[B,T]) -> y { y = slice(x, axis=1, start=B*9223372036854775807, length=0) }   | value y
        function f(x: f32[T,0]) -> y { y = pad(x, axis=0, before=2147483647, after=9, mode=zero) }     | value y
        function f(x: f32[B]) -> x { state h: f32[B-5] }                                               | value h
        """)
    void sizesThatNothingHoldsAreNamed(String text, String subject) throws IOException {
        try (Model model = model(text)) {
            Capacity capacity = Capacity.of(model.function("f").dimensionNames().getFirst(), 3);
            String message = assertTimeoutPreemptively(SOON, () -> call(model, capacity));
            assertTrue(message.startsWith(subject + ": "), message);
        }
    }

    /** The padded input of a convolution has (2^32 + 2) * 100000 elements: beyond 2^40 bytes, within 64 bits. */
    @Test
    void paddingThatNoMemoryHoldsIsNamed() throws IOException {
        String pads = "before=2147483647, after=2147483647, stride=2147483647";
        try (Model model =
                model("function f(x: f32[B,T,100000], w: f32[1,1,100000]) -> y { y = conv1d(x, w, " + pads + ") }")) {
            String message = assertTimeoutPreemptively(SOON, () -> call(model, Capacity.of("B", 1)));
            assertTrue(message.startsWith("padded input of y: "), message);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "function f(x: f32[30000,30000,0,2], y: f32[30000,30000,2,0]) -> z { z = matmul(x, y) }",
                "function f(x: f32[40000,40000,0]) -> y { y = concat(x, x, axis=2) }",
                "function f(x: f32[B,T,0]) -> y, h, c { weight u: f32[16,4] weight w: f32[16,0]"
                        + " y, h, c = lstm(x, @u, weight_input=@w) }",
                "function f(x: f32[0,T,1]) -> y { weight u: f32[1,1] weight w: f32[1,1]"
                        + " y, h = elman(x, @u, weight_input=@w, activation=tanh) }"
            })
    void emptyValuesTakeNoTime(String text) throws IOException {
        try (Model model = model(text)) {
            var sizes = new LinkedHashMap<String, Integer>();
            boolean rows = model.function("f").dimensionNames().contains("B");
            for (String name : model.function("f").dimensionNames()) {
                sizes.put(name, name.equals("T") && !rows ? 2_000_000_000 : 3);
            }
            assertEquals("", assertTimeoutPreemptively(SOON, () -> call(model, new Capacity(sizes))));
        }
    }

    @Test
    void aKernelHasSteps() {
        var wrong = assertThrows(
                ShapeException.class,
                () -> GraphTextParser.parse("function f(x: f32[B,T,2], w: f32[3,0,2]) -> y { y = conv1d(x, w) }"));
        assertTrue(wrong.getMessage().contains("at least one step"), wrong.getMessage());
    }

    @Test
    void manyNodesAreAMatterOfTheirNumber() throws IOException {
        int count = 10_000;
        var reshapes = new ArrayList<NodeDef>();
        var wide = new ArrayList<NodeDef>();
        var outputs = new String[count];
        for (int i = 0; i < count; i++) {
            String before = i == 0 ? "x" : "v" + (i - 1);
            reshapes.add(node("reshape", List.of(before), "v" + i, shape("B", "3")));
            wide.add(node("abs", List.of("x"), "v" + i, Map.of()));
            outputs[i] = "v" + i;
        }
        for (FunctionDef function : List.of(
                function("f", List.of(), reshapes, "v" + (count - 1)), function("f", List.of(), wide, outputs))) {
            try (Model model = model(new RondoFileWriter().function(function))) {
                assertEquals("", assertTimeoutPreemptively(SOON, () -> call(model, Capacity.of("B", 2))));
            }
        }
    }

    /** Twenty scans, each of twenty scans, and so on: a small file that asks for 20^8 nodes. */
    @Test
    void scansOfScansAreCounted() throws IOException {
        var abs = node("abs", List.of("x"), "y", Map.of());
        var writer = new RondoFileWriter().function(function("b0", List.of(), List.of(abs), "y"));
        for (int depth = 1; depth <= 8; depth++) {
            Map<String, Attribute> body = Map.of(
                    "body", new Attribute.Reference("b" + (depth - 1)), "over", new Attribute.Texts(List.of("x")));
            var nodes = new ArrayList<NodeDef>();
            nodes.add(node("reshape", List.of("x"), "s", shape("B", "1", "3")));
            for (int i = 0; i < 20; i++) {
                nodes.add(node("scan", List.of("s", ""), "y" + i, body));
            }
            writer.function(function("b" + depth, List.of(), nodes, "x"));
        }
        var wrong = assertThrows(FormatException.class, () -> model(writer));
        assertTrue(wrong.getMessage().startsWith("function b4: holds at most 65536 nodes"), wrong.getMessage());
    }

    /** The copy of a state that is an output has no name that a value could have. */
    @Test
    void noNameOfAValueMeansAnothersMemory() throws IOException {
        var h = new StateDef(new ValueDef("h", ElementType.F32, List.of("B", "3")), "x");
        var copied = node("expand", List.of("x"), "h copied", shape("1", "B", "3"));
        try (Model model =
                model(new RondoFileWriter().function(function("f", List.of(h), List.of(copied), "h", "h copied")))) {
            Call call = model.session().call("f");
            call.input("x").copyFrom(new float[] {1, 2, 3});
            call.run();
            assertArrayEquals(new float[] {0, 0, 0}, call.output("h").toFloats());
            assertArrayEquals(new float[] {1, 2, 3}, call.output("h copied").toFloats());
            assertEquals("h", call.output("h").name());
        }
    }

    @Test
    void aSizeThatAStateCannotHaveChangesNothing() throws IOException {
        try (Model model = model("function f(x: f32[T], y: f32[S]) -> x { state a: f32[T] state h: f32[T-S] }")) {
            Session session = model.session(Capacity.of("T", 4).and("S", 4));
            session.size("S", 1);
            session.call("f").run();
            session.state("a", new float[] {1, 2, 3, 4});
            session.state("h", new float[] {5, 6, 7});
            assertThrows(ShapeException.class, () -> session.size("T", 0));
            assertEquals(4, session.size("T"));
            assertArrayEquals(new float[] {1, 2, 3, 4}, session.state("a"));
            assertArrayEquals(new float[] {5, 6, 7}, session.state("h"));
            session.call("f").run();
        }
    }

    @Test
    void elementsAreThoseOfTheCurrentSizes() throws IOException {
        try (Model model = model("function f(x: f32[B,2]) -> y { y = abs(x) }")) {
            Session session = model.session(Capacity.of("B", 4));
            session.size("B", 1);
            Call call = session.call("f");
            Port x = call.input("x");
            call.run();
            for (int index : new int[] {-1, 2, 7, 8, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
                var wrong = assertThrows(InputException.class, () -> x.set(index, 1.0));
                assertTrue(wrong.getMessage().contains("'x' f32[B,2]: lies between 0 and 1"), wrong.getMessage());
                assertThrows(InputException.class, () -> call.output("y").get(index));
            }
        }
    }

    @Test
    void portsAreForTheOwner() throws Exception {
        try (Model model = model("function f(x: f32[B,2]) -> y { y = abs(x) }")) {
            Call call = model.session().call("f");
            var thrown = new Throwable[1];
            Thread other = Thread.ofPlatform().start(() -> {
                try {
                    call.input("x");
                } catch (RondoException refused) {
                    thrown[0] = refused;
                }
            });
            other.join();
            assertTrue(thrown[0] instanceof StateException, String.valueOf(thrown[0]));
        }
    }
}
