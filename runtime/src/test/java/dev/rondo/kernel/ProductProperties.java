package dev.rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

/** Products and look-ups: plain and vector against a double oracle, with the bound (K + 4) u &Sigma; |w| |x|. */
class ProductProperties {

    private static final Kernels[] BOTH = {Kernels.plain(), Kernels.best()};

    @Provide
    Arbitrary<Integer> lengths() {
        return Arbitraries.of(0, 1, 2, 3, 4, 5, 7, 8, 9, 13, 15, 16, 17, 23, 31, 32, 33, 47, 48, 61, 64, 65, 97, 130);
    }

    @Provide
    Arbitrary<Integer> batches() {
        return Arbitraries.of(0, 1, 1, 2, 3, 4, 5, 7, 9, 11, 12, 21);
    }

    @Provide
    Arbitrary<Encoding> encodings() {
        return Arbitraries.of(Encoding.F32, Encoding.BF16, Encoding.F16, Encoding.INT8);
    }

    @Provide
    Arbitrary<Integer> groups() {
        return Arbitraries.of(0, 1, 2, 3, 4, 5);
    }

    private static Layout layout(int groups) {
        return groups == 0 ? new Layout.Rows() : new Layout.Panels(groups);
    }

    /** Weights of any kind, but no overflow of an encoding, and no special value in int8. */
    private static float[][] weightValues(Values kind, Encoding encoding, int rows, int columns, Random random) {
        boolean narrow = encoding == Encoding.F16 || encoding == Encoding.INT8;
        boolean fits = kind != Values.LARGE && !(encoding == Encoding.INT8 && kind == Values.SPECIAL);
        return (narrow && !fits ? Values.ORDINARY : kind).rows(rows, columns, random);
    }

    @Property(tries = 500, shrinking = ShrinkingMode.OFF)
    void linear(
            @ForAll long seed,
            @ForAll("batches") int batch,
            @ForAll("lengths") int columns,
            @ForAll("lengths") int size,
            @ForAll("groups") int groups,
            @ForAll("encodings") Encoding encoding,
            @ForAll Values xs,
            @ForAll Values ws,
            @ForAll boolean biased,
            @ForAll boolean padded) {
        Random random = new Random(seed);
        Layout layout = layout(groups);
        int rows = size * Math.max(1, groups);
        float[][] x = xs.rows(batch, columns, random);
        float[][] values = weightValues(ws, encoding, rows, columns, random);
        try (Memories memories = new Memories(seed)) {
            Weights w = memories.weights(values, columns, encoding, layout);
            int cols = groups > 1 || groups == 1 && padded ? w.paddedRows() : rows;
            float[] bias = Values.ORDINARY.row(cols, random);
            for (Kernels kernels : BOTH) {
                View out = memories.view(batch, cols, Float.BYTES);
                View biasView = biased ? memories.floats(new float[][] {bias}, cols) : null;
                kernels.linear(memories.floats(x, columns), w, biasView, scratch(memories, w), out);
                float[][] start = new float[batch][];
                java.util.Arrays.fill(start, biased ? bias : new float[cols]);
                check(kernels, x, w, 0, w.groups(), start, out);
            }
            memories.checkSurroundings();
        }
    }

    @Property(tries = 300, shrinking = ShrinkingMode.OFF)
    void addLinearOfSomeGates(
            @ForAll long seed,
            @ForAll("batches") int batch,
            @ForAll("lengths") int columns,
            @ForAll("lengths") int size,
            @ForAll("groups") int groups,
            @ForAll("encodings") Encoding encoding,
            @ForAll Values xs,
            @ForAll Values ws) {
        Random random = new Random(seed);
        int rows = size * Math.max(1, groups);
        float[][] x = xs.rows(batch, columns, random);
        float[][] values = weightValues(ws, encoding, rows, columns, random);
        int first = groups == 0 ? 0 : random.nextInt(groups);
        int count = groups == 0 ? 1 : 1 + random.nextInt(groups - first);
        try (Memories memories = new Memories(seed)) {
            Weights w = memories.weights(values, columns, encoding, layout(groups));
            int cols = groups > 1 ? w.paddedRows() : rows;
            float[][] start = Values.ORDINARY.rows(batch, cols, random);
            for (Kernels kernels : BOTH) {
                View out = memories.floats(start, cols);
                kernels.addLinear(memories.floats(x, columns), w, first, count, scratch(memories, w), out);
                check(kernels, x, w, first, count, start, out);
            }
            memories.checkSurroundings();
        }
    }

