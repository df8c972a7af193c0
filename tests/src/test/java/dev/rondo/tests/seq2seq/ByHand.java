package dev.rondo.tests.seq2seq;

import dev.rondo.tests.oracle.NdArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The equations of small encoder-decoders as a text book writes them: vectors, a matrix by its name, one row at a time. */
record ByHand(Map<String, NdArray> weights) {

    /** W x + b; b where there is one. */
    double[] linear(String prefix, double[] x) {
        double[] y = product(prefix + ".weight", x);
        return weights.containsKey(prefix + ".bias")
                ? plus(y, weights.get(prefix + ".bias").values())
                : y;
    }

    double[] product(String matrix, double[] x) {
        NdArray w = weights.get(matrix);
        var y = new double[w.size(0)];
        for (int i = 0; i < y.length; i++) {
            y[i] = dot(w.row(i), x);
        }
        return y;
    }

    double[] row(String table, double index) {
        return weights.get(table).row((int) index);
    }

    /** tanh(W x + U h + b). */
    double[] elman(String prefix, double[] x, double[] h) {
        return tanh(gates(prefix, x, h));
    }

    /** h' and c' of an LSTM. */
    double[][] lstm(String prefix, double[] x, double[] h, double[] c) {
        double[] gates = gates(prefix, x, h);
        int n = h.length;
        var next = new double[2][n];
        for (int j = 0; j < n; j++) {
            double i = sigmoid(gates[j]);
            double f = sigmoid(gates[n + j]);
            double g = Math.tanh(gates[2 * n + j]);
            double o = sigmoid(gates[3 * n + j]);
            next[1][j] = f * c[j] + i * g;
            next[0][j] = o * Math.tanh(next[1][j]);
        }
        return next;
    }

    private double[] gates(String prefix, double[] x, double[] h) {
        double[] sum = plus(product(prefix + ".weight_input", x), product(prefix + ".weight_hidden", h));
        return plus(sum, weights.get(prefix + ".bias").values());
    }

    /** The states of an Elman encoder of one layer. */
    List<double[]> encode(double[] source) {
        var states = new ArrayList<double[]>();
        double[] h = new double[weights.get("encoder.l0.weight_hidden").size(1)];
        for (double word : source) {
            h = elman("encoder.l0", row("encoder.embedding.weight", word), h);
            states.add(h);
        }
        return states;
    }

    /** The weights of a sum, and the sum: Σ softmax(scores)_s memory_s. */
    static double[] attend(double[] scores, List<double[]> memory) {
        double[] weights = softmax(scores);
        double[] context = new double[memory.getFirst().length];
        for (int s = 0; s < weights.length; s++) {
            context = plus(context, times(weights[s], memory.get(s)));
        }
        return context;
    }

    static double[] softmax(double[] scores) {
        double sum = Arrays.stream(scores).map(Math::exp).sum();
        return Arrays.stream(scores).map(v -> Math.exp(v) / sum).toArray();
    }

    static double[] tanh(double[] x) {
        return Arrays.stream(x).map(Math::tanh).toArray();
    }

    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    static double dot(double[] a, double[] b) {
        if (a.length != b.length) {
            throw new IllegalArgumentException(a.length + " and " + b.length + " numbers");
        }
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    static double[] plus(double[] a, double[] b) {
        var sum = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            sum[i] = a[i] + b[i];
        }
        return sum;
    }

    static double[] times(double a, double[] x) {
        return Arrays.stream(x).map(v -> a * v).toArray();
    }

    /** [a; b; ...]. */
    static double[] side(double[]... parts) {
        return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
    }
}
