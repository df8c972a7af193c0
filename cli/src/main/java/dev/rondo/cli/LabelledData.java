package dev.rondo.cli;

import dev.rondo.classification.Classifier;
import dev.rondo.error.InputException;
import dev.rondo.tagging.Tagger;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
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

    private static final int MOST_COLUMNS = 1000;

    @Option(
            names = "--confusion",
            paramLabel = "FILE",
            description = "Draw how often each tag or class was taken for each, as SVG.")
    private Path confusion;

    @Mixin
    private TaggedTextOptions tagged;

    @Option(
            names = "--label-column",
            paramLabel = "N",
            defaultValue = "1",
            description = "For a classifier: where the class stands in lines whose columns tabs divide, counted from 1"
                    + " (default: ${DEFAULT-VALUE}).")
    private int labelColumn;

    @Option(
            names = "--text-column",
            paramLabel = "N",
            defaultValue = "2",
            description = "For a classifier: where the text stands (default: ${DEFAULT-VALUE}).")
    private int textColumn;

    void evaluate(Tagger tagger, Path model, Path data, boolean json, PrintWriter out) throws IOException {
        check(model, data);
        TaggerEvaluation found = TaggerEvaluation.of(tagger, tagged.read(List.of(data)));
        found.print(json, out);
        if (confusion != null) {
            LabelTable.draw(found.metrics(), "tags of " + data.getFileName(), confusion);
        }
    }

    void evaluate(Classifier classifier, Path model, Path data, boolean json, PrintWriter out) throws IOException {
        check(model, data);
        var texts = new ArrayList<String>();
        var labels = new ArrayList<String>();
        read(data, texts, labels);
        ClassifierEvaluation found = ClassifierEvaluation.of(classifier, texts, labels);
        found.print(json, out);
        if (confusion != null) {
            LabelTable.draw(found.metrics(), "classes of " + data.getFileName(), confusion);
        }
    }

    private void check(Path model, Path data) throws IOException {
        if (confusion != null) {
            OutputFile.check("--confusion", confusion, List.of(model, data));
        }
    }

    private void read(Path data, List<String> texts, List<String> labels) throws IOException {
        int most = Math.max(labelColumn, textColumn);
        if (Math.min(labelColumn, textColumn) < 1 || most > MOST_COLUMNS || labelColumn == textColumn) {
            throw new InputException(
                    "--label-column and --text-column",
                    "are two columns, 1 to " + MOST_COLUMNS,
                    labelColumn + " and " + textColumn,
                    "count from 1");
        }
        int number = 0;
        for (String line : TextFile.read(data).split("\n", -1)) {
            number++;
            String text = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
            if (text.isBlank()) {
                continue;
            }
            String[] columns = text.split("\t", -1);
            if (columns.length < most || columns[labelColumn - 1].isBlank()) {
                throw new InputException(
                        data + ", line " + number,
                        "has a class in column " + labelColumn + " and a text in column " + textColumn
                                + ", with tabs between columns",
                        columns.length < most ? columns.length + " columns" : "no class",
                        "correct the line, or say which columns they are");
            }
            labels.add(columns[labelColumn - 1].strip());
            texts.add(columns[textColumn - 1]);
        }
        if (texts.isEmpty()) {
            throw new InputException(data.toString(), "has texts with their classes", "none", "is the file empty?");
        }
    }
}
