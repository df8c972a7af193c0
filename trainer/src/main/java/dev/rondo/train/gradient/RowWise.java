package dev.rondo.train.gradient;

import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Extension;
import dev.rondo.graph.Function;
import dev.rondo.graph.Node;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether a function computes each row of its values from the same row of others, and of what has no rows. Careful: what
 * it does not know mixes them.
 */
final class RowWise {
    private final Dim rows;
    private final Set<String> rowed = new HashSet<>();

    private RowWise(Dim rows) {
        this.rows = rows;
    }

    /** The rows of a body that is run with lengths. */
    static Dim rows(Function body) {
        Value value = body.outputs().isEmpty()
                ? body.states().getFirst().value()
                : body.outputs().getFirst();
        return value.type().dim(0);
    }

    /** @param rows the first dimension of what has rows */
    static boolean test(Function f, Dim rows) {
        if (rows.names().size() != 1) {
            return false;
        }
        var test = new RowWise(rows);
        for (Value input : f.inputs()) {
            if (!test.take(input)) {
                return false;
            }
        }
        for (var state : f.states()) {
            if (!test.take(state.value())) {
                return false;
            }
        }
        return f.nodes().stream().allMatch(test::takes);
    }

    /** Takes a value as rows where it has them; false when it has them anywhere but in its first dimension. */
    private boolean take(Value value) {
        List<Dim> dims = value.type().dims();
        boolean has = !dims.isEmpty() && dims.getFirst().equals(rows);
        if (has) {
            rowed.add(value.name());
        }
        return dims.subList(has ? 1 : 0, dims.size()).stream().noneMatch(this::mentions);
    }

    private boolean mentions(Dim dim) {
        return dim.names().contains(rows.names().getFirst());
    }

    private boolean isRowed(Value value) {
        return rowed.contains(value.name());
    }

    private boolean takes(Node node) {
        boolean known = node.inputs().stream().noneMatch(this::isRowed) || keeps(node);
        return known && node.outputs().stream().allMatch(this::take) && sameKind(node);
    }

    /** What comes of rows has rows. */
    private boolean sameKind(Node node) {
        return node.inputs().stream().noneMatch(this::isRowed)
                || node.outputs().stream().allMatch(this::isRowed);
    }

    /** Whether a node with rows among its inputs leaves each alone. */
    private boolean keeps(Node node) {
        Value first = node.inputs().getFirst();
        int rank = first.type().rank();
        return switch (node.op()) {
            case Elementwise _ -> aligned(node, node.outputs().getFirst().type().rank());
            case Structure.Concat(int axis) ->
                axis != 0 && axis != -rank && node.inputs().stream().allMatch(this::isRowed);
            case Structure.Slice(int axis, var _, var _, int _) -> axis != 0 && axis != -rank;
            case Structure.Reshape _ -> true;
            case Structure.Transpose(List<Integer> permutation) -> permutation.getFirst() == 0;
            case Structure.Expand(List<Dim> dims) -> dims.size() == rank;
            case Structure.Pick(), Structure.LengthMask _ ->
                node.inputs().stream().allMatch(this::isRowed);
            case Structure.Gather() -> !isRowed(first);
            case Structure.Pad _, Structure.Fill _, Structure.Size _ -> false;
            case Contraction.Linear(), Contraction.Conv1d _ -> onlyFirst(node);
            case Contraction.MatMul(boolean _) -> {
                Value b = node.inputs().get(1);
                yield isRowed(first)
                        && (isRowed(b)
                                ? b.type().rank() == rank && rank > 2
                                : b.type().rank() == 2);
            }
            case Aggregation.Reduce(var _, int axis, boolean _) -> axis != 0 && axis != -rank;
            case Aggregation.ArgMax(int axis) -> axis != 0 && axis != -rank;
            case Aggregation.TopK _ -> rank > 1;
            case Aggregation.Softmax _ -> isRowed(first) && rank > 1 && aligned(node, rank);
            case Aggregation.LayerNorm _ -> rank > 1 && onlyFirst(node);
            case Aggregation.Attention _ -> isRowed(first) && aligned(node, rank);
            case Aggregation.PoolTime _, Aggregation.PoolWindow _ -> true;
            case Recurrent _ -> ofCell(node);
            case Training.Dropout _ -> onlyFirst(node);
            case Scan _, Extension _ -> false;
        };
    }

    /** Whether what has rows has all dimensions, so that broadcasting keeps them in place. */
    private boolean aligned(Node node, int rank) {
        return node.inputs().stream().noneMatch(v -> isRowed(v) && v.type().rank() != rank);
    }

    private boolean onlyFirst(Node node) {
        List<Value> inputs = node.inputs();
        return isRowed(inputs.getFirst())
                && inputs.subList(1, inputs.size()).stream().noneMatch(this::isRowed);
    }

    private boolean ofCell(Node node) {
        for (int i = 0; i < node.inputs().size(); i++) {
            boolean wanted = switch (node.op().slots().get(i).name()) {
                case "x", "h", "c", "lengths" -> true;
                default -> false;
            };
            Value value = node.inputs().get(i);
            if (!value.isAbsent() && isRowed(value) != wanted) {
                return false;
            }
        }
        return true;
    }
}
