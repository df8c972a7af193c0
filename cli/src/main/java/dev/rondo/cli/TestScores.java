package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.metric.LabelMetrics;
import dev.rondo.train.network.NetworkResult;
import dev.rondo.train.network.NetworkScores;
import dev.rondo.train.select.CrossValidation;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;

/** What a network's training says of the test samples. */
final class TestScores implements TrainingRun.More {
    /** Of networks whose predictions are numbers. */
    static final String NUMBER = "number";

    private final String unit;
    private Optional<NetworkResult> result = Optional.empty();
    private Optional<CrossValidation> folds = Optional.empty();

    /** @param unit what a prediction is */
    TestScores(String unit) {
        this.unit = unit;
    }

    /** Keeps a result to be told. */
    TrainingResult keep(NetworkResult found) {
        result = Optional.of(found);
        return found.training();
    }

    /** Keeps what folds said. */
    void keep(CrossValidation validation) {
        folds = Optional.of(validation);
    }

    private Optional<NetworkScores> validation() {
        return result.flatMap(NetworkResult::validation);
    }

    private Optional<NetworkScores> test() {
        return result.flatMap(NetworkResult::test);
    }

    @Override
    public void print(PrintWriter out) {
        result.flatMap(NetworkResult::coverage).ifPresent(words -> out.println("vectors     " + words));
        folds.ifPresent(found -> out.printf(
                Locale.ROOT,
                "folds       %s %.4g, deviation %.2g, of %d%n",
                unit.equals(NUMBER) ? "root of the mean squared error" : "accuracy",
                found.mean(),
                found.deviation(),
                found.scores().size()));
        validation()
                .filter(scores -> scores.labels().isEmpty())
                .ifPresent(scores ->
                        out.printf(Locale.ROOT, "            root of the mean squared error %.6g%n", scores.error()));
        test().ifPresent(scores -> {
            if (scores.labels().isEmpty()) {
                out.printf(
                        Locale.ROOT,
                        "test        root of the mean squared error %.6g, of %,d samples%n",
                        scores.error(),
                        scores.samples());
            } else {
                out.printf(
                        Locale.ROOT,
                        "test        accuracy %.2f, macro F1 %.2f, of %,d %ss%n",
                        100 * scores.accuracy(),
                        100 * metrics(scores).macro().f1(),
                        scores.targets().length,
                        unit);
            }
        });
    }

    private static LabelMetrics metrics(NetworkScores scores) {
        return LabelMetrics.of(scores.labels(), scores.targets(), scores.predicted());
    }

    @Override
    public void put(ObjectNode node) {
        folds.ifPresent(found -> {
            node.put("folds_mean", found.mean());
            node.put("folds_deviation", found.deviation());
            ArrayNode scores = node.putArray("folds");
            found.scores().forEach(scores::add);
        });
        validation().ifPresent(scores -> put(node, "validation_", scores));
        test().ifPresent(scores -> {
            node.put("test_samples", scores.samples());
            node.put("test_loss", scores.loss());
            put(node, "test_", scores);
        });
    }

    private static void put(ObjectNode node, String prefix, NetworkScores scores) {
        if (scores.labels().isEmpty()) {
            node.put(prefix + "root_mean_squared_error", scores.error());
            return;
        }
        node.put(prefix + "accuracy", 100 * scores.accuracy());
        node.put(prefix + "macro_f1", 100 * metrics(scores).macro().f1());
    }
}
