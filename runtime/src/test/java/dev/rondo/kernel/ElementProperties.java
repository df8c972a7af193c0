package dev.rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.graph.Activation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.UnaryFunction;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** Functions of single elements: plain and vector against their definition in double precision, in units of the last place. */
class ElementProperties {

    private static final Kernels[] BOTH = {Kernels.plain(), Kernels.best()};

    @Provide
    Arbitrary<Integer> lengths() {
        return Arbitraries.of(0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 53);
    }

    @Provide
    Arbitrary<Activation> activations() {
        Arbitrary<Float> parameter = Arbitraries.of(0f, 1f, -1f, 0.01f, 0.2f, 2.5f);
        return Combinators.combine(Arbitraries.of(Activation.Kind.values()), parameter, parameter)
                .as(Activation::new);
    }

    /** Magnitudes around the places where functions change their nature, beside the usual kinds. */
    private static float[][] arguments(Values kind, boolean wide, int rows, int cols, Random random) {
        float[][] values = kind.rows(rows, cols, random);
        for (float[] row : values) {
            for (int c = 0; wide && c < cols; c++) {
                row[c] *= (float) Math.pow(10, random.nextInt(5) - 2);
            }
        }
        return values;
    }

    private static double ulps(Activation f) {
        return switch (f.kind()) {
            case IDENTITY, RELU, THRESHOLDED_RELU, LEAKY_RELU, AFFINE, HARD_SIGMOID -> 1;
            case TANH -> 6;
            case SIGMOID, SOFTSIGN -> 4;
            case SCALED_TANH -> 8;
            case SILU, SOFTPLUS, GELU -> 2;
            case ELU, SELU -> 24;
        };
    }

    @Property(tries = 1500, shrinking = ShrinkingMode.OFF)
    void activate(
            @ForAll long seed,
            @ForAll("lengths") int cols,
            @ForAll("activations") Activation f,
            @ForAll Values kind,
            @ForAll boolean wide) {
        Random random = new Random(seed);
        int rows = random.nextInt(4);
        float[][] x = arguments(kind, wide, rows, cols, random);
        try (Memories memories = new Memories(seed)) {
            for (Kernels kernels : BOTH) {
                View in = memories.floats(x, cols);
                View out = random.nextBoolean() ? in : memories.view(rows, cols, Float.BYTES);
                kernels.activate(f, in, out);
                for (int r = 0; r < rows; r++) {
                    for (int c = 0; c < cols; c++) {
                        String what = ProductProperties.name(kernels) + " " + f.text() + "(" + x[r][c] + ")";
                        // Where e^-x overflows, the sigmoid is zero.
                        double absolute = f.kind() == Activation.Kind.SIGMOID ? 0x1p-127 : 0;
                        Approximate.checkUlps(f.apply(x[r][c]), out.get(r, c), ulps(f), absolute, what);
                    }
                }
            }
            memories.checkSurroundings();
        }
    }

    @Property(tries = 800, shrinking = ShrinkingMode.OFF)
    void unary(
            @ForAll long seed,
            @ForAll("lengths") int cols,
            @ForAll UnaryFunction f,
            @ForAll Values kind,
            @ForAll boolean wide) {
        Random random = new Random(seed);
        int rows = random.nextInt(4);
        float[][] x = arguments(kind, wide, rows, cols, random);
        try (Memories memories = new Memories(seed)) {
            for (Kernels kernels : BOTH) {
                View in = memories.floats(x, cols);
                View out = random.nextBoolean() ? in : memories.view(rows, cols, Float.BYTES);
                kernels.unary(f, in, out);
                for (int r = 0; r < rows; r++) {
                    for (int c = 0; c < cols; c++) {
                        String what = ProductProperties.name(kernels) + " " + f.text() + "(" + x[r][c] + ")";
                        Approximate.checkUlps(
                                f.apply(x[r][c]), out.get(r, c), f == UnaryFunction.EXP ? 1.5 : 0.5000001, 0, what);
                    }
                }
            }
            memories.checkSurroundings();
        }
    }

    @Provide
    Arbitrary<BinaryFunction> numeric() {
        return Arbitraries.of(BinaryFunction.values()).filter(f -> f != BinaryFunction.AND && f != BinaryFunction.OR);
    }

