package dev.rondo.train.gradient;

import dev.rondo.architecture.training.Training;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Extension;
import dev.rondo.graph.Node;
import dev.rondo.graph.Op;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reverse accumulation (Griewank and Walther 2008, chapter 3) over one function: {@link #forward} adds nodes and
 * remembers how cotangents go back through them; {@link #backward} walks them in reverse and adds up what arrives. The
 * cotangent of a value is the derivative of the loss by it, of its type. {@link Value#ABSENT} stands for zero.
 */
final class Tape implements Decomposition.Target {
    /** From the cotangents of a node's outputs, not all absent, to those of its inputs, in the order of its slots. */
    interface Pullback {
        List<Value> cotangents(Node node, List<Value> ofOutputs);
    }

    private record Entry(Node node, Pullback pullback) {}

    final Emitter emit;
    private final Set<String> reached = new HashSet<>();
    private final Map<String, Value> cotangents = new HashMap<>();
    private final List<Entry> entries = new ArrayList<>();

    Tape(Emitter emit) {
        this.emit = emit;
    }

    /** Says that the cotangent of a value is asked for; nothing comes of it when it holds no real numbers. */
    void reach(Value value) {
        ElementType element = value.type().element();
        if (element == ElementType.F32 || element == ElementType.F64) {
            reached.add(value.name());
        }
    }

    /** Whether a value depends on what {@link #reach} named. */
    boolean wants(Value value) {
        return !value.isAbsent() && reached.contains(value.name());
    }

    /** A cotangent where it is wanted, else absent. */
    Value wanted(Value value, Supplier<Value> cotangent) {
        return wants(value) ? cotangent.get() : Value.ABSENT;
    }

    List<Value> forward(Node node) {
        return add(node.op(), node.outputs().stream().map(Value::name).toList(), node.inputs());
    }

    @Override
    public String inside(String node, String what) {
        return emit.inside(node, what);
    }

    /** Adds a node, or others that compute the same and leave what its gradient needs. */
    @Override
    public List<Value> add(Op op, List<String> names, List<Value> inputs) {
        if (inputs.stream().noneMatch(this::wants)) {
            return emit.addAll(op, names, inputs);
        }
        return switch (op) {
            case Elementwise e ->
                record(op, names, inputs, (node, d) -> ElementwiseGradient.of(e, node, d.getFirst(), this));
            case Structure s ->
                record(op, names, inputs, (node, d) -> StructureGradient.of(s, node, d.getFirst(), this));
            case Contraction c ->
                record(op, names, inputs, (node, d) -> ContractionGradient.of(c, node, d.getFirst(), this));
            case Aggregation.Attention a ->
                record(op, names, inputs, (node, d) -> AttentionGradient.of(a, node, d, this));
            case Aggregation a ->
                record(op, names, inputs, (node, d) -> AggregationGradient.of(a, node, d.getFirst(), this));
            case Training t -> record(op, names, inputs, (node, d) -> TrainingGradient.of(t, node, d.getFirst(), this));
            case Extension e ->
                throw new ShapeException(
                        "node " + names,
                        "has an operator of the catalogue or of training",
                        e.name(),
                        "compose it of operators that have gradients");
            case Recurrent r -> RecurrentGradient.forward(r, names, inputs, this);
            case Scan s -> ScanGradient.forward(s, names, inputs, this);
        };
    }

    /** Adds a node and remembers how to go back through it. */
    List<Value> record(Op op, List<String> names, List<Value> inputs, Pullback pullback) {
        List<Value> outputs = emit.addAll(op, names, inputs);
        outputs.forEach(this::reach);
        entries.add(new Entry(new Node(op, inputs, outputs), pullback));
        return outputs;
    }

    /** Adds to the cotangent of a value. */
    void add(Value value, Value cotangent) {
        if (cotangent.isAbsent() || !wants(value)) {
            return;
        }
        if (!cotangent.type().equals(value.type())) {
            throw new ShapeException(
                    "gradient by " + value, "it has the type of the value", cotangent.toString(), "report this error");
        }
        cotangents.merge(value.name(), cotangent, emit::plus);
    }

    /** What has arrived at a value; absent when nothing has. */
    Value cotangent(Value value) {
        return cotangents.getOrDefault(value.name(), Value.ABSENT);
    }

    /** Brings the cotangents that were added to all values before them. */
    void backward() {
        for (Entry entry : entries.reversed()) {
            List<Value> arrived =
                    entry.node.outputs().stream().map(this::cotangent).toList();
            if (arrived.stream().allMatch(Value::isAbsent)) {
                continue;
            }
            List<Value> back = entry.pullback.cotangents(entry.node, arrived);
            for (int i = 0; i < back.size(); i++) {
                add(entry.node.inputs().get(i), back.get(i));
            }
        }
    }
}
