package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.columnStep;
import static dev.rondo.kernel.Memory.get;
import static dev.rondo.kernel.Memory.put;
import static dev.rondo.kernel.Memory.row;

import dev.rondo.graph.Aggregation.Normalisation;
import dev.rondo.graph.Reduction;
import java.lang.foreign.MemorySegment;

/** Kernels that need a whole row or column, plain: sums in f64, rounded once. */
final class PlainRows {

    private PlainRows() {}

    static void softmax(View x, View mask, boolean log, View out) {
        for (int r = 0; r < out.rows; r++) {
            boolean taken = masked(x, mask, out, r);
            long start = row(out, r);
            double max = reduce(Reduction.MAX, out.segment, start, out.cols, 4);
            double sum = sumOfExponentials(out.segment, start, out.cols, 4, max);
            double logSum = Math.log(sum);
            for (int c = 0; c < out.cols; c++) {
                double difference = get(out.segment, start + c * 4L) - max;
                double value = log ? difference - logSum : Math.exp(difference) / sum;
                put(out.segment, start + c * 4L, (float) (taken ? value : log ? Double.NEGATIVE_INFINITY : 0));
            }
        }
    }

    /** Row r of out = x, with -&infin; where masked out; returns whether any element takes part. */
    static boolean masked(View x, View mask, View out, int r) {
        boolean taken = false;
        for (int c = 0; c < out.cols; c++) {
            boolean takes = takes(mask, out, r, c);
            float value = get(x.segment, row(x, r) + c * 4L);
            put(out.segment, row(out, r) + c * 4L, takes ? value : Float.NEGATIVE_INFINITY);
            taken |= takes;
        }
        return taken;
    }

    static void layerNorm(View x, View gain, View bias, float epsilon, View out) {
        for (int r = 0; r < out.rows; r++) {
            long start = row(x, r);
            double mean = reduce(Reduction.MEAN, x.segment, start, x.cols, 4);
            double squares = 0;
            for (int c = 0; c < x.cols; c++) {
                double difference = get(x.segment, start + c * 4L) - mean;
                squares += difference * difference;
            }
            double scale = 1 / Math.sqrt(squares / x.cols + epsilon);
            for (int c = 0; c < x.cols; c++) {
                double value = (get(x.segment, start + c * 4L) - mean) * scale;
                double scaled = gain == null ? value : value * get(gain.segment, gain.offset + c * 4L);
                double moved = bias == null ? scaled : scaled + get(bias.segment, bias.offset + c * 4L);
                put(out.segment, row(out, r) + c * 4L, (float) moved);
            }
        }
    }

    static void reduceRows(Reduction f, View x, View out) {
        for (int c = 0; c < x.cols; c++) {
            put(out.segment, out.offset + c * 4L, (float) reduce(f, x.segment, x.offset + c * 4L, x.rows, x.rowStride));
        }
    }

    static void reduceColumns(Reduction f, View x, View out) {
        for (int r = 0; r < x.rows; r++) {
            put(out.segment, row(out, r), (float) reduce(f, x.segment, row(x, r), x.cols, 4));
        }
    }

    /** f of {@code count} elements that lie {@code step} bytes apart. */
    static double reduce(Reduction f, MemorySegment x, long start, int count, long step) {
        double sum = 0;
        double max = Double.NEGATIVE_INFINITY;
        double min = Double.POSITIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            double value = get(x, start + i * step);
            sum += value;
            max = Math.max(max, value);
            min = Math.min(min, value);
        }
        return switch (f) {
            case SUM -> sum;
            case MEAN -> sum / count;
            case MAX -> max;
            case MIN -> min;
            case LOG_SUM_EXP ->
                Double.isInfinite(max) ? max : max + Math.log(sumOfExponentials(x, start, count, step, max));
        };
    }

    private static double sumOfExponentials(MemorySegment x, long start, int count, long step, double max) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.exp(get(x, start + i * step) - max);
        }
        return sum;
    }

    static void argMax(View x, View out) {
        for (int r = 0; r < x.rows; r++) {
            long start = row(x, r);
            int best = 0;
            float max = get(x.segment, start);
            for (int c = 1; c < x.cols && !Float.isNaN(max); c++) {
                float value = get(x.segment, start + c * 4L);
                if (value > max || Float.isNaN(value)) {
                    best = c;
                    max = value;
                }
            }
            out.segment.set(Memory.I64, row(out, r), best);
        }
    }

    static void topK(View x, Normalisation normalisation, View values, View indices) {
        for (int r = 0; r < x.rows; r++) {
            for (int c = 0; c < x.cols; c++) {
                insert(get(x.segment, row(x, r) + c * 4L), c, values, indices, r);
            }
            if (normalisation != Normalisation.NONE) {
                double max = get(values.segment, row(values, r));
                normalise(values, r, max, sumOfExponentials(x.segment, row(x, r), x.cols, 4, max), normalisation);
            }
        }
    }

    /** Takes element c of a row into its k largest, which are so far the largest of those before it. */
    static void insert(float value, int c, View values, View indices, int r) {
        MemorySegment best = values.segment;
        long at = row(values, r);
        long index = row(indices, r);
        int i = Math.min(c, values.cols);
        for (; i > 0 && isAbove(value, get(best, at + (i - 1) * 4L)); i--) {
            if (i < values.cols) {
                put(best, at + i * 4L, get(best, at + (i - 1) * 4L));
                indices.segment.set(Memory.I64, index + i * 8L, indices.segment.get(Memory.I64, index + (i - 1) * 8L));
            }
        }
        if (i < values.cols) {
            put(best, at + i * 4L, value);
            indices.segment.set(Memory.I64, index + i * 8L, c);
        }
    }

    private static boolean isAbove(float a, float b) {
        return a > b || Float.isNaN(a) && !Float.isNaN(b);
    }

    /** Row r of values = e<sup>value - max</sup> / sum, or its logarithm. */
    static void normalise(View values, int r, double max, double sum, Normalisation normalisation) {
        for (int i = 0; i < values.cols; i++) {
            double difference = values.get(r, i) - max;
            boolean log = normalisation == Normalisation.LOG_SOFTMAX;
            values.put(r, i, (float) (log ? difference - Math.log(sum) : Math.exp(difference) / sum));
        }
    }

    static void additiveScores(View query, View keys, View vector, View mask, View out) {
        for (int q = 0; q < out.rows; q++) {
            for (int s = 0; s < out.cols; s++) {
                double sum = 0;
                for (int d = 0; d < query.cols && takes(mask, out, q, s); d++) {
                    sum += vector.get(0, d) * Math.tanh((double) query.get(q, d) + keys.get(s, d));
                }
                out.put(q, s, (float) sum);
            }
        }
    }

    /** Whether a mask lets element (r, c) of out take part; null lets all. */
    static boolean takes(View mask, View out, int r, int c) {
        return mask == null || mask.segment.get(Memory.BYTE, row(mask, r) + c * columnStep(mask, out, 1)) != 0;
    }
}
