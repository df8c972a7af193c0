package dev.rondo.train.metric;

import dev.rondo.error.InputException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs of n tokens and how often each occurs. */
final class Ngrams {
    private Ngrams() {}

    /** The n-grams of tokens, with their counts. */
    static Map<List<String>, Integer> count(List<String> tokens, int n) {
        List<String> kept = List.copyOf(tokens);
        Map<List<String>, Integer> counts = new HashMap<>();
        for (int i = 0; i + n <= kept.size(); i++) {
            counts.merge(kept.subList(i, i + n), 1, Integer::sum);
        }
        return counts;
    }

    /** How often both have the same: of each n-gram the smaller count. */
    static long common(Map<List<String>, Integer> a, Map<List<String>, Integer> b) {
        long common = 0;
        for (Map.Entry<List<String>, Integer> entry : a.entrySet()) {
            common += Math.min(entry.getValue(), b.getOrDefault(entry.getKey(), 0));
        }
        return common;
    }

    /** Refuses texts that do not belong together. */
    static void check(List<String> hypotheses, List<List<String>> references) {
        if (hypotheses.isEmpty() || references.isEmpty()) {
            throw new InputException(
                    "translations to score",
                    "are at least one line with one reference",
                    hypotheses.size() + " lines with " + references.size() + " references",
                    "is a file empty?");
        }
        for (List<String> reference : references) {
            if (reference.size() != hypotheses.size()) {
                throw new InputException(
                        "reference",
                        "has a line for each of " + hypotheses.size() + " translations",
                        reference.size() + " lines",
                        "give the reference of these translations");
            }
        }
    }
}
