package dev.rondo.translation;

import dev.rondo.Model;
import dev.rondo.error.FormatException;
import dev.rondo.format.SpecialIds;
import dev.rondo.text.Tokenizer;
import java.util.List;

/**
 * The special tokens that stand around every source, as when the model was trained: the metadata says which, under {@value #KEY}:
 * {@code begin}, {@code end} or {@code both}; absent for none.
 */
record Surround(int[] before, int[] after) {
    static final String KEY = "text.source.surround";

    private static final int[] NONE = {};

    static Surround of(Model model, SpecialIds special) {
        String text = model.metadata().getOrDefault(KEY, "none");
        boolean begin = text.equals("begin") || text.equals("both");
        boolean end = text.equals("end") || text.equals("both");
        if (!begin && !end && !text.equals("none") || begin && special.begin() < 0 || end && special.end() < 0) {
            throw new FormatException(
                    "metadata " + KEY,
                    "is none, begin, end or both, of tokens that the source's vocabulary has",
                    text + ", " + special,
                    "convert the model anew");
        }
        return new Surround(begin ? new int[] {special.begin()} : NONE, end ? new int[] {special.end()} : NONE);
    }

    /** The ids of a text within these; none for a text without tokens. */
    int[] around(int[] ids) {
        if (ids.length == 0) {
            return ids;
        }
        int[] all = new int[before.length + ids.length + after.length];
        System.arraycopy(before, 0, all, 0, before.length);
        System.arraycopy(ids, 0, all, before.length, ids.length);
        System.arraycopy(after, 0, all, before.length + ids.length, after.length);
        return all;
    }

    /** Adds these to the tokens of a text. */
    void around(List<String> tokens, Tokenizer tokenizer) {
        List<String> vocabulary = tokenizer.pipeline().vocabulary();
        for (int id : before) {
            tokens.addFirst(vocabulary.get(id));
        }
        for (int id : after) {
            tokens.addLast(vocabulary.get(id));
        }
    }
}
