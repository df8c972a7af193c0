package dev.rondo.tagging;

import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.format.Segmentation;
import dev.rondo.format.TextPipeline;
import dev.rondo.text.Tokenizer;
import java.util.HashMap;
import java.util.Map;

/**
 * The ids of tokens that come one by one: of a tagger's words, or characters. A token is normalised and looked up. For one that the
 * vocabulary lacks, the longest of its ends that the vocabulary has as a token with {@code ##} before it stands in, {@code ##ione} for
 * "rivoluzione"; of a token that begins with a capital, those with {@code ##^} before them come first. Else it is
 * the unknown token. Immutable; any thread may use it.
 */
public final class WordIds {
    /** What the tokens for ends of words begin with. */
    public static final String SUFFIX = "##";
    /** What those begin with that are for words with a capital. */
    public static final String CAPITALISED_SUFFIX = "##^";

    private final Tokenizer tokenizer;
    private final Map<String, Integer> ids = new HashMap<>();
    private final Map<String, Integer> suffixes = new HashMap<>();
    private final Map<String, Integer> capitalised = new HashMap<>();
    /** The length of the longest suffix. */
    private int longest;

    private WordIds(TextPipeline pipeline) {
        this.tokenizer = Tokenizer.of(pipeline);
        for (int id = 0; id < pipeline.vocabulary().size(); id++) {
            String token = pipeline.vocabulary().get(id);
            ids.put(token, id);
            if (token.startsWith(CAPITALISED_SUFFIX)) {
                add(capitalised, token.substring(CAPITALISED_SUFFIX.length()), id);
            } else if (token.startsWith(SUFFIX)) {
                add(suffixes, token.substring(SUFFIX.length()), id);
            }
        }
    }

    private void add(Map<String, Integer> map, String suffix, int id) {
        map.put(suffix, id);
        longest = Math.max(longest, suffix.length());
    }

    /**
     * The ids of a pipeline.
     *
     * @throws FormatException when it cuts words into byte pairs
     */
    public static WordIds of(TextPipeline pipeline) {
        if (pipeline.segmentation() == Segmentation.BYTE_PAIRS) {
            throw new FormatException(
                    "text pipeline '" + pipeline.name() + "'",
                    "gives each token one id",
                    "byte pairs, which give several",
                    "tag words or characters");
        }
        return new WordIds(pipeline);
    }

    /** How the text is normalised, and what its ids mean. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** Whether the vocabulary has this very token, once it is normalised. */
    public boolean knows(String token) {
        return ids.containsKey(tokenizer.normalise(token));
    }

    /**
     * The id of a token.
     *
     * @throws InputException when the vocabulary has nothing for it, not even an unknown token
     */
    public int id(String token) {
        String normal = tokenizer.normalise(token);
        Integer id = ids.get(normal);
        if (id == null && !capitalised.isEmpty() && isCapitalised(token)) {
            id = longest(capitalised, normal);
        }
        if (id == null && !suffixes.isEmpty()) {
            id = longest(suffixes, normal);
        }
        if (id != null) {
            return id;
        }
        int unknown = tokenizer.pipeline().special().unknown();
        if (unknown < 0) {
            throw new InputException(
                    "token",
                    "is in the vocabulary, which has " + ids.size() + " tokens and none for the unknown",
                    "'" + (token.length() > 40 ? token.substring(0, 40) + "..." : token) + "'",
                    "leave it out, or use a model with an unknown token");
        }
        return unknown;
    }

    private Integer longest(Map<String, Integer> map, String token) {
        for (int at = Math.max(0, token.length() - longest); at <= token.length(); at++) {
            Integer id = map.get(token.substring(at));
            if (id != null) {
                return id;
            }
        }
        return null;
    }

    /** Whether a token begins with a letter that is no small one, although there are small ones. */
    public static boolean isCapitalised(String token) {
        return !token.isEmpty() && Character.isUpperCase(token.codePointAt(0));
    }
}
