package dev.rondo.train.gradient;

import dev.rondo.architecture.training.Training;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Aggregation.Pooling;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Node;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;

/** Gradients of {@link Aggregation}. Equal largest or smallest elements share a cotangent evenly. */
final class AggregationGradient {
    private AggregationGradient() {}

    /** The cotangents of a node's inputs. */
    static List<Value> of(Aggregation op, Node node, Value dy, Tape t) {
        Value x = node.inputs().getFirst();
        Value y = node.outputs().getFirst();
        return switch (op) {
            case Aggregation.Reduce(var reduction, int axis, boolean _) ->
                List.of(reduce(reduction, axis < 0 ? axis + x.type().rank() : axis, x, y, dy, t.emit));
            case Aggregation.ArgMax _ -> List.of(Value.ABSENT);
            case Aggregation.TopK(int k, var normalisation) -> List.of(topK(k, normalisation, node, dy, t.emit));
            case Aggregation.Attention _ -> throw new AssertionError(op + " has a gradient of its own");
            case Aggregation.Softmax(boolean log) ->
                List.of(log ? logSoftmax(y, dy, t.emit) : softmax(y, dy, t.emit), Value.ABSENT);
            case Aggregation.LayerNorm(float epsilon) -> layerNorm(epsilon, node, dy, t);
            case Aggregation.PoolTime(var pooling) ->
                List.of(poolTime(pooling, x, node.input("lengths"), y, dy, t.emit), Value.ABSENT);
            case Aggregation.PoolWindow(var pooling, int size, int stride) ->
                List.of(poolWindow(pooling, size, stride, x, y, dy, t.emit));
        };
    }

    private static Value reduce(Reduction reduction, int axis, Value x, Value y, Value dy, Emitter e) {
        var kept = new ArrayList<>(x.type().dims());
        kept.set(axis, Dim.ONE);
        Value dyKept = e.reshape(dy, kept);
        Value yKept = e.reshape(y, kept);
        return switch (reduction) {
            case SUM -> e.expand(dyKept, x.type().dims());
            case MEAN ->
                e.expand(e.over(dyKept, e.size(x.type().dim(axis))), x.type().dims());
            case MAX, MIN -> {
                Value best = e.compare(Comparison.EQUAL, x, yKept);
                Value count = e.sum(e.cast(best, ElementType.F32), axis, true);
                yield e.keep(best, e.over(dyKept, count));
            }
            case LOG_SUM_EXP -> {
                // x - y has no value where both are infinite; with a finite y the share is 0 there.
                Value finite = e.binary(BinaryFunction.MAXIMUM, yKept, e.number(ElementType.F32, -Float.MAX_VALUE));
                yield e.times(dyKept, e.unary(UnaryFunction.EXP, e.minus(x, finite)));
            }
        };
    }

    /** {@code dx = y ⊙ (dy − Σ dy ⊙ y)}; what is masked has y = 0. */
    static Value softmax(Value y, Value dy, Emitter e) {
        return e.times(y, e.minus(dy, e.sum(e.times(dy, y), -1, true)));
    }

    /** {@code dx = dy − e^y Σ dy}; what is masked has y = −∞, and no finite loss has a slope there. */
    private static Value logSoftmax(Value y, Value dy, Emitter e) {
        return e.minus(dy, e.times(e.unary(UnaryFunction.EXP, y), e.sum(dy, -1, true)));
    }

    /**
     * What arrives at the values goes to where they lie, dx; with probabilities p of all elements, {@code p ⊙ (dx − Σ dy ⊙ y)},
     * with their logarithms {@code dx − p Σ dy}.
     */
    private static Value topK(int k, Aggregation.Normalisation normalisation, Node node, Value dy, Emitter e) {
        Value x = node.inputs().getFirst();
        Value y = node.outputs().getFirst();
        Value indices = node.outputs().get(1);
        int last = x.type().rank() - 1;
        List<Dim> rows = x.type().dims().subList(0, last);
        Value dx = null;
        for (int i = 0; i < k; i++) {
            Value part = e.reshape(e.slice(dy, last, i, 1), rows);
            Value index = e.reshape(e.slice(indices, last, i, 1), rows);
            Value placed = e.add(new Training.PickBackward(x.type().dim(last)), part, index);
            dx = dx == null ? placed : e.plus(dx, placed);
        }
        return switch (normalisation) {
            case NONE -> dx;
            case SOFTMAX -> e.times(probabilities(x, e), e.minus(dx, e.sum(e.times(dy, y), last, true)));
            case LOG_SOFTMAX -> e.minus(dx, e.times(probabilities(x, e), e.sum(dy, last, true)));
        };
    }