    /** How an operand repeats: not, its row, its column, or both. */
    private enum Repeat {
        NOTHING,
        ROW,
        COLUMN,
        BOTH
    }

    @Property(tries = 1000, shrinking = ShrinkingMode.OFF)
    void binary(
            @ForAll long seed,
            @ForAll("lengths") int cols,
            @ForAll("numeric") BinaryFunction f,
            @ForAll Repeat as,
            @ForAll Repeat bs,
            @ForAll Values aKind,
            @ForAll Values bKind) {
        Random random = new Random(seed);
        int rows = random.nextInt(4);
        float[][] a = operand(aKind, as, rows, cols, random);
        float[][] b = operand(bKind, bs, rows, cols, random);
        try (Memories memories = new Memories(seed)) {
            for (Kernels kernels : BOTH) {
                View aView = view(memories, a, as, cols);
                View bView = view(memories, b, bs, cols);
                View out =
                        as == Repeat.NOTHING && random.nextBoolean() ? aView : memories.view(rows, cols, Float.BYTES);
                kernels.binary(f, aView, bView, out);
                for (int r = 0; r < rows; r++) {
                    for (int c = 0; c < cols; c++) {
                        String what =
                                ProductProperties.name(kernels) + " " + f.text() + "(" + a[r][c] + ", " + b[r][c] + ")";
                        assertEquals((float) f.apply(a[r][c], b[r][c]), out.get(r, c), what);
                    }
                }
            }
            memories.checkSurroundings();
        }
    }

    /** The values as they are after repeating. */
    private static float[][] operand(Values kind, Repeat repeat, int rows, int cols, Random random) {
        float[][] values = kind.rows(rows, cols, random);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < cols; c++) {
                boolean row = repeat == Repeat.ROW || repeat == Repeat.BOTH;
                boolean column = repeat == Repeat.COLUMN || repeat == Repeat.BOTH;
                values[r][c] = values[row ? 0 : r][column ? 0 : c];
            }
        }
        return values;
    }

    private static View view(Memories memories, float[][] values, Repeat repeat, int cols) {
        int width = repeat == Repeat.COLUMN || repeat == Repeat.BOTH ? Math.min(1, cols) : cols;
        boolean row = (repeat == Repeat.ROW || repeat == Repeat.BOTH) && values.length > 0;
        return row
                ? memories.repeatedRow(java.util.Arrays.copyOf(values[0], width), values.length)
                : memories.floats(values, width);
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void copy(@ForAll long seed, @ForAll("lengths") int cols, @ForAll Repeat repeat, @ForAll Values kind) {
        Random random = new Random(seed);
        int rows = random.nextInt(4);
        float[][] x = operand(kind, repeat, rows, cols, random);
        try (Memories memories = new Memories(seed)) {
            for (Kernels kernels : BOTH) {
                View out = memories.view(rows, cols, Float.BYTES);
                kernels.copy(view(memories, x, repeat, cols), out);
                for (int r = 0; r < rows; r++) {
                    for (int c = 0; c < cols; c++) {
                        assertEquals(Float.floatToRawIntBits(x[r][c]), Float.floatToRawIntBits(out.get(r, c)));
                    }
                }
            }
            memories.checkSurroundings();
        }
    }

    /** tanh never passes 1, a gate never leaves 0 to 1, and both get there. */
    @Property(tries = 300, shrinking = ShrinkingMode.OFF)
    void tanhIsBounded(@ForAll long seed) {
        Random random = new Random(seed);
        float[][] x = new float[1][64];
        for (int c = 0; c < 64; c++) {
            x[0][c] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20));
        }
        try (Memories memories = new Memories(seed)) {
            View v = memories.floats(x, 64);
            Kernels.best().activate(Activation.TANH, v, v);
            for (int c = 0; c < 64; c++) {
                assertTrue(Math.abs(v.get(0, c)) <= 1, "tanh(" + x[0][c] + ") = " + v.get(0, c));
                if (Math.abs(x[0][c]) > 9.5) {
                    assertEquals(Math.signum(x[0][c]), v.get(0, c));
                }
            }
        }
    }
}
