package dev.rondo.memory;

import dev.rondo.error.InputException;
import dev.rondo.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * How the sentences of a story become the places of a memory. Punctuation at the ends of words is left out. Immutable.
 *
 * @param tokenizer   of words; its id 0 is padding
 * @param words       J that each sentence is padded to
 * @param sentences   that a memory has room for; of longer stories it has the last ones
 * @param latestFirst whether place 0 is the last sentence, so that a place says how long ago a sentence was; else the first
 */
public record StoryReading(Tokenizer tokenizer, int words, int sentences, boolean latestFirst) {
    private static final String PUNCTUATION = ".,;:?!";

    /** The words of a sentence, in order, without the punctuation that follows them. */
    public static List<String> words(String sentence) {
        var words = new ArrayList<String>();
        int at = 0;
        while (at < sentence.length()) {
            int start = at;
            while (at < sentence.length() && !Tokenizer.isSpace(sentence.charAt(at))) {
                at++;
            }
            int end = at;
            while (end > start && PUNCTUATION.indexOf(sentence.charAt(end - 1)) >= 0) {
                end--;
            }
            if (end > start) {
                words.add(sentence.substring(start, end));
            }
            at++;
        }
        return words;
    }

    /**
     * The J ids of a sentence or a question.
     *
     * @throws InputException when it has more words than J, or one that the vocabulary lacks, without a token for the unknown
     */
    public int[] sentence(String sentence) {
        int[] ids = tokenizer.encode(String.join(" ", words(sentence)));
        if (ids.length > words) {
            throw new InputException(
                    "sentence '" + (sentence.length() > 60 ? sentence.substring(0, 60) + "..." : sentence) + "'",
                    "has at most " + words + " words",
                    "" + ids.length,
                    "divide it, or train a model with longer sentences");
        }
        int[] padded = new int[words];
        System.arraycopy(ids, 0, padded, 0, ids.length);
        return padded;
    }

    /** Which sentence of a story, by its number from 0, lies at each place of the memory. */
    public int[] places(int storySize) {
        int[] places = new int[Math.min(storySize, sentences)];
        for (int place = 0; place < places.length; place++) {
            places[place] = latestFirst ? storySize - 1 - place : storySize - places.length + place;
        }
        return places;
    }
}
