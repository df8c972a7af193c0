package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.classification.Classification;
import dev.rondo.classification.Classifier;
import dev.rondo.train.metric.LabelMetrics;
import dev.rondo.train.network.LabelledText;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How well a model classifies texts.
 *
 * @param metrics of all texts; classes that the model does not have are among the labels
 * @param logProb of the right classes, of texts whose class the model has
 * @param judged  how many these are
 */
record ClassifierEvaluation(LabelMetrics metrics, double logProb, long judged, double seconds) {
    private static final int BATCH = 32;

    /** Classifies texts and compares. */
    static ClassifierEvaluation of(Classifier classifier, List<LabelledText> samples) {
        List<String> texts = samples.stream().map(LabelledText::text).toList();
        List<String> labels = samples.stream().map(LabelledText::label).toList();
        long start = System.nanoTime();
        List<Classification> found = classifier.session(BATCH).classifyAll(texts);
        double seconds = (System.nanoTime() - start) / 1e9;
        Map<String, Integer> ids = new LinkedHashMap<>();
        classifier.labels().forEach(label -> ids.put(label, ids.size()));
        int classes = ids.size();
        // What the model cannot say still counts, as wrong.
        labels.stream().sorted().forEach(label -> ids.putIfAbsent(label, ids.size()));
        LabelTable.check(ids.size());
        var counts = new long[ids.size()][ids.size()];
        double logProb = 0;
        long judged = 0;
        for (int i = 0; i < found.size(); i++) {
            int right = ids.get(labels.get(i));
            counts[right][found.get(i).id()]++;
            if (right < classes) {
                logProb += Math.log(found.get(i).probabilities()[right]);
                judged++;
            }
        }
        return new ClassifierEvaluation(
                new LabelMetrics(new ArrayList<>(ids.keySet()), counts), logProb, judged, seconds);
    }

    void print(boolean json, PrintWriter out) {
        double speed = metrics.total() / seconds;
        if (json) {
            ObjectNode node = Json.object();
            node.put("texts", metrics.total());
            LabelTable.put(metrics, node);
            if (judged > 0 && Double.isFinite(logProb)) {
                node.put("nats_per_text", -logProb / judged);
            }
            node.put("texts_per_second", speed);
            Json.print(node, out);
            return;
        }
        out.printf(Locale.ROOT, "texts               %d%n", metrics.total());
        out.printf(Locale.ROOT, "accuracy            %.2f %%%n", 100 * metrics.accuracy());
        out.printf(Locale.ROOT, "macro F1            %.4f%n", metrics.macro().f1());
        if (judged > 0) {
            out.printf(Locale.ROOT, "nats per text       %.6f%n", -logProb / judged);
        }
        LabelTable.print(metrics, out);
        out.printf(Locale.ROOT, "%ntexts per second    %.0f%n", speed);
    }
}
