package dev.rondo.kernel;

import static dev.rondo.kernel.Memory.get;
import static dev.rondo.kernel.Memory.panelIndex;
import static dev.rondo.kernel.Memory.put;
import static dev.rondo.kernel.Memory.row;

import dev.rondo.graph.LstmActivations;

/** Recurrent cells after their products, plain. */
final class PlainCells {

    private static final int LSTM = 4;
    private static final int GRU = 3;

    private PlainCells() {}

    static void lstm(LstmActivations f, View gates, View cPrev, View peepholes, View h, View c) {
        for (int m = 0; m < h.rows; m++) {
            for (int j = 0; j < h.cols; j++) {
                float previous = get(cPrev.segment, row(cPrev, m) + j * 4L);
                float i = (float) f.input().apply(gate(gates, LSTM, m, 0, j) + peephole(peepholes, 0, j, previous));
                float forget =
                        (float) f.forget().apply(gate(gates, LSTM, m, 1, j) + peephole(peepholes, 1, j, previous));
                float g = (float) f.candidate().apply(gate(gates, LSTM, m, 2, j));
                float cell = forget * previous + i * g;
                float o = (float) f.output().apply(gate(gates, LSTM, m, 3, j) + peephole(peepholes, 2, j, cell));
                put(c.segment, row(c, m) + j * 4L, cell);
                put(h.segment, row(h, m) + j * 4L, o * (float) f.cell().apply(cell));
            }
        }
    }

    static void gru(GruGates f, View gatesX, View gatesH, View hPrev, View h) {
        for (int m = 0; m < h.rows; m++) {
            for (int j = 0; j < h.cols; j++) {
                float r = (float) f.reset().apply(gate(gatesX, GRU, m, 0, j) + gate(gatesH, GRU, m, 0, j));
                float z = (float) f.update().apply(gate(gatesX, GRU, m, 1, j) + gate(gatesH, GRU, m, 1, j));
                float n = (float) f.candidate().apply(gate(gatesX, GRU, m, 2, j) + r * gate(gatesH, GRU, m, 2, j));
                combine(z, n, hPrev, h, m, j);
            }
        }
    }

    static void gruReset(GruGates f, View gates, View hPrev, View resetHidden) {
        for (int m = 0; m < hPrev.rows; m++) {
            for (int j = 0; j < hPrev.cols; j++) {
                float r = (float) f.reset().apply(gate(gates, GRU, m, 0, j));
                put(resetHidden.segment, row(resetHidden, m) + j * 4L, r * get(hPrev.segment, row(hPrev, m) + j * 4L));
            }
        }
    }

    static void gruUpdate(GruGates f, View gates, View hPrev, View h) {
        for (int m = 0; m < h.rows; m++) {
            for (int j = 0; j < h.cols; j++) {
                float z = (float) f.update().apply(gate(gates, GRU, m, 1, j));
                float n = (float) f.candidate().apply(gate(gates, GRU, m, 2, j));
                combine(z, n, hPrev, h, m, j);
            }
        }
    }

    /** h = z hPrev + (1 - z) n. */
    private static void combine(float z, float n, View hPrev, View h, int m, int j) {
        float previous = get(hPrev.segment, row(hPrev, m) + j * 4L);
        put(h.segment, row(h, m) + j * 4L, z * previous + (1 - z) * n);
    }

    private static float gate(View gates, int groups, int m, int gate, int j) {
        return get(gates.segment, row(gates, m) + panelIndex(groups, gate, j) * 4L);
    }

    private static float peephole(View peepholes, int gate, int j, float cell) {
        return peepholes == null ? 0 : get(peepholes.segment, row(peepholes, gate) + j * 4L) * cell;
    }
}
