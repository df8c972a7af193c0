package dev.rondo.cli;

import dev.rondo.error.InputException;
import dev.rondo.format.Segmentation;
import dev.rondo.format.TextPipeline;
import dev.rondo.train.data.Vocabulary;
import dev.rondo.train.lm.LanguageModelSettings;
import dev.rondo.train.lm.Texts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The texts of a language model, and how they become tokens. */
final class CorpusOptions {
    @Option(
            names = "--data",
            paramLabel = "FILE",
            required = true,
            arity = "1..*",
            description = "Text in UTF-8 to train on; several files are read as one text.")
    private List<Path> data;

    @Option(
            names = "--valid",
            paramLabel = "FILE",
            description = "Text that judges the model while it is trained (default: the end of the data).")
    private Path valid;

    @Option(
            names = "--validation-fraction",
            paramLabel = "SHARE",
            description = "How much of the data is set apart for that, at its end (default: 0.1). "
                    + "'rondo eval --last' reads the same part.")
    private Double validationFraction;

    @Option(
            names = "--unit",
            paramLabel = "UNIT",
            description = "What a token is: characters or words (default: characters; words with --ngram).")
    private String unit;

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

    /** All files that are read. */
    List<Path> files() {
        var files = new ArrayList<>(data);
        Optional.ofNullable(valid).ifPresent(files::add);
        return files;
    }

    /** Options that name the data again, to resume. */
    String commandLine() {
        var words = new ArrayList<String>();
        words.add("--data");
        data.forEach(file -> words.add(quoted(file)));
        if (valid != null) {
            words.add("--valid");
            words.add(quoted(valid));
        }
        return String.join(" ", words);
    }

    /** A path as a shell takes it. */
    static String quoted(Path path) {
        return quoted(path.toString());
    }

    /** A word as a shell takes it. */
    static String quoted(String text) {
        return text.matches("[A-Za-z0-9_./:@%+=,-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    Texts texts() throws IOException {
        var text = new StringBuilder();
        for (Path file : data) {
            text.append(TextFile.read(file));
        }
        if (text.isEmpty()) {
            throw new InputException("data " + data.getFirst(), "has text", "an empty file", "give a text to train on");
        }
        return new Texts(text.toString(), valid == null ? Optional.empty() : Optional.of(TextFile.read(valid)));
    }

    /** The data as lines: what ends a file also ends a line. */
    String sentences() throws IOException {
        var text = new StringBuilder();
        for (Path file : data) {
            text.append(TextFile.read(file)).append('\n');
        }
        return text.toString();
    }

    /** The text that judges the model, where it is named. */
    Optional<String> validation() throws IOException {
        return valid == null ? Optional.empty() : Optional.of(TextFile.read(valid));
    }

    /** The vocabulary of those sentences. */
    TextPipeline vocabulary(String sentences) {
        return Vocabulary.sentences(unit("words"), sentences, vocabularySize, minCount);
    }

    private Segmentation unit(String usual) {
        return Choice.of(
                "--unit",
                unit == null ? usual : unit,
                Map.of("characters", Segmentation.CHARACTERS, "words", Segmentation.WORDS));
    }

    void apply(LanguageModelSettings.Builder settings) {
        if (valid != null && validationFraction != null) {
            throw new InputException(
                    "--valid and --validation-fraction", "exclude each other", "both", "leave one of them out");
        }
        settings.unit(unit("characters")).vocabularySize(vocabularySize).minCount(minCount);
        Optional.ofNullable(validationFraction).ifPresent(settings::validationShare);
    }
}
