package dev.rondo.train.kernel;

import dev.rondo.architecture.training.AttentionBackward;
import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Activation;
import dev.rondo.kernel.KernelProvider;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import java.lang.foreign.MemorySegment;

/**
 * The f32 arithmetic of {@link Training} beyond {@link Kernels}, with the same rules: shapes are the caller's duty, every size may be zero, nothing
 * allocates or keeps state, an output overlaps no input unless a method says so, the order of a sum follows from its shape and the vector width.
 *
 * <p>Gates stand in natural order, [gate][unit]. Kernels of recurrences read and write one time step of some rows. They write each result to both of
 * its places, the sequence it belongs to, whose rows are far apart, and the dense rows that the next product reads, so nothing is copied later.
 * M is the number of rows, H the number of units.
 */
public interface TrainingKernels {

    /** The plain loops. */
    static TrainingKernels plain() {
        return new PlainTrainingKernels();
    }

    /** The fastest kernels that work on this machine and JVM: the choice of {@link KernelProvider#best()}. */
    static TrainingKernels best() {
        return KernelProvider.best().name().equals("vector") ? new VectorTrainingKernels() : plain();
    }

    /**
     * {@link Training.Dropout}. The element's index counts through the rows of x.
     *
     * @param key {@link Training.Dropout#key}
     * @param x [M, N]; may be the same window as {@code out}
     * @param out [M, N]
     */
    void dropout(int key, float probability, View x, View out);

    /**
     * Adam on floats {@code from} to {@code to - 1}: m = &beta;₁ m + (1-&beta;₁) g, v = &beta;₂ v + (1-&beta;₂) g&sup2;,
     * &theta; = keep &theta; - size m / (&radic;v scale + &epsilon;). Each operation is rounded by itself, so all kernels
     * give the same bits.
     */
    void adam(
            AdamStep step,
            MemorySegment theta,
            MemorySegment gradient,
            MemorySegment first,
            MemorySegment second,
            long from,
            long to);

    /**
     * {@link Training.CrossEntropy}.
     *
     * @param logits [M, V]
     * @param targets i32 [M, 1], each in 0 &hellip; V - 1 (the caller has checked)
     * @param out [M, 1]
     */
    void crossEntropy(View logits, View targets, float smoothing, View out);

    /**
     * {@link Training.CrossEntropyBackward}.
     *
     * @param logits [M, V]; may be the same window as {@code out}
     * @param targets i32 [M, 1], checked
     * @param dy [M, 1]
     * @param out [M, V]
     */
    void crossEntropyBackward(View logits, View targets, View dy, float smoothing, View out);

    /**
     * {@link Training.ActivateBackward}: out = dy f'(x).
     *
     * @param x, y, dy, out [M, N]; dy and out may be the same window
     */
    void activateBackward(Activation f, View x, View y, View dy, View out);

    /**
     * {@link AttentionBackward.AdditiveQuery} of one row of the batch.
     *
     * @param query [Q, D]
     * @param keys [S, D]
     * @param vector [1, D]
     * @param dy [Q, S]
     * @param scratch [1, D], undefined afterwards
     * @param out [Q, D]
     */
    void additiveQueryBackward(View query, View keys, View vector, View dy, View scratch, View out);

    /**
     * {@link AttentionBackward.AdditiveKeys} of one row of the batch.
     *
     * @param query, keys, vector, dy, scratch as above
     * @param dkeys [S, D]
     * @param dvector [1, D]; is added to
     */
    void additiveKeysBackward(View query, View keys, View vector, View dy, View scratch, View dkeys, View dvector);

    /**
     * A step of {@link Training.LstmTrace} after its product.
     *
     * @param recurrent [M, 4H]: U h
     * @param x [M, 4H]: W x + b; may be the same window as {@code gates}
     * @param c [M, H]: the cell state before, then after the step
     * @param gates [M, 4H]: i, f, g, o after their activations
     * @param cells [M, H]: c after the step once more
     * @param h [M, H]: the state after the step
     * @param y [M, H]: h once more
     */
    void lstmTrace(View recurrent, View x, View c, View gates, View cells, View h, View y);

