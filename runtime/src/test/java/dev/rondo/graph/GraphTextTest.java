package dev.rondo.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import dev.rondo.error.RondoException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GraphTextTest {
    private static final String STEP = """
        function step(token: i32[B]) -> logits {
            state h: f32[B,8] <- h1
            state k: f32[B,8]
            weight table: f32[65,8]
            weight u: f32[8,8]
            x = gather(@table, token)                                   # f32[B,8]
            y = add(x, k)                                               # f32[B,8]
            h1 = elman_cell(y, h, @u, activation=scaled_tanh(1.5,0.5))  # f32[B,8]
            logits = linear(h1, @table)                                 # f32[B,65]
        }
        """;

    @Test
    void printsWhatItReads() {
        Function step = GraphTextParser.parse(STEP).getFirst();
        assertEquals(STEP, GraphText.print(step));
    }

    @Test
    void whiteSpaceAndCommentsOnlySeparate() {
        String dense = "function f(x:f32[B,2*H+1],y :f32 [ B , H*2 + 1 ])->z,x{z=add(x,y)}";
        String wide = """
            # first
            function f (   # the name
                x : f32[B, 1 + 2 * H],
                y : f32[B, 2*H + 1]
            ) -> z, x
            {
                z
                  = add ( x ,  # left
                          y )
            }
            # last\
            """;
        assertEquals(GraphTextParser.parse(dense), GraphTextParser.parse(wide));
        assertEquals(GraphTextParser.parse(dense), GraphTextParser.parse(wide.replace("\n", "\r\n")));
        assertEquals(List.of(), GraphTextParser.parse(" \n# nothing\n"));
    }

    @Test
    void namesOfAnyKindComeBack() {
        FunctionBuilder f = Function.builder("odd function -> (x)");
        Value in = f.input("in put", ElementType.F32, "B", 4);
        Value state = f.state("état \"h\"", "B", 4);
        Value weight = f.weight("lstm/kernel:0 \\ # \t\u0001", 4, 4);
        Value slash = f.add("a/b.c-d", new Contraction.Linear(), in, weight, Value.ABSENT);
        Value keyword = f.add("state", new Elementwise.Binary(BinaryFunction.ADD), slash, state);
        Value weightWord = f.add("weight", new Elementwise.Binary(BinaryFunction.ADD), keyword, state);
        Value function = f.add("function", new Elementwise.Binary(BinaryFunction.ADD), weightWord, keyword);
        f.next(state, function);
        f.output(weightWord);
        f.output(weight);
        f.output(state);
        Function odd = f.build();
        assertEquals(List.of(odd), GraphTextParser.parse(GraphText.print(odd)));
    }

    @Test
    void aScanPrintsItsBodyFirstAndKeepsTheOrderOfItsSequences() {
        FunctionBuilder f = Function.builder("outer");
        Value a = f.input("a", ElementType.F32, "B", "T", 4);
        Value b = f.input("b", ElementType.F32, "B", "T", 4);
        Value h = f.input("h", ElementType.F32, "B", 4);
        Value n = f.input("n", ElementType.I32, "B");
        Scan scan = new Scan(OpArbitraries.BODY, List.of("y", "x"), true, true);
        f.output(f.add("ys", scan, a, b, h, n));
        Function outer = f.build();
        String text = GraphText.print(outer);
        assertTrue(
                text.contains("= scan(body, over(y=b, x=a), from(h=h), lengths=n, reverse=true, repeat=true)"), text);
        assertEquals(List.of(OpArbitraries.BODY, outer), GraphTextParser.parse(text));
        assertEquals(text, GraphText.print(List.of(OpArbitraries.BODY, outer)));
    }

    @Test
    void aScanWithoutOutputsNeedsNoNames() {
        String text = """
            function nothing(x: f32[B]) {
            }

            function outer(xs: f32[B,T]) -> xs {
                scan(nothing, over(x=xs))  #\s
            }
            """;
        assertEquals(text, GraphText.print(GraphTextParser.parse(text)));
    }

    @Test
    void twoFunctionsOfOneNameAreNotPrinted() {
        Function one = GraphTextParser.parse("function f(x: f32[B]) -> x { }").getFirst();
        Function other = GraphTextParser.parse("function f(x: f32[T]) -> x { }").getFirst();
        assertEquals(GraphText.print(one), GraphText.print(List.of(one, one)));
        assertThrows(ShapeException.class, () -> GraphText.print(List.of(one, other)));
    }

    @Test
    void syntaxErrorsNameLineAndColumn() {
        refused("step(x: f32[B]) {}", 1, 1, "'function' begins", "'step");
        refused("function f(x f32[B]) {}", 1, 14, "expects ':'", "'f32[B]");
        refused("function f(x: f33[B]) {}", 1, 15, "f32, f64", "'f33'");
        refused("function f(x: f32[B,2T]) {}", 1, 21, "expressions over names", "2T");
        refused("function f(x: f32[B,]) {}", 1, 21, "literal", "']");
        refused("function f(x: f32[B]) -> {}", 1, 26, "expects a value's name", "'{}");
        refused("function f(x: f32[B]) -> y {}", 1, 26, "defined before", "'y'");
        refused("function f(x: f32[B]) -> @y {}", 1, 26, "declared before", "'@y'");
        refused("function f() {}\nfunction f() {}", 2, 1, "names are unique", "'f'");
        refused("function f(_: f32[]) {}", 1, 12, "'_'", "'_'");
        refused("function f() {\n  weight w: f32[2]\n}", 1, 1, "reads every weight", "@w: f32[2]");
        refused("function f() {\n  weight w: f32[2]\n weight w: f32[2]\n}", 3, 2, "declared once", "'w'");
        refused("function f() {\n  state h: f32[B] <- \n}", 3, 1, "expects a value's name", "'}'");
        refused("function f() {", 1, 15, "expects", "the end of the text");
        refused("function \"f", 1, 10, "quotes", "'f'");
        refused("function \"a\\n\" () {}", 1, 12, "backslash", "'n");
        refused(node("y = tanh(x)"), 3, 7, "in the catalogue", "'tanh'");
        refused(node("y = negate x"), 3, 14, "expects '('", "'x");
        refused(node("y = negate(x"), 4, 1, "expects ')'", "'}'");
        refused(node("y = negate(z)"), 3, 14, "defined before", "'z'");
        refused(node("y = negate()"), 3, 7, "negate takes x", "no 'x'");
        refused(node("y = negate(x, x)"), 3, 7, "negate takes x", "2 inputs");
        refused(node("y = negate(x, axis=1)"), 3, 17, "negate takes x", "'axis'");
        refused(node("y = negate(x, x=x)"), 3, 17, "negate takes x", "'x'");
        refused(node("y = softmax(mask=x, x)"), 3, 23, "stand first", "'x)");
        refused(node("y = softmax(x, mask=x, mask=x)"), 3, 26, "given once", "'mask'");
        refused(node("y = softmax(x, mask=true)"), 3, 23, "defined before", "'true'");
        refused(node("y = softmax(x, mask=f(x))"), 3, 23, "'mask' is a value", "'f(x)'");
        refused(node("y = reduce_sum(x)"), 3, 7, "'axis'", "null");
        refused(node("y = reduce_sum(x, axis=one)"), 3, 7, "'axis' is Int", "one");
        refused(node("y = reduce_sum(x, axis=99999999999999999999)"), 3, 7, "'axis' is Int", "1.0E20");
        refused(node("y = reduce_sum(x, axis=9999999999999999999)"), 3, 26, "64 bits", "9999999999999999999");
        refused(node("y, z = negate(x)"), 3, 3, "has 1 outputs", "[y, z]");
        refused(node("negate(x)"), 3, 3, "has 1 outputs", "[]");
        refused(node("y = scan(g, over(x=x))"), 3, 12, "earlier function", "'g'");
        refused(node("y = scan(body, over(x=x))"), 3, 12, "give every input", "'y'");
        refused(node("y = scan(body, over(x=x), with(x=x, y=x))"), 3, 12, "not in over()", "'x'");
        refused(node("y = scan(body, over(x=x), with(y=x), from(z=x))"), 3, 12, "names states", "'z'");
        refused(node("y = scan(body, over(x=x, x=x))"), 3, 28, "given once", "'x'");
        refused(node("y = scan(body, over(x=x), over(y=x))"), 3, 29, "given once", "'over'");
        refused(node("y = scan(body, under(x=x))"), 3, 18, "scan takes over()", "'under'");
        refused(node("y = scan(body, reverse=yes)"), 3, 26, "true or false", "'yes)");
    }

    @Test
    void shapeErrorsNameLineAndColumnToo() {
        unfit(node("y = add(x, x)\n  y = add(x, x)"), 4, 3, "defined once", "'y'");
        unfit(node("x = add(x, x)"), 3, 3, "defined once", "'x'");
        unfit(node("y = reshape(x, shape=[7])"), 3, 3, "number of elements", "f32[B,4] to [7]");
        unfit(node("y = scan(body, with(x=x, y=x))"), 3, 3, "at least one input is a sequence", "none");
        unfit("function f(x: f32[B]) -> x, x {}", 1, 1, "outputs are distinct", "x: f32[B]");
        unfit("function f(x: f32[B,2]) {\n state h: f32[B] <- x\n}", 1, 1, "its type f32[B]", "x: f32[B,2]");
        unfit("function f(x: f32[1,1,1,1,1,1,1,1,1]) {}", 1, 18, "at most 8", "f32[1, 1,");
        unfit("function f(x: f32[0-2]) {}", 1, 18, "none negative", "f32[-2]");
    }

    private static String node(String node) {
        String text = GraphText.print(OpArbitraries.BODY).replace("\n", " ").replaceAll(" +# f32\\[B,4\\]", "");
        return text + "\nfunction f(x: f32[B,4]) {\n  " + node + "\n}";
    }

    private static void refused(String text, int line, int column, String rule, String got) {
        FormatException refused = assertThrows(FormatException.class, () -> GraphTextParser.parse(text), text);
        check(refused, line, column, rule, got);
    }

    private static void unfit(String text, int line, int column, String rule, String got) {
        ShapeException refused = assertThrows(ShapeException.class, () -> GraphTextParser.parse(text), text);
        check(refused, line, column, rule, got);
    }

    private static void check(RondoException refused, int line, int column, String rule, String got) {
        String message = refused.getMessage();
        String place = "graph text line " + line + " column " + column;
        assertTrue(message.startsWith(place + ":") || message.startsWith(place + ","), place + " in " + message);
        assertTrue(refused.rule().contains(rule), rule + " in " + message);
        assertTrue(refused.got().contains(got), got + " in " + message);
    }

    @Test
    void hostileTextsEndInAnError() {
        assertThrows(FormatException.class, () -> GraphTextParser.parse(" ".repeat(1 << 23)));
        assertThrows(FormatException.class, () -> GraphTextParser.parse("(".repeat(1 << 20)));
        assertThrows(FormatException.class, () -> GraphTextParser.parse("function f(x: f32[" + "(".repeat(1 << 20)));
        assertThrows(FormatException.class, () -> GraphTextParser.parse("function " + "f".repeat(1 << 20)));
        assertThrows(FormatException.class, () -> GraphTextParser.parse("function \"" + "f".repeat(1 << 20)));
        assertThrows(
                FormatException.class,
                () -> GraphTextParser.parse(node("y = slice(x, start=" + "T+".repeat(1 << 20) + "1)")));
        assertThrows(FormatException.class, () -> GraphTextParser.parse(node("y = concat(x" + ", x".repeat(1 << 19))));
    }

    /** Twenty scans on each of eight levels are 25 billion paths to the innermost function. */
    @Test
    void aBodyThatManyScansShareIsVisitedOnce() {
        List<Function> functions = GraphTextParser.parse(nested(Function.MAX_NESTING, 20));
        Function outermost = functions.getLast();
        assertEquals(Function.MAX_NESTING, outermost.bodies().size());
        String text = GraphText.print(outermost);
        assertEquals(text, GraphText.print(GraphTextParser.parse(text)));
    }

    @Test
    void scansNestedTooDeepAreRefused() {
        String text = nested(Function.MAX_NESTING + 1, 1);
        ShapeException refused = assertThrows(ShapeException.class, () -> GraphTextParser.parse(text));
        assertTrue(refused.getMessage().contains("scans nest at most 8 deep"), refused.getMessage());
    }

    private static String nested(int depth, int copies) {
        var text = new StringBuilder("function f0(x: f32[], s: f32[4]) {}\n");
        for (int i = 1; i <= depth; i++) {
            text.append("function f").append(i).append("(x: f32[], s: f32[4]) {\n");
            text.append((" scan(f" + (i - 1) + ", over(x=s), with(s=s))\n").repeat(copies))
                    .append("}\n");
        }
        return text.toString();
    }

    /** Pieces of real graph text cut out, doubled, moved and overwritten: either it reads or it says what is wrong. */
    @Test
    void damagedTextsReadOrEndInAnError() {
        var random = new Random(20250701);
        int read = 0;
        for (DesignModels model : DesignModels.values()) {
            String whole = model.text().replaceAll("#.*", "");
            for (int i = 0; i < 800; i++) {
                String text = damaged(whole, random);
                try {
                    List<Function> functions = GraphTextParser.parse(text);
                    assertEquals(functions, GraphTextParser.parse(GraphText.print(functions)));
                    read++;
                } catch (RondoException said) {
                    assertTrue(said.getMessage().startsWith("graph text line "), said.getMessage());
                }
            }
        }
        assertTrue(read > 50 && read < 2900, read + " of 3200 texts read");
    }

    private static String damaged(String whole, Random random) {
        var text = new StringBuilder(whole);
        String pieces = "()[]{},:=@\"\\#<->*/+ \n0129BTabc_";
        for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
            int at = random.nextInt(text.length());
            int length = Math.min(random.nextInt(12), text.length() - at);
            switch (random.nextInt(4)) {
                case 0 -> text.delete(at, at + length);
                case 1 -> text.insert(random.nextInt(text.length()), text.substring(at, at + length));
                case 2 -> text.setCharAt(at, pieces.charAt(random.nextInt(pieces.length())));
                default -> text.insert(at, pieces.charAt(random.nextInt(pieces.length())));
            }
        }
        return text.toString();
    }
}
