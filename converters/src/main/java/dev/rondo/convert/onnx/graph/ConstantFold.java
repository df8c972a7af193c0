package dev.rondo.convert.onnx.graph;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Extension;
import dev.rondo.graph.Op;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Structure;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;

/**
 * Operators of the catalogue on known values. What they compute is said elsewhere: arithmetic is that of
 * {@link BinaryFunction}, {@link UnaryFunction}, {@link dev.rondo.graph.Activation} and {@link
 * dev.rondo.graph.Reduction}, rounded to f32. Operators that are not computed here stay in the function, and its plan
 * computes them once.
 */
final class ConstantFold {
    private final ValueType type;
    private final List<Constant> in;
    private final Evaluation known;

    private ConstantFold(ValueType type, List<Constant> in, Evaluation known) {
        this.type = type;
        this.in = in;
        this.known = known;
    }

    /** Whether an operator only moves elements, so that they keep their encoding. */
    static boolean moves(Op op) {
        return op instanceof Structure && !(op instanceof Structure.Fill);
    }

    /** How to compute the result; empty when that is left to the plan. */
    static Optional<Function<Evaluation, Elements>> of(Op op, ValueType type, List<Constant> in) {
        var now = new ConstantFold(type, in, new Evaluation());
        return now.folds(op) ? Optional.of(known -> new ConstantFold(type, in, known).result(op)) : Optional.empty();
    }

    private boolean folds(Op op) {
        return switch (op) {
            case Elementwise.Binary(BinaryFunction f) ->
                type.element() == ElementType.F32 || f != BinaryFunction.DIVIDE || !anyZero(in.get(1));
            case Elementwise _ -> true;
            case Structure.Gather _ -> validIndices();
            case Structure.Pad _, Structure.Pick _, Structure.LengthMask _, Structure.Size _ -> false;
            case Structure _ -> true;
            case Aggregation.Reduce _ -> true;
            case Aggregation _, Contraction _, Recurrent _, Scan _, Extension _ -> false;
        };
    }

    private Elements result(Op op) {
        return switch (op) {
            case Elementwise e -> held(elementwise(e));
            case Structure s -> structure(s);
            case Aggregation.Reduce r -> held(reduce(r));
            default -> throw new IllegalStateException(op.name() + " is not folded");
        };
    }

    /** Computed now, once; what only moves elements stays a view. */
    private Elements held(Elements computed) {
        int count = shape().stream().mapToInt(Integer::intValue).reduce(1, Math::multiplyExact);
        return type.element() == ElementType.F32
                ? Elements.handed(computed.floats(count))
                : Elements.of(computed.longs(count));
    }

    private Elements elementwise(Elementwise op) {
        boolean whole = in.getFirst().element() != ElementType.F32;
        return switch (op) {
            case Elementwise.Unary(UnaryFunction f) -> each(a -> whole ? integer(f, a) : rounded(f.apply(a.real())));
            case Elementwise.Activate a -> each(x -> rounded(a.activation().apply(x.real())));
            case Elementwise.Binary(BinaryFunction f) ->
                pairs((a, b) -> whole ? integer(f, a, b) : rounded(f.apply(a.real(), b.real())));
            case Elementwise.Compare c ->
                pairs((a, b) -> flag(
                        whole
                                ? c.comparison().apply(a.integer(), b.integer())
                                : c.comparison().apply(a.real(), b.real())));
            case Elementwise.Not _ -> each(a -> flag(a.integer() == 0));
            case Elementwise.Where _ -> where();
            case Elementwise.Cast(ElementType to) -> each(a -> cast(a, to));
        };
    }

    private boolean anyZero(Constant divisor) {
        Elements elements = known.of(divisor);
        for (int i = 0; i < divisor.count(); i++) {
            if (elements.integer(i) == 0) {
                return true;
            }
        }
        return false;
    }

    /** One number, exact in both views. */
    private record Number(double real, long integer) {}

    private interface One {
        Number of(Number a);
    }

