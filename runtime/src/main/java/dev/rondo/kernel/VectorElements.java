package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.columnStep;
import static dev.rondo.kernel.Memory.get;
import static dev.rondo.kernel.Memory.put;
import static dev.rondo.kernel.Memory.row;
import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.NATIVE;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.rondo.graph.Activation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.UnaryFunction;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** Functions of single elements. What has no vector form here is left to the plain loops, whose f64 functions do not depend on the JVM's warmth either. */
final class VectorElements {

    private VectorElements() {}

    static void activate(Activation f, View x, View out) {
        boolean done = VectorActivations.apply(
                f, x.segment, x.offset, x.rowStride, out.segment, out.offset, out.rowStride, out.rows, out.cols);
        if (!done) {
            PlainElements.activate(f, x, out);
        }
    }

    static void unary(UnaryFunction f, View x, View out) {
        switch (f) {
            case NEGATE, ABS, EXP, SQRT, RECIPROCAL -> {
                for (int r = 0; r < out.rows; r++) {
                    unaryRow(f, x.segment, row(x, r), out.segment, row(out, r), 4L * out.cols);
                }
            }
            case SIGN, LOG, FLOOR, CEIL, ROUND, SIN, COS, ERF -> PlainElements.unary(f, x, out);
        }
    }

    private static void unaryRow(UnaryFunction f, MemorySegment x, long from, MemorySegment out, long to, long bytes) {
        switch (f) {
            case NEGATE -> negate(x, from, out, to, bytes);
            case ABS -> abs(x, from, out, to, bytes);
            case EXP -> VectorMath.exponentials(x, from, 1, 0, out, to, (int) (bytes / 4));
            case SQRT -> sqrt(x, from, out, to, bytes);
            case RECIPROCAL -> reciprocal(x, from, out, to, bytes);
            case SIGN, LOG, FLOOR, CEIL, ROUND, SIN, COS, ERF -> throw new AssertionError(f);
        }
    }

