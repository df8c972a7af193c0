package dev.rondo.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.BitSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class InitialisationTest {
    private static float[] fill(Initialisation how, int rows, int columns, int groups, long seed) {
        float[] values = new float[rows * columns];
        how.fill(values, rows, columns, groups, new SeededRandom(seed));
        return values;
    }

    private static double norm(double[] x) {
        return Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
    }

    /** Each gate of a recurrent matrix leaves the norm of every state as it is. */
    @Property(tries = 50)
    void orthogonalGatesPreserveNorms(
            @ForAll @IntRange(min = 1, max = 40) int size,
            @ForAll @IntRange(min = 1, max = 4) int gates,
            @ForAll long seed) {
        float[] u = fill(new Initialisation.Orthogonal(), gates * size, size, gates, seed);
        var random = new SeededRandom(seed + 1);
        double[] h = new double[size];
        Arrays.setAll(h, i -> random.nextGaussian());
        for (int gate = 0; gate < gates; gate++) {
            double[] y = new double[size];
            for (int i = 0; i < size; i++) {
                for (int k = 0; k < size; k++) {
                    y[i] += u[(gate * size + i) * size + k] * h[k];
                }
            }
            assertEquals(norm(h), norm(y), 1e-5 * (1 + norm(h)));
        }
    }

    @Test
    void orthogonalOfAWideMatrixHasOrthonormalRowsAndOfATallOneColumns() {
        float[] wide = fill(new Initialisation.Orthogonal(), 3, 7, 1, 5);
        float[] tall = fill(new Initialisation.Orthogonal(), 7, 3, 1, 5);
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                double rows = 0;
                double columns = 0;
                for (int k = 0; k < 7; k++) {
                    rows += wide[i * 7 + k] * wide[j * 7 + k];
                    columns += tall[k * 3 + i] * tall[k * 3 + j];
                }
                assertEquals(i == j ? 1 : 0, rows, 1e-6);
                assertEquals(i == j ? 1 : 0, columns, 1e-6);
            }
        }
    }

    @Test
    void xavierStaysBelowItsLimitAndComesNear() {
        float[] values = fill(new Initialisation.Xavier(), 40, 20, 4, 1);
        double limit = Math.sqrt(6.0 / 60);
        double max = 0;
        for (float v : values) {
            max = Math.max(max, Math.abs(v));
        }
        assertTrue(max <= limit && max > 0.98 * limit, max + " of " + limit);
    }

    @Test
    void heHasTheVarianceTwoOverInputs() {
        float[] values = fill(new Initialisation.He(), 400, 50, 1, 1);
        double square = 0;
        double sum = 0;
        for (float v : values) {
            square += v * v;
            sum += v;
        }
        assertEquals(0.04, square / values.length, 0.002);
        assertEquals(0, sum / values.length, 0.005);
    }

    @Test
    void aSeedGivesTheSameNumbersAndAnotherSeedOthers() {
        assertArrayEquals(fill(new Initialisation.He(), 5, 5, 1, 3), fill(new Initialisation.He(), 5, 5, 1, 3));
        assertFalse(
                Arrays.equals(fill(new Initialisation.He(), 5, 5, 1, 3), fill(new Initialisation.He(), 5, 5, 1, 4)));
    }

    /** The numbers of Vigna's splitmix64.c for the seed 1234567. */
    @Test
    void theGeneratorIsSplitMix64() {
        var random = new SeededRandom(1234567);
        assertEquals(6457827717110365317L, random.nextLong());
        assertEquals(3203168211198807973L, random.nextLong());
        assertEquals(Long.parseUnsignedLong("9817491932198370423"), random.nextLong());
    }

    @Test
    void aPermutationHasEachNumberOnce() {
        var seen = new BitSet();
        for (int i : SeededRandom.of(3, 1, 2).permutation(100)) {
            seen.set(i);
        }
        assertEquals(100, seen.cardinality());
        assertFalse(Arrays.equals(
                SeededRandom.of(3, 1, 2).permutation(100),
                SeededRandom.of(3, 2, 1).permutation(100)));
    }
}
