package dev.rondo.convert.onnx;

import dev.rondo.convert.onnx.file.OnnxAttribute;
import dev.rondo.convert.onnx.file.OnnxGraph;
import dev.rondo.convert.onnx.file.OnnxNode;
import dev.rondo.convert.onnx.file.OnnxTensor;
import dev.rondo.convert.onnx.graph.FunctionGraph;
import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.convert.onnx.op.NodeScope;
import dev.rondo.convert.onnx.op.OperatorTable;
import dev.rondo.convert.onnx.op.SizeArithmetic;
import dev.rondo.error.FormatException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;

/** Walks the nodes of a model in order and lowers each; resolves branches. For one function. */
final class GraphWalk {
    /** Of a loop; each becomes nodes of its own. */
    private static final long MAX_ROUNDS = 1 << 10;
    /** Nodes, and rounds, of all loops: loops in loops would take time without end. */
    private static final long MAX_LOOPED = 1 << 17;

    /** The values of a graph, over those of the graph whose node it belongs to. */
    private static final class Names {
        private final Names outer;
        private final Map<String, Operand> operands = new HashMap<>();
        private final Map<String, OnnxTensor> initializers = new LinkedHashMap<>();

        Names(Names outer, OnnxGraph graph) {
            this.outer = outer;
            for (OnnxTensor tensor : graph.initializers()) {
                if (initializers.put(tensor.name(), tensor) != null) {
                    throw new FormatException(
                            tensor.subject(), "is stored once", "a second one of that name", "export it again");
                }
            }
        }
    }

    private final FunctionGraph graph;
    private final OperatorTable table;
    private final long opset;
    private final Map<String, String> interpretation;
    private final Names top;
    private final Set<String> used = new LinkedHashSet<>();
    private final Set<String> leftOut = new LinkedHashSet<>();
    private long looped;

    GraphWalk(
            OnnxGraph model, FunctionGraph graph, OperatorTable table, long opset, Map<String, String> interpretation) {
        this.graph = graph;
        this.table = table;
        this.opset = opset;
        this.interpretation = interpretation;
        this.top = new Names(null, model);
    }

    /** Gives a value of the model, before {@link #run}. */
    void bind(String name, Operand operand) {
        define("input", top, name, operand);
    }

    /** Lowers all nodes. */
    void run(OnnxGraph model) {
        nodes(model, top);
    }

    /** A value after {@link #run}. */
    Operand result(String name) {
        return find(top, name)
                .orElseThrow(() -> new FormatException(
                        "output '" + name + "'", "is computed by a node", "nothing has that name", "export it again"));
    }

    /** The tensors that were asked for. */
    Set<String> used() {
        return used;
    }

    /** The tensors that only branches name which are not taken. */
    Set<String> leftOut() {
        return leftOut;
    }

    private void nodes(OnnxGraph part, Names names) {
        for (OnnxNode node : part.nodes()) {
            List<Operand> outputs = lower(node, names);
            if (outputs.size() < node.outputs().size()) {
                throw new FormatException(
                        node.subject(),
                        "has at most " + outputs.size() + " outputs",
                        node.outputs().toString(),
                        "docs/onnx.md says what is converted");
            }
            for (int i = 0; i < node.outputs().size(); i++) {
                if (!node.outputs().get(i).isEmpty()) {
                    define(node.subject(), names, node.outputs().get(i), outputs.get(i));
                }
            }
        }
    }

    private List<Operand> lower(OnnxNode node, Names names) {
        var inputs = new ArrayList<Optional<Operand>>();
        for (String input : node.inputs()) {
            inputs.add(input.isEmpty() ? Optional.empty() : Optional.of(input(node, names, input)));
        }
        var scope = new NodeScope(node, opset, graph, inputs, interpretation);
        try {
            List<Operand> outputs = switch (node.domain().isEmpty() ? node.opType() : "") {
                case "If" -> branch(scope, names);
                case "Loop" -> loop(scope, names);
                default ->
                    SizeArithmetic.of(scope)
                            .orElseGet(() -> table.of(node, opset).lower(scope));
            };
            scope.checkUsed();
            return outputs;
        } catch (ShapeException wrong) {
            throw new ShapeException(
                    node.subject() + ": " + wrong.subject(), wrong.rule(), wrong.got(), wrong.remedy());
        } catch (ArithmeticException
                | IllegalArgumentException
                | IndexOutOfBoundsException
                | NoSuchElementException wrong) {
            throw new FormatException(
                    node.subject(),
                    "its attributes, ranks and sizes fit together, and 64 bits",
                    String.valueOf(wrong.getMessage()),
                    "export the model again, or with smaller sizes",
                    wrong);
        }
    }

