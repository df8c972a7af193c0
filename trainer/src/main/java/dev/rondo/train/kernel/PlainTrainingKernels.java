package dev.rondo.train.kernel;

import dev.rondo.graph.Activation;
import dev.rondo.graph.Training;
import dev.rondo.kernel.View;
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
        return (float) (smoothing == 0
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

    private static float sigmoid(float x) {
        return (float) Activation.SIGMOID.apply(x);
    }

    private static float tanh(float x) {
        return (float) Math.tanh(x);
    }

    @Override
    public void lstmTrace(View recurrent, View x, View c, View gates, View cells, View h, View y) {
        int units = h.cols;
        for (int m = 0; m < h.rows; m++) {
            for (int j = 0; j < units; j++) {
                float i = sigmoid(recurrent.get(m, j) + x.get(m, j));
                float f = sigmoid(recurrent.get(m, units + j) + x.get(m, units + j));
                float g = tanh(recurrent.get(m, 2 * units + j) + x.get(m, 2 * units + j));
                float o = sigmoid(recurrent.get(m, 3 * units + j) + x.get(m, 3 * units + j));
                float cell = f * c.get(m, j) + i * g;
                float hidden = o * tanh(cell);
                gates.put(m, j, i);
                gates.put(m, units + j, f);
                gates.put(m, 2 * units + j, g);
                gates.put(m, 3 * units + j, o);
                both(c, cells, m, j, cell);
                both(h, y, m, j, hidden);
            }
        }
    }

    private static void both(View a, View b, int row, int col, float value) {
        a.put(row, col, value);
        b.put(row, col, value);
    }

    @Override
    public void lstmBackward(View gates, View cells, View cPrev, View dy, View dh, View dc, View dz, View rows) {
        int units = cells.cols;
        for (int m = 0; m < cells.rows; m++) {
            for (int j = 0; j < units; j++) {
                float i = gates.get(m, j);
                float f = gates.get(m, units + j);
                float g = gates.get(m, 2 * units + j);
                float o = gates.get(m, 3 * units + j);
                float tanh = tanh(cells.get(m, j));
                float hidden = dy.get(m, j) + dh.get(m, j);
                float cell = dc.get(m, j) + hidden * o * (1 - tanh * tanh);
                dc.put(m, j, cell * f);
                both(dz, rows, m, j, cell * g * i * (1 - i));
                both(dz, rows, m, units + j, cell * cPrev.get(m, j) * f * (1 - f));
                both(dz, rows, m, 2 * units + j, cell * i * (1 - g * g));
                both(dz, rows, m, 3 * units + j, hidden * tanh * o * (1 - o));
            }
        }
    }

    @Override
    public void gruTraceAfter(View product, View x, View h, View gates, View recurrent, View y) {
        int units = h.cols;
        for (int m = 0; m < h.rows; m++) {
            for (int j = 0; j < units; j++) {
                float u = product.get(m, 2 * units + j);
                float r = sigmoid(product.get(m, j) + x.get(m, j));
                float z = sigmoid(product.get(m, units + j) + x.get(m, units + j));
                float n = tanh(x.get(m, 2 * units + j) + r * u);
                gates.put(m, j, r);
                gates.put(m, units + j, z);
                gates.put(m, 2 * units + j, n);
                recurrent.put(m, j, u);
                both(h, y, m, j, z * h.get(m, j) + (1 - z) * n);
            }
        }
    }

    @Override
    public void gruTraceReset(View product, View x, View h, View gates, View recurrent, View reset) {
        int units = h.cols;
        for (int m = 0; m < h.rows; m++) {
            for (int j = 0; j < units; j++) {
                float r = sigmoid(product.get(m, j) + x.get(m, j));
                gates.put(m, j, r);
                gates.put(m, units + j, sigmoid(product.get(m, units + j) + x.get(m, units + j)));
                both(recurrent, reset, m, j, r * h.get(m, j));
            }
        }
    }

    @Override
    public void gruTraceCandidate(View product, View x, View h, View gates, View y) {
        int units = h.cols;
        for (int m = 0; m < h.rows; m++) {
            for (int j = 0; j < units; j++) {
                float z = gates.get(m, units + j);
                float n = tanh(product.get(m, j) + x.get(m, 2 * units + j));
                gates.put(m, 2 * units + j, n);
                both(h, y, m, j, z * h.get(m, j) + (1 - z) * n);
            }
        }
    }

    @Override
    public void gruBackwardAfter(View gates, View recurrent, View before, View dy, View dh, View dz, View rows) {
        int units = dh.cols;
        for (int m = 0; m < dh.rows; m++) {
            for (int j = 0; j < units; j++) {
                float r = gates.get(m, j);
                float z = gates.get(m, units + j);
                float n = gates.get(m, 2 * units + j);
                float hidden = dy.get(m, j) + dh.get(m, j);
                float candidate = hidden * (1 - z) * (1 - n * n);
                both(dz, rows, m, units + j, hidden * (before.get(m, j) - n) * z * (1 - z));
                both(dz, rows, m, j, candidate * recurrent.get(m, j) * r * (1 - r));
                dz.put(m, 2 * units + j, candidate);
                rows.put(m, 2 * units + j, candidate * r);
                dh.put(m, j, hidden * z);
            }
        }
    }

    @Override
    public void gruBackwardCandidate(View gates, View before, View dy, View dh, View dz, View rows, View candidate) {
        int units = dh.cols;
        for (int m = 0; m < dh.rows; m++) {
            for (int j = 0; j < units; j++) {
                float z = gates.get(m, units + j);
                float n = gates.get(m, 2 * units + j);
                float hidden = dy.get(m, j) + dh.get(m, j);
                both(dz, rows, m, units + j, hidden * (before.get(m, j) - n) * z * (1 - z));
                float gradient = hidden * (1 - z) * (1 - n * n);
                dz.put(m, 2 * units + j, gradient);
                candidate.put(m, j, gradient);
                dh.put(m, j, hidden * z);
            }
        }
    }

    @Override
    public void gruBackwardReset(View gates, View before, View product, View dh, View dz, View rows) {
        for (int m = 0; m < dh.rows; m++) {
            for (int j = 0; j < dh.cols; j++) {
                float r = gates.get(m, j);
                float e = product.get(m, j);
                both(dz, rows, m, j, e * before.get(m, j) * r * (1 - r));
                dh.put(m, j, dh.get(m, j) + e * r);
            }
        }
    }

    @Override
    public void elmanBackward(Activation f, View y, View dy, View dh, View dz, View rows) {
        for (int m = 0; m < dh.rows; m++) {
            for (int j = 0; j < dh.cols; j++) {
                float gradient = (dy.get(m, j) + dh.get(m, j)) * Derivatives.ofOutput(f, y.get(m, j));
                both(dz, rows, m, j, gradient);
            }
        }
    }
}
