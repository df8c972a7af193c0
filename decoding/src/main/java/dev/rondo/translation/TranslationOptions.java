package dev.rondo.translation;

import dev.rondo.error.InputException;
import dev.rondo.search.BeamOptions;
import dev.rondo.search.Constraints;
import dev.rondo.search.LengthPenalty;
import java.util.Optional;

/**
 * How to translate. Immutable.
 *
 * @param beam     the search; results are its n best
 * @param batch    how many sentences share a step
 * @param unknowns what becomes of the unknown token
 * @param fusion   a language model beside, if any
 */
public record TranslationOptions(BeamOptions beam, int batch, Unknowns unknowns, Optional<Fusion> fusion) {
    /** The {@link #usual} beam of 5; 16 sentences at once. */
    public static final TranslationOptions DEFAULT = of(usual(5));

    public TranslationOptions {
        if (batch < 1 || batch > 4096) {
            throw new InputException("batch", "lies between 1 and 4096 sentences", "" + batch, "16 is usual");
        }
    }

    /**
     * A beam as translations want it unless somebody says otherwise: its score is the mean log-probability per token, and results are
     * at most three times as long as the source and ten tokens more. A beam of 1 is greedy: its place goes to no other.
     */
    public static BeamOptions usual(int beamSize) {
        return BeamOptions.of(beamSize)
                .withPolicy(beamSize == 1 ? BeamOptions.Policy.SHRINK : BeamOptions.Policy.REFILL)
                .withLengthPenalty(new LengthPenalty.Power(1))
                .withConstraints(Constraints.NONE.withMaxFactor(3, 10));
    }

    public static TranslationOptions of(BeamOptions beam) {
        return new TranslationOptions(beam, 16, Unknowns.KEEP, Optional.empty());
    }

    public TranslationOptions withBeam(BeamOptions value) {
        return new TranslationOptions(value, batch, unknowns, fusion);
    }

    public TranslationOptions withBatch(int sentences) {
        return new TranslationOptions(beam, sentences, unknowns, fusion);
    }

    public TranslationOptions withUnknowns(Unknowns value) {
        return new TranslationOptions(beam, batch, value, fusion);
    }

    public TranslationOptions withFusion(Fusion value) {
        return new TranslationOptions(beam, batch, unknowns, Optional.of(value));
    }
}
