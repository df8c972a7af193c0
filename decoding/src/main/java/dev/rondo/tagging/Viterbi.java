package dev.rondo.tagging;

import dev.rondo.error.ShapeException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The best path through a linear chain (Viterbi 1967): the tags y that make
 * {@code s(y) = start[y₁] + Σ logits[t, yₜ] + Σ transitions[yₜ₋₁, yₜ] + end[yₙ]} largest, in O(T·K²). Of equally good tags the
 * smaller one is taken, from the last place to the first. Sums are made in double precision.
 *
 * <p>Keeps its buffers: after a first sequence it allocates nothing for shorter ones. For one thread at a time.
 */
public final class Viterbi {
    private final int k;
    private final float[] start;
    /** By the tag that is reached, so that a maximum runs along memory. */
    private final float[] arriving;

    private final float[] end;
    private double[] best;
    private double[] next;
    private int[] cameFrom = {};

    /**
     * A chain of K tags.
     *
     * @param start       [K]
     * @param transitions [K,K] row-major, from the row's tag to the column's; −∞ forbids one
     * @param end         [K]
     * @throws ShapeException when sizes differ, or there is no tag
     */
    public Viterbi(float[] start, float[] transitions, float[] end) {
        this.k = start.length;
        if (k < 1 || end.length != k || transitions.length != (long) k * k) {
            throw new ShapeException(
                    "chain of tags",
                    "has start [K], transitions [K,K] and end [K]",
                    start.length + ", " + transitions.length + " and " + end.length + " numbers",
                    "give the scores of one set of tags");
        }
        this.start = start.clone();
        this.end = end.clone();
        this.arriving = new float[k * k];
        for (int from = 0; from < k; from++) {
            for (int to = 0; to < k; to++) {
                arriving[to * k + from] = transitions[from * k + to];
            }
        }
        this.best = new double[k];
        this.next = new double[k];
    }

    /** K. */
    public int tags() {
        return k;
    }

    /**
     * Finds the best path of a sequence.
     *
     * @param logits f32, row-major [length,K]
     * @param offset of the first logit, in numbers
     * @param length of the sequence; of 0 nothing is written
     * @param path   gets the tags, at least {@code length} of them
     * @return the path's score; 0 of an empty one
     * @throws IndexOutOfBoundsException when the memory or the array is too short
     */
    public double decode(MemorySegment logits, long offset, int length, int[] path) {
        if (length == 0) {
            return 0;
        }
        reserve(length);
        for (int j = 0; j < k; j++) {
            best[j] = start[j] + (double) logits.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, offset + j);
        }
        for (int t = 1; t < length; t++) {
            long row = offset + (long) t * k;
            for (int j = 0; j < k; j++) {
                int from = 0;
                double most = best[0] + arriving[j * k];
                for (int i = 1; i < k; i++) {
                    double score = best[i] + arriving[j * k + i];
                    if (score > most) {
                        most = score;
                        from = i;
                    }
                }
                cameFrom[t * k + j] = from;
                next[j] = most + logits.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, row + j);
            }
            double[] free = best;
            best = next;
            next = free;
        }
        int tag = 0;
        double most = best[0] + end[0];
        for (int j = 1; j < k; j++) {
            if (best[j] + end[j] > most) {
                most = best[j] + end[j];
                tag = j;
            }
        }
        for (int t = length - 1; t >= 0; t--) {
            path[t] = tag;
            tag = cameFrom[t * k + tag];
        }
        return most;
    }

    private void reserve(int length) {
        if (cameFrom.length / k < length) {
            cameFrom = Arrays.copyOf(cameFrom, Math.multiplyExact(Math.max(length, 16), k));
        }
    }
}
