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
            long at = cursor.position();
            functions.add(cursor.at(at, this::readFunction));
        }
        return List.copyOf(functions);
    }

    private FunctionDef readFunction() {
        String name = Names.name("function name", cursor.text("function name"));
        Names.unused("function name", name, earlier.contains(name));
        FunctionDef function = cursor.within("function " + Names.quote(name), () -> readBody(name));
        earlier.add(name);
        return function;
    }

    private FunctionDef readBody(String name) {
        FunctionScope scope = new FunctionScope(tensors, earlier);
        List<ValueDef> inputs = cursor.list("input", VALUE_MIN_BYTES, () -> {
            ValueDef input = readValue();
            scope.input(input);
            return input;
        });
        List<StateDef> states = cursor.list("state", VALUE_MIN_BYTES + 4, () -> {
            StateDef state = new StateDef(readValue(), cursor.text("next"));
            scope.state(state);
            return state;
        });
        int count = cursor.count("node count", NODE_MIN_BYTES);
        List<NodeDef> nodes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int index = i;
            NodeDef node = cursor.at(cursor.position(), () -> readNode(index, scope));
            nodes.add(node);
        }
        return cursor.at(cursor.position(), () -> {
            List<String> outputs = cursor.texts("output");
            scope.end(states, outputs);
            return new FunctionDef(name, inputs, states, nodes, outputs);
        });
    }

    private ValueDef readValue() {
        String name = cursor.text("value name");
        ElementType element = elementType(cursor);
        return new ValueDef(name, element, cursor.texts("dimension"));
    }

    private NodeDef readNode(int index, FunctionScope scope) {
        String op = cursor.within("node " + index, () -> Names.name("operator", cursor.text("operator")));
        NodeDef node = cursor.within(FunctionScope.subject(index, op), () -> {
            int version = cursor.i32("version");
            List<String> inputs = cursor.texts("input");
            List<String> outputs = cursor.texts("output");
            return new NodeDef(op, version, inputs, outputs, readAttributes());
        });
        scope.node(index, node);
        return node;
    }

    private Map<String, Attribute> readAttributes() {
        Map<String, Attribute> attributes = new LinkedHashMap<>();
        cursor.list("attribute", 4 + AttributeCodec.MIN_BYTES, () -> {
            String key = Names.name("attribute name", cursor.text("attribute name"));
            Names.unused("attribute name", key, attributes.containsKey(key));
            attributes.put(key, cursor.within(Names.quote(key), () -> AttributeCodec.read(cursor)));
            return key;
        });
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
