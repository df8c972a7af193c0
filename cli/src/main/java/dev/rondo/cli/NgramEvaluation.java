package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.ngram.NgramModel;
import dev.rondo.ngram.NgramScore;
import java.io.PrintWriter;
import java.util.Locale;

/** How well n-grams predict a text, sentence by sentence. */
final class NgramEvaluation {
    private NgramEvaluation() {}

    /** Measures and prints. */
    static void run(NgramModel model, String text, boolean json, PrintWriter out) {
        long start = System.nanoTime();
        NgramScore score = NgramScore.of(model, text);
        double speed = score.tokens() / ((System.nanoTime() - start) / 1e9);
        if (json) {
            ObjectNode node = Json.object();
            put(score, node);
            node.put("tokens_per_second", speed);
            Json.print(node, out);
            return;
        }
        out.printf(Locale.ROOT, "sentences           %d%n", score.sentences());
        out.printf(Locale.ROOT, "tokens              %d, %d of them ends%n", score.tokens(), score.ends());
        out.printf(Locale.ROOT, "unknown tokens      %d%n", score.unknown());
        out.printf(Locale.ROOT, "nats per token      %.6f%n", -score.logProb() / score.tokens());
        out.printf(
                Locale.ROOT,
                "perplexity          %.4f, of all tokens, ends and unknown ones included%n",
                score.perplexity());
        if (score.ends() > 0) {
            out.printf(Locale.ROOT, "  without ends      %.4f%n", score.perplexityWithoutEnds());
        }
        if (score.unknown() > 0) {
            out.printf(Locale.ROOT, "  without unknown   %.4f%n", score.perplexityWithoutUnknown());
        }
        out.printf(Locale.ROOT, "tokens per second   %.0f%n", speed);
    }

    /** The same as JSON. */
    static void put(NgramScore score, ObjectNode node) {
        node.put("sentences", score.sentences());
        node.put("tokens", score.tokens());
        node.put("end_tokens", score.ends());
        node.put("unknown_tokens", score.unknown());
        node.put("nats_per_token", -score.logProb() / score.tokens());
        node.put("perplexity", score.perplexity());
        node.put("perplexity_without_ends", score.perplexityWithoutEnds());
        node.put("perplexity_without_unknown", score.perplexityWithoutUnknown());
    }
}
