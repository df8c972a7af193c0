package dev.rondo.train.kernel;

import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Activation;
import dev.rondo.kernel.Memory;
import dev.rondo.kernel.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The kernels of training as plain loops. */
final class PlainTrainingKernels implements TrainingKernels {

    @Override
    public void dropout(int key, float probability, View x, View out) {
        float scale = 1 / (1 - probability);
        for (int m = 0; m < out.rows; m++) {
            for (int j = 0; j < out.cols; j++) {
                boolean kept = Training.Dropout.keeps(key, m * out.cols + j, probability);
                out.put(m, j, kept ? x.get(m, j) * scale : 0);
            }
        }
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
        for (long o = from * Float.BYTES; o < to * Float.BYTES; o += Float.BYTES) {
            float g = Memory.get(gradient, o);
            float m = step.beta1() * Memory.get(first, o) + step.share1() * g;
            float v = step.beta2() * Memory.get(second, o) + step.share2() * g * g;
            float root = (float) Math.sqrt(v) * step.scale() + step.epsilon();
            Memory.put(first, o, m);
            Memory.put(second, o, v);
            Memory.put(theta, o, step.keep() * Memory.get(theta, o) - step.size() * m / root);
        }
    }

    @Override
    public void additiveQueryBackward(View query, View keys, View vector, View dy, View scratch, View out) {
        PlainAttention.queryBackward(query, keys, vector, dy, out, 0);
    }

    @Override
    public void additiveKeysBackward(
            View query, View keys, View vector, View dy, View scratch, View dkeys, View dvector) {
        PlainAttention.keysBackward(query, keys, vector, dy, dkeys, dvector, 0);
    }

    @Override
    public void crossEntropy(View logits, View targets, float smoothing, View out) {
        for (int m = 0; m < logits.rows; m++) {
            float max = max(logits, m);
            double sum = 0;
            double below = 0;
            for (int v = 0; v < logits.cols; v++) {
                sum += Math.exp(logits.get(m, v) - max);
                below += max - logits.get(m, v);
            }
            out.put(m, 0, loss(max - logits.get(m, target(targets, m)), sum, below / logits.cols, smoothing));
        }
    }

    /**
     * The loss of one row from its largest logit, which is subtracted everywhere.
     *
     * @param target how far the target's logit lies below the largest
     * @param sum of e to the logits less the largest
     * @param mean how far logits lie below the largest on average
     */
    static float loss(double target, double sum, double mean, float smoothing) {
        // Without smoothing logits of -infinity are no part of it.
        return (float)
                (smoothing == 0
                        ? target + Math.log(sum)
                        : (1.0 - smoothing) * target + smoothing * mean + Math.log(sum));
    }

    static int target(View targets, int row) {
        return targets.segment.get(ValueLayout.JAVA_INT_UNALIGNED, targets.offset + row * targets.rowStride);
    }

    private static float max(View x, int row) {
        float max = Float.NEGATIVE_INFINITY;
        for (int v = 0; v < x.cols; v++) {
            max = Math.max(max, x.get(row, v));
        }
        return max;
    }

    @Override
    public void crossEntropyBackward(View logits, View targets, View dy, float smoothing, View out) {
        for (int m = 0; m < logits.rows; m++) {
            float max = max(logits, m);
            float sum = 0;
            for (int v = 0; v < logits.cols; v++) {
                float e = (float) Math.exp(logits.get(m, v) - max);
                out.put(m, v, e);
                sum += e;
            }
            float gradient = dy.get(m, 0);
            float everywhere = smoothing / logits.cols;
            int target = target(targets, m);
            for (int v = 0; v < logits.cols; v++) {
                float wanted = v == target ? 1 - smoothing + everywhere : everywhere;
                out.put(m, v, gradient * (out.get(m, v) / sum - wanted));
            }
        }
    }

    @Override
    public void activateBackward(Activation f, View x, View y, View dy, View out) {
        for (int m = 0; m < out.rows; m++) {
            for (int j = 0; j < out.cols; j++) {
                out.put(m, j, (float) (dy.get(m, j) * Derivatives.of(f, x.get(m, j), y.get(m, j))));
            }
        }
    }

    @Override
    public void lstmTrace(View recurrent, View x, View c, View gates, View cells, View h, View y) {
        PlainRecurrences.lstmTrace(recurrent, x, c, gates, cells, h, y, 0);
    }

    @Override
    public void lstmBackward(View gates, View cells, View cPrev, View dy, View dh, View dc, View dz, View rows) {
        PlainRecurrences.lstmBackward(gates, cells, cPrev, dy, dh, dc, dz, rows, 0);
    }

    @Override
    public void gruTraceAfter(View product, View x, View h, View gates, View recurrent, View y) {
        PlainRecurrences.gruTraceAfter(product, x, h, gates, recurrent, y, 0);
    }

    @Override
    public void gruTraceReset(View product, View x, View h, View gates, View recurrent, View reset) {
        PlainRecurrences.gruTraceReset(product, x, h, gates, recurrent, reset, 0);
    }

    @Override
    public void gruTraceCandidate(View product, View x, View h, View gates, View y) {
        PlainRecurrences.gruTraceCandidate(product, x, h, gates, y, 0);
    }

    @Override
    public void gruBackwardAfter(View gates, View recurrent, View before, View dy, View dh, View dz, View rows) {
        PlainRecurrences.gruBackwardAfter(gates, recurrent, before, dy, dh, dz, rows, 0);
    }

    @Override
    public void gruBackwardCandidate(View gates, View before, View dy, View dh, View dz, View rows, View candidate) {
        PlainRecurrences.gruBackwardCandidate(gates, before, dy, dh, dz, rows, candidate, 0);
    }

    @Override
    public void gruBackwardReset(View gates, View before, View product, View dh, View dz, View rows) {
        PlainRecurrences.gruBackwardReset(gates, before, product, dh, dz, rows, 0);
    }

    @Override
    public void elmanBackward(Activation f, View y, View dy, View dh, View dz, View rows) {
        PlainRecurrences.elmanBackward(f, y, dy, dh, dz, rows, 0);
    }
}
