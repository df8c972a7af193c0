package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.tagging.Tagger;
import dev.rondo.tagging.TaggerSession;
import dev.rondo.tagging.Tagging;
import dev.rondo.tagging.WordIds;
import dev.rondo.train.metric.LabelMetrics;
import dev.rondo.train.metric.SpanMetrics;
import dev.rondo.train.tagging.TaggedCorpus;
import dev.rondo.train.tagging.TaggedSentence;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How well a model tags sentences.
 *
 * @param metrics  of all tokens; tags that the model does not have are among the labels
 * @param spans    where the tags mark such
 * @param known    tokens that the model's vocabulary has, and how many of them are right
 * @param unknown  the other ones
 * @param sentences that were tagged
 * @param seconds  that it took
 */
record TaggerEvaluation(
        LabelMetrics metrics, Optional<SpanMetrics> spans, Share known, Share unknown, long sentences, double seconds) {
    private static final int BATCH = 16;

    /** How many of some tokens are right. */
    record Share(long right, long all) {
        Share plus(boolean one) {
            return new Share(right + (one ? 1 : 0), all + 1);
        }

        double accuracy() {
            return all == 0 ? 0 : (double) right / all;
        }
    }

    static TaggerEvaluation of(Tagger tagger, TaggedCorpus corpus) {
        TaggerSession session = tagger.session(BATCH, false);
        List<List<String>> tokens =
                corpus.sentences().stream().map(TaggedSentence::tokens).toList();
        List<List<String>> right =
                corpus.sentences().stream().map(TaggedSentence::tags).toList();
        long start = System.nanoTime();
        List<List<String>> guessed =
                session.tagAll(tokens).stream().map(Tagging::tags).toList();
        double seconds = (System.nanoTime() - start) / 1e9;
        Map<String, Integer> ids = new LinkedHashMap<>();
        tagger.labels().forEach(label -> ids.putIfAbsent(label, ids.size()));
        // What the model cannot say still counts, as wrong.
        corpus.tags().forEach(tag -> ids.putIfAbsent(tag, ids.size()));
        LabelTable.check(ids.size());
        var counts = new long[ids.size()][ids.size()];
        Optional<WordIds> words = tagger.words();
        var known = new Share(0, 0);
        var unknown = new Share(0, 0);
        for (int s = 0; s < right.size(); s++) {
            for (int t = 0; t < right.get(s).size(); t++) {
                String tag = right.get(s).get(t);
                String guess = guessed.get(s).get(t);
                counts[ids.get(tag)][ids.get(guess)]++;
                String token = tokens.get(s).get(t);
                if (words.isPresent() && words.get().knows(token)) {
                    known = known.plus(tag.equals(guess));
                } else {
                    unknown = unknown.plus(tag.equals(guess));
                }
            }
        }
        Optional<SpanMetrics> spans =
                SpanMetrics.marksSpans(corpus.tags()) ? Optional.of(SpanMetrics.of(right, guessed)) : Optional.empty();
        return new TaggerEvaluation(
                new LabelMetrics(new ArrayList<>(ids.keySet()), counts), spans, known, unknown, right.size(), seconds);
    }

    void print(boolean json, PrintWriter out) {
        double speed = metrics.total() / seconds;
        if (json) {
            ObjectNode node = Json.object();
            node.put("sentences", sentences);
            node.put("tokens", metrics.total());
            LabelTable.put(metrics, node);
            node.put("known_tokens", known.all());
            node.put("known_accuracy", known.accuracy());
            node.put("unknown_tokens", unknown.all());
            node.put("unknown_accuracy", unknown.accuracy());
            spans.ifPresent(s -> LabelTable.put(s, node.putObject("spans")));
            node.put("tokens_per_second", speed);
            Json.print(node, out);
            return;
        }
        out.printf(Locale.ROOT, "sentences           %d%n", sentences);
        out.printf(Locale.ROOT, "tokens              %d%n", metrics.total());
        out.printf(Locale.ROOT, "accuracy            %.2f %%%n", 100 * metrics.accuracy());
        print(out, "  known words       ", known);
        print(out, "  unknown words     ", unknown);
        LabelTable.print(metrics, out);
        spans.ifPresent(s -> {
            out.println();
            LabelTable.print(s, out);
        });
        out.printf(Locale.ROOT, "%ntokens per second   %.0f%n", speed);
    }

    private static void print(PrintWriter out, String name, Share share) {
        if (share.all() > 0) {
            out.printf(Locale.ROOT, "%s%.2f %% of %d%n", name, 100 * share.accuracy(), share.all());
        }
    }
}
