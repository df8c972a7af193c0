package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.prediction.Predictor;
import dev.rondo.train.network.NumberSample;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/**
 * How far a model's numbers are from the right ones, in their own units.
 *
 * @param targets  names of the columns
 * @param samples  how many there were
 * @param squared  the mean squared error of each column
 * @param absolute the mean absolute error of each column
 * @param variance of the right numbers of each column: the mean squared error of always saying their mean
 */
record NumberEvaluation(
        List<String> targets, int samples, double[] squared, double[] absolute, double[] variance, double seconds) {
    /** Predicts and compares. */
    static NumberEvaluation of(Predictor predictor, List<NumberSample> samples) {
        long start = System.nanoTime();
        List<float[]> found =
                predictor.predictAll(samples.stream().map(NumberSample::inputs).toList());
        double seconds = (System.nanoTime() - start) / 1e9;
        // Of several rows that are forecast all errors of a column count alike.
        int columns = predictor.targets().size();
        double[] squared = new double[columns];
        double[] absolute = new double[columns];
        double[] sums = new double[columns];
        double[] squares = new double[columns];
        int ahead = Math.max(1, predictor.horizon());
        double shift = samples.getFirst().targets()[0];
        for (int i = 0; i < found.size(); i++) {
            float[] right = samples.get(i).targets();
            for (int k = 0; k < right.length; k++) {
                double error = (double) found.get(i)[k] - right[k];
                squared[k % columns] += error * error;
                absolute[k % columns] += Math.abs(error);
                sums[k % columns] += right[k] - shift;
                squares[k % columns] += (right[k] - shift) * (right[k] - shift);
            }
        }
        double count = (double) found.size() * ahead;
        double[] variance = new double[columns];
        for (int k = 0; k < columns; k++) {
            squared[k] /= count;
            absolute[k] /= count;
            double mean = sums[k] / count;
            variance[k] = Math.max(0, squares[k] / count - mean * mean);
        }
        return new NumberEvaluation(predictor.targets(), samples.size(), squared, absolute, variance, seconds);
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    void print(boolean json, PrintWriter out) {
        double speed = samples / seconds;
        double root = Math.sqrt(mean(squared));
        if (json) {
            ObjectNode node = Json.object();
            node.put("samples", samples);
            node.put("root_mean_squared_error", root);
            node.put("mean_absolute_error", mean(absolute));
            ObjectNode columns = node.putObject("targets");
            for (int k = 0; k < targets.size(); k++) {
                ObjectNode column = columns.putObject(targets.get(k));
                column.put("root_mean_squared_error", Math.sqrt(squared[k]));
                column.put("mean_absolute_error", absolute[k]);
                column.put("deviation", Math.sqrt(variance[k]));
            }
            node.put("samples_per_second", speed);
            Json.print(node, out);
            return;
        }
        out.printf(Locale.ROOT, "samples                         %d%n", samples);
        out.printf(Locale.ROOT, "root of the mean squared error  %.6g%n", root);
        out.printf(Locale.ROOT, "mean absolute error             %.6g%n", mean(absolute));
        for (int k = 0; k < targets.size(); k++) {
            out.printf(
                    Locale.ROOT,
                    "%s: %.6g, absolute %.6g; whoever always says the mean has %.6g%n",
                    targets.get(k),
                    Math.sqrt(squared[k]),
                    absolute[k],
                    Math.sqrt(variance[k]));
        }
        out.printf(Locale.ROOT, "samples per second              %.0f%n", speed);
    }
}
