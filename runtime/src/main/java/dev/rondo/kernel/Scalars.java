package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.columnStep;
import static dev.rondo.kernel.Memory.row;

import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.UnaryFunction;
import java.lang.foreign.MemorySegment;

/**
 * Element-wise work on any {@link ElementType}, in plain loops: what a model does with lengths, indices, masks and f64, next to the f32 arithmetic of
 * {@link Kernels}. Operands repeat as in {@link Kernels#binary}: {@code rowStride} 0 repeats a row, {@code cols} 1 repeats along it. Booleans are bytes, 0 or 1;
 * any other byte counts as 1. Whole numbers wrap around on overflow, and so does f32 and f64 to infinity. Nothing allocates.
 */
public final class Scalars {

    private Scalars() {}

    /**
     * out = comparison of a and b.
     *
     * @param type of a and b
     * @param out booleans
     */
    public static void compare(Comparison f, ElementType type, View a, View b, View out) {
        int size = type.byteSize();
        long aStep = columnStep(a, out, size);
        long bStep = columnStep(b, out, size);
        for (int r = 0; r < out.rows; r++) {
            for (int c = 0; c < out.cols; c++) {
                long left = row(a, r) + c * aStep;
                long right = row(b, r) + c * bStep;
                boolean holds = isReal(type)
                        ? f.apply(real(type, a.segment, left), real(type, b.segment, right))
                        : f.apply(whole(type, a.segment, left), whole(type, b.segment, right));
                out.segment.set(Memory.BYTE, row(out, r) + c, holds ? (byte) 1 : 0);
            }
        }
    }

    /**
     * out = a where the condition holds, else b.
     *
     * @param type of a, b and out
     * @param condition booleans
     */
    public static void where(ElementType type, View condition, View a, View b, View out) {
        int size = type.byteSize();
        long step = columnStep(condition, out, 1);
        long aStep = columnStep(a, out, size);
        long bStep = columnStep(b, out, size);
        for (int r = 0; r < out.rows; r++) {
            if (step == 0 && out.cols > 1) {
                // A whole row is a's or b's: what a mask over steps says.
                boolean first = condition.segment.get(Memory.BYTE, row(condition, r)) != 0;
                View from = first ? a : b;
                if ((first ? aStep : bStep) == size) {
                    long bytes = (long) out.cols * size;
                    MemorySegment.copy(from.segment, row(from, r), out.segment, row(out, r), bytes);
                    continue;
                }
            }
            for (int c = 0; c < out.cols; c++) {
                boolean holds = condition.segment.get(Memory.BYTE, row(condition, r) + c * step) != 0;
                long to = row(out, r) + (long) c * size;
                if (holds) {
                    move(size, a.segment, row(a, r) + c * aStep, out.segment, to);
                } else {
                    move(size, b.segment, row(b, r) + c * bStep, out.segment, to);
                }
            }
        }
    }

    /**
     * out = x in another type. Reals are cut off towards zero when they become whole, NaN becomes 0, and what lies outside the range its nearest end; whole numbers
     * keep their low bits when they become shorter; a boolean is x &ne; 0.
     */
    public static void cast(ElementType from, ElementType to, View x, View out) {
        long step = columnStep(x, out, from.byteSize());
        for (int r = 0; r < out.rows; r++) {
            for (int c = 0; c < out.cols; c++) {
                long source = row(x, r) + c * step;
                long target = row(out, r) + (long) c * to.byteSize();
                if (isReal(from)) {
                    castReal(real(from, x.segment, source), to, out.segment, target);
                } else {
                    castWhole(whole(from, x.segment, source), to, out.segment, target);
                }
            }
        }
    }

    private static void castReal(double value, ElementType to, MemorySegment out, long target) {
        switch (to) {
            case F32, F64 -> putReal(to, out, target, value);
            case I32 -> putWhole(to, out, target, (int) value);
            case I64 -> putWhole(to, out, target, (long) value);
            case BOOL -> putWhole(to, out, target, value != 0 ? 1 : 0);
        }
    }

    private static void castWhole(long value, ElementType to, MemorySegment out, long target) {
        switch (to) {
            // Not through f64: that would round twice.
            case F32 -> out.set(Memory.F32, target, value);
            case F64 -> out.set(Memory.F64, target, value);
            case I32, I64, BOOL -> putWhole(to, out, target, value);
        }
    }

    /**
     * out = f(a, b).
     *
     * @param type of a, b and out; AND and OR are for booleans
     * @throws InputException on a division of whole numbers by zero
     */
    public static void binary(BinaryFunction f, ElementType type, View a, View b, View out) {
        if ((f == BinaryFunction.AND || f == BinaryFunction.OR) != (type == ElementType.BOOL)) {
            throw new IllegalArgumentException(
                    f.text() + ": booleans have and, or; numbers have the others; got " + type.text());
        }
        int size = type.byteSize();
        long aStep = columnStep(a, out, size);
        long bStep = columnStep(b, out, size);
        for (int r = 0; r < out.rows; r++) {
            for (int c = 0; c < out.cols; c++) {
                long left = row(a, r) + c * aStep;
                long right = row(b, r) + c * bStep;
                long to = row(out, r) + (long) c * size;
                if (isReal(type)) {
                    double value = f.apply(real(type, a.segment, left), real(type, b.segment, right));
                    putReal(type, out.segment, to, value);
                } else {
                    long value = whole(f, whole(type, a.segment, left), whole(type, b.segment, right));
                    putWhole(type, out.segment, to, value);
                }
            }
        }
    }