    private interface Two {
        Number of(Number a, Number b);
    }

    private static Number rounded(double value) {
        float f = (float) value;
        return new Number(f, (long) f);
    }

    private static Number whole(long value) {
        return new Number(value, value);
    }

    private static Number flag(boolean value) {
        return whole(value ? 1 : 0);
    }

    private Number narrow(long value) {
        return whole(type.element() == ElementType.I32 ? (int) value : value);
    }

    private Number integer(UnaryFunction f, Number a) {
        return switch (f) {
            case NEGATE -> narrow(-a.integer);
            case ABS -> narrow(Math.abs(a.integer));
            case SIGN -> whole(Long.signum(a.integer));
            case EXP, LOG, SQRT, RECIPROCAL, FLOOR, CEIL, ROUND, SIN, COS, ERF ->
                throw new IllegalStateException(f + " of whole numbers");
        };
    }

    private Number integer(BinaryFunction f, Number a, Number b) {
        return switch (f) {
            case ADD -> narrow(a.integer + b.integer);
            case SUBTRACT -> narrow(a.integer - b.integer);
            case MULTIPLY -> narrow(a.integer * b.integer);
            case DIVIDE -> narrow(a.integer / b.integer);
            case MAXIMUM -> whole(Math.max(a.integer, b.integer));
            case MINIMUM -> whole(Math.min(a.integer, b.integer));
            case AND -> whole(a.integer & b.integer);
            case OR -> whole(a.integer | b.integer);
            case POWER -> throw new IllegalStateException(f + " of whole numbers");
        };
    }

    private Number cast(Number a, ElementType to) {
        boolean whole = in.getFirst().element() != ElementType.F32;
        return switch (to) {
            case F32 -> whole ? rounded(a.integer) : a;
            case F64 -> throw new IllegalStateException("f64 in an imported function");
            case I32 -> whole(whole ? Math.clamp(a.integer, Integer.MIN_VALUE, Integer.MAX_VALUE) : (int) a.real);
            case I64 -> whole(whole ? a.integer : (long) a.real);
            case BOOL -> flag(whole ? a.integer != 0 : a.real != 0);
        };
    }

    private static Elements computed(IntFunction<Number> at) {
        return new Elements() {
            @Override
            public double real(int index) {
                return at.apply(index).real();
            }

            @Override
            public long integer(int index) {
                return at.apply(index).integer();
            }
        };
    }

    private Number at(Elements elements, int input, int index) {
        boolean whole = in.get(input).element() != ElementType.F32;
        return whole ? whole(elements.integer(index)) : new Number(elements.real(index), 0);
    }

    private Elements each(One f) {
        Elements a = known.of(in.getFirst());
        return computed(i -> f.of(at(a, 0, i)));
    }

    private Elements pairs(Two f) {
        Elements a = known.of(in.getFirst());
        Elements b = known.of(in.get(1));
        IntUnaryOperator fromA = broadcast(in.getFirst().shape());
        IntUnaryOperator fromB = broadcast(in.get(1).shape());
        return computed(i -> f.of(at(a, 0, fromA.applyAsInt(i)), at(b, 1, fromB.applyAsInt(i))));
    }

    private Elements where() {
        Elements condition = known.of(in.getFirst());
        Elements a = known.of(in.get(1));
        Elements b = known.of(in.get(2));
        IntUnaryOperator fromCondition = broadcast(in.getFirst().shape());
        IntUnaryOperator fromA = broadcast(in.get(1).shape());
        IntUnaryOperator fromB = broadcast(in.get(2).shape());
        return computed(i -> condition.integer(fromCondition.applyAsInt(i)) != 0
                ? at(a, 1, fromA.applyAsInt(i))
                : at(b, 2, fromB.applyAsInt(i)));
    }

    private List<Integer> shape() {
        return type.dims().stream().map(d -> (int) d.fixed()).toList();
    }

