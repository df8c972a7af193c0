package dev.rondo.format;

import static dev.rondo.format.RawFile.FUNCTIONS;
import static dev.rondo.format.RawFile.function;
import static dev.rondo.format.RawFile.node;

import org.junit.jupiter.api.Test;

/** Every rule of functions and their graphs: a file that breaks it is refused by function and node. */
class FunctionRulesTest {
    private static final String NODE = "function 'f', node 0 ('Op')";
    /** From the section's first byte to that of the node in {@link RawFile#function}: count, name, x, h and next, count. */
    private static final int NODE_AT = 4 + 5 + 4 + 5 + 1 + 4 + 10 + 4 + 5 + 1 + 4 + 10 + 5 + 4;

    private static void refuse(Raw content, String subject, String rule, int relative) {
        RawFile file = RawFile.valid().section(FUNCTIONS, content);
        Refusal.check(file.bytes(), subject, rule, file.start(FUNCTIONS) + relative);
    }

    private static void refuseNode(Raw node, String subject, String rule, int relative) {
        refuse(Raw.of().i32(1).raw(function("f", node)), subject, rule, NODE_AT + relative);
    }

    @Test
    void functionNames() {
        Raw node = node("Op", 1, "x").texts("y").i32(0);
        refuse(Raw.of().i32(1).raw(function("", node)), "function name", "must not be empty", 4);
        refuse(Raw.of().i32(1).raw(function("\u0007", node)), "function name", "printable", 4);
        Raw twice = Raw.of().i32(2).raw(function("f", node)).raw(function("f", node));
        refuse(twice, "function name", "must be unique", 4 + function("f", node).size());
    }

    @Test
    void inputs() {
        refuse(withInputs(Raw.of().i32(1).value("")), "function 'f', input 0, value name", "must not be empty", 13);
        refuse(
                withInputs(Raw.of().i32(1).value("@x")),
                "function 'f', input 0, value name",
                "must not begin with '@'",
                13);
        refuse(
                withInputs(Raw.of().i32(2).value("x").value("x")),
                "function 'f', input 1, input",
                "must not define a name twice",
                13 + 10);
        refuse(
                withInputs(Raw.of().i32(1).text("x").u8(6).texts()),
                "function 'f', input 0, element type",
                "must be a code of version 1",
                13 + 5);
        refuse(
                withInputs(Raw.of().i32(1).value("x", "1", "1", "1", "1", "1", "1", "1", "1", "1")),
                "function 'f', input 0, value 'x'",
                "rank must be at most 8",
                13);
        refuse(withInputs(Raw.of().i32(-1)), "function 'f', input count", "must fit", 9);
    }

    @Test
    void dimensions() {
        for (String dim : new String[] {"", "B".repeat(513)}) {
            refuse(
                    withInputs(Raw.of().i32(1).value("x", dim)),
                    "function 'f', input 0, value 'x', dimension",
                    "must have 1 to 512 characters",
                    13);
        }
        for (String dim : new String[] {"B;", "é", "2^3", "a.b", "\n", "B,2", "${B}"}) {
            refuse(
                    withInputs(Raw.of().i32(1).value("x", dim)),
                    "function 'f', input 0, value 'x', dimension",
                    "may hold letters, digits",
                    13);
        }
    }

    @Test
    void states() {
        refuse(
                withStates(Raw.of().i32(1).value("x").text("")),
                "function 'f', state 0, state",
                "must not define a name twice",
                27);
        refuse(
                withStates(Raw.of().i32(1).value("h").text("@w")),
                "function 'f', state 0, state 'h', next",
                "must not begin with '@'",
                27);
        int outputs = 27 + 10 + 5 + 4;
        refuse(
                withStates(Raw.of().i32(1).value("h").text("z")),
                "function 'f', state 'h', next",
                "must name a value of the function",
                outputs);
    }

    @Test
    void outputs() {
        Raw start = Raw.of().i32(1).text("f").i32(1).value("x").i32(0).i32(0);
        int outputs = start.size();
        refuse(Raw.of().raw(start).texts("z"), "function 'f', output", "must name a value of the function", outputs);
        refuse(Raw.of().raw(start).texts("x", "x"), "function 'f', outputs", "same entry twice", outputs);
        refuse(Raw.of().raw(start).texts("@w"), "function 'f', output", "must name a value of the function", outputs);
        refuse(Raw.of().raw(start).texts(""), "function 'f', output", "must name a value of the function", outputs);
    }

    @Test
    void operators() {
        refuseNode(node("", 1, "x").texts("y").i32(0), "function 'f', node 0, operator", "must not be empty", 0);
        refuseNode(node("Op", 0, "x").texts("y").i32(0), NODE + ", operator 'Op'", "version must be 1 or more", 0);
        refuseNode(node("Op", -1, "x").texts("y").i32(0), NODE + ", operator 'Op'", "version must be 1 or more", 0);
    }

