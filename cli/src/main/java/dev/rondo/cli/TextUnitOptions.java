package dev.rondo.cli;

import dev.rondo.format.Segmentation;
import dev.rondo.train.network.TextUnits;
import picocli.CommandLine.Option;

/** How texts become tokens, for networks that only read them. */
final class TextUnitOptions {
    @Option(names = "--lowercase", description = "Lower-case tokens first.")
    private boolean lowercase;

    @Option(
            names = "--vocabulary-size",
            paramLabel = "N",
            defaultValue = "0",
            description = "The N most frequent tokens only, others are unknown; 0 for all (default: ${DEFAULT-VALUE}).")
    private int vocabularySize;

    @Option(
            names = "--min-count",
            paramLabel = "N",
            defaultValue = "1",
            description = "Tokens that occur fewer times are unknown (default: ${DEFAULT-VALUE}).")
    private int minCount;

    @Option(
            names = "--max-length",
            paramLabel = "N",
            defaultValue = "0",
            description = "Training texts with more tokens are left out; 0 for no limit (default: ${DEFAULT-VALUE}).")
    private int maxLength;

    @Option(
            names = "--unknown-dropout",
            paramLabel = "P",
            defaultValue = "0.2",
            description =
                    "Training reads tokens that occur once as unknown, with this probability, so that unknown ones "
                            + "mean something (default: ${DEFAULT-VALUE}).")
    private double unknownDropout;

    TextUnits units(Segmentation unit) {
        return new TextUnits(unit, lowercase, vocabularySize, minCount, maxLength, unknownDropout);
    }
}
