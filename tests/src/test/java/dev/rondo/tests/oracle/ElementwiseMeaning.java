package dev.rondo.tests.oracle;

import dev.rondo.format.ElementType;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Elementwise;

/** Equations of {@link Elementwise}. */
final class ElementwiseMeaning {
    private ElementwiseMeaning() {}

    static NdArray of(Elementwise op, Arguments in) {
        return switch (op) {
            case Elementwise.Unary(var function) -> {
                NdArray x = in.the("x");
                yield x.map(v -> wrap(x.element(), function.apply(v)));
            }
            case Elementwise.Activate(var activation) -> in.the("x").map(activation::apply);
            case Elementwise.Binary(var function) -> {
                NdArray a = in.the("a");
                NdArray b = in.the("b");
                yield NdArray.tabulate(
                        a.element(),
                        NdArray.broadcast(a, b),
                        i -> binary(function, a.element(), a.broadcastAt(i), b.broadcastAt(i)));
            }
            case Elementwise.Compare(var comparison) -> {
                NdArray a = in.the("a");
                NdArray b = in.the("b");
                yield NdArray.tabulate(
                        ElementType.BOOL,
                        NdArray.broadcast(a, b),
                        i -> comparison.apply(a.broadcastAt(i), b.broadcastAt(i)) ? 1 : 0);
            }
            case Elementwise.Not() -> in.the("x").map(v -> v == 0 ? 1 : 0);
            case Elementwise.Where() -> {
                NdArray condition = in.the("condition");
                NdArray a = in.the("a");
                NdArray b = in.the("b");
                yield NdArray.tabulate(
                        a.element(),
                        NdArray.broadcast(condition, a, b),
                        i -> condition.broadcastAt(i) != 0 ? a.broadcastAt(i) : b.broadcastAt(i));
            }
            case Elementwise.Cast(var to) -> in.the("x").map(v -> cast(to, v)).as(to);
        };
    }

    private static double binary(BinaryFunction function, ElementType element, double a, double b) {
        if (!Interpreter.isWhole(element)) {
            return function.apply(a, b);
        }
        long m = (long) a;
        long n = (long) b;
        long result = switch (function) {
            case ADD -> m + n;
            case SUBTRACT -> m - n;
            case MULTIPLY -> m * n;
            case DIVIDE -> m / n;
            case MAXIMUM -> Math.max(m, n);
            case MINIMUM -> Math.min(m, n);
            case POWER, AND, OR -> throw new IllegalArgumentException(function + " of whole numbers");
        };
        return element == ElementType.I32 ? (int) result : result;
    }

    /** Whole numbers of 32 bits wrap around. */
    private static double wrap(ElementType element, double x) {
        return element == ElementType.I32 ? (int) (long) x : x;
    }

    private static double cast(ElementType to, double x) {
        return switch (to) {
            case F32, F64 -> x;
            case I32 -> (int) x;
            case I64 -> (long) x;
            case BOOL -> x != 0 ? 1 : 0;
        };
    }
}