    private Operand input(OnnxNode node, Names names, String input) {
        return find(names, input)
                .orElseThrow(() -> new FormatException(
                        node.subject(),
                        "its inputs are inputs of the model, tensors or outputs of nodes before it",
                        "input '" + input + "', which is defined nowhere",
                        "the model is damaged; export it again"));
    }

    private Optional<Operand> find(Names names, String name) {
        for (Names scope = names; scope != null; scope = scope.outer) {
            Operand operand = scope.operands.get(name);
            if (operand != null) {
                return Optional.of(operand);
            }
            OnnxTensor tensor = scope.initializers.get(name);
            if (tensor != null) {
                used.add(name);
                operand = new Operand.Tensor(graph.constants().add(name, graph.name(), tensor));
                scope.operands.put(name, operand);
                return Optional.of(operand);
            }
        }
        return Optional.empty();
    }

    private static void define(String subject, Names names, String name, Operand operand) {
        if (names.initializers.containsKey(name) || names.operands.put(name, operand) != null) {
            throw new FormatException(
                    subject,
                    "every value is defined once",
                    "'" + name + "' again",
                    "the model is damaged; export it again");
        }
    }

    // Branches.

    private List<Operand> branch(NodeScope node, Names names) {
        OnnxGraph then = branch(node, "then_branch");
        OnnxGraph otherwise = branch(node, "else_branch");
        Value condition = node.value(0);
        if (Dim.product(condition.type().dims()).is(1) && condition.isWeight()) {
            boolean taken = graph.constants().integers(condition)[0] != 0;
            node.interpret("If: " + (taken ? "then_branch" : "else_branch") + ", since its condition is known");
            leaveOut(taken ? otherwise : then);
            return results(taken ? then : otherwise, names);
        }
        List<Operand> a = results(then, names);
        List<Operand> b = results(otherwise, names);
        node.interpret("If: both branches are computed, the condition selects");
        var selected = new ArrayList<Operand>();
        for (int i = 0; i < a.size(); i++) {
            Value left = graph.value(a.get(i));
            Value right = graph.value(b.get(i));
            if (!left.type().equals(right.type())
                    || !Dim.product(condition.type().dims()).is(1)) {
                throw node.error(
                        "its condition is known, or its branches give values of the same types",
                        left.type() + " and " + right.type() + " for a condition " + condition.type()
                                + " that the model computes",
                        "fix what the condition depends on: --fix INPUT=VALUE, --fix DIMENSION=SIZE or --shape");
            }
            selected.add(new Operand.Tensor(
                    graph.add(new Elementwise.Where(), graph.reshape(condition, List.of()), left, right)));
        }
        return selected;
    }

    private static OnnxGraph branch(NodeScope node, String name) {
        OnnxGraph branch = node.attributes()
                .graph(name)
                .orElseThrow(() -> node.error("has a " + name, "none", "the model is damaged; export it again"));
        if (branch.outputs().size() != node.node().outputs().size()) {
            throw node.error(
                    "its branches have as many outputs as it has",
                    branch.outputs().size() + " and " + node.node().outputs().size(),
                    "the model is damaged; export it again");
        }
        return branch;
    }

    private List<Operand> results(OnnxGraph part, Names outer) {
        var names = new Names(outer, part);
        nodes(part, names);
        return outputs(part, names);
    }

