package dev.rondo.cli;

import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.format.TextPipeline;
import dev.rondo.translation.Fusion;
import dev.rondo.translation.TranslationOptions;
import dev.rondo.translation.Translator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** A language model that has a say in each step of a search. */
final class FusionOptions {
    @Option(
            names = "--fuse",
            paramLabel = "MODEL",
            description =
                    "A language model, of n-grams or recurrent, over the target's vocabulary: its log-probabilities"
                            + " are added in each step (train it with --vocabulary-of MODEL).")
    private Path file;

    @Option(names = "--fusion-weight", paramLabel = "W", description = "What they are multiplied by (default: 0.2).")
    private Double weight;

    /** All files that are read for it. */
    List<Path> files() {
        return Stream.ofNullable(file).toList();
    }

    /** Opens the model, which the caller closes. */
    Optional<Model> open() throws IOException {
        if (weight != null && file == null) {
            throw new InputException("--fusion-weight", "belongs to --fuse", "none", "give both, or leave it out");
        }
        return file == null ? Optional.empty() : Optional.of(Model.open(file));
    }

    TranslationOptions apply(TranslationOptions options, Translator translator, Optional<Model> language) {
        return language.map(model -> options.withFusion(fusion(translator, model)))
                .orElse(options);
    }

    private Fusion fusion(Translator translator, Model model) {
        Fusion fusion = Fusion.of(model, weight == null ? 0.2 : weight);
        List<String> vocabulary =
                model.texts().stream().findFirst().map(TextPipeline::vocabulary).orElse(List.of());
        if (!vocabulary.equals(translator.target().pipeline().vocabulary())) {
            throw new InputException(
                    "--fuse " + file,
                    "has the vocabulary of the target",
                    vocabulary.size() + " other tokens",
                    "train it with --vocabulary-of the translation model");
        }
        return fusion;
    }
}
