package dev.rondo.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.format.Normalisation;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.Shard;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ParallelCorpusTest {
    /** A function that shows what it is fed. */
    private static Shard mirror(Map<String, Integer> capacity) {
        FunctionBuilder f = Function.builder("mirror");
        for (var input : Map.of("source", "S", "previous", "T", "target", "T").entrySet()) {
            f.output(f.add(
                    input.getKey() + "_seen",
                    new Elementwise.Cast(ElementType.F32),
                    f.input(input.getKey(), ElementType.I32, "B", input.getValue())));
        }
        for (String name : List.of("source_lengths", "target_lengths")) {
            f.output(f.add(name + "_seen", new Elementwise.Cast(ElementType.F32), f.input(name, ElementType.I32, "B")));
        }
        Function mirror = f.build();
        return Shard.forward(mirror, ParameterStore.of(mirror, List.of()), capacity, Model.Kernel.BEST);
    }

    private static int[] seen(Shard shard, String name) {
        shard.run();
        float[] floats = shard.floats(name + "_seen");
        return IntStream.range(0, floats.length).map(i -> (int) floats[i]).toArray();
    }

    private static ParallelCorpus corpus(ParallelText text, int maxLength) {
        return ParallelCorpus.of(text, PairVocabulary.words(0, 1).learn(text.sources(), text.targets()), maxLength);
    }

    /** Sources of the words "a" and targets of the words "b", of random lengths; the first word of each says which pair. */
    private static ParallelText random(int pairs, int longest) {
        var random = new SeededRandom(5);
        var sources = new ArrayList<String>();
        var targets = new ArrayList<String>();
        for (int i = 0; i < pairs; i++) {
            int length = 1 + random.nextInt(longest);
            sources.add("s" + i + " a".repeat(length));
            targets.add("t" + i + " b".repeat(Math.max(1, length + random.nextInt(5) - 2)));
        }
        return new ParallelText(sources, targets);
    }

    @Test
    void linesEndWithALineFeed() {
        ParallelText text =
                ParallelText.of("a.en", "one\r\ntwo\u2028more\n\nfour", "a.de", "eins\nzwei\r\rmehr\n\nvier\n");
        assertEquals(List.of("one", "two\u2028more", "", "four"), text.sources());
        assertEquals(List.of("eins", "zwei\r\rmehr", "", "vier"), text.targets());
    }

    @Test
    void textsOfDifferentLengthAreNoPairs() {
        String message = assertThrows(
                        InputException.class, () -> ParallelText.of("train.en", "a\nb\nc\n", "train.de", "x\ny\n"))
                .getMessage();
        assertTrue(message.contains("train.en and train.de"), message);
        assertTrue(message.contains("3 lines and 2 lines"), message);
        assertThrows(InputException.class, () -> ParallelText.of("a", "", "b", ""));
        assertThrows(InputException.class, () -> new ParallelText(List.of("a"), List.of()));
    }

    @Test
    void aShardIsFedSourceAndTargetAPlaceApart() {
        var text = new ParallelText(List.of("a b c", "d"), List.of("x", "y z"));
        // a 4 b 5 c 6 d 7; x 4 y 5 z 6; padding 0, begin 2, end 3
        ParallelCorpus corpus = corpus(text, 0);
        Shard shard = mirror(corpus.capacity(2));
        corpus.fill(shard, 1, 0);
        assertArrayEquals(new int[] {7, 0, 0, 4, 5, 6}, seen(shard, "source"));
        assertArrayEquals(new int[] {1, 3}, seen(shard, "source_lengths"));
        assertArrayEquals(new int[] {2, 5, 6, 2, 4, 0}, seen(shard, "previous"));
        assertArrayEquals(new int[] {5, 6, 3, 4, 3, 0}, seen(shard, "target"));
        assertArrayEquals(new int[] {3, 2}, seen(shard, "target_lengths"));
        corpus.fill(shard, 0);
        assertArrayEquals(new int[] {4, 5, 6}, seen(shard, "source"));
        assertArrayEquals(new int[] {2, 4}, seen(shard, "previous"));
        assertArrayEquals(new int[] {4, 3}, seen(shard, "target"));
    }

    @Test
    void emptyAndLongPairsAreLeftOutAndCountedDuplicatesStay() {
        var text = new ParallelText(
                List.of("a", "", "b c d", "a", "b", "e e"), List.of("x", "y", "z", "x", " \t", "x x x x"));
        ParallelCorpus corpus = corpus(text, 3);
        assertEquals(3, corpus.size());
        assertEquals(6, corpus.lines());
        assertEquals(2, corpus.empty());
        assertEquals(1, corpus.tooLong());
        assertEquals(3, corpus.sourcePlaces());
        assertEquals(2, corpus.targetPlaces());
        assertEquals(6, corpus.targetTokens());
        assertEquals(
                "6 lines: 3 pairs, 2 left out with an empty side, 1 left out with more than 3 tokens", corpus.report());
        assertEquals(4, corpus(text, 0).size());
        assertThrows(InputException.class, () -> corpus(text, -1));
        var nothing = new ParallelText(List.of("a a", ""), List.of("x", "x"));
        String message =
                assertThrows(InputException.class, () -> corpus(nothing, 1)).getMessage();
        assertTrue(message.contains("1 left out with an empty side, 1 left out with more than 1"), message);
    }

    @Test
    void unknownTokensAreCounted() {
        var text = new ParallelText(List.of("a a a b"), List.of("x x"));
        var pipelines = PairVocabulary.words(0, 2).learn(text.sources(), text.targets());
        ParallelCorpus corpus = ParallelCorpus.of(text, pipelines, 0);
        assertEquals(0.25, corpus.unknownSources());
        assertEquals(0, corpus.unknownTargets());
    }

    @Test
    void aTargetNeedsItsMarks() {
        var source = new TextPipeline(
                "source",
                Normalisation.NONE,
                Segmentation.WORDS,
                List.of("<pad>"),
                List.of(),
                new SpecialIds(-1, -1, -1, 0));
        var target = new TextPipeline(
                "target",
                Normalisation.NONE,
                Segmentation.WORDS,
                List.of("<pad>"),
                List.of(),
                new SpecialIds(-1, -1, -1, 0));
        String message = assertThrows(
                        InputException.class,
                        () -> ParallelCorpus.of(
                                new ParallelText(List.of("a"), List.of("b")),
                                new PairVocabulary.Pipelines(source, target),
                                0))
                .getMessage();
        assertTrue(message.contains("'target': has a token for the begin"), message);
    }

    /** The first id of each source, in the order of an epoch. */
    private static List<Integer> epoch(PairBatches batches, int epoch, List<Shard> shards) {
        var seen = new ArrayList<Integer>();
        for (int batch = 0; batch < batches.batchesPerEpoch(); batch++) {
            batches.fill(epoch, batch, shards);
            for (Shard shard : shards) {
                int[] source = seen(shard, "source");
                for (int row = 0; row < shard.size("B"); row++) {
                    seen.add(source[row * shard.size("S")]);
                }
            }
        }
        return seen;
    }

    private static List<Shard> shards(PairBatches batches, int count) {
        return Stream.generate(() -> mirror(batches.capacity())).limit(count).toList();
    }

    @Test
    void eachEpochHasEveryPairOnceInAnOrderThatSeedAndEpochDecide() {
        ParallelCorpus corpus = corpus(random(1003, 30), 0);
        var batches = new PairBatches(corpus, 16, 2, 7);
        List<Shard> shards = shards(batches, 2);
        assertEquals(63, batches.batchesPerEpoch());
        assertEquals(Math.round(corpus.targetTokens() / 63.0), batches.targetsPerBatch());
        List<Integer> first = epoch(batches, 0, shards);
        List<Integer> second = epoch(batches, 1, shards);
        assertEquals(first, epoch(new PairBatches(corpus, 16, 2, 7), 0, shards));
        assertEquals(second, epoch(new PairBatches(corpus, 16, 2, 7), 1, shards));
        assertNotEquals(first, second);
        assertNotEquals(first, epoch(new PairBatches(corpus, 16, 2, 8), 0, shards));
        assertEquals(1003, first.size());
        assertEquals(Set.copyOf(first), Set.copyOf(second));
        assertEquals(1003, Set.copyOf(first).size());
    }

    @Test
    void batchesAreOfOneSizeAndShardsHaveAlikeWork() {
        ParallelCorpus corpus = corpus(random(1003, 30), 0);
        var batches = new PairBatches(corpus, 16, 3, 7);
        List<Shard> shards = shards(batches, 3);
        double work = 0;
        double difference = 0;
        for (int batch = 0; batch < batches.batchesPerEpoch(); batch++) {
            batches.fill(4, batch, shards);
            assertTrue(Math.abs(shards.stream().mapToInt(s -> s.size("B")).sum() - 15.5) <= 0.5);
            var works = shards.stream().mapToInt(s -> s.size("S") + s.size("T")).summaryStatistics();
            work += works.getAverage();
            difference += works.getMax() - works.getMin();
        }
        assertTrue(difference < 0.05 * work, difference + " of " + work);
    }

    @Test
    void littleOfABatchIsPadding() {
        ParallelCorpus corpus = corpus(random(4000, 30), 0);
        double bucketed = new PairBatches(corpus, 40, 2, 1).padding(0);
        // What is counted is what is fed: batches of one pair have none, one batch of all pairs has what the longest
        // leaves.
        assertEquals(0, new PairBatches(corpus, 1, 1, 1).padding(3));
        long tokens = corpus.targetTokens();
        for (int pair = 0; pair < corpus.size(); pair++) {
            tokens += corpus.source(pair).length;
        }
        double places = 4000.0 * (corpus.sourcePlaces() + corpus.targetPlaces());
        assertEquals(1 - tokens / places, new PairBatches(corpus, 4000, 1, 1).padding(0), 1e-12);
        assertTrue(bucketed < 0.04, "" + bucketed);
    }

    @Test
    void aSmallCorpusLeavesNoShardEmpty() {
        for (int pairs = 2; pairs < 12; pairs++) {
            var batches = new PairBatches(corpus(random(pairs, 4), 0), 2, 2, 7);
            List<Shard> shards = shards(batches, 2);
            for (int batch = 0; batch < batches.batchesPerEpoch(); batch++) {
                batches.fill(0, batch, shards);
                assertTrue(shards.stream().allMatch(s -> s.size("B") > 0));
            }
            assertEquals(pairs, Set.copyOf(epoch(batches, 0, shards)).size());
        }
        ParallelCorpus one = corpus(random(1, 4), 0);
        assertThrows(InputException.class, () -> new PairBatches(one, 2, 2, 7));
        assertThrows(InputException.class, () -> new PairBatches(one, 0, 1, 7));
    }

    @Test
    void batchesToEvaluateHaveEveryPairOnceTheShortestFirst() {
        ParallelCorpus corpus = corpus(random(50, 20), 0);
        List<int[]> batches = corpus.batches(8);
        assertEquals(7, batches.size());
        int[] all = batches.stream().flatMapToInt(IntStream::of).toArray();
        assertEquals(50, IntStream.of(all).distinct().count());
        for (int i = 1; i < all.length; i++) {
            assertTrue(corpus.target(all[i - 1]).length <= corpus.target(all[i]).length);
        }
        assertEquals(2, batches.getLast().length);
    }
}
