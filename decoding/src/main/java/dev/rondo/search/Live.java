package dev.rondo.search;

import java.util.Arrays;

/** Hypotheses that are alive, the best first. */
final class Live {
    private final int[] node;
    private final double[] logProb;
    private final double[] order;
    private final int[] parentRow;
    private final int[] row;
    private float[] coverage = {};
    private int positions;
    private int count;

    Live(int most) {
        node = new int[most];
        logProb = new double[most];
        order = new double[most];
        parentRow = new int[most];
        row = new int[most];
    }

    void clear() {
        count = 0;
    }

    /** One hypothesis without tokens, in the first row of its sentence. */
    void begin() {
        count = 0;
        positions = 0;
        add(Lattice.ROOT, 0, 0, 0);
        row[0] = 0;
    }

    /**
     * Adds a hypothesis.
     *
     * @param rank what it is chosen by
     * @param from the row of the hypothesis that it continues, within the sentence
     */
    void add(int hypothesis, double logProbability, double rank, int from) {
        node[count] = hypothesis;
        logProb[count] = logProbability;
        order[count] = rank;
        parentRow[count] = from;
        row[count++] = -1;
    }

    /** Takes back the last one. */
    void dropLast() {
        count--;
    }

    /** Makes the coverage of the last one that of its parent plus the attention that chose it. */
    void cover(Live parents, int parent, AttentionRows attention, int attentionRow) {
        positions = attention.size();
        int end = count * positions;
        if (coverage.length < end) {
            coverage = Arrays.copyOf(coverage, node.length * positions);
        }
        for (int i = 0; i < positions; i++) {
            coverage[end - positions + i] = parents.coverage(parent, i) + attention.get(attentionRow, i);
        }
    }

    float coverage(int rank, int position) {
        return positions == 0 ? 0 : coverage[rank * positions + position];
    }

    int count() {
        return count;
    }

    int node(int rank) {
        return node[rank];
    }

    double logProb(int rank) {
        return logProb[rank];
    }

    double order(int rank) {
        return order[rank];
    }

    int parentRow(int rank) {
        return parentRow[rank];
    }

    /** Its row within the sentence; -1 before it has one. */
    int row(int rank) {
        return row[rank];
    }

    void place(int rank, int at) {
        row[rank] = at;
    }
}
