package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.get;
import static dev.rondo.kernel.Memory.put;
import static dev.rondo.kernel.Memory.row;
import static dev.rondo.kernel.Vectors.BYTES;
import static dev.rondo.kernel.Vectors.F;
import static dev.rondo.kernel.Vectors.LANES;
import static dev.rondo.kernel.Vectors.NATIVE;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.rondo.graph.Aggregation.Normalisation;
import dev.rondo.graph.Reduction;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Kernels that need a whole row or column. A sum runs in four vectors, then as a tree over vectors and lanes, then over what fills no vector. */
final class VectorRows {

    private VectorRows() {}

    static void softmax(View x, View mask, boolean log, View out) {
        for (int r = 0; r < out.rows; r++) {
            MemorySegment from = x.segment;
            long at = row(x, r);
            if (mask != null) {
                if (!PlainRows.masked(x, mask, out, r)) {
                    nothing(log, out, r);
                    continue;
                }
                from = out.segment;
                at = row(out, r);
            }
            if (log) {
                logSoftmaxRow(from, at, out.segment, row(out, r), out.cols);
            } else {
                softmaxRow(from, at, out.segment, row(out, r), out.cols);
            }
        }
    }

    private static void nothing(boolean log, View out, int r) {
        for (int c = 0; c < out.cols; c++) {
            put(out.segment, row(out, r) + c * 4L, log ? Float.NEGATIVE_INFINITY : 0);
        }
    }

    private static void softmaxRow(MemorySegment x, long from, MemorySegment out, long to, int count) {
        float max = max(x, from, count);
        float sum = VectorMath.exponentials(x, from, 1, max, out, to, count);
        scale(out, to, 1 / sum, count);
    }

    private static void logSoftmaxRow(MemorySegment x, long from, MemorySegment out, long to, int count) {
        float max = max(x, from, count);
        float logSum = (float) Math.log(VectorMath.sumOfExponentials(x, from, max, count));
        subtractTwice(x, from, max, logSum, out, to, count);
    }

    /** The largest; NaN if any is NaN. Nothing is rounded, so the order in which {@code reduceLanes} goes does not matter. */
    private static float max(MemorySegment x, long from, int count) {
        FloatVector a = broadcast(F, Float.NEGATIVE_INFINITY);
        FloatVector b = a;
        long o = from;
        long end = from + 4L * count;
        for (; o <= end - 2 * BYTES; o += 2 * BYTES) {
            a = fromMemorySegment(F, x, o, NATIVE).max(a);
            b = fromMemorySegment(F, x, o + BYTES, NATIVE).max(b);
        }
        float max = a.max(b).reduceLanes(VectorOperators.MAX);
        for (; o < end; o += 4) {
            max = Math.max(max, get(x, o));
        }
        return max;
    }

    /** The smallest; NaN if any is NaN. */
    private static float min(MemorySegment x, long from, int count) {
        FloatVector a = broadcast(F, Float.POSITIVE_INFINITY);
        FloatVector b = a;
        long o = from;
        long end = from + 4L * count;
        for (; o <= end - 2 * BYTES; o += 2 * BYTES) {
            a = fromMemorySegment(F, x, o, NATIVE).min(a);
            b = fromMemorySegment(F, x, o + BYTES, NATIVE).min(b);
        }
        float min = a.min(b).reduceLanes(VectorOperators.MIN);
        for (; o < end; o += 4) {
            min = Math.min(min, get(x, o));
        }
        return min;
    }

