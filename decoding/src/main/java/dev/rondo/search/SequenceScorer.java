package dev.rondo.search;

import java.util.ArrayList;
import java.util.List;

/** How likely a function finds given sequences; reusable, for one thread. */
public final class SequenceScorer {
    private final StepFunction steps;
    private final RowScores scores;

    /** A scorer over a function, which it steps alone. */
    public SequenceScorer(StepFunction steps) {
        this.steps = steps;
        this.scores = new RowScores(steps);
    }

    /**
     * The log-probability of each token after those before it, of as many sequences as the function has sentences.
     *
     * @param begin     the token that is read first
     * @param sequences the tokens after it, with the end token where that is to count
     * @throws dev.rondo.error.InputException when a token is not of the vocabulary, or a score NaN
     */
    public List<double[]> score(int begin, List<int[]> sequences) {
        int rows = sequences.size();
        var results = new ArrayList<double[]>(rows);
        var tokens = new int[rows];
        int longest = 0;
        for (int i = 0; i < rows; i++) {
            tokens[i] = begin;
            longest = Math.max(longest, sequences.get(i).length);
            results.add(new double[sequences.get(i).length]);
            for (int token : sequences.get(i)) {
                Rules.check(token, scores.size());
            }
        }
        if (longest == 0) {
            return results;
        }
        steps.begin(rows);
        for (int at = 0; at < longest; at++) {
            steps.step(tokens);
            scores.take(steps);
            for (int row = 0; row < rows; row++) {
                int[] sequence = sequences.get(row);
                // A row that is over reads on, and nobody looks.
                tokens[row] = at < sequence.length ? sequence[at] : 0;
                if (at < sequence.length) {
                    scores.open(row);
                    scores.findMaxima();
                    results.get(row)[at] = scores.get(sequence[at]);
                }
            }
        }
        return results;
    }
}
