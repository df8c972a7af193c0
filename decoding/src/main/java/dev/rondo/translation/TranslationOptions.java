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
    /**
     * A beam of 5 with the mean log-probability per token as score; at most twice as long as the source and ten tokens more; 16
     * sentences at once.
     */
    public static final TranslationOptions DEFAULT = of(BeamOptions.of(5)
            .withLengthPenalty(new LengthPenalty.Power(1))
            .withConstraints(Constraints.NONE.withMaxFactor(2, 10)));

    public TranslationOptions {
        if (batch < 1 || batch > 4096) {
            throw new InputException("batch", "lies between 1 and 4096 sentences", "" + batch, "16 is usual");
        }
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
