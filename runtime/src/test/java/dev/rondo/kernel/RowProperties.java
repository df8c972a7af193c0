package dev.rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Reduction;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** Kernels over whole rows and columns: plain and vector against double precision. */
class RowProperties {

    private static final Kernels[] BOTH = {Kernels.plain(), Kernels.best()};

    @Provide
    Arbitrary<Integer> lengths() {
        return Arbitraries.of(0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 65, 127, 200);
    }

    private enum Mask {
        NONE,
        FULL,
        ROW,
        COLUMN
    }

    @Property(tries = 800, shrinking = ShrinkingMode.OFF)
    void softmax(
            @ForAll long seed,
            @ForAll("lengths") int cols,
            @ForAll Values kind,
            @ForAll Mask mask,
            @ForAll boolean log,
            @ForAll boolean inPlace) {
        Random random = new Random(seed);
        int rows = random.nextInt(4);
        float[][] x = kind.rows(rows, cols, random);
        boolean[][] taken = mask(mask, rows, cols, random);
        try (Memories memories = new Memories(seed)) {
            for (Kernels kernels : BOTH) {
                View in = memories.floats(x, cols);
                View out = inPlace ? in : memories.view(rows, cols, Float.BYTES);
                kernels.softmax(in, maskView(memories, mask, taken, cols), log, out);
                for (int r = 0; r < rows; r++) {
                    checkSoftmax(x[r], taken[r], log, out, r, ProductProperties.name(kernels));
                }
            }
            memories.checkSurroundings();
        }
    }

