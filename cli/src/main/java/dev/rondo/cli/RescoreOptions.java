package dev.rondo.cli;

import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.search.BeamOptions;
import dev.rondo.search.Variety;
import dev.rondo.translation.TranslationOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** A noisy channel that ranks translations anew. */
final class RescoreOptions {
    private static final double MOST = 1e6;

    @Option(
            names = "--rescore",
            paramLabel = "MODEL",
            description = "A model that translates back: all hypotheses of the beam are ranked anew by "
                    + "ln P(y|x) + A ln P(x|y) + B ln P(y), which is then their score.")
    private Path reverse;

    @Option(
            names = "--rescore-weight",
            paramLabel = "A",
            description = "Of ln P(x|y) (default: 1, which is not tuned).")
    private Double weight;

    @Option(
            names = "--language-model",
            paramLabel = "MODEL",
            description = "What ln P(y) comes from: n-grams or recurrent, with any vocabulary (default: none).")
    private Path language;

    @Option(names = "--language-weight", paramLabel = "B", description = "Of ln P(y) (default: 0.3, not tuned either).")
    private Double languageWeight;

    /** All files that are read for it. */
    List<Path> files() {
        return Stream.of(reverse, language).filter(Objects::nonNull).toList();
    }

    /** Opens the models, which the caller closes; empty without the option. */
    Optional<Rescoring> open() throws IOException {
        belongs("--rescore-weight", weight, "--rescore", reverse);
        belongs("--language-model", language, "--rescore", reverse);
        belongs("--language-weight", languageWeight, "--language-model", language);
        check("--rescore-weight", weight);
        check("--language-weight", languageWeight);
        if (reverse == null) {
            return Optional.empty();
        }
        Model back = Model.open(reverse);
        try {
            return Optional.of(new Rescoring(
                    back,
                    weight == null ? 1 : weight,
                    language == null ? Optional.empty() : Optional.of(Model.open(language)),
                    languageWeight == null ? 0.3 : languageWeight));
        } catch (IOException | RuntimeException failed) {
            back.close();
            throw failed;
        }
    }

    private static void belongs(String option, Object value, String other, Object owner) {
        if (value != null && owner == null) {
            throw new InputException(option, "belongs to " + other, "none", "give both, or leave it out");
        }
    }

    private static void check(String option, Double value) {
        Range.check(value == null || Math.abs(value) <= MOST, option, "is finite, at most " + MOST, value);
    }

    /** All that a beam finds is ranked. */
    TranslationOptions apply(TranslationOptions options) {
        if (reverse == null) {
            return options;
        }
        BeamOptions beam = options.beam();
        if (beam.variety() instanceof Variety.Alternatives) {
            throw new InputException("--rescore", "excludes --alternatives", "both", "leave one out");
        }
        return options.withBeam(beam.withNBest(beam.beamSize()));
    }
}
