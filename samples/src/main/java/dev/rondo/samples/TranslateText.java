package dev.rondo.samples;

import dev.rondo.Model;
import dev.rondo.translation.Translation;
import dev.rondo.translation.TranslationOptions;
import dev.rondo.translation.TranslationSession;
import dev.rondo.translation.Translator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Translates sentences, the three best translations of each with their scores: {@code java ... dev.rondo.samples.TranslateText
 * MODEL SENTENCE...}.
 */
public final class TranslateText {
    private TranslateText() {}

    public static void main(String[] args) throws IOException {
        if (args.length < 2) {
            System.err.println("usage: TranslateText MODEL SENTENCE...");
            System.exit(2);
        }
        // A service opens its model once; threads share it, and each makes a session of its own.
        try (Model model = Model.open(Path.of(args[0]))) {
            TranslationOptions options =
                    TranslationOptions.of(TranslationOptions.usual(5).withNBest(3));
            TranslationSession session = Translator.of(model).session(options);
            for (Translation translation : session.translate(List.of(args).subList(1, args.length))) {
                for (Translation.Candidate candidate : translation.nBest()) {
                    System.out.printf("%.6f  %s%n", candidate.score(), candidate.text());
                }
            }
        }
    }
}
