package dev.rondo.train.data;

import dev.rondo.error.InputException;
import dev.rondo.format.Normalisation;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.text.Tokenizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * How the two sides of a parallel corpus become ids. Both vocabularies begin with {@code <pad>}, {@code <unk>}, {@code <s>} and
 * {@code </s>}; then come the tokens of the training texts, the most frequent first, those of equal frequency in the order
 * of their text. A piece of byte pairs that is no token is taken apart into pieces that are.
 *
 * @param unit          words, characters or byte pairs
 * @param normalisation of both sides, done first
 * @param merges        byte pairs to learn, for each list; 0 for the other units
 * @param joint         whether byte pairs are learned once, from both sides together
 * @param shared        whether both sides have one and the same vocabulary, as tied embeddings need; byte pairs are joint, then
 * @param maxSize       tokens at most, the special ones included; 0 for no limit
 * @param minCount      how often a token must occur on its side, or on both together when they share
 */
public record PairVocabulary(
        Segmentation unit,
        Normalisation normalisation,
        int merges,
        boolean joint,
        boolean shared,
        int maxSize,
        int minCount) {
    /** Fills up shorter rows of a batch. */
    public static final String PADDING = "<pad>";

    /** Follows a sentence. */
    public static final String END = "</s>";

    /** The ids of the special tokens. */
    public static final SpecialIds SPECIAL = new SpecialIds(1, 2, 3, 0);

    private static final List<String> SPECIAL_TOKENS = List.of(PADDING, Vocabulary.UNKNOWN, Vocabulary.BEGIN, END);

    /**
     * Both sides' pipelines.
     *
     * @param source named {@code source}
     * @param target named {@code target}
     */
    public record Pipelines(TextPipeline source, TextPipeline target) {}

    /** @throws InputException when the numbers make no vocabulary */
    public PairVocabulary {
        Objects.requireNonNull(unit);
        Objects.requireNonNull(normalisation);
        boolean pieces = unit == Segmentation.BYTE_PAIRS;
        if (merges < 0 || merges > 0 != pieces) {
            throw new InputException(
                    "merges",
                    pieces ? "are 1 or more for byte pairs" : "are for byte pairs",
                    "" + merges,
                    "change them");
        }
        if (shared && pieces && !joint) {
            throw new InputException(
                    "shared vocabulary", "needs byte pairs that are joint", "separate ones", "learn them jointly");
        }
        if (maxSize != 0 && maxSize <= SPECIAL_TOKENS.size()) {
            throw new InputException(
                    "vocabulary size",
                    "is 0 for no limit, or has room for more than the " + SPECIAL_TOKENS.size() + " special tokens",
                    "" + maxSize,
                    "give a larger one");
        }
        if (minCount < 1) {
            throw new InputException("least count of a token", "is 1 or more", "" + minCount, "give 1 for all tokens");
        }
    }

    /** Words of both sides, in vocabularies of their own. */
    public static PairVocabulary words(int maxSize, int minCount) {
        return new PairVocabulary(Segmentation.WORDS, Normalisation.NONE, 0, false, false, maxSize, minCount);
    }

    /** Characters of both sides, in vocabularies of their own. */
    public static PairVocabulary characters() {
        return new PairVocabulary(Segmentation.CHARACTERS, Normalisation.NONE, 0, false, false, 0, 1);
    }

    /** Byte pairs learned from both sides together, in vocabularies of their own. */
    public static PairVocabulary bytePairs(int merges, int minCount) {
        return new PairVocabulary(Segmentation.BYTE_PAIRS, Normalisation.NONE, merges, true, false, 0, minCount);
    }

    /**
     * Makes the vocabularies, and learns the merges, from training texts.
     *
     * @param sources lines of the source
     * @param targets lines of the target
     * @throws InputException when a side has no text
     */
    public Pipelines learn(List<String> sources, List<String> targets) {
        Tokenizer normaliser = Tokenizer.of(new TextPipeline(
                "normaliser", normalisation, Segmentation.CHARACTERS, List.of(), List.of(), SpecialIds.NONE));
        Map<String, Long> source =
                count(sources.stream().map(normaliser::normalise).toList());
        Map<String, Long> target =
                count(targets.stream().map(normaliser::normalise).toList());
        if (shared) {
            source = sum(source, target);
            target = source;
        }
        List<String> sourceMerges = List.of();
        List<String> targetMerges = List.of();
        if (unit == Segmentation.BYTE_PAIRS) {
            sourceMerges = BytePairs.learnFromWords(joint && !shared ? sum(source, target) : source, merges);
            targetMerges = joint ? sourceMerges : BytePairs.learnFromWords(target, merges);
            source = pieces(source, sourceMerges);
            target = shared ? source : pieces(target, targetMerges);
        }
        return new Pipelines(pipeline("source", source, sourceMerges), pipeline("target", target, targetMerges));
    }

    private Map<String, Long> count(List<String> texts) {
        return unit == Segmentation.CHARACTERS ? Vocabulary.countCharacters(texts) : Vocabulary.countWords(texts);
    }

    private static Map<String, Long> sum(Map<String, Long> a, Map<String, Long> b) {
        var sum = new HashMap<>(a);
        b.forEach((token, count) -> sum.merge(token, count, Long::sum));
        return sum;
    }

    /**
     * The pieces that are tokens, with how often each occurs when no others are: code points, inside of words and at their
     * end, and pieces into which merges cut the words, all that occur often enough. The Tokenizer takes other pieces apart.
     */
    private Map<String, Long> pieces(Map<String, Long> words, List<String> merges) {
        Map<String, Long> codePoints = new HashMap<>();
        words.forEach((word, frequency) ->
                BytePairs.codePoints(word).forEach(part -> codePoints.merge(part, frequency, Long::sum)));
        Set<String> possible = new LinkedHashSet<>(codePoints.keySet());
        merges.forEach(merge -> possible.add(merge.replace(" ", "")));
        Set<String> tokens = new LinkedHashSet<>();
        for (Map<String, Long> counts : List.of(codePoints, cut(words, possible, merges))) {
            counts.forEach((piece, count) -> {
                if (count >= minCount) {
                    tokens.add(piece);
                }
            });
        }
        return cut(words, tokens, merges);
    }

    /** How often each token occurs in words cut by merges. */
    private static Map<String, Long> cut(Map<String, Long> words, Set<String> tokens, List<String> merges) {
        Map<String, Long> counts = new HashMap<>();
        tokens.forEach(token -> counts.put(token, 0L));
        var vocabulary = new ArrayList<>(List.of(Vocabulary.UNKNOWN));
        tokens.stream().filter(token -> !token.equals(Vocabulary.UNKNOWN)).forEach(vocabulary::add);
        Tokenizer tokenizer = Tokenizer.of(new TextPipeline(
                "pieces",
                Normalisation.NONE,
                Segmentation.BYTE_PAIRS,
                vocabulary,
                merges,
                new SpecialIds(0, -1, -1, -1)));
        words.forEach((word, frequency) -> {
            for (int id : tokenizer.encode(word)) {
                counts.merge(tokenizer.token(id), frequency, Long::sum);
            }
        });
        return counts;
    }

    private TextPipeline pipeline(String name, Map<String, Long> counts, List<String> merges) {
        int least = unit == Segmentation.BYTE_PAIRS ? 0 : minCount;
        List<String> tokens =
                Vocabulary.ordered(new HashMap<>(counts), least, new ArrayList<>(SPECIAL_TOKENS), maxSize, "text");
        return new TextPipeline(name, normalisation, unit, tokens, merges, SPECIAL);
    }
}
