package dev.rondo.search;

import dev.rondo.error.InputException;
import java.util.List;

/**
 * Which sequences a search may find. A length counts the end token; a token or a sequence that is suppressed never occurs. A
 * hard prefix goes before: its tokens are exempt, but count as part of the sequence.
 *
 * @param minLength           the end token comes here at the earliest
 * @param maxLength           what has not ended here is cut off
 * @param minFactor           the same as a factor of the source's length; the larger minimum holds
 * @param maxFactor           the same for the maximum, {@code factor * source + maxExtra}; infinite: none
 * @param maxExtra            see there
 * @param noRepeatNgram       no n tokens in a row occur twice (Paulus et al. 2018); 0 allows it
 * @param suppressed          tokens that never occur, the unknown word perhaps
 * @param suppressedSequences tokens that never occur in this order, one right after the other
 */
public record Constraints(
        int minLength,
        int maxLength,
        double minFactor,
        double maxFactor,
        int maxExtra,
        int noRepeatNgram,
        List<Integer> suppressed,
        List<List<Integer>> suppressedSequences) {
    /** At most 256 tokens. */
    public static final Constraints NONE =
            new Constraints(0, 256, 0, Double.POSITIVE_INFINITY, 0, 0, List.of(), List.of());

    /** A longer result is surely a mistake, and would need memory for it. */
    static final int LONGEST = 1 << 20;

    public Constraints {
        require(minLength >= 0, "minimum length", "is at least 0", minLength);
        require(maxLength >= 1 && maxLength <= LONGEST, "maximum length", "lies between 1 and " + LONGEST, maxLength);
        require(minLength <= maxLength, "minimum length", "is at most the maximum length " + maxLength, minLength);
        require(
                minFactor >= 0 && minFactor <= LONGEST,
                "minimum length factor",
                "lies between 0 and " + LONGEST,
                minFactor);
        require(maxFactor >= 0, "maximum length factor", "is at least 0; infinity is no limit", maxFactor);
        require(maxExtra >= 0 && maxExtra <= LONGEST, "extra length", "lies between 0 and " + LONGEST, maxExtra);
        require(noRepeatNgram >= 0, "no-repeat n-gram", "is at least 0, which allows repetition", noRepeatNgram);
        suppressed = List.copyOf(suppressed);
        suppressedSequences = suppressedSequences.stream().map(List::copyOf).toList();
        for (int token : suppressed) {
            require(token >= 0, "suppressed token", "is an id of the vocabulary", token);
        }
        for (List<Integer> sequence : suppressedSequences) {
            require(!sequence.isEmpty(), "suppressed sequence", "has at least one token", sequence.size());
            for (int token : sequence) {
                require(token >= 0, "token of a suppressed sequence", "is an id of the vocabulary", token);
            }
        }
    }

    private static void require(boolean holds, String subject, String rule, Number got) {
        if (!holds) {
            throw new InputException(subject, rule, got.toString(), "choose a value in that range");
        }
    }

    public Constraints withMinLength(int length) {
        return new Constraints(
                length, maxLength, minFactor, maxFactor, maxExtra, noRepeatNgram, suppressed, suppressedSequences);
    }

    public Constraints withMaxLength(int length) {
        return new Constraints(
                minLength, length, minFactor, maxFactor, maxExtra, noRepeatNgram, suppressed, suppressedSequences);
    }

    /** At least so many times as long as the source. */
    public Constraints withMinFactor(double factor) {
        return new Constraints(
                minLength, maxLength, factor, maxFactor, maxExtra, noRepeatNgram, suppressed, suppressedSequences);
    }

    /** At most so many times as long as the source, and some tokens more. */
    public Constraints withMaxFactor(double factor, int extra) {
        return new Constraints(
                minLength, maxLength, minFactor, factor, extra, noRepeatNgram, suppressed, suppressedSequences);
    }

    public Constraints withNoRepeatNgram(int n) {
        return new Constraints(
                minLength, maxLength, minFactor, maxFactor, maxExtra, n, suppressed, suppressedSequences);
    }

    public Constraints withSuppressed(List<Integer> tokens) {
        return new Constraints(
                minLength, maxLength, minFactor, maxFactor, maxExtra, noRepeatNgram, tokens, suppressedSequences);
    }

    public Constraints withSuppressedSequences(List<List<Integer>> sequences) {
        return new Constraints(
                minLength, maxLength, minFactor, maxFactor, maxExtra, noRepeatNgram, suppressed, sequences);
    }

    /** The least length of a sentence's results. */
    int least(Sentence sentence) {
        double factor = Math.ceil(minFactor * sentence.sourceLength());
        return (int) Math.min(maxLength, Math.max(minLength, factor));
    }

    /** The greatest length, no less than the least, and room for a token after a prefix. */
    int greatest(Sentence sentence) {
        // Without a source a factor limits nothing; nor is infinity times zero asked for.
        double factor =
                sentence.sourceLength() == 0 ? maxLength : Math.ceil(maxFactor * sentence.sourceLength()) + maxExtra;
        int needed = Math.max(least(sentence), sentence.prefixLength() + 1);
        return (int) Math.min(maxLength, Math.max(needed, factor));
    }
}
