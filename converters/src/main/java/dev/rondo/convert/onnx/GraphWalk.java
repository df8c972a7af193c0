package dev.rondo.convert.onnx;

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
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Walks the nodes of a model in order and lowers each; resolves branches. For one function. */
final class GraphWalk {
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

    GraphWalk(
            OnnxGraph model,
            FunctionGraph graph,
            OperatorTable table,
            long opset,
            Map<String, String> interpretation) {
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
            List<Operand> outputs = node.domain().isEmpty() && node.opType().equals("If")
                    ? branch(scope, names)
                    : SizeArithmetic.of(scope).orElseGet(() -> table.of(node, opset).lower(scope));
            scope.checkUsed();
            return outputs;
        } catch (ShapeException wrong) {
            throw new ShapeException(
                    node.subject() + ": " + wrong.subject(), wrong.rule(), wrong.got(), wrong.remedy());
        } catch (ArithmeticException | IllegalArgumentException wrong) {
            throw new FormatException(
                    node.subject(),
                    "its attributes and sizes fit together, and 64 bits",
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
                    subject, "every value is defined once", "'" + name + "' again", "the model is damaged; export it again");
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
            if (!left.type().equals(right.type()) || !Dim.product(condition.type().dims()).is(1)) {
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
        return part.outputs().stream()
                .map(o -> find(names, o.name())
                        .orElseThrow(() -> new FormatException(
                                "branch '" + part.name() + "', output '" + o.name() + "'",
                                "is computed by a node",
                                "nothing has that name",
                                "export it again")))
                .toList();
    }

    private void leaveOut(OnnxGraph part) {
        part.initializers().forEach(t -> leftOut.add(t.name()));
        for (OnnxNode node : part.nodes()) {
            node.inputs().stream().filter(top.initializers::containsKey).forEach(leftOut::add);
            node.attributes().values().forEach(attribute -> {
                if (attribute instanceof dev.rondo.convert.onnx.file.OnnxAttribute.Graph(OnnxGraph inner)) {
                    leaveOut(inner);
                }
            });
        }
        part.outputs().stream().map(o -> o.name()).filter(top.initializers::containsKey).forEach(leftOut::add);
    }
}
