package dev.rondo.cli;

import dev.rondo.classification.Classifier;
import dev.rondo.tagging.Tagger;
import dev.rondo.train.network.Column;
import dev.rondo.train.network.LabelledTexts;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Evaluation of taggers and classifiers on data that says what is right. */
final class LabelledData {
    /** Options of both. */
    static final Set<String> COMMON = Set.of("--data", "--confusion");
    /** Options of classifiers. */
    static final Set<String> OF_CLASSES = Set.of("--label-column", "--text-column");

    @Option(
            names = "--confusion",
            paramLabel = "FILE",
            description = "Draw how often each tag or class was taken for each, as SVG.")
    private Path confusion;

    @Mixin
    private TaggedTextOptions tagged;

    @Option(
            names = {"--label", "--label-column"},
            paramLabel = "COLUMN",
            defaultValue = "1",
            description =
                    "For a classifier: the column of the class, its number, or its name where the first row names the"
                            + " columns (default: ${DEFAULT-VALUE}).")
    private String label;

    @Option(
            names = {"--text", "--text-column"},
            paramLabel = "COLUMN",
            defaultValue = "2",
            description = "For a classifier: the column of the text (default: ${DEFAULT-VALUE}).")
    private String text;

    void evaluate(Tagger tagger, Path model, Path data, boolean json, PrintWriter out) throws IOException {
        check(List.of(model, data));
        TaggerEvaluation found = TaggerEvaluation.of(tagger, tagged.read(List.of(data)));
        found.print(json, out);
        if (confusion != null) {
            LabelTable.draw(found.metrics(), "tags of " + data.getFileName(), confusion);
        }
    }

    void evaluate(Classifier classifier, Path model, Path data, boolean json, PrintWriter out) throws IOException {
        check(List.of(model, data));
        ClassifierEvaluation found = ClassifierEvaluation.of(
                classifier,
                LabelledTexts.table(data.toString(), TextFile.read(data), new Column(label), new Column(text)));
        report(found, data, json, out);
    }

    /** The column of the class. */
    String label() {
        return label;
    }

    /** Prints what was found, and draws it where that is wanted. */
    void report(ClassifierEvaluation found, Path source, boolean json, PrintWriter out) throws IOException {
        found.print(json, out);
        if (confusion != null) {
            LabelTable.draw(found.metrics(), "classes of " + source.getFileName(), confusion);
        }
    }

    /** @throws dev.rondo.error.InputException when what is drawn would be written over a file that is read */
    void check(List<Path> read) throws IOException {
        if (confusion != null) {
            OutputFile.check("--confusion", confusion, read);
        }
    }
}
