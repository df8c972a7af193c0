package dev.rondo.cli;

import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.ngram.NgramModel;
import dev.rondo.ngram.NgramScore;
import dev.rondo.text.Tokenizer;
import dev.rondo.translation.NoisyChannel;
import dev.rondo.translation.TranslationOptions;
import dev.rondo.translation.Translator;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * The models of a noisy channel.
 *
 * @param reverse  translates back
 * @param language of the target's language, if any
 */
record Rescoring(Model reverse, double weight, Optional<Model> language, double languageWeight)
        implements AutoCloseable {

    /** A channel for the thread that asks. */
    NoisyChannel channel(Model.Kernel kernel) {
        ToDoubleFunction<String> prior = language.isEmpty() ? _ -> 0 : possible(prior(language.get(), kernel));
        return new NoisyChannel(
                Translator.of(reverse, kernel).session(TranslationOptions.DEFAULT), prior, weight, languageWeight);
    }

    /** What a vocabulary cannot spell is not a sentence of its language. */
    private static ToDoubleFunction<String> possible(ToDoubleFunction<String> prior) {
        return text -> {
            try {
                return prior.applyAsDouble(text);
            } catch (InputException ignored) {
                return Double.NEGATIVE_INFINITY;
            }
        };
    }

    /** {@code ln P} of a sentence and its end. */
    private static ToDoubleFunction<String> prior(Model model, Model.Kernel kernel) {
        if (NgramModel.isIn(model)) {
            NgramModel ngrams = NgramModel.of(model);
            return text -> NgramScore.of(ngrams, text).logProb();
        }
        LanguageModel recurrent = LanguageModel.of(model, kernel);
        Tokenizer tokenizer = recurrent.tokenizer();
        int end = tokenizer.pipeline().special().end();
        if (tokenizer.pipeline().special().begin() >= 0 && end >= 0) {
            return text -> {
                int[] ids = tokenizer.encode(text);
                int[] ended = Arrays.copyOf(ids, ids.length + 1);
                ended[ids.length] = end;
                return recurrent.score(ended).logProb();
            };
        }
        if (!tokenizer.pipeline().vocabulary().contains("\n")) {
            throw new InputException(
                    "--language-model",
                    "knows where a sentence begins and ends",
                    "a model without begin, end or line feed",
                    "train one of n-grams, or with --vocabulary-of the translation model");
        }
        return text -> recurrent.score("\n" + text + "\n").logProb();
    }

    @Override
    public void close() {
        reverse.close();
        language.ifPresent(Model::close);
    }
}
