package dev.rondo.tagging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rondo.error.ShapeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** The best path, against all paths one by one. */
class ViterbiProperties {
    /** Small whole numbers: sums are exact, and ties frequent. */
    private static float[] whole(Random random, int count) {
        var numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = random.nextInt(-2, 3);
        }
        return numbers;
    }

    private static MemorySegment memory(float[] numbers) {
        MemorySegment memory = Arena.ofAuto().allocate(ValueLayout.JAVA_FLOAT, Math.max(1, numbers.length));
        MemorySegment.copy(numbers, 0, memory, ValueLayout.JAVA_FLOAT, 0, numbers.length);
        return memory;
    }

    /** Of all paths the one that scores most; of equals the one with the smaller tag at the last place where they differ. */
    private static int[] best(int k, int length, float[] start, float[] transitions, float[] end, float[] logits) {
        int[] best = new int[length];
        double most = Double.NEGATIVE_INFINITY;
        // The last place is the most significant digit, so that equals come in the order that is asked for.
        for (int number = 0; number < Math.pow(k, length); number++) {
            int[] path = new int[length];
            for (int t = 0, rest = number; t < length; t++, rest /= k) {
                path[t] = rest % k;
            }
            double score = score(path, k, start, transitions, end, logits);
            if (score > most) {
                most = score;
                best = path;
            }
        }
        return best;
    }

    private static double score(int[] path, int k, float[] start, float[] transitions, float[] end, float[] logits) {
        double score = start[path[0]] + end[path[path.length - 1]];
        for (int t = 0; t < path.length; t++) {
            score += logits[t * k + path[t]] + (t == 0 ? 0 : transitions[path[t - 1] * k + path[t]]);
        }
        return score;
    }

    /** One decoder for sequences of growing and shrinking lengths: its buffers hold nothing of the one before. */
    @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
    void findsTheBestOfAllPaths(@ForAll long seed) {
        var random = new Random(seed);
        int k = 1 + random.nextInt(4);
        float[] start = whole(random, k);
        float[] transitions = whole(random, k * k);
        float[] end = whole(random, k);
        var viterbi = new Viterbi(start, transitions, end);
        for (int length : new int[] {1, 6, 2, 5}) {
            int offset = random.nextInt(3);
            float[] all = whole(random, offset + length * k);
            float[] logits = new float[length * k];
            System.arraycopy(all, offset, logits, 0, logits.length);
            int[] path = new int[length];
            double score = viterbi.decode(memory(all), offset, length, path);
            assertArrayEquals(best(k, length, start, transitions, end, logits), path);
            assertEquals(score(path, k, start, transitions, end, logits), score);
        }
    }

    @Example
    void aForbiddenTransitionIsNeverTaken() {
        float no = Float.NEGATIVE_INFINITY;
        var viterbi = new Viterbi(new float[] {0, no}, new float[] {0, no, 0, 0}, new float[] {0, 0});
        int[] path = new int[3];
        viterbi.decode(memory(new float[] {0, 9, 0, 9, 0, 9}), 0, 3, path);
        assertArrayEquals(new int[] {0, 0, 0}, path);
    }

    @Example
    void numbersThatAreNoneGiveSomeTag() {
        var viterbi = new Viterbi(new float[2], new float[4], new float[2]);
        int[] path = {7, 7};
        viterbi.decode(memory(new float[] {Float.NaN, Float.NaN, Float.NaN, 1}), 0, 2, path);
        for (int tag : path) {
            assertEquals(0, tag / 2);
        }
    }

    @Example
    void anEmptySequenceHasNoTags() {
        int[] path = {7};
        assertEquals(0, new Viterbi(new float[2], new float[4], new float[2]).decode(memory(new float[0]), 0, 0, path));
        assertArrayEquals(new int[] {7}, path);
    }

    @Example
    void sizesThatDoNotFitAreRefused() {
        assertThrows(ShapeException.class, () -> new Viterbi(new float[2], new float[3], new float[2]));
        assertThrows(ShapeException.class, () -> new Viterbi(new float[0], new float[0], new float[0]));
    }
}
