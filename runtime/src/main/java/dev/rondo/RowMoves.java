package dev.rondo;

import dev.rondo.error.InputException;
import java.lang.foreign.MemorySegment;

/**
 * The order in which rows of one matrix take new places such that none is overwritten before it has been read. A row that
 * stays is not touched; only a cycle needs a place beside. Nothing is allocated once arrays are as long as needed.
 */
final class RowMoves {
    /** The place beside the rows. */
    private static final int SPARE = -1;

    private int[] from = {};
    private int[] to = {};
    private int[] ready = {};
    /** How many rows still want what lies in a row. */
    private int[] waiting = {};

    private int count;
    private boolean spare;

    /** Row i becomes what row {@code parents[i]} was, for the first {@code rows} of them. */
    void plan(int[] parents, int rows, long before) {
        reserve(rows);
        count = 0;
        spare = false;
        for (int i = 0; i < rows; i++) {
            int parent = parents[i];
            if (parent < 0 || parent >= before) {
                throw new InputException(
                        "row",
                        "lies between 0 and " + (before - 1),
                        "" + parent,
                        "give the numbers of rows as they were");
            }
            if (parent != i && parent < rows) {
                waiting[parent]++;
            }
        }
        int top = 0;
        for (int i = 0; i < rows; i++) {
            if (parents[i] != i && waiting[i] == 0) {
                ready[top++] = i;
            }
        }
        while (top > 0) {
            int row = ready[--top];
            int parent = parents[row];
            move(parent, row);
            if (parent < rows && --waiting[parent] == 0 && parents[parent] != parent) {
                ready[top++] = parent;
            }
        }
        for (int i = 0; i < rows; i++) {
            if (parents[i] != i && waiting[i] > 0) {
                cycle(parents, i);
            }
        }
    }

    private void cycle(int[] parents, int first) {
        spare = true;
        move(first, SPARE);
        int row = first;
        while (parents[row] != first) {
            move(parents[row], row);
            waiting[row] = 0;
            row = parents[row];
        }
        move(SPARE, row);
        waiting[row] = 0;
    }

    private void move(int source, int target) {
        from[count] = source;
        to[count++] = target;
    }

    private void reserve(int rows) {
        if (waiting.length < rows) {
            from = new int[2 * rows];
            to = new int[2 * rows];
            ready = new int[rows];
            waiting = new int[rows];
        }
        for (int i = 0; i < waiting.length; i++) {
            waiting[i] = 0;
        }
    }

    boolean needsSpare() {
        return spare;
    }

    /** Moves the rows of a matrix. */
    void apply(MemorySegment matrix, long rowBytes, MemorySegment beside) {
        for (int i = 0; i < count; i++) {
            boolean takes = from[i] == SPARE;
            boolean puts = to[i] == SPARE;
            MemorySegment.copy(
                    takes ? beside : matrix,
                    takes ? 0 : from[i] * rowBytes,
                    puts ? beside : matrix,
                    puts ? 0 : to[i] * rowBytes,
                    rowBytes);
        }
    }
}
