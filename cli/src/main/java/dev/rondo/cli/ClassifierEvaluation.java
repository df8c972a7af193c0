package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.classification.Classification;
import dev.rondo.classification.Classifier;
import dev.rondo.prediction.Predictor;
import dev.rondo.train.metric.LabelMetrics;
import dev.rondo.train.network.LabelledFeatures;
import dev.rondo.train.network.LabelledText;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How well a model classifies texts, rows of numbers or images.
 *
 * @param unit    what is classified: {@code text}
 * @param metrics of all of them; classes that the model does not have are among the labels
 * @param logProb of the right classes, where the model has the class
 * @param judged  how many these are
 */
record ClassifierEvaluation(String unit, LabelMetrics metrics, double logProb, long judged, double seconds) {
    private static final int BATCH = 32;

    /** Classifies texts and compares. */
    static ClassifierEvaluation of(Classifier classifier, List<LabelledText> samples) {
        List<String> texts = samples.stream().map(LabelledText::text).toList();
        List<String> labels = samples.stream().map(LabelledText::label).toList();
        long start = System.nanoTime();
        List<Classification> found = classifier.session(BATCH).classifyAll(texts);
        double seconds = (System.nanoTime() - start) / 1e9;
        return of(
                "text",
                classifier.labels(),
                labels,
                found.stream().map(Classification::id).toList(),
                found.stream().map(Classification::probabilities).toList(),
                seconds);
    }

    /**
     * Compares rows of numbers with their classes.
     *
     * @param unit what one is called
     */
    static ClassifierEvaluation of(String unit, Predictor predictor, List<LabelledFeatures> samples) {
        List<float[][]> rows =
                samples.stream().map(s -> new float[][] {s.values()}).toList();
        List<String> labels = samples.stream().map(LabelledFeatures::label).toList();
        long start = System.nanoTime();
        List<float[]> found = predictor.predictAll(rows);
        double seconds = (System.nanoTime() - start) / 1e9;
        List<Integer> best = found.stream().map(ClassifierEvaluation::best).toList();
        return of(unit, predictor.targets(), labels, best, found, seconds);
    }

    /** The most probable class, the first of equals. */
    private static int best(float[] probabilities) {
        int best = 0;
        for (int k = 1; k < probabilities.length; k++) {
            best = probabilities[k] > probabilities[best] ? k : best;
        }
        return best;
    }

    private static ClassifierEvaluation of(
            String unit,
            List<String> names,
            List<String> labels,
            List<Integer> found,
            List<float[]> probabilities,
            double seconds) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        names.forEach(label -> ids.put(label, ids.size()));
        int classes = ids.size();
        // What the model cannot say still counts, as wrong.
        labels.stream().sorted().forEach(label -> ids.putIfAbsent(label, ids.size()));
        LabelTable.check(ids.size());
        var counts = new long[ids.size()][ids.size()];
        double logProb = 0;
        long judged = 0;
        for (int i = 0; i < found.size(); i++) {
            int right = ids.get(labels.get(i));
            counts[right][found.get(i)]++;
            if (right < classes) {
                logProb += Math.log(probabilities.get(i)[right]);
                judged++;
            }
        }
        return new ClassifierEvaluation(
                unit, new LabelMetrics(new ArrayList<>(ids.keySet()), counts), logProb, judged, seconds);
    }

    void print(boolean json, PrintWriter out) {
        double speed = metrics.total() / seconds;
        if (json) {
            ObjectNode node = Json.object();
            node.put(unit + "s", metrics.total());
            LabelTable.put(metrics, node);
            if (judged > 0 && Double.isFinite(logProb)) {
                node.put("nats_per_" + unit, -logProb / judged);
            }
            node.put(unit + "s_per_second", speed);
            Json.print(node, out);
            return;
        }
        out.printf(Locale.ROOT, "%-18s  %d%n", unit + "s", metrics.total());
        out.printf(Locale.ROOT, "accuracy            %.2f %%%n", 100 * metrics.accuracy());
        out.printf(Locale.ROOT, "macro F1            %.4f%n", metrics.macro().f1());
        if (judged > 0) {
            out.printf(Locale.ROOT, "%-18s  %.6f%n", "nats per " + unit, -logProb / judged);
        }
        LabelTable.print(metrics, out);
        out.printf(Locale.ROOT, "%n%-18s  %.0f%n", unit + "s per second", speed);
    }
}
