package dev.rondo.kernel;

import java.util.Random;

/** Kinds of values that a kernel must survive. */
enum Values {
    ORDINARY,
    LARGE,
    TINY,
    SUBNORMAL,
    /** Ordinary, with a NaN or an infinity here and there. */
    SPECIAL,
    /** Small whole numbers and zeros: many exact ties. */
    WHOLE;

    float next(Random random) {
        float x = (float) random.nextGaussian();
        return switch (this) {
            case ORDINARY -> x;
            case LARGE -> x * 1e15f;
            case TINY -> x * 1e-30f;
            case SUBNORMAL -> x * 1e-41f;
            case SPECIAL ->
                switch (random.nextInt(30)) {
                    case 0 -> Float.NaN;
                    case 1 -> Float.POSITIVE_INFINITY;
                    case 2 -> Float.NEGATIVE_INFINITY;
                    default -> x;
                };
            case WHOLE -> random.nextInt(7) - 3;
        };
    }

    float[] row(int count, Random random) {
        float[] row = new float[count];
        for (int i = 0; i < count; i++) {
            row[i] = next(random);
        }
        return row;
    }

    float[][] rows(int rows, int cols, Random random) {
        float[][] values = new float[rows][];
        for (int r = 0; r < rows; r++) {
            values[r] = row(cols, random);
        }
        return values;
    }
}
