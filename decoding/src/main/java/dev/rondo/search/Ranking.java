package dev.rondo.search;

import java.util.ArrayList;
import java.util.List;

/** The best hypotheses that are finished, the best first, of equals the one that finished earlier. */
final class Ranking {
    private final int[] node;
    private final double[] logProb;
    private final double[] score;
    private final boolean[] ended;
    private int count;
    private int offered;

    Ranking(int best) {
        node = new int[best];
        logProb = new double[best];
        score = new double[best];
        ended = new boolean[best];
    }

    void clear() {
        count = 0;
        offered = 0;
    }

    void add(int hypothesis, double logProbability, double rank, boolean hasEnded) {
        offered++;
        int at = count;
        while (at > 0 && rank > score[at - 1]) {
            at--;
        }
        if (at == node.length) {
            return;
        }
        if (count < node.length) {
            count++;
        }
        for (int i = count - 1; i > at; i--) {
            node[i] = node[i - 1];
            logProb[i] = logProb[i - 1];
            score[i] = score[i - 1];
            ended[i] = ended[i - 1];
        }
        node[at] = hypothesis;
        logProb[at] = logProbability;
        score[at] = rank;
        ended[at] = hasEnded;
    }

    /** How many were ever added. */
    int offered() {
        return offered;
    }

    boolean isFull() {
        return count == node.length;
    }

    /** The score of the last one. */
    double worst() {
        return score[count - 1];
    }

    /** Adds those of another ranking that have other tokens than all of these. */
    void merge(Ranking other, Lattice lattice) {
        for (int i = 0; i < other.count; i++) {
            boolean known = false;
            for (int j = 0; j < count && !known; j++) {
                known = ended[j] == other.ended[i] && lattice.same(node[j], other.node[i]);
            }
            if (!known) {
                add(other.node[i], other.logProb[i], other.score[i], other.ended[i]);
            }
        }
    }

    void addTo(List<Hypothesis> results, Lattice lattice) {
        for (int i = 0; i < count; i++) {
            results.add(lattice.hypothesis(node[i], ended[i], logProb[i], score[i]));
        }
    }

    List<Hypothesis> hypotheses(Lattice lattice) {
        var results = new ArrayList<Hypothesis>(count);
        addTo(results, lattice);
        return List.copyOf(results);
    }
}