    @Test
    void nodeInputs() {
        refuseNode(node("Op", 1, "z").texts("y").i32(0), NODE + ", input", "must be defined before it is used", 0);
        refuseNode(node("Op", 1, "y").texts("y").i32(0), NODE + ", input", "must be defined before it is used", 0);
        refuseNode(node("Op", 1, "@v").texts("y").i32(0), NODE + ", input", "must name a tensor of the file", 0);
        refuseNode(node("Op", 1, "@").texts("y").i32(0), NODE + ", input", "must not be empty", 0);
        refuseNode(node("Op", 1, "a\u0000").texts("y").i32(0), NODE + ", input", "printable", 0);
        refuseNode(Raw.of().text("Op").i32(1, -1).zeros(20), NODE + ", input count", "must fit", 10);
    }

    @Test
    void nodeOutputs() {
        refuseNode(node("Op", 1, "x").texts("x").i32(0), NODE + ", output", "must not define a name twice", 0);
        refuseNode(node("Op", 1, "x").texts("h").i32(0), NODE + ", output", "must not define a name twice", 0);
        refuseNode(node("Op", 1, "x").texts("y", "y").i32(0), NODE + ", output", "must not define a name twice", 0);
        refuseNode(node("Op", 1, "x").texts("@w").i32(0), NODE + ", output", "must not begin with '@'", 0);
    }

    @Test
    void nodesInOrder() {
        Raw first = node("Op", 1, "z").texts("y").i32(0);
        Raw second = node("Op", 1, "x").texts("z").i32(0);
        Raw content = Raw.of()
                .i32(1)
                .text("f")
                .i32(1)
                .value("x")
                .i32(0)
                .i32(2)
                .raw(first)
                .raw(second)
                .texts("y");
        refuse(content, NODE + ", input", "must be defined before it is used", 4 + 5 + 4 + 10 + 4 + 4);
    }

    @Test
    void attributes() {
        refuseNode(
                attribute("", Raw.of().u8(1).i64(1)), NODE + ", attribute 0, attribute name", "must not be empty", 32);
        refuseNode(
                attribute("a", Raw.of().u8(0).i64(1)),
                NODE + ", attribute 0, 'a', attribute kind",
                "must be a code of version 1",
                37);
        refuseNode(
                attribute("a", Raw.of().u8(9).i64(1)),
                NODE + ", attribute 0, 'a', attribute kind",
                "must be a code of version 1",
                37);
        refuseNode(attribute("a", Raw.of().u8(4).u8(2)), NODE + ", attribute 0, 'a', flag", "must be 0 or 1", 38);
        refuseNode(attribute("a", Raw.of().u8(5).i32(1 << 29)), NODE + ", attribute 0, 'a', int count", "must fit", 38);
        refuseNode(attribute("a", Raw.of().u8(6).i32(-1)), NODE + ", attribute 0, 'a', real count", "must fit", 38);
        refuseNode(attribute("a", Raw.of().u8(7).i32(-1)), NODE + ", attribute 0, 'a', text count", "must fit", 38);
        refuseNode(
                attribute("a", Raw.of().u8(3).i32(1).raw((byte) 0xFF)),
                NODE + ", attribute 0, 'a', text",
                "must be valid UTF-8",
                38);
        Raw twice = node("Op", 1, "x")
                .texts("y")
                .i32(2)
                .text("a")
                .u8(1)
                .i64(1)
                .text("a")
                .u8(1)
                .i64(1);
        refuseNode(twice, NODE + ", attribute 1, attribute name", "must be unique", 32 + 14);
    }

    @Test
    void references() {
        refuseNode(
                attribute("body", Raw.of().u8(8).text("g")),
                NODE + ", attribute 'body'",
                "must name an earlier function",
                0);
        refuseNode(
                attribute("body", Raw.of().u8(8).text("f")),
                NODE + ", attribute 'body'",
                "must name an earlier function",
                0); // itself
        refuseNode(
                attribute("body", Raw.of().u8(8).text("")),
                NODE + ", attribute 0, 'body', function reference",
                "must not be empty",
                32);
        Raw caller = function("f", attribute("body", Raw.of().u8(8).text("g")));
        Raw called = function("g", node("Op", 1, "x").texts("y").i32(0));
        refuse(
                Raw.of().i32(2).raw(caller).raw(called),
                NODE + ", attribute 'body'",
                "must name an earlier function",
                NODE_AT);
    }

    /** A node Op(x) = y with one attribute; its name lies 32 bytes after the node's beginning. */
    private static Raw attribute(String name, Raw value) {
        return node("Op", 1, "x").texts("y").i32(1).text(name).raw(value);
    }

    private static Raw withInputs(Raw inputs) {
        return Raw.of().i32(1).text("f").raw(inputs).i32(0).i32(0).texts();
    }

    /** The first state lies at 27. */
    private static Raw withStates(Raw states) {
        return Raw.of().i32(1).text("f").i32(1).value("x").raw(states).i32(0).texts();
    }
}
