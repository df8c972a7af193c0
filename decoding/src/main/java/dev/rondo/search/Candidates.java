package dev.rondo.search;

/**
 * The best continuations of hypotheses: a bounded heap with the worst on top, so that a token which is no better than it costs a
 * comparison. Better is the greater order, of equals the lower parent, then the lower token.
 */
final class Candidates {
    private double[] order;
    private int[] parent;
    private int[] token;
    private int limit;
    private int count;
    private double threshold;

    Candidates(int capacity) {
        order = new double[capacity];
        parent = new int[capacity];
        token = new int[capacity];
    }

    /** Empties it, to keep so many. */
    void clear(int best) {
        if (order.length < best) {
            order = new double[best];
            parent = new int[best];
            token = new int[best];
        }
        limit = best;
        count = 0;
        threshold = Double.NEGATIVE_INFINITY;
    }

    /** Offers all continuations of a hypothesis: their order is the base plus the score of the token in the open row. */
    void scan(RowScores row, double base, int from) {
        row.findMaxima();
        for (int block = 0; block < row.blocks(); block++) {
            // Rounding is monotone: no token of the block comes to more than its maximum does.
            if (base + row.maximum(block) > threshold) {
                int end = Math.min(row.size(), (block + 1) * RowScores.BLOCK);
                for (int i = block * RowScores.BLOCK; i < end; i++) {
                    double sum = base + row.get(i);
                    if (sum > threshold) {
                        add(sum, from, i);
                    }
                }
            }
        }
    }

    /** Offers one; those of equal order come with rising parents and tokens. */
    void offer(double value, int from, int next) {
        if (value > threshold) {
            add(value, from, next);
        }
    }

    private void add(double value, int from, int next) {
        if (count < limit) {
            count++;
            siftUp(count - 1, value, from, next);
        } else {
            siftDown(0, count, value, from, next);
        }
        if (count == limit) {
            threshold = order[0];
        }
    }

    /** Puts them in order, the best first; nothing can be offered afterwards. */
    void sort() {
        for (int last = count - 1; last > 0; last--) {
            double value = order[last];
            int from = parent[last];
            int next = token[last];
            set(last, 0);
            siftDown(0, last, value, from, next);
        }
    }

    int count() {
        return count;
    }

    double order(int rank) {
        return order[rank];
    }

    int parent(int rank) {
        return parent[rank];
    }

    int token(int rank) {
        return token[rank];
    }

    private boolean worse(int a, double value, int from, int next) {
        if (order[a] != value) {
            return order[a] < value;
        }
        return parent[a] != from ? parent[a] > from : token[a] > next;
    }

    private void siftUp(int start, double value, int from, int next) {
        int at = start;
        while (at > 0 && !worse((at - 1) / 2, value, from, next)) {
            set(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
        put(at, value, from, next);
    }

    private void siftDown(int start, int size, double value, int from, int next) {
        int at = start;
        for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
            if (child + 1 < size && worse(child + 1, order[child], parent[child], token[child])) {
                child++;
            }
            if (!worse(child, value, from, next)) {
                break;
            }
            set(at, child);
            at = child;
        }
        put(at, value, from, next);
    }

    private void set(int to, int from) {
        put(to, order[from], parent[from], token[from]);
    }

    private void put(int at, double value, int from, int next) {
        order[at] = value;
        parent[at] = from;
        token[at] = next;
    }
}