    private static boolean[][] mask(Mask mask, int rows, int cols, Random random) {
        boolean[][] taken = new boolean[rows][cols];
        boolean[][] drawn = new boolean[rows][cols];
        int share = random.nextInt(4);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < cols; c++) {
                drawn[r][c] = random.nextInt(3) < share;
                taken[r][c] = switch (mask) {
                    case NONE -> true;
                    case FULL -> drawn[r][c];
                    case ROW -> drawn[0][c];
                    case COLUMN -> drawn[r][0];
                };
            }
        }
        return taken;
    }

    private static View maskView(Memories memories, Mask mask, boolean[][] taken, int cols) {
        return switch (mask) {
            case NONE -> null;
            case FULL -> memories.bytes(taken, cols);
            case ROW -> {
                View view = memories.bytes(taken.length == 0 ? taken : new boolean[][] {taken[0]}, cols);
                view.rows = taken.length;
                view.rowStride = 0;
                yield view;
            }
            case COLUMN -> memories.bytes(taken, Math.min(cols, 1));
        };
    }

    private static void checkSoftmax(float[] x, boolean[] taken, boolean log, View out, int row, String kernels) {
        double max = Double.NEGATIVE_INFINITY;
        boolean any = false;
        for (int c = 0; c < x.length; c++) {
            if (taken[c]) {
                max = Math.max(max, x[c]);
                any = true;
            }
        }
        double sum = 0;
        for (int c = 0; c < x.length; c++) {
            sum += taken[c] ? Math.exp(x[c] - max) : 0;
        }
        for (int c = 0; c < x.length; c++) {
            String what = kernels + " row " + row + " column " + c + " of " + x.length;
            double value = !any ? 0 : (taken[c] ? Math.exp(x[c] - max) : 0 * (max - max)) / sum;
            // The difference to the largest is rounded once, which e^x turns into a relative error; then the sum's
            // error.
            double difference = taken[c] && any && Double.isFinite(x[c] - max) ? Math.abs(x[c] - max) : 0;
            double relative = Approximate.U * (difference + x.length + 8);
            if (log) {
                double logarithm = any && !Double.isNaN(sum) && !taken[c]
                        ? Double.NEGATIVE_INFINITY
                        : !any ? Double.NEGATIVE_INFINITY : x[c] - max - Math.log(sum);
                new Approximate(logarithm, relative + Approximate.U * 4 * Math.abs(logarithm))
                        .check(out.get(row, c), what);
            } else {
                new Approximate(value, value * relative + 4 * Approximate.STEP).check(out.get(row, c), what);
            }
        }
    }

    @Property(tries = 300, shrinking = ShrinkingMode.OFF)
    void layerNorm(
            @ForAll long seed,
            @ForAll("lengths") int cols,
            @ForAll boolean withGain,
            @ForAll boolean withBias,
            @ForAll boolean inPlace,
            @ForAll Values kind) {
        Random random = new Random(seed);
        int rows = random.nextInt(4);
        float epsilon = 1e-5f;
        float[][] x = kind.rows(rows, cols, random);
        float[] gain = Values.ORDINARY.row(cols, random);
        float[] bias = Values.ORDINARY.row(cols, random);
        try (Memories memories = new Memories(seed)) {
            for (Kernels kernels : BOTH) {
                View in = memories.floats(x, cols);
                View out = inPlace ? in : memories.view(rows, cols, Float.BYTES);
                View g = withGain ? memories.floats(new float[][] {gain}, cols) : null;
                View b = withBias ? memories.floats(new float[][] {bias}, cols) : null;
                kernels.layerNorm(in, g, b, epsilon, out);
                for (int r = 0; r < rows; r++) {
                    checkLayerNorm(x[r], withGain ? gain : null, withBias ? bias : null, epsilon, out, r);
                }
            }
            memories.checkSurroundings();
        }
    }

    private static void checkLayerNorm(float[] x, float[] gain, float[] bias, float epsilon, View out, int row) {
        int n = x.length;
        double mean = Reduction.MEAN.apply(doubles(x));
        double magnitude = 0;
        double squares = 0;
        for (float v : x) {
            squares += (v - mean) * (v - mean);
            magnitude = Math.max(magnitude, Math.abs(v));
        }
        double deviation = Math.sqrt(squares / n + epsilon);
        // The mean may be off by (n + 1) u times the magnitude; the deviation, as a share, by that share of the
        // deviation plus (n + 4) u.
        double meanError = Approximate.U * (n + 2) * magnitude + 2 * Approximate.STEP;
        for (int c = 0; c < n; c++) {
            double value = (x[c] - mean) / deviation;
            double share = meanError / deviation;
            double error = share * 2 + Math.abs(value) * (Approximate.U * (n + 8) + share * share);
            double g = gain == null ? 1 : gain[c];
            double b = bias == null ? 0 : bias[c];
            double total = value * g + b;
            double bound = error * Math.abs(g)
                    + Approximate.U * 4 * (Math.abs(value * g) + Math.abs(b))
                    + Approximate.STEP * (3 + 3 * Math.abs(g));
            new Approximate(total, bound).check(out.get(row, c), "row " + row + " column " + c);
        }
    }

    private static double[] doubles(float[] x) {
        double[] values = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            values[i] = x[i];
        }
        return values;
    }

    private static Approximate reduced(Reduction f, double[] x) {
        double magnitude = 0;
        for (double v : x) {
            magnitude += Math.abs(v);
        }
        double value = f.apply(x);
        double error = switch (f) {
            case SUM -> (x.length + 1) * Approximate.U * magnitude;
            case MEAN -> (x.length + 2) * Approximate.U * magnitude / Math.max(1, x.length) + Approximate.STEP;
            case MAX, MIN -> 0;
            // Relative error of the sum, and the rounded differences to the largest.
            case LOG_SUM_EXP -> Approximate.U * (x.length + 8 + 4 * Math.abs(value) + spread(x));
        };
        return new Approximate(value, error);
    }

    /** How far from the largest an element can be and still count. */
    private static double spread(double[] x) {
        double max = Reduction.MAX.apply(x);
        double spread = 0;
        for (double v : x) {
            spread = Math.max(spread, Math.min(110, max - v));
        }
        return spread;
    }

    @Property(tries = 500, shrinking = ShrinkingMode.OFF)
    void reduce(
            @ForAll long seed,
            @ForAll("lengths") int cols,
            @ForAll Reduction f,
            @ForAll Values kind,
            @ForAll boolean overRows) {
        Random random = new Random(seed);
        int rows = random.nextInt(12);
        float[][] x = kind.rows(rows, cols, random);
        try (Memories memories = new Memories(seed)) {
            for (Kernels kernels : BOTH) {
                String name = ProductProperties.name(kernels) + " " + f.text();
                if (overRows) {
                    View out = memories.view(1, cols, Float.BYTES);
                    kernels.reduceRows(f, memories.floats(x, cols), out);
                    for (int c = 0; c < cols; c++) {
                        double[] column = new double[rows];
                        for (int r = 0; r < rows; r++) {
                            column[r] = x[r][c];
                        }
                        reduced(f, column).check(out.get(0, c), name + " of column " + c);
                    }
                } else {
                    View out = memories.view(rows, 1, Float.BYTES);
                    kernels.reduceColumns(f, memories.floats(x, cols), out);
                    for (int r = 0; r < rows; r++) {
                        reduced(f, doubles(x[r])).check(out.get(r, 0), name + " of row " + r + ", " + cols);
                    }
                }
            }
            memories.checkSurroundings();
        }
    }

    @Property(tries = 400, shrinking = ShrinkingMode.OFF)
    void argMax(@ForAll long seed, @ForAll("lengths") int length, @ForAll Values kind) {
        Random random = new Random(seed);
        int cols = Math.max(1, length);
        int rows = random.nextInt(4);
        float[][] x = kind.rows(rows, cols, random);
        try (Memories memories = new Memories(seed)) {
            for (Kernels kernels : BOTH) {
                View out = memories.view(rows, 1, Long.BYTES);
                kernels.argMax(memories.floats(x, cols), out);
                for (int r = 0; r < rows; r++) {
                    assertEquals(firstLargest(x[r]), out.segment.get(Memory.I64, out.offset + r * out.rowStride));
                }
            }
            memories.checkSurroundings();
        }
    }

    private static long firstLargest(float[] x) {
        int best = 0;
        for (int i = 1; i < x.length; i++) {
            boolean above = x[i] > x[best] || Float.isNaN(x[i]);
            if (!Float.isNaN(x[best]) && above) {
                best = i;
            }
        }
        return best;
    }

    @Property(tries = 600, shrinking = ShrinkingMode.OFF)
    void topK(
            @ForAll long seed,
            @ForAll("lengths") int length,
            @ForAll Values kind,
            @ForAll Aggregation.Normalisation normalisation) {
        Random random = new Random(seed);
        int cols = Math.max(1, length);
        int k = 1 + random.nextInt(Math.min(cols, 20));
        int rows = random.nextInt(4);
        float[][] x = kind.rows(rows, cols, random);
        try (Memories memories = new Memories(seed)) {
            for (Kernels kernels : BOTH) {
                View values = memories.view(rows, k, Float.BYTES);
                View indices = memories.view(rows, k, Long.BYTES);
                kernels.topK(memories.floats(x, cols), normalisation, values, indices);
                for (int r = 0; r < rows; r++) {
                    float[] row = x[r];
                    List<Integer> order = IntStream.range(0, cols)
                            .boxed()
                            .sorted((a, b) -> row[a] == row[b] ? 0 : Double.compare(row[b], row[a]))
                            .toList();
                    double max = Reduction.MAX.apply(doubles(row));
                    double sum = 0;
                    for (float v : row) {
                        sum += Math.exp(v - max);
                    }
                    for (int i = 0; i < k; i++) {
                        long at = indices.offset + r * indices.rowStride + i * 8L;
                        assertEquals(order.get(i).longValue(), indices.segment.get(Memory.I64, at));
                        normalised(row[order.get(i)], max, sum, cols, normalisation)
                                .check(values.get(r, i), ProductProperties.name(kernels) + " row " + r + " place " + i);
                    }
                }
            }
            memories.checkSurroundings();
        }
    }

    /** The difference to the largest is rounded once; then the sum's error, and that of its logarithm. */
    private static Approximate normalised(
            float x, double max, double sum, int count, Aggregation.Normalisation normalisation) {
        double difference = x - max;
        double relative = Approximate.U * (Math.min(110, Math.abs(difference)) + count + 8);
        double logarithm = difference - Math.log(sum);
        return switch (normalisation) {
            case NONE -> Approximate.exact(x);
            case SOFTMAX -> {
                double value = Math.exp(difference) / sum;
                yield new Approximate(value, value * relative + 4 * Approximate.STEP);
            }
            case LOG_SOFTMAX -> new Approximate(logarithm, relative + Approximate.U * 4 * Math.abs(logarithm));
        };
    }

    @Property(tries = 600, shrinking = ShrinkingMode.OFF)
    void additiveScores(@ForAll long seed, @ForAll("lengths") int width, @ForAll Values kind, @ForAll Mask mask) {
        Random random = new Random(seed);
        int queries = random.nextInt(4);
        int places = random.nextInt(6);
        float[][] q = kind.rows(queries, width, random);
        float[][] k = kind.rows(places, width, random);
        float[] v = kind.row(width, random);
        boolean[][] taken = mask(mask, queries, places, random);
        try (Memories memories = new Memories(seed)) {
            for (Kernels kernels : BOTH) {
                View out = memories.view(queries, places, Float.BYTES);
                kernels.additiveScores(
                        memories.floats(q, width),
                        memories.floats(k, width),
                        memories.floats(new float[][] {v}, width),
                        maskView(memories, mask, taken, places),
                        out);
                for (int r = 0; r < queries; r++) {
                    for (int s = 0; s < places; s++) {
                        Approximate expected = taken[r][s] ? score(q[r], k[s], v) : Approximate.exact(0);
                        expected.check(
                                out.get(r, s),
                                ProductProperties.name(kernels) + " score " + r + "," + s + " of " + width);
                    }
                }
            }
            memories.checkSurroundings();
        }
    }

    /**
     * A sum is rounded before its tanh, which has a slope of 1 - tanh&sup2;; the tanh is off by 8 units of the last place at
     * most, and by a step where it is subnormal; the rest is a sum of products.
     */
    private static Approximate score(float[] q, float[] k, float[] v) {
        double value = 0;
        double magnitude = 0;
        double error = 0;
        for (int d = 0; d < v.length; d++) {
            double z = (double) q[d] + k[d];
            double t = Math.tanh(z);
            double moved = Double.isInfinite(z) ? 0 : Approximate.U * Math.abs(z);
            error += Math.abs(v[d])
                    * (moved * (1 - t * t) + moved * moved + 16 * Approximate.U * Math.abs(t) + Approximate.STEP);
            value += v[d] * t;
            magnitude += Math.abs(v[d] * t);
        }
        return new Approximate(value, error + (v.length + 2) * Approximate.U * magnitude + v.length * Approximate.STEP);
    }
}
