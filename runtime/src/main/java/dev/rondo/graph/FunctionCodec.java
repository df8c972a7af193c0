package dev.rondo.graph;

import dev.rondo.error.FormatException;
import dev.rondo.format.FunctionDef;
import dev.rondo.format.NodeDef;
import dev.rondo.format.StateDef;
import dev.rondo.format.ValueDef;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The one way between functions and the untyped nodes of a model file. */
public final class FunctionCodec {
    private static final int MAX_NODES = 1 << 16;

    private FunctionCodec() {}

    /** The function as a file holds it. The bodies of its scans are functions of their own, written before it. */
    public static FunctionDef encode(Function function) {
        var inputs = new ArrayList<ValueDef>();
        for (Value input : function.inputs()) {
            inputs.add(def(input));
        }
        var states = new ArrayList<StateDef>();
        for (State state : function.states()) {
            states.add(new StateDef(def(state.value()), reference(state.next())));
        }
        var nodes = new ArrayList<NodeDef>();
        for (Node node : function.nodes()) {
            var operands = new ArrayList<String>();
            for (Value operand : node.inputs()) {
                operands.add(reference(operand));
            }
            List<String> outputs = Value.names(node.outputs());
            nodes.add(new NodeDef(node.op().name(), 1, operands, outputs, OpCodec.attributes(node.op())));
        }
        return new FunctionDef(function.name(), inputs, states, nodes, Value.names(function.outputs()));
    }

    private static ValueDef def(Value value) {
        return new ValueDef(
                value.name(), value.type().element(), Dim.texts(value.type().dims()));
    }

    private static String reference(Value value) {
        return value.isAbsent() ? "" : value.name();
    }

    /**
     * The functions of a file, checked: operators known, shapes consistent.
     *
     * @param definitions in the order of the file: bodies before the scans that run them
     * @param weights the type of each tensor, by its name
     * @throws FormatException or {@link dev.rondo.error.ShapeException} when a function breaks a rule
     */
    public static Map<String, Function> decode(Collection<FunctionDef> definitions, Map<String, ValueType> weights) {
        var functions = new LinkedHashMap<String, Function>();
        var extents = new HashMap<Function, Long>();
        for (FunctionDef definition : definitions) {
            Function function = decode(definition, weights, functions);
            functions.put(definition.name(), function);
            checkExtent(function, extents);
        }
        return functions;
    }

    /** Counts nodes as a session prepares them, those of a body anew for each scan: a small file could ask for 20^8. */
    private static void checkExtent(Function function, Map<Function, Long> extents) {
        long extent = 0;
        for (Node node : function.nodes()) {
            extent += node.op() instanceof Scan scan ? 1 + extents.get(scan.body()) : 1;
        }
        if (extent > MAX_NODES) {
            throw new FormatException(
                    "function " + function.name(),
                    "holds at most " + MAX_NODES + " nodes, those of a body once for each scan that runs it",
                    extent + " nodes",
                    "split the function");
        }
        extents.put(function, extent);
    }

    private static Function decode(
            FunctionDef definition, Map<String, ValueType> weights, Map<String, Function> earlier) {
        String subject = "function " + definition.name();
        var values = new HashMap<String, Value>();
        var inputs = new ArrayList<Value>();
        for (ValueDef def : definition.inputs()) {
            inputs.add(define(subject, values, new Value(def.name(), type(subject, def))));
        }
        for (StateDef def : definition.states()) {
            define(subject, values, new Value(def.value().name(), type(subject, def.value())));
        }
        var nodes = new ArrayList<Node>();
        for (NodeDef def : definition.nodes()) {
            String place = subject + ", node " + def.outputs();
            Op op = OpCodec.decode(place, def.op(), def.version(), def.attributes(), earlier);
            List<Value> operands = resolveAll(place, values, weights, def.inputs());
            List<ValueType> types = InputTypes.infer(op, place, operands);
            if (types.size() != def.outputs().size()) {
                throw new FormatException(
                        place,
                        "names its " + types.size() + " outputs",
                        def.outputs().toString(),
                        "convert anew");
            }
            var outputs = new ArrayList<Value>();
            for (int i = 0; i < types.size(); i++) {
                outputs.add(define(subject, values, new Value(def.outputs().get(i), types.get(i))));
            }
            nodes.add(new Node(op, operands, outputs));
        }
        var states = new ArrayList<State>();
        for (StateDef def : definition.states()) {
            states.add(new State(values.get(def.value().name()), resolve(subject, values, weights, def.next())));
        }
        List<Value> outputs = resolveAll(subject + ", output", values, weights, definition.outputs());
        return new Function(definition.name(), inputs, states, nodes, outputs);
    }

    private static ValueType type(String subject, ValueDef def) {
        try {
            return new ValueType(def.element(), Dim.parseAll(def.dims()));
        } catch (IllegalArgumentException wrong) {
            throw new FormatException(
                    subject + ", value " + def.name(),
                    "dimensions are expressions over names",
                    wrong.getMessage(),
                    "convert the model anew");
        }
    }

    private static Value define(String subject, Map<String, Value> values, Value value) {
        if (value.name().isEmpty() || value.isAbsent() || values.put(value.name(), value) != null) {
            throw new FormatException(
                    subject, "every value has a name of its own", "'" + value.name() + "'", "convert anew");
        }
        return value;
    }

    private static List<Value> resolveAll(
            String subject, Map<String, Value> values, Map<String, ValueType> weights, List<String> names) {
        var resolved = new ArrayList<Value>();
        for (String name : names) {
            resolved.add(resolve(subject, values, weights, name));
        }
        return resolved;
    }

    private static Value resolve(
            String subject, Map<String, Value> values, Map<String, ValueType> weights, String name) {
        if (name.isEmpty()) {
            return Value.ABSENT;
        }
        if (name.startsWith("@")) {
            ValueType type = weights.get(name.substring(1));
            if (type == null) {
                throw new FormatException(subject, "weights are tensors of the file", name, "convert anew");
            }
            return new Value(name, type);
        }
        Value value = values.get(name);
        if (value == null) {
            throw new FormatException(
                    subject, "a value is defined before it is used", "'" + name + "'", "convert anew");
        }
        return value;
    }
}