    /** From an index of the result to that of an input whose dimensions of size 1 are stretched. */
    private IntUnaryOperator broadcast(List<Integer> shape) {
        List<Integer> out = shape();
        int[] own = Elements.strides(shape);
        int[] steps = new int[out.size()];
        int before = out.size() - shape.size();
        for (int d = 0; d < shape.size(); d++) {
            steps[before + d] = shape.get(d) == 1 ? 0 : own[d];
        }
        return Elements.strided(out, 0, steps);
    }

    private Elements structure(Structure op) {
        return switch (op) {
            case Structure.Reshape _ -> known.of(in.getFirst());
            case Structure.Transpose t -> transpose(t.permutation());
            case Structure.Slice s -> slice(s);
            case Structure.Expand _ ->
                Elements.mapped(known.of(in.getFirst()), broadcast(in.getFirst().shape()));
            case Structure.Concat(int axis) -> concat(axis < 0 ? axis + type.rank() : axis);
            case Structure.Gather _ -> gather();
            case Structure.Fill f -> computed(_ -> new Number(f.value(), (long) f.value()));
            case Structure.Pad _, Structure.Pick _, Structure.LengthMask _, Structure.Size _ ->
                throw new IllegalStateException(op.name() + " is not folded");
        };
    }

    private Elements transpose(List<Integer> permutation) {
        int[] own = Elements.strides(in.getFirst().shape());
        int[] steps = permutation.stream().mapToInt(p -> own[p]).toArray();
        return Elements.mapped(known.of(in.getFirst()), Elements.strided(shape(), 0, steps));
    }

    private Elements slice(Structure.Slice s) {
        int axis = s.axis() < 0 ? s.axis() + type.rank() : s.axis();
        int[] steps = Elements.strides(in.getFirst().shape());
        int base = (int) s.start().fixed() * steps[axis];
        steps[axis] *= s.step();
        return Elements.mapped(known.of(in.getFirst()), Elements.strided(shape(), base, steps));
    }

    private Elements concat(int axis) {
        var parts = new ArrayList<Elements>();
        in.forEach(c -> parts.add(known.of(c)));
        int inner = 1;
        for (int d = axis + 1; d < type.rank(); d++) {
            inner *= (int) type.dim(d).fixed();
        }
        int run = inner;
        int row = run * (int) type.dim(axis).fixed();
        return computed(index -> {
            int outer = index / row;
            int rest = index % row;
            int part = 0;
            while (rest >= run * in.get(part).shape().get(axis)) {
                rest -= run * in.get(part).shape().get(axis);
                part++;
            }
            return at(parts.get(part), part, outer * run * in.get(part).shape().get(axis) + rest);
        });
    }

    private boolean validIndices() {
        Constant indices = in.get(1);
        Elements elements = known.of(indices);
        int rows = in.getFirst().shape().getFirst();
        for (int i = 0; i < indices.count(); i++) {
            if (elements.integer(i) < 0 || elements.integer(i) >= rows) {
                return false;
            }
        }
        return true;
    }

    private Elements gather() {
        Elements table = known.of(in.getFirst());
        Elements indices = known.of(in.get(1));
        int row = Elements.strides(in.getFirst().shape())[0];
        return Elements.mapped(table, i -> (int) indices.integer(i / row) * row + i % row);
    }

    private Elements reduce(Aggregation.Reduce r) {
        List<Integer> shape = in.getFirst().shape();
        int axis = r.axis() < 0 ? r.axis() + shape.size() : r.axis();
        int[] own = Elements.strides(shape);
        int size = shape.get(axis);
        var kept = new ArrayList<>(shape);
        kept.set(axis, 1);
        IntUnaryOperator start = Elements.strided(kept, 0, own);
        Elements x = known.of(in.getFirst());
        return computed(index -> {
            double[] values = new double[size];
            int first = start.applyAsInt(index);
            for (int i = 0; i < size; i++) {
                values[i] = x.real(first + i * own[axis]);
            }
            return rounded(r.reduction().apply(values));
        });
    }
}
