package dev.rondo.ngram;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.format.NgramTable;
import dev.rondo.format.NgramTable.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whatever the records say, they are refused by name or every query has an answer. */
class DamagedTableTest {
    private static final float[] ZEROS = new float[9];

    private static void refused(NgramTableBuilder builder, String part) {
        NgramTable table = builder.build();
        FormatException error = assertThrows(FormatException.class, () -> NgramModel.of(table, Optional.of(Trie.TEXT)));
        assertTrue(error.getMessage().contains(part), error.getMessage());
    }

    private static NgramTableBuilder pairs(int[] children, int... words) {
        return new NgramTableBuilder(false)
                .add(new int[5], ZEROS, ZEROS, children)
                .add(words, ZEROS, ZEROS, new int[words.length + 1]);
    }

    @Test
    void rules() {
        refused(
                new NgramTableBuilder(false).add(new int[4], ZEROS, ZEROS, ZEROS_OF_INTS),
                "one for each of the 5 words");
        refused(pairs(new int[] {1, 1, 1, 1, 1, 2}, 3, 4), "all n-grams of the next order as children");
        refused(pairs(new int[] {0, 0, 0, 0, 0, 1}, 3, 4), "all n-grams of the next order as children");
        refused(pairs(new int[] {0, 2, 1, 2, 2, 2}, 3, 4), "children in the order of parents");
        refused(pairs(new int[] {0, 3, 2, 2, 2, 2}, 3, 4), "children in the order of parents");
        refused(pairs(new int[] {0, 2, 2, 2, 2, 2}, 4, 3), "siblings in the order of their words");
        refused(pairs(new int[] {0, 2, 2, 2, 2, 2}, 3, 3), "siblings in the order of their words");
        refused(pairs(new int[] {0, 2, 2, 2, 2, 2}, 3, 5), "siblings in the order of their words, below 5");
        for (float value : new float[] {0.001f, Float.NaN, Float.POSITIVE_INFINITY}) {
            float[] values = {0, 0, value, 0, 0};
            refused(
                    new NgramTableBuilder(false).add(new int[5], values, ZEROS, ZEROS_OF_INTS),
                    "log-probabilities up to 0 and finite weights; got record 2: " + value);
        }
        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            float[] values = {0, 0, 0, value, 0};
            refused(
                    new NgramTableBuilder(false)
                            .add(new int[5], ZEROS, values, ZEROS_OF_INTS)
                            .add(new int[0], ZEROS, ZEROS, new int[1]),
                    "n-grams of order 1: have log-probabilities up to 0 and finite weights; got record 3: " + value);
        }
    }

    private static final int[] ZEROS_OF_INTS = new int[9];

    @Test
    void aBuilderPacksNothingThatDoesNotFit() {
        float[] none = {0, 0, Float.NaN, 0, 0};
        for (NgramTableBuilder wrong : List.of(
                new NgramTableBuilder(false),
                new NgramTableBuilder(false).add(new int[5], new float[4], ZEROS, ZEROS_OF_INTS),
                pairs(new int[5], 3),
                pairs(new int[] {0, 0, 0, 0, -1, 1}, 3),
                pairs(new int[] {0, 1, 1, 1, 1, 1}, 8),
                // Rounded to 16 bits, what is no number would be 0, a certainty.
                new NgramTableBuilder(true).add(new int[5], none, ZEROS, ZEROS_OF_INTS))) {
            assertThrows(InputException.class, wrong::build);
        }
    }

    @Test
    void levelsThatDoNotFitEachOther() {
        NgramTable table = Trie.table(false);
        Level last = table.levels().getLast();
        for (List<Level> wrong : List.of(
                List.of(table.levels().get(0)),
                List.of(table.levels().get(0), table.levels().get(1)),
                List.of(table.levels().get(0), last, last),
                List.of(table.levels().get(1), table.levels().get(1), last))) {
            assertThrows(FormatException.class, () -> NgramModel.of(new NgramTable(wrong), Optional.of(Trie.TEXT)));
        }
    }

    @Test
    void randomDamage() {
        int opened = 0;
        for (int seed = 0; seed < 20_000; seed++) {
            var random = new SplittableRandom(seed);
            NgramTable table = damaged(Trie.table(seed % 2 == 0), random);
            NgramModel model;
            try {
                model = NgramModel.of(table, random.nextBoolean() ? Optional.of(Trie.TEXT) : Optional.empty());
            } catch (FormatException expected) {
                assertTrue(expected.getMessage().startsWith("n-grams of order "), expected.getMessage());
                continue;
            }
            opened++;
            NgramContext context = model.context();
            MemorySegment row = MemorySegment.ofArray(new float[model.size()]);
            for (int i = 0; i < 20; i++) {
                double logProb = model.advance(context, random.nextInt(model.size()));
                assertFalse(Double.isNaN(logProb), "seed " + seed);
                model.logProbs(context, row, 0);
            }
        }
        assertTrue(opened > 1000 && opened < 19_000, opened + " opened");
    }

    private static NgramTable damaged(NgramTable table, SplittableRandom random) {
        var levels = new ArrayList<>(table.levels());
        int k = random.nextInt(levels.size());
        Level level = levels.get(k);
        byte[] bytes = level.records().toArray(ValueLayout.JAVA_BYTE);
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        levels.set(
                k,
                new Level(
                        level.count(),
                        level.wordBits(),
                        level.valueBits(),
                        level.childBits(),
                        MemorySegment.ofArray(bytes)));
        return new NgramTable(levels);
    }
}
