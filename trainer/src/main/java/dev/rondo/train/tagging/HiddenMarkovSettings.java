package dev.rondo.train.tagging;

import dev.rondo.error.InputException;
import java.util.Objects;
import java.util.Optional;

/**
 * How a hidden Markov tagger is estimated.
 *
 * @param addK          added to each count of two tags; empty to mix bigrams and unigrams with weights of deleted interpolation
 * @param longestSuffix of rare words that unknown words are known by, in characters; 0 for none
 * @param rareCount     a word that occurs so often or less is rare
 * @param prior         m: how many occurrences of a known word its suffix is worth
 * @param capitals      whether rare words with a capital are counted apart
 */
public record HiddenMarkovSettings(
        Optional<Double> addK, int longestSuffix, int rareCount, double prior, boolean capitals) {
    /** Deleted interpolation, suffixes of up to ten characters of words that occur up to ten times (Brants 2000). */
    public static final HiddenMarkovSettings DEFAULT = new HiddenMarkovSettings(Optional.empty(), 10, 10, 0.5, true);

    /** The most characters of a suffix. */
    public static final int MOST_SUFFIX = 20;

    /** @throws InputException when a number is out of range */
    public HiddenMarkovSettings {
        Objects.requireNonNull(addK);
        if (addK.isPresent() && !(addK.get() > 0 && addK.get() < 1e6)) {
            throw new InputException("added count", "is above 0 and below a million", "" + addK.get(), "change it");
        }
        if (longestSuffix < 0 || longestSuffix > MOST_SUFFIX) {
            throw new InputException(
                    "longest suffix", "has 0 to " + MOST_SUFFIX + " characters", "" + longestSuffix, "10 is usual");
        }
        if (rareCount < 1) {
            throw new InputException("rare words", "occur once or more", "" + rareCount, "10 is usual");
        }
        if (!(prior >= 0 && prior < 1e6)) {
            throw new InputException("prior of suffixes", "is 0 or more", "" + prior, "0.5 is usual");
        }
    }
}
