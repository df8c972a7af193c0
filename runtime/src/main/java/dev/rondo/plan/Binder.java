package dev.rondo.plan;

import dev.rondo.error.ShapeException;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Node;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import dev.rondo.kernel.Kernels;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Turns nodes into prepared steps. Public for {@link ExtensionSteps}, which take their operands from it. */
public final class Binder {
    final Constants constants;
    final Sizes sizes;
    final Kernels kernels;
    final Arena arena;
    final ExtensionSteps extensions;
    private final Map<String, Operand> operands;
    private final List<Step> steps = new ArrayList<>();

    /** @param operands where every value of the function lives, by name; grows by weights that are used densely */
    Binder(
            Constants constants,
            Sizes sizes,
            Kernels kernels,
            ExtensionSteps extensions,
            Arena arena,
            Map<String, Operand> operands) {
        this.extensions = extensions;
        this.constants = constants;
        this.sizes = sizes;
        this.kernels = kernels;
        this.arena = arena;
        this.operands = operands;
    }

    /** The arithmetic of the plan. */
    public Kernels kernels() {
        return kernels;
    }

    /** Owns the plan's memory. */
    public Arena arena() {
        return arena;
    }

    /** The sizes that the plan's names have. */
    public Sizes sizes() {
        return sizes;
    }

    /** The steps bound since the last call. */
    List<Step> take() {
        List<Step> taken = List.copyOf(steps);
        steps.clear();
        return taken;
    }

    /** Where a value lives; null when it is absent. */
    public Operand operand(Value value) {
        if (value.isAbsent()) {
            return null;
        }
        Operand known = operands.get(value.name());
        if (known == null) {
            known = new Operand(value, constants.dense(value.tensorName()), sizes);
            operands.put(value.name(), known);
        }
        return known;
    }

    /** A buffer that one node needs for itself. */
    public Operand scratch(String name, ValueType type) {
        return Operand.allocate(new Value(name, type), arena, sizes);
    }

    /** The largest size of a dimension of an operand, whose memory is laid out. */
    public int capacity(Dim dim) {
        return Math.clamp(sizes.capacity(dim), 0, Integer.MAX_VALUE);
    }

    void bind(Node node) {
        // What most models consist of needs neither the switches of the catalogue nor its steps, which a young JVM
        // would load.
        if (node.op() instanceof Recurrent op) {
            steps.add(new RecurrentBinder(this).bind(op, node, null));
        } else if (node.op() instanceof Contraction.Linear) {
            steps.add(linear(node));
        } else {
            new CatalogueBinder(this, node).bind();
        }
    }

    void add(Step step) {
        steps.add(step);
    }

    Step linear(Node node) {
        Operand out = operand(node.outputs().getFirst());
        Value weight = node.inputs().get(1);
        return weight.isWeight()
                ? new ContractionSteps.Linear(
                        input(node, 0), constants.weights(weight.tensorName(), 1), input(node, 2), out, this)
                : new ContractionSteps.LinearDense(input(node, 0), operand(weight), input(node, 2), false, out, this);
    }

    /** Binds a recurrent node whose input is an embedding that is folded into its weights. */
    void bindFolded(Recurrent op, Node node, Node gather) {
        steps.add(new RecurrentBinder(this).bind(op, node, gather));
    }

    /** Binds elementwise nodes that only feed each other as one step. */
    void bindChain(List<Node> chain) {
        steps.add(new ChainStep(chain, this));
    }

    List<Operand> inputs(Node node) {
        var inputs = new ArrayList<Operand>();
        for (Value input : node.inputs()) {
            inputs.add(operand(input));
        }
        return inputs;
    }

    Operand input(Node node, int i) {
        return operand(node.inputs().get(i));
    }

    /** An error about a node that this build cannot run. */
    public static ShapeException unsupported(Node node, String rule, String got) {
        return new ShapeException(
                "node " + node.outputs().getFirst().name() + " " + node.op().name(),
                rule,
                got,
                "give the weights fixed sizes");
    }
}
