package dev.rondo.format;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The section of functions: count, then name, inputs, states, nodes and outputs of each. */
final class FunctionCodec {
    private static final int FUNCTION_MIN_BYTES = 5 * 4;
    private static final int VALUE_MIN_BYTES = 4 + 1 + 4;
    private static final int NODE_MIN_BYTES = 5 * 4;

    private final Cursor cursor;
    private final Set<String> tensors;
    private final Set<String> earlier = new LinkedHashSet<>();

    private FunctionCodec(Cursor cursor, Set<String> tensors) {
        this.cursor = cursor;
        this.tensors = tensors;
    }

    static void write(Sink sink, List<FunctionDef> functions) {
        sink.list(functions, function -> {
            sink.text(function.name());
            sink.list(function.inputs(), value -> writeValue(sink, value));
            sink.list(function.states(), state -> {
                writeValue(sink, state.value());
                sink.text(state.next());
            });
            sink.list(function.nodes(), node -> writeNode(sink, node));
            sink.texts(function.outputs());
        });
    }

    /** Reads the functions and checks their graphs against the tensors of the file. */
    static List<FunctionDef> read(Cursor cursor, Set<String> tensors) {
        return new FunctionCodec(cursor, tensors).readFunctions();
    }

    private static void writeValue(Sink sink, ValueDef value) {
        sink.text(value.name());
        sink.u8(value.element().code());
        sink.texts(value.dims());
    }

    private static void writeNode(Sink sink, NodeDef node) {
        sink.text(node.op());
        sink.i32(node.version());
        sink.texts(node.inputs());
        sink.texts(node.outputs());
        sink.i32(node.attributes().size());
        node.attributes().forEach((key, attribute) -> {
            sink.text(key);
            AttributeCodec.write(sink, attribute);
        });
    }

    private List<FunctionDef> readFunctions() {
        int count = cursor.count("function count", FUNCTION_MIN_BYTES);
        List<FunctionDef> functions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            cursor.at(cursor.position());
            functions.add(readFunction());
            cursor.leave();
        }
        return List.copyOf(functions);
    }

    private FunctionDef readFunction() {
        String name = Names.name("function name", cursor.text("function name"));
        Names.unused("function name", name, earlier.contains(name));
        cursor.within("function " + Names.quote(name));
        FunctionDef function = readBody(name);
        cursor.leave();
        earlier.add(name);
        return function;
    }

    private FunctionDef readBody(String name) {
        FunctionScope scope = new FunctionScope(tensors, earlier);
        List<ValueDef> inputs = readInputs(scope);
        List<StateDef> states = readStates(scope);
        int count = cursor.count("node count", NODE_MIN_BYTES);
        List<NodeDef> nodes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            cursor.at(cursor.position());
            nodes.add(readNode(i, scope));
            cursor.leave();
        }
        cursor.at(cursor.position());
        List<String> outputs = cursor.texts("output");
        scope.end(states, outputs);
        FunctionDef function = new FunctionDef(name, inputs, states, nodes, outputs);
        cursor.leave();
        return function;
    }

    private List<ValueDef> readInputs(FunctionScope scope) {
        int count = cursor.count("input count", VALUE_MIN_BYTES);
        List<ValueDef> inputs = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            cursor.element("input", i);
            ValueDef input = readValue();
            scope.input(input);
            inputs.add(input);
            cursor.leave();
        }
        return inputs;
    }

    private List<StateDef> readStates(FunctionScope scope) {
        int count = cursor.count("state count", VALUE_MIN_BYTES + 4);
        List<StateDef> states = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            cursor.element("state", i);
            StateDef state = new StateDef(readValue(), cursor.text("next"));
            scope.state(state);
            states.add(state);
            cursor.leave();
        }
        return states;
    }

    private ValueDef readValue() {
        String name = cursor.text("value name");
        ElementType element = elementType(cursor);
        return new ValueDef(name, element, cursor.texts("dimension"));
    }

    private NodeDef readNode(int index, FunctionScope scope) {
        cursor.within("node " + index);
        String op = Names.name("operator", cursor.text("operator"));
        cursor.leave();
        cursor.within(FunctionScope.subject(index, op));
        int version = cursor.i32("version");
        List<String> inputs = cursor.texts("input");
        List<String> outputs = cursor.texts("output");
        NodeDef node = new NodeDef(op, version, inputs, outputs, readAttributes());
        cursor.leave();
        scope.node(index, node);
        return node;
    }

    private Map<String, Attribute> readAttributes() {
        Map<String, Attribute> attributes = new LinkedHashMap<>();
        int count = cursor.count("attribute count", 4 + AttributeCodec.MIN_BYTES);
        for (int i = 0; i < count; i++) {
            cursor.element("attribute", i);
            String key = Names.name("attribute name", cursor.text("attribute name"));
            Names.unused("attribute name", key, attributes.containsKey(key));
            cursor.within(Names.quote(key));
            attributes.put(key, AttributeCodec.read(cursor));
            cursor.leave();
            cursor.leave();
        }
        return attributes;
    }

    /** Reads the code of an element type. */
    static ElementType elementType(Cursor cursor) {
        long at = cursor.position();
        int code = cursor.u8("element type");
        for (ElementType type : ElementType.values()) {
            if (type.code() == code) {
                return type;
            }
        }
        throw cursor.unknownCode(at, "element type", code);
    }
}