    private static long whole(BinaryFunction f, long a, long b) {
        return switch (f) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case DIVIDE -> divide(a, b);
            case MAXIMUM -> Math.max(a, b);
            case MINIMUM -> Math.min(a, b);
            case POWER -> power(a, b);
            case AND -> a & b;
            case OR -> a | b;
        };
    }

    private static long divide(long a, long b) {
        if (b == 0) {
            throw new InputException(
                    "divide",
                    "whole numbers have no quotient by zero",
                    a + " / 0",
                    "check the divisor, or divide as f32");
        }
        return a / b;
    }

    /** a to the power of b by squaring; a negative power is cut off towards zero like a quotient. */
    private static long power(long a, long b) {
        if (b < 0) {
            return a == 0 ? divide(1, 0) : a == 1 ? 1 : a == -1 ? ((b & 1) == 0 ? 1 : -1) : 0;
        }
        long result = 1;
        long square = a;
        for (long rest = b; rest > 0; rest >>= 1) {
            if ((rest & 1) != 0) {
                result *= square;
            }
            square *= square;
        }
        return result;
    }

    /**
     * out = f(x). Whole numbers have NEGATE, ABS and SIGN; a boolean has NEGATE, which is "not".
     *
     * @param type of x and out
     */
    public static void unary(UnaryFunction f, ElementType type, View x, View out) {
        int size = type.byteSize();
        long step = columnStep(x, out, size);
        for (int r = 0; r < out.rows; r++) {
            for (int c = 0; c < out.cols; c++) {
                long from = row(x, r) + c * step;
                long to = row(out, r) + (long) c * size;
                if (isReal(type)) {
                    putReal(type, out.segment, to, f.apply(real(type, x.segment, from)));
                } else {
                    putWhole(type, out.segment, to, whole(f, type, whole(type, x.segment, from)));
                }
            }
        }
    }

    private static long whole(UnaryFunction f, ElementType type, long x) {
        boolean bool = type == ElementType.BOOL;
        if (f == UnaryFunction.NEGATE) {
            return bool ? 1 - x : -x;
        }
        if (!bool && f == UnaryFunction.ABS) {
            return Math.abs(x);
        }
        if (!bool && f == UnaryFunction.SIGN) {
            return Long.signum(x);
        }
        throw new IllegalArgumentException(f.text() + ": needs f32 or f64; got " + type.text());
    }

    /** out = x, elements of {@code size} bytes: 1, 4 or 8. */
    public static void copy(int size, View x, View out) {
        long step = columnStep(x, out, size);
        for (int r = 0; r < out.rows; r++) {
            for (int c = 0; c < out.cols; c++) {
                move(size, x.segment, row(x, r) + c * step, out.segment, row(out, r) + (long) c * size);
            }
        }
    }

    /**
     * The column of the largest element of each row, the first of several; a NaN counts as larger than anything.
     *
     * @param x [M, N], N at least 1
     * @param out i64 [M, 1]
     */
    public static void argMax(ElementType type, View x, View out) {
        int size = type.byteSize();
        for (int r = 0; r < x.rows; r++) {
            int best = 0;
            for (int c = 1; c < x.cols; c++) {
                if (isAbove(type, x.segment, row(x, r) + (long) c * size, row(x, r) + (long) best * size)) {
                    best = c;
                }
            }
            out.segment.set(Memory.I64, row(out, r), best);
        }
    }

    private static boolean isAbove(ElementType type, MemorySegment x, long at, long best) {
        if (!isReal(type)) {
            return whole(type, x, at) > whole(type, x, best);
        }
        double value = real(type, x, at);
        double max = real(type, x, best);
        return !Double.isNaN(max) && (value > max || Double.isNaN(value));
    }

    private static boolean isReal(ElementType type) {
        return type == ElementType.F32 || type == ElementType.F64;
    }

    private static double real(ElementType type, MemorySegment x, long at) {
        return type == ElementType.F32 ? x.get(Memory.F32, at) : x.get(Memory.F64, at);
    }

    private static void putReal(ElementType type, MemorySegment out, long at, double value) {
        if (type == ElementType.F32) {
            out.set(Memory.F32, at, (float) value);
        } else {
            out.set(Memory.F64, at, value);
        }
    }

    private static long whole(ElementType type, MemorySegment x, long at) {
        return switch (type) {
            case I32 -> x.get(Memory.I32, at);
            case I64 -> x.get(Memory.I64, at);
            case BOOL -> x.get(Memory.BYTE, at) != 0 ? 1 : 0;
            case F32, F64 -> throw new AssertionError(type);
        };
    }

    private static void putWhole(ElementType type, MemorySegment out, long at, long value) {
        switch (type) {
            case I32 -> out.set(Memory.I32, at, (int) value);
            case I64 -> out.set(Memory.I64, at, value);
            case BOOL -> out.set(Memory.BYTE, at, value != 0 ? (byte) 1 : 0);
            case F32, F64 -> throw new AssertionError(type);
        }
    }

    private static void move(int size, MemorySegment x, long from, MemorySegment out, long to) {
        switch (size) {
            case 1 -> out.set(Memory.BYTE, to, x.get(Memory.BYTE, from));
            case 4 -> out.set(Memory.I32, to, x.get(Memory.I32, from));
            case 8 -> out.set(Memory.I64, to, x.get(Memory.I64, from));
            default -> throw new IllegalArgumentException("copy: elements have 1, 4 or 8 bytes; got " + size);
        }
    }
}
