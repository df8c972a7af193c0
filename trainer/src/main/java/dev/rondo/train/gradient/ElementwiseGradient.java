package dev.rondo.train.gradient;

import dev.rondo.architecture.training.Training;
import dev.rondo.format.ElementType;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Node;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import java.util.List;

/** Gradients of {@link Elementwise}: dx = dy f'(x), summed over what broadcasting stretched. */
final class ElementwiseGradient {
    private static final double TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

    private ElementwiseGradient() {}

    /** The cotangents of a node's inputs. */
    static List<Value> of(Elementwise op, Node node, Value dy, Tape t) {
        Value y = node.outputs().getFirst();
        Value first = node.inputs().getFirst();
        return switch (op) {
            case Elementwise.Unary(var function) -> List.of(unary(function, first, y, dy, t.emit));
            case Elementwise.Activate(var activation) ->
                List.of(t.emit.add(new Training.ActivateBackward(activation), first, y, dy));
            case Elementwise.Binary(var function) ->
                binary(function, first, node.inputs().get(1), y, dy, t);
            case Elementwise.Compare _, Elementwise.Not _ -> noGradient(node);
            case Elementwise.Where() -> {
                Value a = node.inputs().get(1);
                Value b = node.inputs().get(2);
                yield List.of(
                        Value.ABSENT,
                        t.wanted(a, () -> t.emit.sumTo(t.emit.keep(first, dy), a.type())),
                        t.wanted(b, () -> t.emit.sumTo(t.emit.drop(first, dy), b.type())));
            }
            case Elementwise.Cast _ -> List.of(t.emit.cast(dy, first.type().element()));
        };
    }

    /** What gives no real numbers has no cotangent; nothing arrives here. */
    private static List<Value> noGradient(Node node) {
        return node.inputs().stream().map(_ -> Value.ABSENT).toList();
    }

    private static Value unary(UnaryFunction function, Value x, Value y, Value dy, Emitter e) {
        return switch (function) {
            case NEGATE -> e.negate(dy);
            case ABS -> e.times(dy, e.unary(UnaryFunction.SIGN, x));
            case EXP -> e.times(dy, y);
            case LOG -> e.over(dy, x);
            case SQRT -> e.over(dy, e.times(y, 2));
            case RECIPROCAL -> e.negate(e.times(dy, e.times(y, y)));
            case SIN -> e.times(dy, e.unary(UnaryFunction.COS, x));
            case COS -> e.negate(e.times(dy, e.unary(UnaryFunction.SIN, x)));
            case ERF -> {
                Value bell = e.unary(UnaryFunction.EXP, e.negate(e.times(x, x)));
                yield e.times(dy, e.times(bell, TWO_OVER_ROOT_PI));
            }
            // Steps: flat between their jumps.
            case SIGN, FLOOR, CEIL, ROUND -> Value.ABSENT;
        };
    }

    private static List<Value> binary(BinaryFunction function, Value a, Value b, Value y, Value dy, Tape t) {
        Emitter e = t.emit;
        Value da = t.wanted(a, () -> switch (function) {
            case ADD, SUBTRACT -> dy;
            case MULTIPLY -> e.times(dy, b);
            case DIVIDE -> e.over(dy, b);
            case MAXIMUM -> shared(Comparison.GREATER, a, b, dy, e);
            case MINIMUM -> shared(Comparison.LESS, a, b, dy, e);
            case POWER -> e.times(dy, powerByBase(a, b, e));
            case AND, OR -> Value.ABSENT;
        });
        Value db = t.wanted(b, () -> switch (function) {
            case ADD -> dy;
            case SUBTRACT -> e.negate(dy);
            case MULTIPLY -> e.times(dy, a);
            case DIVIDE -> e.negate(e.over(e.times(dy, y), b));
            case MAXIMUM -> shared(Comparison.GREATER, b, a, dy, e);
            case MINIMUM -> shared(Comparison.LESS, b, a, dy, e);
            case POWER -> e.times(dy, powerByExponent(a, y, e));
            case AND, OR -> Value.ABSENT;
        });
        return List.of(da.isAbsent() ? da : e.sumTo(da, a.type()), db.isAbsent() ? db : e.sumTo(db, b.type()));
    }

    /** All of dy where the first one wins, half of it where both are equal. */
    private static Value shared(Comparison wins, Value first, Value second, Value dy, Emitter e) {
        Value half = e.keep(e.compare(Comparison.EQUAL, first, second), e.times(dy, 0.5));
        return e.where(e.compare(wins, first, second), dy, half);
    }

    /** {@code b a^(b−1)}, and 0 for b = 0 even where a is 0. */
    private static Value powerByBase(Value a, Value b, Emitter e) {
        ElementType element = a.type().element();
        Value power = e.binary(BinaryFunction.POWER, a, e.minus(b, e.number(element, 1)));
        return e.drop(e.compare(Comparison.EQUAL, b, e.number(element, 0)), e.times(b, power));
    }

    /** {@code a^b ln a}, and 0 where a is 0. */
    private static Value powerByExponent(Value a, Value y, Emitter e) {
        Value zero = e.number(a.type().element(), 0);
        return e.drop(e.compare(Comparison.EQUAL, a, zero), e.times(y, e.unary(UnaryFunction.LOG, a)));
    }
}