    /** More rows and columns than one block of tiles has. */
    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    void linearOfManyBlocks(
            @ForAll long seed,
            @ForAll("manyRows") int batch,
            @ForAll("manyColumns") int columns,
            @ForAll @IntRange(min = 1, max = 40) int size,
            @ForAll @IntRange(min = 1, max = 5) int groups,
            @ForAll Values xs,
            @ForAll boolean biased,
            @ForAll boolean added) {
        Random random = new Random(seed);
        float[][] x = xs.rows(batch, columns, random);
        float[][] values = Values.ORDINARY.rows(size * groups, columns, random);
        try (Memories memories = new Memories(seed)) {
            Weights w = memories.weights(values, columns, Encoding.F32, new Layout.Panels(groups));
            int cols = groups > 1 ? w.paddedRows() : size;
            int first = added ? random.nextInt(groups) : 0;
            int count = added ? 1 + random.nextInt(groups - first) : groups;
            float[][] start = Values.ORDINARY.rows(batch, cols, random);
            for (Kernels kernels : BOTH) {
                View out = memories.floats(start, cols);
                if (added) {
                    kernels.addLinear(memories.floats(x, columns), w, first, count, out);
                } else {
                    View bias = biased ? memories.floats(new float[][] {start[0]}, cols) : null;
                    kernels.linear(memories.floats(x, columns), w, bias, out);
                }
                float[][] begin = start.clone();
                if (!added) {
                    java.util.Arrays.fill(begin, biased ? start[0] : new float[cols]);
                }
                check(kernels, x, w, first, count, begin, out);
            }
            memories.checkSurroundings();
        }
    }

    @Provide
    Arbitrary<Integer> manyRows() {
        return Arbitraries.of(4, 8, 13, 32, 127, 128, 129, 134, 150, 260);
    }

    @Provide
    Arbitrary<Integer> manyColumns() {
        return Arbitraries.of(3, 65, 511, 512, 513, 600, 1030);
    }

    /** out = start + x W[gates], element by element of panel order. */
    private static void check(
            Kernels kernels, float[][] x, Weights w, int first, int count, float[][] start, View out) {
        float[][] weights = Memories.values(w);
        int size = w.groupSize();
        for (int m = 0; m < out.rows; m++) {
            for (int n = 0; n < out.cols; n++) {
                int group = w.groups() == 1 ? 0 : n / Weights.PANEL % w.groups();
                int j = w.groups() == 1 ? n : n / Weights.PANEL / w.groups() * Weights.PANEL + n % Weights.PANEL;
                boolean touched = j < size && group >= first && group < first + count;
                String what = name(kernels) + " " + w.encoding() + " row " + m + " output " + n;
                if (j >= size) {
                    // Padding: zero weights, so what was there comes back, unless x is not finite.
                    continue;
                }
                if (!touched) {
                    assertEquals(start[m][n], out.get(m, n), what);
                    continue;
                }
                float[] row = weights[group * size + j];
                boolean whole = w.panels() && w.encoding() == Encoding.INT8;
                (whole ? wholeDot(start[m][n], x[m], row) : dot(start[m][n], x[m], row)).check(out.get(m, n), what);
            }
        }
    }

    private static MemorySegment scratch(Memories memories, Weights w) {
        long bytes = Kernels.linearScratch(w);
        return bytes == 0 ? null : memories.scratch(bytes);
    }

    /** x rounded to whole multiples of its scale; the sum is exact, and few operations follow it. */
    private static Approximate wholeDot(float start, float[] x, float[] w) {
        float largest = 0;
        for (float value : x) {
            largest = Math.max(largest, Float.isFinite(value) ? Math.abs(value) : Float.NaN);
        }
        float scale = largest / 63;
        if (scale < Float.MIN_NORMAL) {
            return new Approximate(start, 0);
        }
        float inverse = 1 / scale;
        double sum = 0;
        double magnitude = Math.abs(start);
        for (int k = 0; k < x.length; k++) {
            double product = Math.rint(x[k] * inverse) * scale * w[k];
            sum += product;
            magnitude += Math.abs(product);
        }
        return new Approximate(start + sum, 6 * (Approximate.U * magnitude + Approximate.STEP * (1 + x.length * 63)));
    }