    private List<Operand> outputs(OnnxGraph part, Names names) {
        return part.outputs().stream()
                .map(o -> find(names, o.name())
                        .orElseThrow(() -> new FormatException(
                                "inner graph '" + part.name() + "', output '" + o.name() + "'",
                                "is computed by a node",
                                "nothing has that name",
                                "export it again")))
                .toList();
    }

    // Loops.

    /** A loop whose number of rounds is known, round after round. */
    private List<Operand> loop(NodeScope node, Names names) {
        OnnxGraph body = node.attributes()
                .graph("body")
                .orElseThrow(() -> node.error("has a body", "none", "the model is damaged; export it again"));
        int carried = node.count() - 2;
        int collected = body.outputs().size() - 1 - carried;
        if (carried < 0 || collected < 0 || body.inputs().size() != 2 + carried) {
            throw node.error(
                    "its body takes round, condition and what is carried, and gives condition, carried and collected",
                    body.inputs().size() + " inputs, " + body.outputs().size() + " outputs, " + carried + " carried",
                    "the model is damaged; export it again");
        }
        long rounds = node.integer(0, "the number of rounds", Long.MAX_VALUE);
        boolean goesOn = node.integer(1, "the condition", 1) != 0;
        var state = new ArrayList<Operand>();
        for (int i = 0; i < carried; i++) {
            state.add(node.operand(2 + i));
        }
        List<List<Value>> parts = new ArrayList<>();
        for (int i = 0; i < collected; i++) {
            parts.add(new ArrayList<>());
        }
        for (long round = 0; goesOn && round < rounds; round++) {
            looped += 1 + body.nodes().size();
            if (round >= MAX_ROUNDS || looped > MAX_LOOPED) {
                throw node.error(
                        "takes at most " + MAX_ROUNDS + " rounds, all loops together " + MAX_LOOPED + " nodes",
                        "more",
                        "export it as a recurrent operator");
            }
            List<Operand> results = round(node, body, names, round, state);
            Value condition = graph.value(results.getFirst());
            if (!condition.isWeight() || !Dim.product(condition.type().dims()).is(1)) {
                throw node.error(
                        "its condition is known in every round",
                        "one that the model computes",
                        "fix inputs with --fix");
            }
            goesOn = graph.constants().integers(condition)[0] != 0;
            for (int i = 0; i < carried; i++) {
                state.set(i, results.get(1 + i));
            }
            for (int i = 0; i < collected; i++) {
                parts.get(i).add(graph.unsqueeze(graph.value(results.get(1 + carried + i)), 0));
            }
        }
        node.interpret("Loop: its rounds are known and stand one after the other");
        var outputs = new ArrayList<>(state);
        for (List<Value> part : parts) {
            if (part.isEmpty()) {
                throw node.error("collects the values of at least one round", "none", "export the model without it");
            }
            outputs.add(new Operand.Tensor(graph.concat(0, part)));
        }
        return outputs;
    }

    private List<Operand> round(NodeScope node, OnnxGraph body, Names outer, long round, List<Operand> state) {
        var names = new Names(outer, body);
        var constants = graph.constants();
        var given = new ArrayList<Operand>();
        given.add(new Operand.Tensor(constants.integers("round", ElementType.I64, List.of(), round)));
        given.add(new Operand.Tensor(constants.integers("condition", ElementType.BOOL, List.of(), 1)));
        given.addAll(state);
        for (int i = 0; i < given.size(); i++) {
            define(node.node().subject(), names, body.inputs().get(i).name(), given.get(i));
        }
        nodes(body, names);
        return outputs(body, names);
    }

    private void leaveOut(OnnxGraph part) {
        part.initializers().forEach(t -> leftOut.add(t.name()));
        for (OnnxNode node : part.nodes()) {
            node.inputs().stream().filter(top.initializers::containsKey).forEach(leftOut::add);
            node.attributes().values().forEach(attribute -> {
                if (attribute instanceof OnnxAttribute.Graph(OnnxGraph inner)) {
                    leaveOut(inner);
                }
            });
        }
        part.outputs().stream()
                .map(o -> o.name())
                .filter(top.initializers::containsKey)
                .forEach(leftOut::add);
    }
}
