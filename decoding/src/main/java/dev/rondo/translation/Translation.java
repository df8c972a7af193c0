package dev.rondo.translation;

import dev.rondo.search.Hypothesis;
import java.util.List;

/**
 * A translated text: what it was, and the best translations that were found, the best first.
 *
 * @param source the tokens of the source, as attention counts them
 * @param nBest  empty when the constraints left none
 */
public record Translation(List<String> source, List<Candidate> nBest) {
    public Translation {
        source = List.copyOf(source);
        nBest = List.copyOf(nBest);
    }

    /**
     * One translation.
     *
     * @param text       without begin and end
     * @param tokens     its tokens, without the end, unknown ones replaced if that was asked for
     * @param score      what it is ranked by
     * @param hypothesis ids, log-probabilities of tokens and attention, as the search gave them
     */
    public record Candidate(String text, List<String> tokens, double score, Hypothesis hypothesis) {
        public Candidate {
            tokens = List.copyOf(tokens);
        }
    }

    /** The best translation; empty when there is none. */
    public String text() {
        return nBest.isEmpty() ? "" : nBest.getFirst().text();
    }

    /** The score of the best; negative infinity when there is none. */
    public double score() {
        return nBest.isEmpty() ? Double.NEGATIVE_INFINITY : nBest.getFirst().score();
    }

    @Override
    public String toString() {
        return text();
    }
}