    /** With scales of one, both kernels must give the very integers, however close the sums of 16 bits come to their ends. */
    @Property(tries = 300, shrinking = ShrinkingMode.OFF)
    void int8SumsAreExact(
            @ForAll long seed,
            @ForAll("batches") int batch,
            @ForAll("lengths") int columns,
            @ForAll("lengths") int size,
            @ForAll @IntRange(min = 1, max = 5) int groups) {
        Random random = new Random(seed);
        float[][] x = wholes(batch, columns, random);
        float[][] values = wholes(size * groups, columns, random);
        try (Memories memories = new Memories(seed)) {
            Weights w = memories.weights(values, columns, Encoding.INT8, new Layout.Panels(groups));
            for (Kernels kernels : BOTH) {
                View out = memories.view(batch, groups > 1 ? w.paddedRows() : size, Float.BYTES);
                kernels.linear(memories.floats(x, columns), w, null, scratch(memories, w), out);
                for (int m = 0; m < batch; m++) {
                    for (int r = 0; r < size * groups; r++) {
                        long sum = 0;
                        for (int k = 0; k < columns; k++) {
                            sum += (long) x[m][k] * (long) values[r][k];
                        }
                        float got = out.get(m, groups > 1 ? Memory.panelIndex(groups, r / size, r % size) : r);
                        assertEquals((float) sum, got, name(kernels) + " row " + m + " output " + r);
                    }
                }
            }
            memories.checkSurroundings();
        }
    }

    /** Numbers of -63 to 63, the first of each row 63 or -63; in some rows nothing but these. */
    private static float[][] wholes(int rows, int columns, Random random) {
        float[][] values = new float[rows][columns];
        for (float[] row : values) {
            int kind = random.nextInt(4);
            for (int k = 0; k < columns; k++) {
                row[k] = switch (k == 0 ? 1 : kind) {
                    case 0, 1 -> random.nextBoolean() ? 63 : -63;
                    case 2 -> 63;
                    default -> random.nextInt(127) - 63;
                };
            }
        }
        return values;
    }

