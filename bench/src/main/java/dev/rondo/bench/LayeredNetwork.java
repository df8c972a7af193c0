package dev.rondo.bench;

import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.LayerStack.Results;
import dev.rondo.architecture.NetworkInput;
import dev.rondo.architecture.NetworkText;
import dev.rondo.architecture.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A tagger or classifier as {@code rondo train} makes it, with random weights and random texts of one length.
 *
 * @param network in the notation of networks
 * @param outputs tags or classes
 * @param steps   words of a text, or characters
 * @param letters of a word, where the network spells; else 0
 */
record LayeredNetwork(
        String name, String network, NetworkInput input, Results results, int outputs, int steps, int letters) {
    /** Words that a network knows. */
    static final int WORDS = 8000;

    private static final String BIDIRECTIONAL = "lstm(128, bidirectional)";

    /** Tags of words by the words alone. */
    static final LayeredNetwork WORD_TAGGER = new LayeredNetwork(
            "tagger, words",
            "embedding(100) " + BIDIRECTIONAL,
            new NetworkInput.Words(WORDS, RandomTexts.CHARACTERS),
            Results.TAGS,
            17,
            25,
            0);

    /** Tags of words by the words and their spelling. */
    static final LayeredNetwork SPELLING_TAGGER = new LayeredNetwork(
            "tagger, words and characters",
            "embedding(100) characters(embedding(32) lstm(32, bidirectional) pool(ends)) " + BIDIRECTIONAL,
            new NetworkInput.Words(WORDS, RandomTexts.CHARACTERS),
            Results.TAGS,
            17,
            25,
            6);

    /** Parts of speech as docs/results.md trains them, with widths of characters instead of an LSTM. */
    static final LayeredNetwork CONVOLUTION_TAGGER = new LayeredNetwork(
            "tagger, words and convolved characters",
            "embedding(64) characters(embedding(32) parallel(conv(50, 3) relu pool(max) | conv(80, 5) relu pool(max)))"
                    + " lstm(100, bidirectional)",
            new NetworkInput.Words(WORDS, RandomTexts.CHARACTERS),
            Results.TAGS,
            17,
            25,
            6);

    /** Two classes of sentences (Kim 2014). */
    static final LayeredNetwork CONVOLUTION = new LayeredNetwork(
            "classifier, convolutions",
            "embedding(100) parallel(conv(100, 3) relu pool(max) | conv(100, 4) relu pool(max) | conv(100, 5) relu"
                    + " pool(max))",
            new NetworkInput.Tokens(WORDS),
            Results.CLASSES,
            2,
            20,
            0);

    /** Languages of names. */
    static final LayeredNetwork NAMES = new LayeredNetwork(
            "classifier, GRU over characters",
            "embedding(64) gru(128, bidirectional) pool(mean, max)",
            new NetworkInput.Tokens(RandomTexts.CHARACTERS),
            Results.CLASSES,
            18,
            7,
            0);

    static final List<LayeredNetwork> ALL =
            List.of(WORD_TAGGER, SPELLING_TAGGER, CONVOLUTION_TAGGER, CONVOLUTION, NAMES);

    private static final int TEXTS = 64;

    /** Whether the texts are names, whose tokens are characters. */
    boolean readsCharacters() {
        return input.equals(NAMES.input);
    }

    LayerStack stack() {
        return NetworkText.parse(network, input, results, outputs);
    }

    /** The weights, row-major, by their names; large enough to tell one output from another. */
    Map<String, float[]> weights() {
        Map<String, float[]> all = new LinkedHashMap<>();
        long seed = Work.SEED;
        for (Parameter parameter : stack().parameters()) {
            int count = parameter.shape().stream().reduce(1, Math::multiplyExact);
            int inputs = count / parameter.shape().getFirst();
            float limit = switch (parameter.role()) {
                case EMBEDDING -> 1;
                case WEIGHT_INPUT, WEIGHT_HIDDEN, LINEAR, PROJECTION, CONVOLUTION, OUTPUT ->
                    (float) (1.7 / Math.sqrt(inputs));
                case BIAS, HIDDEN_BIAS, PEEPHOLES, VECTOR, GAIN, STATISTIC, OUTPUT_BIAS -> 0.1f;
            };
            all.put(parameter.name(), CellWeights.uniform(new Random(seed++), count, limit));
        }
        return all;
    }

    /** The texts to read in turn: a word, or a character of a name, in each place. */
    List<List<String>> texts() {
        List<String> vocabulary = readsCharacters() ? RandomTexts.characters() : RandomTexts.words();
        var random = new SplittableRandom(Work.INPUT_SEED);
        return IntStream.range(0, TEXTS)
                .mapToObj(_ -> IntStream.range(0, steps)
                        .mapToObj(_ -> vocabulary.get(random.nextInt(RandomTexts.SPECIAL_COUNT, vocabulary.size())))
                        .toList())
                .toList();
    }
}
