package dev.rondo.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.text.Tokenizer;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.Shard;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DataTest {
    /** A function that shows what it is fed. */
    private static Shard mirror(int rows, int steps) {
        FunctionBuilder f = Function.builder("mirror");
        for (String name : List.of("tokens", "targets")) {
            f.output(f.add(
                    name + "_seen", new Elementwise.Cast(ElementType.F32), f.input(name, ElementType.I32, "B", "T")));
        }
        Function mirror = f.build();
        return Shard.forward(
                mirror, ParameterStore.of(mirror, List.of()), Map.of("B", rows, "T", steps), Model.Kernel.BEST);
    }

    private static int[] seen(Shard shard, String name) {
        shard.run();
        float[] floats = shard.floats(name + "_seen");
        return IntStream.range(0, floats.length).map(i -> (int) floats[i]).toArray();
    }

    /** The text 100, 101, ... so that ids say where they stand. */
    private static int[] text(int length) {
        return IntStream.range(100, 100 + length).toArray();
    }

    @Test
    void aTargetIsTheTokenAfterItsInputAndStreamsGoOnFromBatchToBatch() {
        var streams = new TokenStreams(text(67), -1, 3, 5, 0, 9);
        assertEquals(4, streams.batchesPerEpoch()); // 22 tokens a stream
        Shard shard = mirror(3, 5);
        int[] before = null;
        for (int batch = 0; batch < 4; batch++) {
            streams.fill(2, batch, List.of(shard));
            int[] tokens = seen(shard, "tokens");
            int[] targets = seen(shard, "targets");
            for (int i = 0; i < 15; i++) {
                assertEquals(tokens[i] == 166 ? 100 : tokens[i] + 1, targets[i]);
                assertTrue(i % 5 == 0 || tokens[i] == targets[i - 1]);
                assertTrue(i % 5 != 0 || before == null || tokens[i] == before[i + 4]);
            }
            before = targets;
        }
    }

    @Test
    void anEpochReadsEachTokenAtMostOnceAndOtherEpochsCutElsewhere() {
        var streams = new TokenStreams(text(67), -1, 3, 5, 0, 9);
        Shard shard = mirror(3, 5);
        var starts = new HashSet<Integer>();
        for (int epoch = 0; epoch < 6; epoch++) {
            var all = new HashSet<Integer>();
            for (int batch = 0; batch < 4; batch++) {
                streams.fill(epoch, batch, List.of(shard));
                int[] targets = seen(shard, "targets");
                if (batch == 0) {
                    starts.add(targets[0]);
                }
                IntStream.of(targets).forEach(all::add);
            }
            assertEquals(60, all.size());
        }
        assertTrue(starts.size() > 3, starts.toString());
    }

    @Test
    void theBeginTokenPrecedesAnEpochAndTheFirstTokenOfTheText() {
        int[] text = text(40);
        var streams = new TokenStreams(text, 7, 2, 4, 0, 3);
        Shard shard = mirror(2, 4);
        for (int batch = 0; batch < 5; batch++) {
            streams.fill(0, batch, List.of(shard));
            int[] tokens = seen(shard, "tokens");
            int[] targets = seen(shard, "targets");
            for (int i = 0; i < tokens.length; i++) {
                boolean begins = batch == 0 && i % 4 == 0 || targets[i] == text[0];
                assertEquals(begins ? 7 : targets[i] - 1, tokens[i]);
            }
        }
    }

    @Test
    void shardsShareOutTheRowsOfTheWholeBatch() {
        var streams = new TokenStreams(text(67), -1, 4, 3, 0, 9);
        Shard whole = mirror(4, 3);
        streams.fill(1, 1, List.of(whole));
        int[] all = seen(whole, "tokens");
        assertEquals(4, whole.size("B"));
        assertEquals(12, all.length);
        assertEquals(12, IntStream.of(all).distinct().count());
    }

    @Test
    void aTextShorterThanABatchIsRefused() {
        assertThrows(InputException.class, () -> new TokenStreams(text(14), -1, 3, 5, 0, 9));
    }

    @Test
    void wordsAreOrderedByFrequencyAndTheRestIsUnknown() {
        TextPipeline all = Vocabulary.words("b a b\n c a b", 0, 1);
        assertEquals(List.of("<unk>", "<s>", "b", "a", "c"), all.vocabulary());
        assertArrayEquals(new int[] {2, 0, 4}, Tokenizer.of(all).encode("b  d c"));
        assertEquals(
                List.of("<unk>", "<s>", "b"),
                Vocabulary.words("b a b c a b", 3, 1).vocabulary());
        assertEquals(
                List.of("<unk>", "<s>", "b", "a"),
                Vocabulary.words("b a b c a b", 0, 2).vocabulary());
        assertEquals(1, all.special().begin());
        assertThrows(InputException.class, () -> Vocabulary.words(" \n ", 0, 1));
    }

    /** A text may hold the unknown token itself, as that of the Penn Treebank does. */
    @Test
    void theUnknownTokenInATextIsTheUnknownToken() {
        assertEquals(
                List.of("<unk>", "<s>", "a"),
                Vocabulary.words("<unk> a <unk>", 0, 1).vocabulary());
    }

    @Test
    void charactersAreCodePointsAndTheirLineBreakBeginsATexts() {
        TextPipeline all = Vocabulary.characters("aab\n\uD83D\uDE00", "z", 0, 1);
        assertEquals(List.of("a", "\n", "b", "\uD83D\uDE00", "z"), all.vocabulary());
        assertEquals(-1, all.special().unknown());
        assertEquals(1, all.special().begin());
        TextPipeline some = Vocabulary.characters("aab", "z", 2, 1);
        assertEquals(List.of("<unk>", "a"), some.vocabulary());
        assertArrayEquals(new int[] {1, 0}, Tokenizer.of(some).encode("az"));
    }

    /** A function of rows whose numbers are the samples'. */
    private static List<Integer> epoch(Samples samples, int epoch, int batchSize) {
        FunctionBuilder f = Function.builder("mirror");
        f.output(f.add("seen", new Elementwise.Cast(ElementType.F32), f.input("x", ElementType.I32, "B")));
        Function mirror = f.build();
        Shard shard =
                Shard.forward(mirror, ParameterStore.of(mirror, List.of()), Map.of("B", batchSize), Model.Kernel.BEST);
        var all = new ArrayList<Integer>();
        for (int batch = 0; batch < samples.batchesPerEpoch(); batch++) {
            samples.fill(epoch, batch, List.of(shard));
            shard.run();
            for (float x : shard.floats("seen")) {
                all.add((int) x);
            }
        }
        return all;
    }

    @Test
    void samplesComeOnceAnEpochInANewOrder() {
        var samples =
                new Samples(10, 4, 1, (sample, shard, row) -> shard.input("x").set(row, sample));
        List<Integer> first = epoch(samples, 0, 4);
        List<Integer> second = epoch(samples, 1, 4);
        assertEquals(10, new HashSet<>(first).size());
        assertEquals(10, first.size());
        assertEquals(new HashSet<>(first), new HashSet<>(second));
        assertNotEquals(first, second);
        assertEquals(first, epoch(samples, 0, 4));
    }

    @Test
    void scalingsAreUndoneByTheirInverse() {
        float[][] samples = {{1, 5, 7}, {3, 5, -7}};
        assertArrayEquals(new float[] {-1, 0, 7}, Scaling.centred(samples).apply(samples[0]));
        assertArrayEquals(new float[] {-1, 0, 1}, Scaling.standardised(samples).apply(samples[0]));
        assertArrayEquals(new float[] {0, 0, 1}, Scaling.range(samples, 0, 1).apply(samples[0]));
        assertArrayEquals(new float[] {1, -1, -1}, Scaling.range(samples, -1, 1).apply(samples[1]));
        for (Scaling scaling :
                List.of(Scaling.centred(samples), Scaling.standardised(samples), Scaling.range(samples, -1, 1))) {
            assertArrayEquals(samples[1], scaling.invert(scaling.apply(samples[1])), 1e-6f);
        }
    }
}
