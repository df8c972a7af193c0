package dev.rondo.translation;

import dev.rondo.Capacity;
import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.ngram.NgramModel;
import dev.rondo.ngram.NgramSteps;
import dev.rondo.search.SessionSteps;
import dev.rondo.search.StepFunction;
import java.util.function.IntFunction;

/**
 * A language model that has a say in each step, {@code log P(y|x) + weight · log P_lm(y)}; over the target's vocabulary.
 *
 * @param language makes its step function for so many rows; each session asks for its own
 * @param weight   at least 0
 */
public record Fusion(IntFunction<StepFunction> language, double weight) {
    /**
     * A language model of n-grams or a recurrent one.
     *
     * @throws dev.rondo.error.RondoException when it is none
     */
    public static Fusion of(Model language, double weight) {
        if (NgramModel.isIn(language)) {
            NgramModel shared = NgramModel.of(language);
            return new Fusion(_ -> new NgramSteps(shared), weight);
        }
        LanguageModel.of(language); // checks that it is one
        return new Fusion(rows -> SessionSteps.of(language.session(Capacity.of("B", rows))), weight);
    }
}