    private static Value probabilities(Value x, Emitter e) {
        return e.add(new Aggregation.Softmax(false), x, Value.ABSENT);
    }

    /**
     * With {@code n = (x − mean) r}, {@code r = 1 / sqrt(variance + epsilon)} and {@code dn = dy ⊙ gain}:
     * {@code dx = r (dn − mean(dn) − n mean(dn ⊙ n))} (Ba, Kiros and Hinton 2016).
     */
    private static List<Value> layerNorm(float epsilon, Node node, Value dy, Tape t) {
        Emitter e = t.emit;
        Value x = node.input("x");
        Value gain = node.input("gain");
        Value bias = node.input("bias");
        Value centred = e.minus(x, e.mean(x, -1, true));
        Value variance = e.mean(e.times(centred, centred), -1, true);
        Value deviation = e.unary(UnaryFunction.SQRT, e.plus(variance, e.number(ElementType.F32, epsilon)));
        Value n = e.over(centred, deviation);
        Value dx = t.wanted(x, () -> {
            Value dn = gain.isAbsent() ? dy : e.times(dy, gain);
            Value along = e.times(n, e.mean(e.times(dn, n), -1, true));
            return e.over(e.minus(e.minus(dn, e.mean(dn, -1, true)), along), deviation);
        });
        return List.of(
                dx,
                t.wanted(gain, () -> e.sumTo(e.times(dy, n), gain.type())),
                t.wanted(bias, () -> e.sumTo(dy, bias.type())));
    }

    private static Value poolTime(Pooling pooling, Value x, Value lengths, Value y, Value dy, Emitter e) {
        Dim rows = x.type().dim(0);
        Dim steps = x.type().dim(1);
        Value dyStep = e.reshape(dy, List.of(rows, Dim.ONE, x.type().dim(2)));
        return switch (pooling) {
            case MEAN -> {
                if (lengths.isAbsent()) {
                    yield e.expand(e.over(dyStep, e.size(steps)), x.type().dims());
                }
                Value count = e.binary(
                        BinaryFunction.MAXIMUM, e.cast(lengths, ElementType.F32), e.number(ElementType.F32, 1));
                Value share = e.over(dyStep, e.reshape(count, List.of(rows, Dim.ONE, Dim.ONE)));
                yield e.keep(Rows.running(lengths, steps, e), share);
            }
            case MAX -> {
                Value best = e.compare(
                        Comparison.EQUAL, x, e.reshape(y, dyStep.type().dims()));
                if (!lengths.isAbsent()) {
                    best = e.binary(BinaryFunction.AND, best, Rows.running(lengths, steps, e));
                }
                // An empty row has no best step, and what it is given goes nowhere.
                Value count = e.sum(e.cast(best, ElementType.F32), 1, true);
                yield e.keep(best, e.over(dyStep, count));
            }
            case LAST -> e.keep(Rows.last(Rows.lengths(lengths, rows, steps, e), steps, e), dyStep);
        };
    }

    private static Value poolWindow(Pooling pooling, int size, int stride, Value x, Value y, Value dy, Emitter e) {
        var windows = new Windows(x.type().dim(1), y.type().dim(1), size, stride, 1, 0, 0);
        var back = new ArrayList<Value>();
        switch (pooling) {
            case MEAN -> {
                Value share = e.times(dy, 1.0 / size);
                for (int j = 0; j < size; j++) {
                    back.add(share);
                }
            }
            case MAX -> {
                var best = new ArrayList<Value>();
                Value count = null;
                for (Value step : windows.take(x, e)) {
                    best.add(e.compare(Comparison.EQUAL, step, y));
                    Value one = e.cast(best.getLast(), ElementType.F32);
                    count = count == null ? one : e.plus(count, one);
                }
                Value share = e.over(dy, count);
                best.forEach(b -> back.add(e.keep(b, share)));
            }
            case LAST -> {
                Value none = e.zeros(dy.type());
                for (int j = 0; j < size; j++) {
                    back.add(j == size - 1 ? dy : none);
                }
            }
        }
        return windows.putBack(back, e);
    }
}
