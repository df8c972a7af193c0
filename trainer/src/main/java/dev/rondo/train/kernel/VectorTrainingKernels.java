package dev.rondo.train.kernel;

import dev.rondo.graph.Activation;
import dev.rondo.kernel.Vectors;
import dev.rondo.kernel.View;
import java.lang.foreign.MemorySegment;

/** The kernels of training with the Vector API. Only {@link TrainingKernels#best} may name this class: without the module jdk.incubator.vector it does not link. */
final class VectorTrainingKernels implements TrainingKernels {
    private static final PlainTrainingKernels PLAIN = new PlainTrainingKernels();

    @Override
    public void dropout(int key, float probability, View x, View out) {
        VectorElements.dropout(key, probability, x, out);
    }

    @Override
    public void adam(
            AdamStep step,
            MemorySegment theta,
            MemorySegment gradient,
            MemorySegment first,
            MemorySegment second,
            long from,
            long to) {
        long whole = from + (to - from) / Vectors.LANES * Vectors.LANES;
        VectorOptimizers.adam(step, theta, gradient, first, second, from, whole);
        PLAIN.adam(step, theta, gradient, first, second, whole, to);
    }

    @Override
    public void additiveQueryBackward(View query, View keys, View vector, View dy, View scratch, View out) {
        VectorAttention.queryBackward(query, keys, vector, dy, scratch, out);
        PlainAttention.queryBackward(query, keys, vector, dy, out, VectorElements.whole(query.cols));
    }

    @Override
    public void additiveKeysBackward(
            View query, View keys, View vector, View dy, View scratch, View dkeys, View dvector) {
        VectorAttention.keysBackward(query, keys, vector, dy, scratch, dkeys, dvector);
        PlainAttention.keysBackward(query, keys, vector, dy, dkeys, dvector, VectorElements.whole(query.cols));
    }

    @Override
    public void crossEntropy(View logits, View targets, float smoothing, View out) {
        VectorLosses.crossEntropy(logits, targets, smoothing, out);
    }

    @Override
    public void crossEntropyBackward(View logits, View targets, View dy, float smoothing, View out) {
        VectorLosses.crossEntropyBackward(logits, targets, dy, smoothing, out);
    }

    @Override
    public void activateBackward(Activation f, View x, View y, View dy, View out) {
        VectorElements.activateBackward(f, x, y, dy, out);
    }

    @Override
    public void lstmTrace(View recurrent, View x, View c, View gates, View cells, View h, View y) {
        VectorLstm.trace(recurrent, x, c, gates, cells, h, y);
        PlainRecurrences.lstmTrace(recurrent, x, c, gates, cells, h, y, VectorElements.whole(h.cols));
    }

    @Override
    public void lstmBackward(View gates, View cells, View cPrev, View dy, View dh, View dc, View dz, View rows) {
        VectorLstm.backward(gates, cells, cPrev, dy, dh, dc, dz, rows);
        PlainRecurrences.lstmBackward(gates, cells, cPrev, dy, dh, dc, dz, rows, VectorElements.whole(cells.cols));
    }

    @Override
    public void gruTraceAfter(View product, View x, View h, View gates, View recurrent, View y) {
        VectorGru.traceAfter(product, x, h, gates, recurrent, y);
        PlainRecurrences.gruTraceAfter(product, x, h, gates, recurrent, y, VectorElements.whole(h.cols));
    }

    @Override
    public void gruTraceReset(View product, View x, View h, View gates, View recurrent, View reset) {
        VectorGru.traceReset(product, x, h, gates, recurrent, reset);
        PlainRecurrences.gruTraceReset(product, x, h, gates, recurrent, reset, VectorElements.whole(h.cols));
    }

    @Override
    public void gruTraceCandidate(View product, View x, View h, View gates, View y) {
        VectorGru.traceCandidate(product, x, h, gates, y);
        PlainRecurrences.gruTraceCandidate(product, x, h, gates, y, VectorElements.whole(h.cols));
    }

    @Override
    public void gruBackwardAfter(View gates, View recurrent, View before, View dy, View dh, View dz, View rows) {
        VectorGru.backwardAfter(gates, recurrent, before, dy, dh, dz, rows);
        PlainRecurrences.gruBackwardAfter(gates, recurrent, before, dy, dh, dz, rows, VectorElements.whole(dh.cols));
    }

    @Override
    public void gruBackwardCandidate(View gates, View before, View dy, View dh, View dz, View rows, View candidate) {
        VectorGru.backwardCandidate(gates, before, dy, dh, dz, rows, candidate);
        PlainRecurrences.gruBackwardCandidate(
                gates, before, dy, dh, dz, rows, candidate, VectorElements.whole(dh.cols));
    }

    @Override
    public void gruBackwardReset(View gates, View before, View product, View dh, View dz, View rows) {
        VectorGru.backwardReset(gates, before, product, dh, dz, rows);
        PlainRecurrences.gruBackwardReset(gates, before, product, dh, dz, rows, VectorElements.whole(dh.cols));
    }

    @Override
    public void elmanBackward(Activation f, View y, View dy, View dh, View dz, View rows) {
        VectorElements.elmanBackward(f, y, dy, dh, dz, rows);
        PlainRecurrences.elmanBackward(f, y, dy, dh, dz, rows, VectorElements.whole(dh.cols));
    }
}
