package dev.rondo.train.data;

import dev.rondo.error.InputException;
import dev.rondo.format.Normalisation;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.translation.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Vocabularies made of texts: the most frequent token first, those of equal frequency in the order of their text. */
public final class Vocabulary {
    /** Stands for what the vocabulary lacks. */
    public static final String UNKNOWN = "<unk>";

    /** Precedes a text of words. */
    public static final String BEGIN = "<s>";

    private Vocabulary() {}

    /**
     * The vocabulary of characters. Without limits it has every character of both texts and nothing for the unknown; a
     * limit adds {@link #UNKNOWN}. A line break, where there is one, also begins a text.
     *
     * @param training whose characters are counted
     * @param other    whose characters come after them; limits leave them out
     * @param maxSize  tokens at most, the unknown included; 0 for no limit
     * @param minCount how often a character must occur
     */
    public static TextPipeline characters(String training, String other, int maxSize, int minCount) {
        Map<String, Long> counts = countCharacters(List.of(training));
        boolean limited = maxSize > 0 || minCount > 1;
        if (!limited) {
            other.codePoints().forEach(c -> counts.putIfAbsent(Character.toString(c), 0L));
        }
        List<String> tokens =
                ordered(counts, limited ? minCount : 0, limited ? List.of(UNKNOWN) : List.of(), maxSize, "characters");
        int begin = tokens.indexOf("\n");
        return pipeline(Segmentation.CHARACTERS, tokens, limited ? 0 : -1, begin);
    }

    /**
     * The vocabulary of words: what white space separates, after {@link #UNKNOWN} and {@link #BEGIN}.
     *
     * @param maxSize  tokens at most, those two included; 0 for no limit
     * @param minCount how often a word must occur
     */
    public static TextPipeline words(String training, int maxSize, int minCount) {
        List<String> tokens =
                ordered(countWords(List.of(training)), minCount, List.of(UNKNOWN, BEGIN), maxSize, "words");
        return pipeline(Segmentation.WORDS, tokens, 0, 1);
    }

    /**
     * The vocabulary of sentences that are lines: words or characters after {@link #UNKNOWN}, {@link #BEGIN} and
     * {@link PairVocabulary#END}.
     *
     * @param unit     words or characters
     * @param maxSize  tokens at most, those three included; 0 for no limit
     * @param minCount how often a token must occur
     * @throws InputException when the text has none, or a number is out of range
     */
    public static TextPipeline sentences(Segmentation unit, String training, int maxSize, int minCount) {
        List<String> special = List.of(UNKNOWN, BEGIN, PairVocabulary.END);
        if (maxSize != 0 && maxSize <= special.size() || minCount < 1) {
            throw new InputException(
                    "vocabulary",
                    "has room for more than its " + special.size() + " special tokens, and a least count of 1 or more",
                    "size " + maxSize + ", least count " + minCount,
                    "give 0 for no limit, and 1 for all tokens");
        }
        boolean characters = unit == Segmentation.CHARACTERS;
        List<String> lines = training.lines().toList();
        List<String> tokens = ordered(
                characters ? countCharacters(lines) : countWords(lines),
                minCount,
                special,
                maxSize,
                characters ? "characters" : "words");
        return new TextPipeline("text", Normalisation.NONE, unit, tokens, List.of(), new SpecialIds(0, 1, 2, -1));
    }

    /**
     * The vocabulary of what a network only reads: tokens after {@link #UNKNOWN}.
     *
     * @param name          of the pipeline
     * @param normalisation done before tokens were counted
     * @param counts        how often each token occurs; used up
     * @param maxSize       tokens at most, the unknown included; 0 for no limit
     * @param minCount      how often a token must occur
     */
    public static TextPipeline reading(
            String name,
            Segmentation unit,
            Normalisation normalisation,
            Map<String, Long> counts,
            int maxSize,
            int minCount) {
        String what = unit == Segmentation.CHARACTERS ? "characters" : "words";
        List<String> tokens = ordered(counts, minCount, List.of(UNKNOWN), maxSize, what);
        return new TextPipeline(name, normalisation, unit, tokens, List.of(), new SpecialIds(0, -1, -1, -1));
    }

    private static TextPipeline pipeline(Segmentation unit, List<String> tokens, int unknown, int begin) {
        return new TextPipeline(
                "text", Normalisation.NONE, unit, tokens, List.of(), new SpecialIds(unknown, begin, -1, -1));
    }

    /** How often each word occurs: what white space separates. */
    public static Map<String, Long> countWords(List<String> texts) {
        Map<String, Long> counts = new HashMap<>();
        for (String text : texts) {
            Words.forEach(text, word -> counts.merge(word, 1L, Long::sum));
        }
        return counts;
    }

    /** How often each code point occurs. */
    public static Map<String, Long> countCharacters(List<String> texts) {
        Map<String, Long> counts = new HashMap<>();
        texts.forEach(text -> text.codePoints().forEach(c -> counts.merge(Character.toString(c), 1L, Long::sum)));
        return counts;
    }

    /** The special tokens, then those that occur often enough, the most frequent first. */
    static List<String> ordered(
            Map<String, Long> counts, int minCount, List<String> special, int maxSize, String what) {
        special.forEach(counts::remove);
        if (counts.isEmpty()) {
            throw new InputException("training text", "has " + what, "none", "give a longer text");
        }
        var tokens = new ArrayList<>(special);
        counts.entrySet().stream()
                .filter(e -> e.getValue() >= minCount)
                .sorted(Comparator.comparing(Map.Entry<String, Long>::getValue, Comparator.reverseOrder())
                        .thenComparing(Map.Entry::getKey))
                .limit(maxSize == 0 ? Long.MAX_VALUE : Math.max(0, maxSize - special.size()))
                .map(Map.Entry::getKey)
                .forEach(tokens::add);
        return tokens;
    }
}
