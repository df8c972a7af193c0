package dev.rondo.cli;

import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.prediction.Predictor;
import dev.rondo.train.network.Column;
import dev.rondo.train.network.LabelledFeatures;
import dev.rondo.train.network.NumberSample;
import dev.rondo.train.network.NumberTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Samples of networks that read numbers, with what is right. */
final class NumberData {
    /** Options of classifiers. */
    static final Set<String> OF_CLASSES = Set.of("--images", "--labels", "--columns");
    /** Options of networks that give numbers. */
    static final Set<String> OF_NUMBERS = Set.of("--target", "--columns");

    @Option(
            names = "--images",
            paramLabel = "FILE",
            description = "Grey images, instead of --data: an IDX file as MNIST's.")
    private Path images;

    @Option(names = "--labels", paramLabel = "FILE", description = "Their classes, an IDX file.")
    private Path labels;

    @Option(
            names = "--columns",
            paramLabel = "COLUMN",
            split = ",",
            description = "For a model that reads numbers: the columns that it reads (default: as in training).")
    private List<String> columns = List.of();

    @Option(
            names = "--target",
            paramLabel = "COLUMN",
            split = ",",
            description = "For a model that gives numbers: the columns that it predicts (default: as in training).")
    private List<String> targets = List.of();

    /** Whether there are images. */
    boolean hasImages() {
        return images != null || labels != null;
    }

    /** The files that are read, the first the samples; {@code data} may be null. */
    List<Path> files(Path data) {
        return Stream.of(data, images, labels).filter(file -> file != null).toList();
    }

    /**
     * Compares what a model says of rows, or of images.
     *
     * @param label the column of the class
     */
    ClassifierEvaluation classify(Model model, Predictor predictor, Path data, String label) throws IOException {
        if (!hasImages()) {
            return ClassifierEvaluation.of("row", predictor, rows(model, predictor, data, label));
        }
        if (images == null || labels == null) {
            throw new InputException("--images and --labels", "are given together", "one of them", "give both");
        }
        if (data != null || !columns.isEmpty()) {
            throw new InputException(
                    (data != null ? "--data" : "--columns") + " and --images",
                    "exclude each other",
                    "both",
                    "leave one of them out");
        }
        List<LabelledFeatures> samples = ImageOptions.read(images, labels);
        int pixels = samples.isEmpty() ? 0 : samples.getFirst().values().length;
        if (pixels != predictor.width()) {
            throw new InputException(
                    "images " + images,
                    "have the " + predictor.width() + " pixels that the model reads",
                    pixels + "",
                    "give images of the size it was trained on");
        }
        return ClassifierEvaluation.of("image", predictor, samples);
    }

    private List<LabelledFeatures> rows(Model model, Predictor predictor, Path data, String label) throws IOException {
        // A model that does not say what it read has read all but the class.
        List<Column> read = read(model, predictor);
        if (columns.isEmpty()
                && isNumber(label)
                && !read.isEmpty()
                && !isNumber(predictor.inputs().getFirst())) {
            throw new InputException(
                    "--label-column",
                    "is a name, as those of the columns that the model reads: " + predictor.inputs(),
                    label,
                    "give the name of the column of the class");
        }
        NumberTable table = NumberTable.labelled(data.toString(), TextFile.read(data), new Column(label), read);
        return table.labelledRows();
    }

    private static boolean isNumber(String column) {
        return column.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private List<Column> read(Model model, Predictor predictor) {
        List<String> said = model.metadata().containsKey("inputs") ? predictor.inputs() : List.of();
        return (columns.isEmpty() ? said : columns).stream().map(Column::new).toList();
    }

    /** Compares the numbers that a model says with those of a table. */
    NumberEvaluation predict(Model model, Predictor predictor, Path data) throws IOException {
        if (targets.isEmpty() && !model.metadata().containsKey("targets")) {
            throw new InputException(
                    "--target", "names the columns to predict, for the model does not", "none", "name them");
        }
        List<Column> wanted = (targets.isEmpty() ? predictor.targets() : targets)
                .stream().map(Column::new).toList();
        if (wanted.size() != predictor.targets().size()) {
            throw new InputException(
                    "--target",
                    "names the " + predictor.targets().size() + " columns that the model predicts",
                    wanted.size() + "",
                    "name as many");
        }
        List<Column> read = read(model, predictor);
        String text = TextFile.read(data);
        List<NumberSample> samples = predictor.window() == 0
                ? NumberTable.targets(data.toString(), text, wanted, read).rows()
                : NumberTable.series(data.toString(), text, wanted, read)
                        .windows(predictor.window(), Math.max(1, predictor.horizon()));
        return NumberEvaluation.of(predictor, samples);
    }
}
