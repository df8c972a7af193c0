package dev.rondo.train.seq2seq;

import dev.rondo.Model;
import dev.rondo.train.Workers;
import dev.rondo.train.data.Deal;
import dev.rondo.train.data.ParallelText;
import dev.rondo.train.metric.Bleu;
import dev.rondo.train.metric.Tokenisation;
import dev.rondo.translation.Translation;
import dev.rondo.translation.TranslationOptions;
import dev.rondo.translation.Translator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * BLEU of the translations of a validation text by a model as its file has it: what was trained is what runs. References
 * are compared as they are, token by token.
 *
 * @param parts into which the text is divided, for the workers; fixed, so that sentences always share steps with the same
 */
record ValidationBleu(ParallelText text, int beamSize, int parts, Workers workers) {
    /** Sentences at once. */
    private static final int ROWS = 32;

    /** BLEU of 0 to 100. */
    double of(Model model) {
        TranslationOptions options =
                TranslationOptions.of(TranslationOptions.usual(beamSize)).withBatch(ROWS);
        Translator translator = Translator.of(model);
        var deal = new Deal(text.size(), parts);
        List<List<Translation>> found = new ArrayList<>(Collections.nCopies(parts, List.of()));
        workers.run(
                parts, part -> found.set(part, translator.session(options).translate(deal.part(text.sources(), part))));
        List<String> translations =
                deal.whole(found).stream().map(Translation::text).toList();
        return Bleu.corpus(translations, List.of(text.targets()), Bleu.Options.DEFAULT.with(Tokenisation.NONE))
                .score();
    }
}
