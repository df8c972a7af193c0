package dev.rondo.bench;

/** A recurrent cell in double precision, written down as its equations stand. */
final class CellReference {
    private final Cell cell;
    private final CellWeights weights;
    private final int size;
    private double[] h;
    private double[] c;

    CellReference(CellWeights weights) {
        this.cell = weights.cell();
        this.weights = weights;
        this.size = cell.hiddenSize();
        this.h = new double[size];
        this.c = new double[size];
    }

    /** One step; h after it. */
    double[] step(float[] x, int from) {
        double[] a = new double[cell.rows()];
        double[] u = new double[cell.rows()];
        for (int r = 0; r < a.length; r++) {
            a[r] = weights.bias()[r];
            for (int k = 0; k < cell.inputSize(); k++) {
                a[r] += (double) weights.input()[r * cell.inputSize() + k] * x[from + k];
            }
            for (int k = 0; k < size; k++) {
                u[r] += weights.hidden()[r * size + k] * h[k];
            }
        }
        double[] next = new double[size];
        for (int j = 0; j < size; j++) {
            next[j] = switch (cell.kind()) {
                case LSTM -> {
                    c[j] = sigmoid(a[size + j] + u[size + j]) * c[j]
                            + sigmoid(a[j] + u[j]) * Math.tanh(a[2 * size + j] + u[2 * size + j]);
                    yield sigmoid(a[3 * size + j] + u[3 * size + j]) * Math.tanh(c[j]);
                }
                case GRU -> {
                    double z = sigmoid(a[size + j] + u[size + j]);
                    double bias = weights.hiddenBias()[j];
                    double n = Math.tanh(a[2 * size + j] + sigmoid(a[j] + u[j]) * (u[2 * size + j] + bias));
                    yield z * h[j] + (1 - z) * n;
                }
                case ELMAN -> Math.tanh(a[j] + u[j]);
            };
        }
        h = next;
        return h;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
