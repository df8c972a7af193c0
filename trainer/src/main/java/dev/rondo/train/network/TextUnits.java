package dev.rondo.train.network;

import dev.rondo.format.Segmentation;
import dev.rondo.train.rule.Settings;

/**
 * How texts become ids.
 *
 * @param unit           words or characters
 * @param lowercase      whether tokens are lower-cased; the characters of words are not
 * @param vocabularySize the most frequent tokens only; 0 for all
 * @param minCount       tokens that occur fewer times are unknown
 * @param maxLength      training samples with more tokens are left out; 0 for no limit
 * @param unknownDropout probability with which training reads a token that occurs once as unknown
 */
public record TextUnits(
        Segmentation unit, boolean lowercase, int vocabularySize, int minCount, int maxLength, double unknownDropout) {
    /** @throws dev.rondo.error.InputException when a value is out of range */
    public TextUnits {
        Settings.require(unit != Segmentation.BYTE_PAIRS, "unit", "is words or characters", "byte pairs");
        Settings.require(
                vocabularySize == 0 || vocabularySize > 1,
                "vocabulary size",
                "is 0 for no limit, or more than the unknown token",
                vocabularySize);
        Settings.require(minCount >= 1, "least count", "is at least 1", minCount);
        Settings.require(maxLength >= 0, "longest sample", "is 0 for no limit, or more", maxLength);
        Settings.require(
                unknownDropout >= 0 && unknownDropout < 1, "unknown dropout", "lies in [0, 1)", unknownDropout);
    }

    /** All words of the training data. */
    public static TextUnits words() {
        return new TextUnits(Segmentation.WORDS, false, 0, 1, 0, 0);
    }

    /** All characters of the training data. */
    public static TextUnits characters() {
        return new TextUnits(Segmentation.CHARACTERS, false, 0, 1, 0, 0);
    }
}