    private static Approximate dot(float start, float[] x, float[] w) {
        double sum = start;
        double magnitude = Math.abs(start);
        for (int k = 0; k < x.length; k++) {
            sum += (double) x[k] * w[k];
            magnitude += Math.abs((double) x[k] * w[k]);
        }
        int count = x.length;
        return new Approximate(sum, (count + 4) * (Approximate.U * magnitude + Approximate.STEP));
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void matmul(
            @ForAll long seed,
            @ForAll("batches") int rows,
            @ForAll("lengths") int inner,
            @ForAll("lengths") int cols,
            @ForAll Values as,
            @ForAll Values bs,
            @ForAll boolean transpose) {
        checkMatmul(seed, rows, inner, cols, as, bs, transpose, false);
    }

    @Property(tries = 60, shrinking = ShrinkingMode.OFF)
    void matmulWithScratch(
            @ForAll long seed,
            @ForAll("manyRows") int rows,
            @ForAll("lengths") int inner,
            @ForAll("lengths") int cols,
            @ForAll Values as,
            @ForAll Values bs,
            @ForAll boolean transpose) {
        checkMatmul(seed, rows, inner, cols, as, bs, transpose, true);
    }

    private static void checkMatmul(
            long seed, int rows, int inner, int cols, Values as, Values bs, boolean transpose, boolean packed) {
        Random random = new Random(seed);
        float[][] a = as.rows(rows, inner, random);
        float[][] b = transpose ? bs.rows(cols, inner, random) : bs.rows(inner, cols, random);
        try (Memories memories = new Memories(seed)) {
            for (Kernels kernels : BOTH) {
                View out = memories.view(rows, cols, Float.BYTES);
                MemorySegment scratch = packed ? memories.scratch(Kernels.matmulScratch(inner, cols)) : null;
                View right = memories.floats(b, transpose ? inner : cols);
                kernels.matmul(memories.floats(a, inner), right, transpose, scratch, out);
                for (int m = 0; m < rows; m++) {
                    for (int n = 0; n < cols; n++) {
                        float[] column = transpose ? b[n] : column(b, n);
                        dot(0, a[m], column).check(out.get(m, n), name(kernels) + " row " + m + " column " + n);
                    }
                }
            }
            memories.checkSurroundings();
        }
    }

    /** Sums over few rows of awkward widths; over more rows than a block has; of more columns than a block has. */
    @Provide
    Arbitrary<int[]> outerSums() {
        Arbitrary<int[]> awkward =
                Combinators.combine(batches(), lengths(), lengths()).as((r, n, k) -> new int[] {r, n, k});
        return Arbitraries.frequencyOf(
                Tuple.of(4, awkward),
                Tuple.of(
                        1,
                        Arbitraries.of(
                                new int[] {511, 7, 5},
                                new int[] {512, 8, 16},
                                new int[] {1030, 13, 35},
                                new int[] {3, 130, 20},
                                new int[] {2, 257, 1},
                                new int[] {5, 9, 1025},
                                new int[] {514, 131, 19})));
    }

    @Property(tries = 150, shrinking = ShrinkingMode.OFF)
    void outerSum(@ForAll long seed, @ForAll("outerSums") int[] shape, @ForAll Values as, @ForAll Values bs) {
        Random random = new Random(seed);
        float[][] a = as.rows(shape[0], shape[1], random);
        float[][] b = bs.rows(shape[0], shape[2], random);
        try (Memories memories = new Memories(seed)) {
            for (Kernels kernels : BOTH) {
                View out = memories.view(shape[1], shape[2], Float.BYTES);
                MemorySegment scratch = memories.scratch(Kernels.outerSumScratch(shape[1], shape[2]));
                kernels.outerSum(memories.floats(a, shape[1]), memories.floats(b, shape[2]), scratch, out);
                for (int n = 0; n < shape[1]; n++) {
                    for (int k = 0; k < shape[2]; k++) {
                        String what = name(kernels) + " row " + n + " column " + k;
                        dot(0, column(a, n), column(b, k)).check(out.get(n, k), what);
                    }
                }
            }
            memories.checkSurroundings();
        }
    }

    private static float[] column(float[][] b, int n) {
        float[] column = new float[b.length];
        for (int k = 0; k < b.length; k++) {
            column[k] = b[k][n];
        }
        return column;
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void packIsWhatAFileHolds(
            @ForAll long seed,
            @ForAll("lengths") int columns,
            @ForAll("lengths") int size,
            @ForAll("groups") int groups,
            @ForAll Values kind) {
        float[][] values = kind.rows(size * Math.max(1, groups), columns, new Random(seed));
        try (Memories memories = new Memories(seed)) {
            Weights expected = memories.weights(values, columns, Encoding.F32, layout(groups));
            for (Kernels kernels : BOTH) {
                Weights packed =
                        memories.weights(new float[values.length][columns], columns, Encoding.F32, layout(groups));
                packed.data().fill((byte) 1);
                kernels.pack(memories.floats(values, columns), packed);
                assertEquals(-1, packed.data().mismatch(expected.data()), name(kernels));
            }
        }
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void packTransposedIsTheTransposePacked(
            @ForAll long seed,
            @ForAll("lengths") int columns,
            @ForAll("lengths") int size,
            @ForAll("groups") int groups,
            @ForAll Values kind) {
        int rows = size * Math.max(1, groups);
        float[][] dense = kind.rows(columns, rows, new Random(seed));
        float[][] values = new float[rows][];
        for (int n = 0; n < rows; n++) {
            values[n] = column(dense, n);
        }
        try (Memories memories = new Memories(seed)) {
            Weights expected = memories.weights(values, columns, Encoding.F32, layout(groups));
            for (Kernels kernels : BOTH) {
                Weights packed = memories.weights(new float[rows][columns], columns, Encoding.F32, layout(groups));
                packed.data().fill((byte) 1);
                kernels.packTransposed(memories.floats(dense, rows), packed);
                assertEquals(-1, packed.data().mismatch(expected.data()), name(kernels));
            }
        }
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void gather(
            @ForAll long seed,
            @ForAll("batches") int rows,
            @ForAll("lengths") int columns,
            @ForAll("lengths") int size,
            @ForAll("groups") int groups,
            @ForAll("encodings") Encoding encoding,
            @ForAll Values kind) {
        Random random = new Random(seed);
        int count = Math.max(1, size) * Math.max(1, groups);
        float[][] values = weightValues(kind, encoding, count, columns, random);
        try (Memories memories = new Memories(seed)) {
            Weights table = memories.weights(values, columns, encoding, layout(groups));
            float[][] expected = Memories.values(table);
            View indices = memories.view(rows, 1, Integer.BYTES);
            int[] chosen = random.ints(rows, 0, count).toArray();
            for (int r = 0; r < rows; r++) {
                indices.segment.set(Memory.I32, indices.offset + r * indices.rowStride, chosen[r]);
            }
            for (Kernels kernels : BOTH) {
                View out = memories.view(rows, columns, Float.BYTES);
                kernels.gather(table, indices, out);
                for (int r = 0; r < rows; r++) {
                    for (int c = 0; c < columns; c++) {
                        assertEquals(expected[chosen[r]][c], out.get(r, c), name(kernels));
                    }
                }
            }
            memories.checkSurroundings();
        }
    }

    static String name(Kernels kernels) {
        return kernels == Kernels.plain() ? "plain" : "vector";
    }
}
