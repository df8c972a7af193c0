package dev.rondo.kernel;

import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.UnaryFunction;
import java.lang.foreign.MemorySegment;

/**
 * Elementwise work on what is no f32: indices, lengths, masks, doubles, and conversions between element types. Plain
 * loops only, since a model spends no time here. Operands repeat as those of {@link Kernels#binary} do; whole numbers wrap
 * around at the width of their type. The element type is decided per row, not per element.
 */
public final class Scalars {
    private Scalars() {}

    /** out = f(x), of any type but bool; whole numbers know NEGATE, ABS and SIGN. */
    public static void unary(UnaryFunction f, ElementType type, View x, View out) {
        long step = Memory.columnStep(x, out, type.byteSize());
        for (int r = 0; r < out.rows; r++) {
            long from = x.offset + r * x.rowStride;
            long to = out.offset + r * out.rowStride;
            for (int c = 0; c < out.cols; c++, from += step, to += type.byteSize()) {
                if (isWhole(type)) {
                    long value = whole(type, x.segment, from);
                    long result = switch (f) {
                        case NEGATE -> -value;
                        case ABS -> Math.abs(value);
                        case SIGN -> Long.signum(value);
                        case EXP, LOG, SQRT, RECIPROCAL, FLOOR, CEIL, ROUND, SIN, COS, ERF ->
                            throw new IllegalArgumentException(f + " of whole numbers");
                    };
                    putWhole(type, out.segment, to, result);
                } else {
                    putReal(type, out.segment, to, f.apply(real(type, x.segment, from)));
                }
            }
        }
    }

    /**
     * out = f(a, b), of one type; bool knows AND and OR.
     *
     * @throws InputException when a whole number is divided by zero
     */
    public static void binary(BinaryFunction f, ElementType type, View a, View b, View out) {
        int size = type.byteSize();
        long stepA = Memory.columnStep(a, out, size);
        long stepB = Memory.columnStep(b, out, size);
        for (int r = 0; r < out.rows; r++) {
            long fromA = a.offset + r * a.rowStride;
            long fromB = b.offset + r * b.rowStride;
            long to = out.offset + r * out.rowStride;
            for (int c = 0; c < out.cols; c++, fromA += stepA, fromB += stepB, to += size) {
                if (isWhole(type)) {
                    long value = binary(f, whole(type, a.segment, fromA), whole(type, b.segment, fromB));
                    putWhole(type, out.segment, to, value);
                } else {
                    putReal(type, out.segment, to, f.apply(real(type, a.segment, fromA), real(type, b.segment, fromB)));
                }
            }
        }
    }