    /**
     * A step of {@link Training.LstmBackward} before its product.
     *
     * @param gates [M, 4H], cells [M, H]: as {@link #lstmTrace} left them
     * @param cPrev [M, H]: the cell state before the step
     * @param dy, dh [M, H]: gradients of the step's output and of the state after it
     * @param dc [M, H]: the gradient of the cell state after, then before the step
     * @param dz [M, 4H]: the gradient of the pre-activations
     * @param rows [M, 4H]: dz once more
     */
    void lstmBackward(View gates, View cells, View cPrev, View dy, View dh, View dc, View dz, View rows);

    /**
     * A step of {@link Training.GruTrace} with reset_after, after its product.
     *
     * @param product [M, 3H]: U h + (0, 0, d)
     * @param x [M, 3H]: W x + b; may be the same window as {@code gates}
     * @param h [M, H]: the state before, then after the step
     * @param gates [M, 3H]: r, z, n after their activations
     * @param recurrent [M, H]: U_n h + d
     * @param y [M, H]: h after the step once more
     */
    void gruTraceAfter(View product, View x, View h, View gates, View recurrent, View y);

    /**
     * First half of a step of {@link Training.GruTrace} without reset_after.
     *
     * @param product [M, 2H]: U_r h, U_z h
     * @param x [M, 3H]: W x + b; may be the same window as {@code gates}
     * @param h [M, H]: the state before
     * @param gates [M, 3H]: r and z after their activations; n is left alone
     * @param recurrent, reset [M, H]: r h
     */
    void gruTraceReset(View product, View x, View h, View gates, View recurrent, View reset);

    /**
     * Second half.
     *
     * @param product [M, H]: U_n (r h)
     * @param x as before
     * @param h [M, H]: the state before, then after the step
     * @param gates [M, 3H]: with r and z; n is written
     * @param y [M, H]: h after the step once more
     */
    void gruTraceCandidate(View product, View x, View h, View gates, View y);

    /**
     * A step of {@link Training.GruBackward} with reset_after, before its product.
     *
     * @param gates [M, 3H], recurrent [M, H]: as {@link #gruTraceAfter} left them
     * @param before [M, H]: the state before the step
     * @param dy [M, H]: the gradient of the step's output
     * @param dh [M, H]: the gradient of the state after the step; then what of it reaches the state before but for the product
     * @param dz [M, 3H]: the gradient of the pre-activations
     * @param rows [M, 3H]: dz_r, dz_z, dz_n r, which the product takes
     */
    void gruBackwardAfter(View gates, View recurrent, View before, View dy, View dh, View dz, View rows);

    /**
     * First half of a step of {@link Training.GruBackward} without reset_after.
     *
     * @param gates, before, dy, dh as in {@link #gruBackwardAfter}
     * @param dz [M, 3H]: z and n are written
     * @param rows [M, 2H]: dz_z in its second half
     * @param candidate [M, H]: dz_n
     */
    void gruBackwardCandidate(View gates, View before, View dy, View dh, View dz, View rows, View candidate);

    /**
     * Second half.
     *
     * @param gates, before as before
     * @param product [M, H]: e = dz_n U_n
     * @param dh [M, H]: e r is added
     * @param dz [M, 3H]: r is written
     * @param rows [M, 2H]: dz_r in its first half
     */
    void gruBackwardReset(View gates, View before, View product, View dh, View dz, View rows);

    /**
     * A step of {@link Training.ElmanBackward} before its product.
     *
     * @param f one that {@link Training.ElmanBackward#fits}
     * @param y, dy, dh [M, H]
     * @param dz, rows [M, H]: (dy + dh) f'
     */
    void elmanBackward(Activation f, View y, View dy, View dh, View dz, View rows);
}
