package dev.rondo.cli;

import dev.rondo.format.Normalisation;
import dev.rondo.format.Segmentation;
import dev.rondo.train.data.PairVocabulary;
import dev.rondo.train.data.ParallelText;
import dev.rondo.train.seq2seq.PairTexts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Option;

/** The parallel texts of an encoder-decoder, and how they become tokens. */
final class PairOptions {
    /** Options that name the data. */
    static final Set<String> DATA = Set.of("--source", "--target", "--valid-source", "--valid-target");

    private static final int MERGES = 8000;

    @Option(
            names = "--source",
            paramLabel = "FILE",
            required = true,
            description = "Text in UTF-8 to translate from, a sentence a line.")
    private Path source;

    @Option(
            names = "--target",
            paramLabel = "FILE",
            required = true,
            description = "Its translation: line i of one is line i of the other.")
    private Path target;

    @Option(
            names = "--valid-source",
            paramLabel = "FILE",
            required = true,
            description = "Sentences that judge the model while it is trained.")
    private Path validSource;

    @Option(names = "--valid-target", paramLabel = "FILE", required = true, description = "Their translations.")
    private Path validTarget;

    @Option(
            names = "--unit",
            paramLabel = "UNIT",
            defaultValue = "byte-pairs",
            description = "What a token is: byte-pairs, words or characters (default: ${DEFAULT-VALUE}).")
    private String unit;

    @Option(
            names = "--merges",
            paramLabel = "N",
            description = "Byte pairs to learn, in each list (default: " + MERGES + ").")
    private Integer merges;

    @Option(
            names = "--separate",
            description = "Learn byte pairs of each side from that side alone, not one list from both.")
    private boolean separate;

    @Option(names = "--lowercase", description = "Lower-case both sides first.")
    private boolean lowercase;

    @Option(
            names = "--vocabulary-size",
            paramLabel = "N",
            defaultValue = "0",
            description = "The N most frequent tokens of a side only, others are unknown; 0 for all "
                    + "(default: ${DEFAULT-VALUE}).")
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
            defaultValue = "100",
            description = "Training pairs with more tokens on a side are left out; 0 for no limit "
                    + "(default: ${DEFAULT-VALUE}).")
    private int maxLength;

    List<Path> files() {
        return List.of(source, target, validSource, validTarget);
    }

    /** Options that name the data again, to resume. */
    String commandLine() {
        return "--source " + CorpusOptions.quoted(source) + " --target " + CorpusOptions.quoted(target)
                + " --valid-source " + CorpusOptions.quoted(validSource) + " --valid-target "
                + CorpusOptions.quoted(validTarget);
    }

    PairTexts texts() throws IOException {
        return new PairTexts(pair(source, target), pair(validSource, validTarget));
    }

    private static ParallelText pair(Path source, Path target) throws IOException {
        return ParallelText.of(source.toString(), TextFile.read(source), target.toString(), TextFile.read(target));
    }

    int maxLength() {
        Range.check(maxLength >= 0, "--max-length", "is 0 for no limit, or more", maxLength);
        return maxLength;
    }

    /** @param shared whether both sides have one vocabulary, for tables that are tied */
    PairVocabulary vocabulary(boolean shared) {
        Segmentation segmentation = Choice.of(
                "--unit",
                unit,
                Map.of(
                        "byte-pairs", Segmentation.BYTE_PAIRS,
                        "words", Segmentation.WORDS,
                        "characters", Segmentation.CHARACTERS));
        boolean pieces = segmentation == Segmentation.BYTE_PAIRS;
        OptimisationOptions.belongs("--merges", merges, unit, List.of("byte-pairs"));
        OptimisationOptions.belongs("--separate", separate ? true : null, unit, List.of("byte-pairs"));
        return new PairVocabulary(
                segmentation,
                lowercase ? Normalisation.LOWERCASE : Normalisation.NONE,
                pieces ? merges == null ? MERGES : merges : 0,
                pieces && !separate,
                shared,
                vocabularySize,
                minCount);
    }
}
