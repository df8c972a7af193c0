package dev.rondo.train.kernel;

import dev.rondo.graph.Activation;
import dev.rondo.kernel.View;

/** Steps of recurrences, plain: the units from {@code first} on, so that vector kernels leave them what fills no vector. */
final class PlainRecurrences {

    private PlainRecurrences() {}

    private static float sigmoid(float x) {
        return (float) Activation.SIGMOID.apply(x);
    }

    private static float tanh(float x) {
        return (float) Math.tanh(x);
    }

    static void lstmTrace(View recurrent, View x, View c, View gates, View cells, View h, View y, int first) {
        int units = h.cols;
        for (int m = 0; m < h.rows; m++) {
            for (int j = first; j < units; j++) {
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

    static void lstmBackward(
            View gates, View cells, View cPrev, View dy, View dh, View dc, View dz, View rows, int first) {
        int units = cells.cols;
        for (int m = 0; m < cells.rows; m++) {
            for (int j = first; j < units; j++) {
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

    static void gruTraceAfter(View product, View x, View h, View gates, View recurrent, View y, int first) {
        int units = h.cols;
        for (int m = 0; m < h.rows; m++) {
            for (int j = first; j < units; j++) {
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

    static void gruTraceReset(View product, View x, View h, View gates, View recurrent, View reset, int first) {
        int units = h.cols;
        for (int m = 0; m < h.rows; m++) {
            for (int j = first; j < units; j++) {
                float r = sigmoid(product.get(m, j) + x.get(m, j));
                gates.put(m, j, r);
                gates.put(m, units + j, sigmoid(product.get(m, units + j) + x.get(m, units + j)));
                both(recurrent, reset, m, j, r * h.get(m, j));
            }
        }
    }

    static void gruTraceCandidate(View product, View x, View h, View gates, View y, int first) {
        int units = h.cols;
        for (int m = 0; m < h.rows; m++) {
            for (int j = first; j < units; j++) {
                float z = gates.get(m, units + j);
                float n = tanh(product.get(m, j) + x.get(m, 2 * units + j));
                gates.put(m, 2 * units + j, n);
                both(h, y, m, j, z * h.get(m, j) + (1 - z) * n);
            }
        }
    }

    static void gruBackwardAfter(
            View gates, View recurrent, View before, View dy, View dh, View dz, View rows, int first) {
        int units = dh.cols;
        for (int m = 0; m < dh.rows; m++) {
            for (int j = first; j < units; j++) {
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

    static void gruBackwardCandidate(
            View gates, View before, View dy, View dh, View dz, View rows, View candidate, int first) {
        int units = dh.cols;
        for (int m = 0; m < dh.rows; m++) {
            for (int j = first; j < units; j++) {
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

    static void gruBackwardReset(View gates, View before, View product, View dh, View dz, View rows, int first) {
        for (int m = 0; m < dh.rows; m++) {
            for (int j = first; j < dh.cols; j++) {
                float r = gates.get(m, j);
                float e = product.get(m, j);
                both(dz, rows, m, j, e * before.get(m, j) * r * (1 - r));
                dh.put(m, j, dh.get(m, j) + e * r);
            }
        }
    }

    static void elmanBackward(Activation f, View y, View dy, View dh, View dz, View rows, int first) {
        for (int m = 0; m < dh.rows; m++) {
            for (int j = first; j < dh.cols; j++) {
                float gradient = (dy.get(m, j) + dh.get(m, j)) * Derivatives.ofOutput(f, y.get(m, j));
                both(dz, rows, m, j, gradient);
            }
        }
    }
}