    private static void negate(MemorySegment x, long from, MemorySegment out, long to, long bytes) {
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            FloatVector v = fromMemorySegment(F, x, from + o, NATIVE);
            v.neg().intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            put(out, to + o, -get(x, from + o));
        }
    }

    private static void abs(MemorySegment x, long from, MemorySegment out, long to, long bytes) {
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            FloatVector v = fromMemorySegment(F, x, from + o, NATIVE);
            v.abs().intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            put(out, to + o, Math.abs(get(x, from + o)));
        }
    }

    private static void sqrt(MemorySegment x, long from, MemorySegment out, long to, long bytes) {
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            FloatVector v = fromMemorySegment(F, x, from + o, NATIVE);
            v.sqrt().intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            put(out, to + o, (float) Math.sqrt(get(x, from + o)));
        }
    }

    private static void reciprocal(MemorySegment x, long from, MemorySegment out, long to, long bytes) {
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            FloatVector v = fromMemorySegment(F, x, from + o, NATIVE);
            broadcast(F, 1f).div(v).intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            put(out, to + o, 1 / get(x, from + o));
        }
    }

    static void binary(BinaryFunction f, View a, View b, View out) {
        boolean aRepeats = columnStep(a, out, 4) == 0;
        boolean bRepeats = columnStep(b, out, 4) == 0;
        if (f == BinaryFunction.POWER || f == BinaryFunction.AND || f == BinaryFunction.OR || aRepeats && bRepeats) {
            PlainElements.binary(f, a, b, out);
            return;
        }
        long bytes = 4L * out.cols;
        for (int r = 0; r < out.rows; r++) {
            MemorySegment to = out.segment;
            if (aRepeats) {
                number(f, get(a.segment, row(a, r)), b.segment, row(b, r), to, row(out, r), bytes);
            } else if (bRepeats) {
                number(f, a.segment, row(a, r), get(b.segment, row(b, r)), to, row(out, r), bytes);
            } else {
                rows(f, a.segment, row(a, r), b.segment, row(b, r), to, row(out, r), bytes);
            }
        }
    }

    private static void rows(
            BinaryFunction f,
            MemorySegment a,
            long aAt,
            MemorySegment b,
            long bAt,
            MemorySegment out,
            long to,
            long bytes) {
        switch (f) {
            case ADD -> add(a, aAt, b, bAt, out, to, bytes);
            case SUBTRACT -> subtract(a, aAt, b, bAt, out, to, bytes);
            case MULTIPLY -> multiply(a, aAt, b, bAt, out, to, bytes);
            case DIVIDE -> divide(a, aAt, b, bAt, out, to, bytes);
            case MAXIMUM -> maximum(a, aAt, b, bAt, out, to, bytes);
            case MINIMUM -> minimum(a, aAt, b, bAt, out, to, bytes);
            case POWER, AND, OR -> throw new AssertionError(f);
        }
    }

    private static void number(
            BinaryFunction f, MemorySegment a, long aAt, float b, MemorySegment out, long to, long bytes) {
        switch (f) {
            case ADD -> add(a, aAt, b, out, to, bytes);
            case SUBTRACT -> subtract(a, aAt, b, out, to, bytes);
            case MULTIPLY -> multiply(a, aAt, b, out, to, bytes);
            case DIVIDE -> divide(a, aAt, b, out, to, bytes);
            case MAXIMUM -> maximum(a, aAt, b, out, to, bytes);
            case MINIMUM -> minimum(a, aAt, b, out, to, bytes);
            case POWER, AND, OR -> throw new AssertionError(f);
        }
    }

    private static void number(
            BinaryFunction f, float a, MemorySegment b, long bAt, MemorySegment out, long to, long bytes) {
        switch (f) {
            case ADD -> add(b, bAt, a, out, to, bytes);
            case SUBTRACT -> subtract(a, b, bAt, out, to, bytes);
            case MULTIPLY -> multiply(b, bAt, a, out, to, bytes);
            case DIVIDE -> divide(a, b, bAt, out, to, bytes);
            case MAXIMUM -> maximum(b, bAt, a, out, to, bytes);
            case MINIMUM -> minimum(b, bAt, a, out, to, bytes);
            case POWER, AND, OR -> throw new AssertionError(f);
        }
    }

    static void add(MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment out, long to, long bytes) {
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            fromMemorySegment(F, a, aAt + o, NATIVE)
                    .add(fromMemorySegment(F, b, bAt + o, NATIVE))
                    .intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            put(out, to + o, get(a, aAt + o) + get(b, bAt + o));
        }
    }

    private static void add(MemorySegment a, long aAt, float b, MemorySegment out, long to, long bytes) {
        FloatVector repeated = broadcast(F, b);
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            fromMemorySegment(F, a, aAt + o, NATIVE).add(repeated).intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            put(out, to + o, get(a, aAt + o) + b);
        }
    }

    private static void subtract(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment out, long to, long bytes) {
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            fromMemorySegment(F, a, aAt + o, NATIVE)
                    .sub(fromMemorySegment(F, b, bAt + o, NATIVE))
                    .intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            put(out, to + o, get(a, aAt + o) - get(b, bAt + o));
        }
    }

    private static void subtract(MemorySegment a, long aAt, float b, MemorySegment out, long to, long bytes) {
        FloatVector repeated = broadcast(F, b);
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            fromMemorySegment(F, a, aAt + o, NATIVE).sub(repeated).intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            put(out, to + o, get(a, aAt + o) - b);
        }
    }

    private static void subtract(float a, MemorySegment b, long bAt, MemorySegment out, long to, long bytes) {
        FloatVector repeated = broadcast(F, a);
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            repeated.sub(fromMemorySegment(F, b, bAt + o, NATIVE)).intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            put(out, to + o, a - get(b, bAt + o));
        }
    }

    static void multiply(MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment out, long to, long bytes) {
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            fromMemorySegment(F, a, aAt + o, NATIVE)
                    .mul(fromMemorySegment(F, b, bAt + o, NATIVE))
                    .intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            put(out, to + o, get(a, aAt + o) * get(b, bAt + o));
        }
    }

    private static void multiply(MemorySegment a, long aAt, float b, MemorySegment out, long to, long bytes) {
        FloatVector repeated = broadcast(F, b);
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            fromMemorySegment(F, a, aAt + o, NATIVE).mul(repeated).intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            put(out, to + o, get(a, aAt + o) * b);
        }
    }

    private static void divide(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment out, long to, long bytes) {
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            fromMemorySegment(F, a, aAt + o, NATIVE)
                    .div(fromMemorySegment(F, b, bAt + o, NATIVE))
                    .intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            put(out, to + o, get(a, aAt + o) / get(b, bAt + o));
        }
    }

    private static void divide(MemorySegment a, long aAt, float b, MemorySegment out, long to, long bytes) {
        FloatVector repeated = broadcast(F, b);
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            fromMemorySegment(F, a, aAt + o, NATIVE).div(repeated).intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            put(out, to + o, get(a, aAt + o) / b);
        }
    }

    private static void divide(float a, MemorySegment b, long bAt, MemorySegment out, long to, long bytes) {
        FloatVector repeated = broadcast(F, a);
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            repeated.div(fromMemorySegment(F, b, bAt + o, NATIVE)).intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            put(out, to + o, a / get(b, bAt + o));
        }
    }

    private static void maximum(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment out, long to, long bytes) {
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            fromMemorySegment(F, a, aAt + o, NATIVE)
                    .max(fromMemorySegment(F, b, bAt + o, NATIVE))
                    .intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            put(out, to + o, Math.max(get(a, aAt + o), get(b, bAt + o)));
        }
    }

    private static void maximum(MemorySegment a, long aAt, float b, MemorySegment out, long to, long bytes) {
        FloatVector repeated = broadcast(F, b);
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            fromMemorySegment(F, a, aAt + o, NATIVE).max(repeated).intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            put(out, to + o, Math.max(get(a, aAt + o), b));
        }
    }

    private static void minimum(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment out, long to, long bytes) {
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            fromMemorySegment(F, a, aAt + o, NATIVE)
                    .min(fromMemorySegment(F, b, bAt + o, NATIVE))
                    .intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            put(out, to + o, Math.min(get(a, aAt + o), get(b, bAt + o)));
        }
    }

    private static void minimum(MemorySegment a, long aAt, float b, MemorySegment out, long to, long bytes) {
        FloatVector repeated = broadcast(F, b);
        long o = 0;
        for (; o <= bytes - BYTES; o += BYTES) {
            fromMemorySegment(F, a, aAt + o, NATIVE).min(repeated).intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < bytes; o += 4) {
            put(out, to + o, Math.min(get(a, aAt + o), b));
        }
    }

    static void copy(View x, View out) {
        if (columnStep(x, out, 4) == 0) {
            PlainElements.copy(x, out);
            return;
        }
        for (int r = 0; r < out.rows; r++) {
            VectorProducts.copyRow(x.segment, row(x, r), out.segment, row(out, r), out.cols);
        }
    }
}