    private static long binary(BinaryFunction f, long a, long b) {
        return switch (f) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case DIVIDE -> {
                if (b == 0) {
                    throw new InputException(
                            "divide", "whole numbers are not divided by zero", a + " / 0", "check the divisor's input");
                }
                yield a / b;
            }
            case MAXIMUM -> Math.max(a, b);
            case MINIMUM -> Math.min(a, b);
            case AND -> a != 0 && b != 0 ? 1 : 0;
            case OR -> a != 0 || b != 0 ? 1 : 0;
            case POWER -> throw new IllegalArgumentException("power of whole numbers");
        };
    }

    /** out = whether a stands in that relation to b: bool from operands of one type. */
    public static void compare(Comparison comparison, ElementType type, View a, View b, View out) {
        long stepA = Memory.columnStep(a, out, type.byteSize());
        long stepB = Memory.columnStep(b, out, type.byteSize());
        for (int r = 0; r < out.rows; r++) {
            long fromA = a.offset + r * a.rowStride;
            long fromB = b.offset + r * b.rowStride;
            long to = out.offset + r * out.rowStride;
            for (int c = 0; c < out.cols; c++, fromA += stepA, fromB += stepB, to++) {
                boolean holds = isWhole(type)
                        ? holds(comparison, Long.compare(whole(type, a.segment, fromA), whole(type, b.segment, fromB)))
                        : comparison.apply(real(type, a.segment, fromA), real(type, b.segment, fromB));
                out.segment.set(Memory.BYTE, to, (byte) (holds ? 1 : 0));
            }
        }
    }

    private static boolean holds(Comparison comparison, int order) {
        return switch (comparison) {
            case EQUAL -> order == 0;
            case NOT_EQUAL -> order != 0;
            case LESS -> order < 0;
            case LESS_EQUAL -> order <= 0;
            case GREATER -> order > 0;
            case GREATER_EQUAL -> order >= 0;
        };
    }

    /** out = condition ? a : b; the condition is bool, the others are of one type. */
    public static void where(ElementType type, View condition, View a, View b, View out) {
        int size = type.byteSize();
        long stepC = Memory.columnStep(condition, out, 1);
        long stepA = Memory.columnStep(a, out, size);
        long stepB = Memory.columnStep(b, out, size);
        for (int r = 0; r < out.rows; r++) {
            long fromC = condition.offset + r * condition.rowStride;
            long fromA = a.offset + r * a.rowStride;
            long fromB = b.offset + r * b.rowStride;
            long to = out.offset + r * out.rowStride;
            for (int c = 0; c < out.cols; c++, fromC += stepC, fromA += stepA, fromB += stepB, to += size) {
                if (condition.segment.get(Memory.BYTE, fromC) != 0) {
                    move(size, a.segment, fromA, out.segment, to);
                } else {
                    move(size, b.segment, fromB, out.segment, to);
                }
            }
        }
    }

    /** out = x in another type: toward zero and saturating to whole numbers, NaN to 0; to bool whether it is not 0. */
    public static void cast(ElementType from, ElementType to, View x, View out) {
        long step = Memory.columnStep(x, out, from.byteSize());
        for (int r = 0; r < out.rows; r++) {
            long at = x.offset + r * x.rowStride;
            long target = out.offset + r * out.rowStride;
            for (int c = 0; c < out.cols; c++, at += step, target += to.byteSize()) {
                if (isWhole(from)) {
                    long value = whole(from, x.segment, at);
                    if (isWhole(to)) {
                        putSaturated(to, out.segment, target, value);
                    } else {
                        putRounded(to, out.segment, target, value);
                    }
                } else {
                    double value = real(from, x.segment, at);
                    switch (to) {
                        case BOOL -> putWhole(to, out.segment, target, value != 0 ? 1 : 0);
                        case I32, I64 -> putSaturated(to, out.segment, target, (long) value);
                        case F32, F64 -> putReal(to, out.segment, target, value);
                    }
                }
            }
        }
    }

    private static boolean isWhole(ElementType type) {
        return switch (type) {
            case I32, I64, BOOL -> true;
            case F32, F64 -> false;
        };
    }

    private static long whole(ElementType type, MemorySegment segment, long offset) {
        return switch (type) {
            case I32 -> segment.get(Memory.I32, offset);
            case I64 -> segment.get(Memory.I64, offset);
            case BOOL -> segment.get(Memory.BYTE, offset);
            case F32, F64 -> throw new IllegalArgumentException(type + " as a whole number");
        };
    }

    private static double real(ElementType type, MemorySegment segment, long offset) {
        return type == ElementType.F32 ? segment.get(Memory.F32, offset) : segment.get(Memory.F64, offset);
    }

    private static void putWhole(ElementType type, MemorySegment segment, long offset, long value) {
        switch (type) {
            case I32 -> segment.set(Memory.I32, offset, (int) value);
            case I64 -> segment.set(Memory.I64, offset, value);
            case BOOL -> segment.set(Memory.BYTE, offset, (byte) (value != 0 ? 1 : 0));
            case F32, F64 -> throw new IllegalArgumentException(type + " as a whole number");
        }
    }

    private static void putSaturated(ElementType type, MemorySegment segment, long offset, long value) {
        boolean narrow = type == ElementType.I32;
        putWhole(type, segment, offset, narrow ? Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE) : value);
    }

    private static void putReal(ElementType type, MemorySegment segment, long offset, double value) {
        if (type == ElementType.F32) {
            segment.set(Memory.F32, offset, (float) value);
        } else {
            segment.set(Memory.F64, offset, value);
        }
    }

    /** A whole number as f32 is rounded once, not first to f64. */
    private static void putRounded(ElementType type, MemorySegment segment, long offset, long value) {
        if (type == ElementType.F32) {
            segment.set(Memory.F32, offset, (float) value);
        } else {
            segment.set(Memory.F64, offset, (double) value);
        }
    }

    private static void move(int size, MemorySegment from, long at, MemorySegment to, long target) {
        switch (size) {
            case 4 -> to.set(Memory.I32, target, from.get(Memory.I32, at));
            case 8 -> to.set(Memory.I64, target, from.get(Memory.I64, at));
            default -> to.set(Memory.BYTE, target, from.get(Memory.BYTE, at));
        }
    }
}
