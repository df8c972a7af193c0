package dev.rondo.search;

import dev.rondo.error.InputException;

/**
 * How a {@link BeamSearch} searches: {@code BeamOptions.of(5).withLengthPenalty(new LengthPenalty.Power(0.7))}. Immutable.
 *
 * @param beamSize        how many hypotheses of a sentence live at once
 * @param nBest           how many results of a sentence at most
 * @param policy          what becomes of the place of a hypothesis that has ended; a stochastic beam finds the same with either
 * @param stopping        when a sentence is done; a stochastic beam has no patience
 * @param lengthPenalty   what log-probabilities are divided by for the ranking of results
 * @param coveragePenalty beta of {@code beta Σ_s ln min(Σ_t attention_ts, 1)}, which is added to the ranking and punishes what was left
 *                        untranslated (Wu et al. 2016, equation 14); needs attention and source lengths; 0 without. A sum counts as
 *                        no less than the smallest normal f32
 * @param variety         whether results are to differ from each other
 * @param attention       whether results carry the weights of attention
 * @param constraints     which sequences may be found
 */
public record BeamOptions(
        int beamSize,
        int nBest,
        Policy policy,
        Stopping stopping,
        LengthPenalty lengthPenalty,
        double coveragePenalty,
        Variety variety,
        boolean attention,
        Constraints constraints) {
    private static final int WIDEST = 1 << 16;

    /** What becomes of the place of a hypothesis that has ended. */
    public enum Policy {
        /** It counts among the best of its step: of the K best candidates those that have not ended go on. */
        SHRINK,

        /** It is given to the next: the K best candidates that have not ended go on. Only an end among the K best candidates counts. */
        REFILL
    }

    public BeamOptions {
        require(beamSize >= 1 && beamSize <= WIDEST, "beam size", "lies between 1 and " + WIDEST, beamSize);
        require(nBest >= 1 && nBest <= beamSize, "n-best", "lies between 1 and the beam size " + beamSize, nBest);
        require(
                coveragePenalty >= 0 && coveragePenalty <= 1e6,
                "coverage penalty",
                "lies between 0 and 1000000",
                coveragePenalty);
        switch (variety) {
            case Variety.None() -> {}
            case Variety.Diverse(int groups, var _) ->
                require(beamSize % groups == 0, "groups", "divide the beam size " + beamSize, groups);
            case Variety.Alternatives(int count) -> {
                require(
                        (long) count * beamSize <= WIDEST,
                        "alternatives times beam size",
                        "are at most " + WIDEST,
                        count);
                require(nBest == 1, "n-best with alternatives", "is 1: the best of each", nBest);
            }
            case Variety.Stochastic(var _) -> {
                require(
                        !(stopping instanceof Stopping.Patience),
                        "stopping of a stochastic beam",
                        "is when its samples are decided, or never: patience would prefer the short ones",
                        stopping);
                require(coveragePenalty == 0, "coverage penalty of a stochastic beam", "is 0", coveragePenalty);
                require(
                        lengthPenalty.equals(LengthPenalty.NONE),
                        "length penalty of a stochastic beam",
                        "is none, as samples are ranked by their perturbed log-probability",
                        lengthPenalty);
            }
        }
    }

    private static void require(boolean holds, String subject, String rule, Object got) {
        if (!holds) {
            throw new InputException(subject, rule, got.toString(), "choose a value in that range");
        }
    }

    /** The best of a beam of that size. */
    public static BeamOptions of(int beamSize) {
        return new BeamOptions(
                beamSize,
                1,
                Policy.REFILL,
                Stopping.DECIDED,
                LengthPenalty.NONE,
                0,
                Variety.NONE,
                false,
                Constraints.NONE);
    }

    public BeamOptions withBeamSize(int value) {
        var changed = new Copy(this);
        changed.beamSize = value;
        return changed.options();
    }

    public BeamOptions withNBest(int value) {
        var changed = new Copy(this);
        changed.nBest = value;
        return changed.options();
    }

    public BeamOptions withPolicy(Policy value) {
        var changed = new Copy(this);
        changed.policy = value;
        return changed.options();
    }

    public BeamOptions withStopping(Stopping value) {
        var changed = new Copy(this);
        changed.stopping = value;
        return changed.options();
    }

    public BeamOptions withLengthPenalty(LengthPenalty value) {
        var changed = new Copy(this);
        changed.lengthPenalty = value;
        return changed.options();
    }

    public BeamOptions withCoveragePenalty(double value) {
        var changed = new Copy(this);
        changed.coveragePenalty = value;
        return changed.options();
    }

    public BeamOptions withVariety(Variety value) {
        var changed = new Copy(this);
        changed.variety = value;
        return changed.options();
    }

    public BeamOptions withAttention(boolean value) {
        var changed = new Copy(this);
        changed.attention = value;
        return changed.options();
    }

    public BeamOptions withConstraints(Constraints value) {
        var changed = new Copy(this);
        changed.constraints = value;
        return changed.options();
    }

    /** All components, of which one changes. */
    private static final class Copy {
        private int beamSize;
        private int nBest;
        private Policy policy;
        private Stopping stopping;
        private LengthPenalty lengthPenalty;
        private double coveragePenalty;
        private Variety variety;
        private boolean attention;
        private Constraints constraints;

        Copy(BeamOptions from) {
            beamSize = from.beamSize;
            nBest = from.nBest;
            policy = from.policy;
            stopping = from.stopping;
            lengthPenalty = from.lengthPenalty;
            coveragePenalty = from.coveragePenalty;
            variety = from.variety;
            attention = from.attention;
            constraints = from.constraints;
        }

        BeamOptions options() {
            return new BeamOptions(
                    beamSize, nBest, policy, stopping, lengthPenalty, coveragePenalty, variety, attention, constraints);
        }
    }
}
