package dev.rondo.search;

import dev.rondo.error.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** All hypotheses of a call: each token with the one before it, so that hypotheses share what they have in common. */
final class Lattice {
    /** Before the first token. */
    static final int ROOT = -1;

    private int[] parent = new int[1024];
    private int[] token = new int[1024];
    private int[] length = new int[1024];
    private float[] score = new float[1024];
    private int[] aligned = new int[1024];
    private float[] weights = {};
    private int count;
    private final boolean keepsAttention;
    private int positions;

    /** @param keepsAttention whether all weights of attention are kept; where the greatest is always is */
    Lattice(boolean keepsAttention) {
        this.keepsAttention = keepsAttention;
    }

    void clear() {
        count = 0;
        positions = 0;
    }

    /** Adds a token after another; the row of attention is the one that chose it. */
    int add(int before, int next, float logProb, AttentionRows attention, int row) {
        if (count == token.length) {
            int more = Math.addExact(count, count / 2);
            parent = Arrays.copyOf(parent, more);
            token = Arrays.copyOf(token, more);
            length = Arrays.copyOf(length, more);
            score = Arrays.copyOf(score, more);
            aligned = Arrays.copyOf(aligned, more);
        }
        parent[count] = before;
        token[count] = next;
        length[count] = length(before) + 1;
        score[count] = logProb;
        positions = attention.size();
        aligned[count] = attention.argMax(row);
        if (keepsAttention && positions > 0) {
            keepWeights(attention, row);
        }
        return count++;
    }

    private void keepWeights(AttentionRows attention, int row) {
        long end = (count + 1L) * positions;
        if (end > weights.length) {
            if (end > Integer.MAX_VALUE / 2) {
                throw new InputException(
                        "weights of attention",
                        "are at most 2^30 in one call of a search",
                        "" + end,
                        "search for fewer sentences at once, or without their attention");
            }
            weights = Arrays.copyOf(weights, (int) Math.max(1024, end + end / 2));
        }
        attention.copyTo(row, weights, count * positions);
    }

    int length(int node) {
        return node == ROOT ? 0 : length[node];
    }

    int token(int node) {
        return token[node];
    }

    int parent(int node) {
        return parent[node];
    }

    /** Whether two hypotheses have the same tokens. */
    boolean same(int a, int b) {
        int left = a;
        int right = b;
        while (left != right) {
            if (left == ROOT || right == ROOT || token[left] != token[right]) {
                return false;
            }
            left = parent[left];
            right = parent[right];
        }
        return true;
    }

    Hypothesis hypothesis(int node, boolean ended, double logProb, double rank) {
        int size = length(node);
        var tokens = new Integer[size];
        var scores = new float[size];
        var alignment = new int[positions > 0 ? size : 0];
        var attention = new float[keepsAttention && positions > 0 ? size : 0][];
        int at = node;
        for (int i = size - 1; i >= 0; i--) {
            tokens[i] = token[at];
            scores[i] = score[at];
            if (alignment.length > 0) {
                alignment[i] = aligned[at];
            }
            if (attention.length > 0) {
                attention[i] = Arrays.copyOfRange(weights, at * positions, (at + 1) * positions);
            }
            at = parent[at];
        }
        return new Hypothesis(new ArrayList<>(List.of(tokens)), ended, logProb, rank, scores, alignment, attention);
    }
}
