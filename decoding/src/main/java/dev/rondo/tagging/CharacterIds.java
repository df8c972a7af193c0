package dev.rondo.tagging;

import dev.rondo.format.TextPipeline;
import dev.rondo.text.Tokenizer;

/**
 * The ids of a word's characters, for models that read words letter by letter. Of a word with more than {@value #MOST}
 * characters the first and the last {@value #ENDS} count, so that no text makes a model read without end. Immutable; any thread
 * may use it.
 */
public final class CharacterIds {
    /** The most characters of a word that count. */
    public static final int MOST = 48;

    static final int ENDS = MOST / 2;

    private final Tokenizer tokenizer;

    private CharacterIds(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** The ids of a pipeline. */
    public static CharacterIds of(TextPipeline pipeline) {
        return new CharacterIds(Tokenizer.of(pipeline));
    }

    /** How the text is normalised, and what its ids mean. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /**
     * The ids of a word's characters, at most {@value #MOST}.
     *
     * @throws dev.rondo.error.InputException when the vocabulary lacks one and has none for the unknown
     */
    public int[] ids(String word) {
        int[] ids = tokenizer.encode(word);
        if (ids.length <= MOST) {
            return ids;
        }
        int[] cut = new int[MOST];
        System.arraycopy(ids, 0, cut, 0, ENDS);
        System.arraycopy(ids, ids.length - ENDS, cut, ENDS, ENDS);
        return cut;
    }
}
