package dev.rondo.search;

import dev.rondo.error.InputException;
import java.util.OptionalLong;

/**
 * What a search is given of one sentence.
 *
 * @param begin        the token that is read first and is not part of the result: the begin token, or the last of a prompt
 * @param sourceLength how many tokens its source has, for limits that depend on it and for coverage; 0 without a source
 * @param prefix       tokens that every result begins with (hard), or is drawn to (biased)
 * @param bias         0: the prefix is hard. Else beta in (0, 1): while a hypothesis follows the prefix, token v has the
 *                     probability {@code (1 - beta) p(v) + beta [v is next in the prefix]}, and results may leave it
 * @param number       what is added to the seed for what is drawn; empty for its index in the call
 */
public record Sentence(int begin, int sourceLength, int[] prefix, double bias, OptionalLong number) {
    public Sentence {
        if (begin < 0 || sourceLength < 0) {
            throw new InputException(
                    "sentence",
                    "has a begin token and a source length of at least 0",
                    begin + " and " + sourceLength,
                    "take the target vocabulary's begin token");
        }
        if (!(bias >= 0 && bias < 1)) {
            throw new InputException(
                    "prefix bias",
                    "is 0 for a hard prefix, or between 0 and 1",
                    "" + bias,
                    "choose a value in that range");
        }
        prefix = prefix.clone();
    }

    /** One that has the number of its index. */
    public Sentence(int begin, int sourceLength, int[] prefix, double bias) {
        this(begin, sourceLength, prefix, bias, OptionalLong.empty());
    }

    /** A text that begins after a token. */
    public static Sentence of(int begin) {
        return new Sentence(begin, 0, new int[0], 0);
    }

    /** The translation of a source with so many tokens. */
    public Sentence withSourceLength(int tokens) {
        return new Sentence(begin, tokens, prefix, bias, number);
    }

    /** Every result begins with these tokens. */
    public Sentence withPrefix(int... tokens) {
        return new Sentence(begin, sourceLength, tokens, 0, number);
    }

    /** Results are drawn to these tokens, the more the closer beta is to 1. */
    public Sentence withBiasedPrefix(double beta, int... tokens) {
        return new Sentence(begin, sourceLength, tokens, beta, number);
    }

    /** The same draws in whatever call, and beside whatever other sentences. */
    public Sentence withNumber(long value) {
        return new Sentence(begin, sourceLength, prefix, bias, OptionalLong.of(value));
    }

    @Override
    public int[] prefix() {
        return prefix.clone();
    }

    long numberAt(int index) {
        return number.orElse(index);
    }

    int prefixLength() {
        return prefix.length;
    }

    int prefixToken(int position) {
        return prefix[position];
    }
}
