package dev.rondo.decode;

import dev.rondo.error.InputException;

/**
 * How the next token is chosen from logits x. A token that the text has already counts with x / r where x is above 0 and x r
 * where it is below, r being the repetition penalty. With temperature t, token i has the weight {@code e^{x_i / t}}; the k
 * heaviest stay, of them the fewest that together have at least the share p, of these the ones with at least the share m of
 * the heaviest; and one of them is drawn by weight.
 *
 * @param temperature       0 takes the likeliest token always; below 1 likely tokens become likelier, above 1 all more equal
 * @param topK              how many tokens stay; 0 for all (Fan et al. 2018)
 * @param topP              the share that must stay, above 0; 1 for all (nucleus sampling, Holtzman et al. 2020)
 * @param minP              m, the share of the heaviest that each token needs; 0 for all (Nguyen et al. 2024)
 * @param repetitionPenalty r, above 0; 1 for none (Keskar et al. 2019, CTRL, section 4.1)
 * @param seed              the same seed and logits give the same tokens, on every machine and JDK
 */
public record Sampling(double temperature, int topK, double topP, double minP, double repetitionPenalty, long seed) {
    /** The likeliest token always; of equals the one with the lowest id. */
    public static final Sampling GREEDY = new Sampling(0, 0, 1, 0, 1, 0);

    /** @throws InputException when a value lies outside its range */
    public Sampling {
        require(
                temperature >= 0 && temperature < Double.POSITIVE_INFINITY,
                "temperature",
                "is finite and at least 0",
                temperature);
        require(topK >= 0, "top-k", "is at least 0, which keeps all tokens", topK);
        require(topP > 0 && topP <= 1, "top-p", "is above 0 and at most 1, which keeps all tokens", topP);
        require(minP >= 0 && minP <= 1, "min-p", "is at least 0, which keeps all tokens, and at most 1", minP);
        require(
                repetitionPenalty > 0 && repetitionPenalty <= 1000,
                "repetition penalty",
                "is above 0 and at most 1000; 1 is none",
                repetitionPenalty);
    }

    /** Draws from the whole distribution of the model: temperature 1. */
    public static Sampling of(long seed) {
        return new Sampling(1, 0, 1, 0, 1, seed);
    }

    public Sampling withTemperature(double value) {
        return new Sampling(value, topK, topP, minP, repetitionPenalty, seed);
    }

    public Sampling withTopK(int value) {
        return new Sampling(temperature, value, topP, minP, repetitionPenalty, seed);
    }

    public Sampling withTopP(double value) {
        return new Sampling(temperature, topK, value, minP, repetitionPenalty, seed);
    }

    public Sampling withMinP(double value) {
        return new Sampling(temperature, topK, topP, value, repetitionPenalty, seed);
    }

    public Sampling withRepetitionPenalty(double value) {
        return new Sampling(temperature, topK, topP, minP, value, seed);
    }

    public Sampling withSeed(long value) {
        return new Sampling(temperature, topK, topP, minP, repetitionPenalty, value);
    }

    private static void require(boolean holds, String subject, String rule, Number got) {
        if (!holds) {
            throw new InputException(subject, rule, got.toString(), "choose a value in that range");
        }
    }
}
