package dev.rondo.train.ngram;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.format.Normalisation;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.ngram.NgramContext;
import dev.rondo.ngram.NgramModel;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** Random small texts: every smoothing is what its paper says, and sums to one after every context. */
class NgramProperties {
    private static final List<Smoothing> SMOOTHINGS = List.of(
            new Smoothing.AddDelta(0.3),
            new Smoothing.Backoff(),
            new Smoothing.Katz(),
            new Smoothing.KneserNey(),
            new Smoothing.ModifiedKneserNey());

    /** Padding, unknown, begin, end, then words; some vocabularies lack some of these. */
    private record Text(TextPipeline pipeline, List<List<Integer>> sentences) {
        static Text random(SplittableRandom random) {
            boolean begin = random.nextInt(6) != 0;
            boolean end = random.nextInt(6) != 0;
            int words = 1 + random.nextInt(5);
            List<String> vocabulary = new ArrayList<>(List.of("<pad>", "<unk>", "<s>", "</s>"));
            IntStream.range(0, words).forEach(i -> vocabulary.add("w" + i));
            var special = new SpecialIds(1, begin ? 2 : -1, end ? 3 : -1, 0);
            var pipeline =
                    new TextPipeline("text", Normalisation.NONE, Segmentation.WORDS, vocabulary, List.of(), special);
            List<List<Integer>> sentences = new ArrayList<>();
            int count = 1 + random.nextInt(random.nextBoolean() ? 5 : 60);
            for (int i = 0; i < count; i++) {
                List<Integer> sentence = new ArrayList<>();
                int length = 1 + random.nextInt(7);
                for (int k = 0; k < length; k++) {
                    // Some words more often than others, and the unknown sometimes.
                    int word = Math.min(random.nextInt(words), random.nextInt(words));
                    sentence.add(random.nextInt(12) == 0 ? 1 : 4 + word);
                }
                sentences.add(sentence);
            }
            return new Text(pipeline, sentences);
        }

        String lines() {
            return sentences.stream()
                    .map(s -> s.stream().map(pipeline.vocabulary()::get).collect(Collectors.joining(" ")))
                    .collect(Collectors.joining("\n"));
        }

        List<Integer> predicted() {
            SpecialIds special = pipeline.special();
            return IntStream.range(0, pipeline.vocabulary().size())
                    .filter(i -> i != special.begin() && i != special.padding())
                    .boxed()
                    .toList();
        }

        List<List<Integer>> whole() {
            SpecialIds special = pipeline.special();
            return sentences.stream()
                    .map(s -> {
                        List<Integer> whole = new ArrayList<>(s);
                        if (special.begin() >= 0) {
                            whole.addFirst(special.begin());
                        }
                        if (special.end() >= 0) {
                            whole.add(special.end());
                        }
                        return whole;
                    })
                    .toList();
        }
    }

    /**
     * What can stand before a word: nothing, what stands in the text, and some that does not. Each
     * also at the beginning of a sentence where there is one.
     */
    private static List<List<Integer>> contexts(Text text, int longest, SplittableRandom random) {
        Set<List<Integer>> all = new LinkedHashSet<>(Set.of(List.of()));
        List<Integer> predicted = text.predicted();
        for (int length = 1; length <= longest; length++) {
            for (List<Integer> sentence : text.sentences()) {
                int from = random.nextInt(sentence.size());
                all.add(sentence.subList(from, Math.min(sentence.size(), from + length)));
            }
            for (int i = 0; i < 10; i++) {
                all.add(random.ints(length, 0, predicted.size())
                        .mapToObj(predicted::get)
                        .toList());
            }
        }
        int begin = text.pipeline().special().begin();
        if (begin >= 0 && longest > 0) {
            for (List<Integer> context : List.copyOf(all)) {
                if (context.size() < longest
                        && !context.contains(text.pipeline().special().end())) {
                    List<Integer> first = new ArrayList<>(context);
                    first.addFirst(begin);
                    all.add(first);
                }
            }
        }
        return List.copyOf(all);
    }

    @Property(tries = 300, shrinking = ShrinkingMode.OFF)
    void everySmoothingIsWhatItsPaperSays(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int order) {
        var random = new SplittableRandom(seed);
        Text text = Text.random(random);
        List<Integer> cutoffs = new ArrayList<>();
        if (random.nextInt(3) == 0) {
            cutoffs.add(0);
            for (int k = 1; k < order; k++) {
                cutoffs.add(cutoffs.getLast() + random.nextInt(2));
            }
        }
        for (Smoothing smoothing : SMOOTHINGS) {
            var settings = new NgramSettings(order, smoothing, cutoffs, false);
            NgramTraining.Result result = NgramTraining.estimate(settings, text.pipeline(), text.lines());
            NgramModel model = NgramModel.of(result.table(), Optional.of(text.pipeline()));
            var slow = new SlowNgrams(
                    text.whole(),
                    order,
                    smoothing,
                    settings.cutoffsByOrder(),
                    text.pipeline().special().begin(),
                    text.predicted());
            check(text, order, smoothing, model, slow, random);
        }
    }

    private static void check(
            Text text, int order, Smoothing smoothing, NgramModel model, SlowNgrams slow, SplittableRandom random) {
        NgramContext context = model.context();
        var row = new float[model.size() + 2];
        for (List<Integer> words : contexts(text, order - 1, random)) {
            String place = smoothing + ", order " + order + ", after " + words + " in\n" + text.lines();
            context.clear();
            for (int i = 0; i < words.size(); i++) {
                if (i == 0 && words.getFirst() == text.pipeline().special().begin()) {
                    model.begin(context);
                } else {
                    model.advance(context, words.get(i));
                }
            }
            Arrays.fill(row, 7);
            model.logProbs(context, MemorySegment.ofArray(row), 1);
            double sum = 0;
            for (int word = 0; word < model.size(); word++) {
                double logProb = model.logProb(context, word);
                assertEquals((float) logProb, row[1 + word], 4e-6, place);
                sum += Math.exp(logProb);
                if (text.predicted().contains(word)) {
                    double expected = slow.probability(words, word);
                    assertEquals(expected, Math.exp(logProb), 1e-5 * expected, () -> "word of " + place);
                    assertTrue(expected > 0, place);
                } else {
                    assertEquals(Double.NEGATIVE_INFINITY, logProb, place);
                }
            }
            assertEquals(1, sum, 1e-5, place);
            assertEquals(7, row[0]);
            assertEquals(7, row[row.length - 1]);
        }
    }
}
