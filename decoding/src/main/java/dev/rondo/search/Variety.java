package dev.rondo.search;

import dev.rondo.error.InputException;

/** How a beam search comes to hypotheses that differ from each other. */
public sealed interface Variety {
    /** One beam of the best. */
    Variety NONE = new None();

    /** See {@link #NONE}. */
    record None() implements Variety {}

    /**
     * Diverse beam search (Vijayakumar et al. 2016) with Hamming diversity: the beam is divided into groups, which choose one after
     * the other in each step, and a token that groups before have chosen in this step costs {@code strength} for each time. It
     * changes what is chosen, not the score of what was. With one group it is beam search.
     *
     * @param groups how many; divides the beam size
     */
    record Diverse(int groups, double strength) implements Variety {
        public Diverse {
            require(groups >= 1, "groups", "are at least 1", groups);
            require(
                    strength >= 0 && strength < Double.POSITIVE_INFINITY,
                    "diversity",
                    "is finite and at least 0",
                    strength);
        }
    }

    /**
     * Alternatives at a position: after the hard prefix of the sentence, the {@code count} best next tokens, each continued by a beam
     * of its own. The result is the best hypothesis of each, in the order of these tokens.
     */
    record Alternatives(int count) implements Variety {
        public Alternatives {
            require(count >= 1, "alternatives", "are at least 1", count);
        }
    }

    /**
     * Stochastic beam search (Kool, van Hoof and Welling 2019): {@code beamSize} sequences drawn from the model without replacement,
     * by the Gumbel-top-k trick. They are ranked by their perturbed log-probability, which is their score; no penalty applies. What
     * has ended competes with what lives for the places of the beam, whatever the policy: a wider beam draws the same, so a place
     * that is lost changes nothing.
     */
    record Stochastic(long seed) implements Variety {}

    private static void require(boolean holds, String subject, String rule, Number got) {
        if (!holds) {
            throw new InputException(subject, rule, got.toString(), "choose a value in that range");
        }
    }
}
