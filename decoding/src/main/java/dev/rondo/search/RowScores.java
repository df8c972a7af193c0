package dev.rondo.search;

import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import dev.rondo.graph.Reduction;
import dev.rondo.kernel.KernelProvider;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The scores of a step, one row open at a time: logits become log-probabilities in place, constraints overwrite some, and the
 * greatest of each block of tokens says where a search need not look.
 */
final class RowScores {
    static final int BLOCK = 128;

    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private final int size;
    private final Kernels kernels;
    private final int blocks;
    private final MemorySegment maxima;
    private final View maximaOfBlocks;
    private final View maximumOfRest;
    private MemorySegment memory;
    private View all;
    private View whole;
    private View rest;
    private boolean scored;
    private boolean[] opened = {};
    private long offset;

    RowScores(StepFunction steps) {
        this.size = steps.vocabularySize();
        if (size < 1) {
            throw new ShapeException("search", "chooses among at least one token", "" + size, "use another model");
        }
        KernelProvider provider = steps.kernel() == Model.Kernel.PLAIN ? KernelProvider.plain() : KernelProvider.best();
        this.kernels = provider.kernels();
        this.blocks = (size + BLOCK - 1) / BLOCK;
        this.maxima = Arena.ofAuto().allocate(4L * blocks, 64);
        this.maximaOfBlocks = View.f32(maxima, size / BLOCK, 1);
        this.maximumOfRest = View.f32(maxima, 1, 1).at(4L * (blocks - 1));
    }

    int size() {
        return size;
    }

    /** Takes over what a function says after its step. */
    void take(StepFunction steps) {
        if (steps.scores() != memory) {
            memory = steps.scores();
            all = View.f32(memory, 1, size);
            whole = View.f32(memory, size / BLOCK, BLOCK);
            rest = View.f32(memory, 1, size % BLOCK);
        }
        scored = steps.scored();
        int rows = steps.rows();
        if (opened.length < rows) {
            opened = new boolean[2 * rows];
        }
        for (int i = 0; i < rows; i++) {
            opened[i] = false;
        }
    }

    /** Makes a row the open one; whether it is the first time since the step. */
    boolean open(int row) {
        offset = 4L * size * row;
        boolean first = !opened[row];
        if (first && !scored) {
            all.at(offset);
            kernels.softmax(all, null, true, all);
        }
        opened[row] = true;
        return first;
    }

    /** Copies the scores of a row as the function gave them: it must not have been opened since the step. */
    void copy(int row, float[] target) {
        MemorySegment.copy(memory, F32, 4L * size * row, target, 0, size);
    }

    /** The score of a token in the open row. */
    float get(int token) {
        return memory.get(F32, offset + 4L * token);
    }

    /** The score of a token in any row that has been opened. */
    float get(int row, int token) {
        return memory.get(F32, 4L * size * row + 4L * token);
    }

    void set(int token, float score) {
        memory.set(F32, offset + 4L * token, score);
    }

    void forbid(int token) {
        set(token, Float.NEGATIVE_INFINITY);
    }

    /** Forbids all tokens but one. */
    void only(int token) {
        float score = get(token);
        for (int i = 0; i < size; i++) {
            forbid(i);
        }
        set(token, score);
    }

    /** Mixes in a token: {@code (1 - beta) p(v) + beta [v = token]}. */
    void bias(int token, double beta) {
        double mixed = StrictMath.log((1 - beta) * StrictMath.exp(get(token)) + beta);
        float share = (float) StrictMath.log1p(-beta);
        for (int i = 0; i < size; i++) {
            set(i, get(i) + share);
        }
        set(token, (float) Math.min(0, mixed));
    }

    /** Finds the greatest score of each block; needed after the last change, before {@link #maximum}. */
    void findMaxima() {
        if (size >= BLOCK) {
            kernels.reduceColumns(Reduction.MAX, whole.at(offset), maximaOfBlocks);
        }
        if (size % BLOCK != 0) {
            kernels.reduceColumns(Reduction.MAX, rest.at(offset + 4L * (size - size % BLOCK)), maximumOfRest);
        }
        for (int i = 0; i < blocks; i++) {
            if (!(maximum(i) < Float.POSITIVE_INFINITY)) {
                throw new InputException(
                        "scores of the next token",
                        "are numbers below infinity, and not all negative infinity",
                        "NaN or infinity",
                        "the model's weights or its state hold such values: verify the model");
            }
        }
    }

    int blocks() {
        return blocks;
    }

    float maximum(int block) {
        return maxima.get(F32, 4L * block);
    }
}