    private static float sum(MemorySegment x, long from, int count) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = FloatVector.zero(F);
        FloatVector c = FloatVector.zero(F);
        FloatVector d = FloatVector.zero(F);
        long o = from;
        long end = from + 4L * count;
        for (; o <= end - 4 * BYTES; o += 4 * BYTES) {
            a = fromMemorySegment(F, x, o, NATIVE).add(a);
            b = fromMemorySegment(F, x, o + BYTES, NATIVE).add(b);
            c = fromMemorySegment(F, x, o + 2 * BYTES, NATIVE).add(c);
            d = fromMemorySegment(F, x, o + 3 * BYTES, NATIVE).add(d);
        }
        for (; o <= end - BYTES; o += BYTES) {
            a = fromMemorySegment(F, x, o, NATIVE).add(a);
        }
        float sum = Vectors.sum(a.add(c).add(b.add(d)));
        for (; o < end; o += 4) {
            sum += get(x, o);
        }
        return sum;
    }

    private static void scale(MemorySegment x, long from, float factor, int count) {
        long o = from;
        long end = from + 4L * count;
        for (; o <= end - BYTES; o += BYTES) {
            fromMemorySegment(F, x, o, NATIVE).mul(factor).intoMemorySegment(x, o, NATIVE);
        }
        for (; o < end; o += 4) {
            put(x, o, get(x, o) * factor);
        }
    }

    /** out = (x - first) - second. */
    private static void subtractTwice(
            MemorySegment x, long from, float first, float second, MemorySegment out, long to, int count) {
        long o = 0;
        long end = 4L * count;
        for (; o <= end - BYTES; o += BYTES) {
            fromMemorySegment(F, x, from + o, NATIVE).sub(first).sub(second).intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < end; o += 4) {
            put(out, to + o, get(x, from + o) - first - second);
        }
    }

    static void layerNorm(View x, View gain, View bias, float epsilon, View out) {
        int count = x.cols;
        for (int r = 0; r < x.rows; r++) {
            float mean = sum(x.segment, row(x, r), count) / count;
            float variance = squares(x.segment, row(x, r), mean, count) / count;
            float scale = 1 / (float) Math.sqrt(variance + epsilon);
            normalise(x.segment, row(x, r), mean, scale, out.segment, row(out, r), count);
            if (gain != null) {
                VectorElements.multiply(
                        out.segment, row(out, r), gain.segment, gain.offset, out.segment, row(out, r), 4L * count);
            }
            if (bias != null) {
                VectorElements.add(
                        out.segment, row(out, r), bias.segment, bias.offset, out.segment, row(out, r), 4L * count);
            }
        }
    }

    /** &Sigma; (x - mean)&sup2;. */
    private static float squares(MemorySegment x, long from, float mean, int count) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = FloatVector.zero(F);
        long o = from;
        long end = from + 4L * count;
        for (; o <= end - 2 * BYTES; o += 2 * BYTES) {
            FloatVector u = fromMemorySegment(F, x, o, NATIVE).sub(mean);
            FloatVector v = fromMemorySegment(F, x, o + BYTES, NATIVE).sub(mean);
            a = u.fma(u, a);
            b = v.fma(v, b);
        }
        float sum = Vectors.sum(a.add(b));
        for (; o < end; o += 4) {
            float difference = get(x, o) - mean;
            sum = Math.fma(difference, difference, sum);
        }
        return sum;
    }

    /** out = (x - mean) scale. */
    private static void normalise(
            MemorySegment x, long from, float mean, float scale, MemorySegment out, long to, int count) {
        long o = 0;
        long end = 4L * count;
        for (; o <= end - BYTES; o += BYTES) {
            fromMemorySegment(F, x, from + o, NATIVE).sub(mean).mul(scale).intoMemorySegment(out, to + o, NATIVE);
        }
        for (; o < end; o += 4) {
            put(out, to + o, (get(x, from + o) - mean) * scale);
        }
    }

    static void reduceColumns(Reduction f, View x, View out) {
        for (int r = 0; r < x.rows; r++) {
            put(out.segment, row(out, r), reduce(f, x.segment, row(x, r), x.cols));
        }
    }

    private static float reduce(Reduction f, MemorySegment x, long from, int count) {
        return switch (f) {
            case SUM, MEAN -> sum(x, from, count) / (f == Reduction.MEAN ? count : 1);
            case MAX -> max(x, from, count);
            case MIN -> min(x, from, count);
            case LOG_SUM_EXP -> {
                float max = max(x, from, count);
                yield Float.isInfinite(max)
                        ? max
                        : (float) (max + Math.log(VectorMath.sumOfExponentials(x, from, max, count)));
            }
        };
    }

    /** Columns side by side, a vector of them at a time, rows in order. */
    static void reduceRows(Reduction f, View x, View out) {
        long end = 4L * x.cols;
        long o = 0;
        if (f != Reduction.LOG_SUM_EXP) {
            for (; o <= end - BYTES; o += BYTES) {
                reduceColumn(f, x.segment, x.offset + o, x.rows, x.rowStride, out.segment, out.offset + o);
            }
        }
        for (; o < end; o += 4) {
            put(out.segment, out.offset + o, (float) PlainRows.reduce(f, x.segment, x.offset + o, x.rows, x.rowStride));
        }
    }

    private static void reduceColumn(
            Reduction f, MemorySegment x, long from, int rows, long stride, MemorySegment out, long to) {
        switch (f) {
            case SUM -> sumColumn(x, from, rows, stride, 1, out, to);
            case MEAN -> sumColumn(x, from, rows, stride, rows, out, to);
            case MAX -> maxColumn(x, from, rows, stride, out, to);
            case MIN -> minColumn(x, from, rows, stride, out, to);
            case LOG_SUM_EXP -> throw new AssertionError(f);
        }
    }

    private static void sumColumn(
            MemorySegment x, long from, int rows, long stride, int divisor, MemorySegment out, long to) {
        FloatVector a = FloatVector.zero(F);
        for (int r = 0; r < rows; r++) {
            a = fromMemorySegment(F, x, from + r * stride, NATIVE).add(a);
        }
        a.div(divisor).intoMemorySegment(out, to, NATIVE);
    }

    private static void maxColumn(MemorySegment x, long from, int rows, long stride, MemorySegment out, long to) {
        FloatVector a = broadcast(F, Float.NEGATIVE_INFINITY);
        for (int r = 0; r < rows; r++) {
            a = fromMemorySegment(F, x, from + r * stride, NATIVE).max(a);
        }
        a.intoMemorySegment(out, to, NATIVE);
    }

    private static void minColumn(MemorySegment x, long from, int rows, long stride, MemorySegment out, long to) {
        FloatVector a = broadcast(F, Float.POSITIVE_INFINITY);
        for (int r = 0; r < rows; r++) {
            a = fromMemorySegment(F, x, from + r * stride, NATIVE).min(a);
        }
        a.intoMemorySegment(out, to, NATIVE);
    }

    static void argMax(View x, View out) {
        for (int r = 0; r < x.rows; r++) {
            out.segment.set(Memory.I64, row(out, r), argMax(x.segment, row(x, r), x.cols));
        }
    }

    private static int argMax(MemorySegment x, long from, int count) {
        float max = max(x, from, count);
        boolean nan = Float.isNaN(max);
        int i = 0;
        for (; !nan && i <= count - LANES; i += LANES) {
            VectorMask<Float> equal =
                    fromMemorySegment(F, x, from + i * 4L, NATIVE).compare(VectorOperators.EQ, max);
            if (equal.anyTrue()) {
                return i + equal.firstTrue();
            }
        }
        for (; i < count; i++) {
            float value = get(x, from + i * 4L);
            if (nan ? Float.isNaN(value) : value == max) {
                return i;
            }
        }
        return 0;
    }

    static void topK(View x, Normalisation normalisation, View values, View indices) {
        for (int r = 0; r < x.rows; r++) {
            long from = row(x, r);
            int k = values.cols;
            int c = 0;
            float least = 0;
            while (c < x.cols) {
                c = c < k ? c : above(x.segment, from, c, x.cols, least);
                for (int end = Math.min(x.cols, c + LANES); c < end; c++) {
                    float value = get(x.segment, from + c * 4L);
                    if (c < k || !(value <= least)) {
                        PlainRows.insert(value, c, values, indices, r);
                        least = values.get(r, Math.min(c, k - 1));
                    }
                }
            }
            if (normalisation != Normalisation.NONE) {
                float max = values.get(r, 0);
                float sum = VectorMath.sumOfExponentials(x.segment, from, max, x.cols);
                PlainRows.normalise(values, r, max, sum, normalisation);
            }
        }
    }

    /** The first vector from column c on with an element above the threshold, or the columns that fill none. A NaN is above all but a NaN. */
    private static int above(MemorySegment x, long from, int c, int count, float threshold) {
        FloatVector least = broadcast(F, threshold);
        long o = from + 4L * c;
        long end = Float.isNaN(threshold) ? o : from + 4L * count;
        while (o <= end - BYTES
                && fromMemorySegment(F, x, o, NATIVE)
                        .compare(VectorOperators.LE, least)
                        .allTrue()) {
            o += BYTES;
        }
        return Float.isNaN(threshold) ? count : (int) ((o - from) / 4);
    }

    static void additiveScores(View query, View keys, View vector, View mask, View out) {
        for (int q = 0; q < out.rows; q++) {
            for (int s = 0; s < out.cols; s++) {
                float score = PlainRows.takes(mask, out, q, s)
                        ? VectorMath.additiveScore(
                                query.segment,
                                row(query, q),
                                keys.segment,
                                row(keys, s),
                                vector.segment,
                                vector.offset,
                                4L * keys.cols)
                        : 0;
                put(out.segment, row(out, q) + s * 4L, score);
            }
        }
    }
}
