package dev.rondo.convert.onnx.op;

import dev.rondo.convert.onnx.file.OnnxNode;
import dev.rondo.convert.onnx.file.OnnxTensor;
import dev.rondo.convert.onnx.file.OnnxType;
import dev.rondo.convert.onnx.graph.FunctionGraph;
import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.error.FormatException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A node while it is lowered: its inputs, its attributes, and the function that it goes into. For one node.
 *
 * <p>Inputs come in three ways. {@link #value} is for operators that compute; {@link #sizes} for those that need whole
 * numbers while the graph is imported (shapes, axes, pads), which may be expressions over names of dimensions; {@link
 * #integers} and {@link #reals} for those that need plain numbers.
 */
public final class NodeScope {
    /** Elements of a list of sizes at most: more are data, not a shape. */
    static final int MAX_SIZES = 1 << 10;

    /** Characters of the decisions under one name, from where on no more are kept. */
    private static final int MAX_DECISIONS = 1 << 12;

    private final OnnxNode node;
    private final long opset;
    private final FunctionGraph graph;
    private final List<Optional<Operand>> inputs;
    private final Attributes attributes;
    private final Map<String, String> interpretation;
    private final Set<Integer> used = new HashSet<>();

    /**
     * @param inputs         empty where an optional one is left out
     * @param interpretation takes what the source does not state and was decided
     */
    public NodeScope(
            OnnxNode node,
            long opset,
            FunctionGraph graph,
            List<Optional<Operand>> inputs,
            Map<String, String> interpretation) {
        this.node = node;
        this.opset = opset;
        this.graph = graph;
        this.inputs = List.copyOf(inputs);
        this.attributes = new Attributes(node);
        this.interpretation = interpretation;
    }

    public OnnxNode node() {
        return node;
    }

    /** The version of ONNX's operator set that the model uses. */
    public long opset() {
        return opset;
    }

    /** Where nodes go. */
    public FunctionGraph graph() {
        return graph;
    }

    public Attributes attributes() {
        return attributes;
    }

    /** How many inputs the node names, left out ones in the middle included. */
    public int count() {
        return inputs.size();
    }

    public boolean has(int input) {
        return input < inputs.size() && inputs.get(input).isPresent();
    }

    /** Whether somebody may use an output: optional ones that are not named need not be computed. */
    public boolean wants(int output) {
        return output < node.outputs().size() && !node.outputs().get(output).isEmpty();
    }

    public Operand operand(int input) {
        used.add(input);
        if (!has(input)) {
            throw error("has an input " + input, "none there", "the model is damaged; export it again");
        }
        return inputs.get(input).orElseThrow();
    }

    /** An input as a value of the function. */
    public Value value(int input) {
        return graph.value(operand(input));
    }

    /** The same, or {@link Value#ABSENT}. */
    public Value optional(int input) {
        return has(input) ? value(input) : Value.ABSENT;
    }

    public ValueType type(int input) {
        return value(input).type();
    }

    /** All inputs, which must be given. */
    public List<Value> values() {
        var values = new ArrayList<Value>();
        for (int i = 0; i < inputs.size(); i++) {
            values.add(value(i));
        }
        return values;
    }

    /** Whole numbers of rank 0 or 1 that are known, or known up to the sizes of named dimensions; empty for others. */
    public Optional<Operand.Sizes> knownSizes(int input) {
        return switch (operand(input)) {
            case Operand.Sizes sizes -> Optional.of(sizes);
            case Operand.Tensor(Value value) -> {
                ElementType element = value.type().element();
                boolean whole = element == ElementType.I64 || element == ElementType.I32;
                boolean few = value.isWeight()
                        && value.type().rank() <= 1
                        && Dim.product(value.type().dims()).fixed() <= MAX_SIZES;
                if (!whole || !few) {
                    yield Optional.empty();
                }
                List<Integer> shape =
                        value.type().dims().stream().map(d -> (int) d.fixed()).toList();
                List<Dim> dims = Arrays.stream(graph.constants().integers(value))
                        .mapToObj(Dim::of)
                        .toList();
                yield Optional.of(new Operand.Sizes(shape, dims));
            }
        };
    }

    /** {@link #knownSizes}, which must be known. */
    public List<Dim> sizes(int input, String role) {
        return knownSizes(input)
                .map(Operand.Sizes::dims)
                .orElseThrow(() -> error(
                        role + " is known when the model is converted",
                        node.inputs().get(input) + ", which the model computes from its inputs",
                        "fix the input that it depends on with --fix, or sizes with --shape"));
    }

    /** Plain whole numbers that must be known, of any shape. */
    public long[] integers(int input, String role) {
        if (operand(input) instanceof Operand.Tensor(Value value)
                && value.isWeight()
                && value.type().element() != ElementType.F32) {
            return graph.constants().integers(value);
        }
        throw unknown(input, role);
    }

    /** Plain numbers that must be known, of any shape. */
    public float[] reals(int input, String role) {
        if (operand(input) instanceof Operand.Tensor(Value value)
                && value.isWeight()
                && value.type().element() == ElementType.F32) {
            return graph.constants().floats(value);
        }
        throw unknown(input, role);
    }

    /** A single plain number that must be known; {@code absent} when the input is left out. */
    public float real(int input, String role, float absent) {
        if (!has(input)) {
            return absent;
        }
        float[] values = reals(input, role);
        if (values.length != 1) {
            throw error(role + " is one number", values.length + " numbers", "the model is damaged; export it again");
        }
        return values[0];
    }

    /** A single whole number that must be known; {@code absent} when the input is left out. */
    public long integer(int input, String role, long absent) {
        if (!has(input)) {
            return absent;
        }
        long[] values = integers(input, role);
        if (values.length != 1) {
            throw error(role + " is one number", values.length + " numbers", "the model is damaged; export it again");
        }
        return values[0];
    }

    private FormatException unknown(int input, String role) {
        return error(
                role + " is known when the model is converted",
                node.inputs().get(input) + ", which is computed when it runs",
                "fix the input or the size that it depends on with --fix or --shape");
    }

    /** An axis as it counts from the front. */
    public int axis(long axis, int rank) {
        if (axis < -rank || axis >= rank) {
            throw error("axis lies within rank " + rank, "" + axis, "the model is damaged; export it again");
        }
        return (int) (axis < 0 ? axis + rank : axis);
    }

    /** A constant of an attribute. */
    public Value constant(OnnxTensor tensor) {
        String name = tensor.name().isEmpty()
                ? node.outputs().isEmpty() ? "" : node.outputs().getFirst()
                : tensor.name();
        return graph.constants().add(name, graph.name(), tensor);
    }

    /** The element type that a number of {@code TensorProto.DataType} stands for here. */
    public ElementType element(long code) {
        OnnxType type = OnnxType.of(code)
                .filter(t -> t.element().isPresent())
                .orElseThrow(() -> error(
                        "computes with float, integer or bool values",
                        "element type number " + code,
                        "export the model in one of these types"));
        return type.element().orElseThrow();
    }

    /** Notes a decision that the source leaves open. */
    public void interpret(String decision) {
        String place = node.name().isEmpty() ? node.opType() + " " + node.index() : node.name();
        interpretation.merge("onnx." + graph.name() + "." + place, decision, NodeScope::joined);
    }

    /** What was decided twice for one node, or for nodes of one name, as in the rounds of a loop. */
    private static String joined(String before, String decision) {
        return before.contains(decision) || before.length() > MAX_DECISIONS ? before : before + "; " + decision;
    }

    public FormatException error(String rule, String got, String remedy) {
        return new FormatException(node.subject(), rule, got, remedy);
    }

    /** @throws FormatException when nobody asked for an attribute or an input */
    public void checkUsed() {
        attributes.checkUsed();
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i).isPresent() && !used.contains(i)) {
                throw error(
                        "has only inputs that are understood",
                        "also input " + i + ", '" + node.inputs().get(i) + "'",
                        "docs/onnx.md says what is converted");
            }
        }
    }

    /** The only output. */
    public static List<Operand> one(Value value) {
        return List.of(new Operand.Tensor(value));
    }

    public static List<Operand> all(List<Value> values) {
        var operands = new ArrayList<Operand>();
        values.forEach(v -> operands.add(new Operand.Tensor(v)));
        return operands;
    }
}
