package dev.rondo.convert;

import dev.rondo.format.RondoFile;
import dev.rondo.format.Tensor;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.graph.Node;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.HashMap;
import java.util.Map;

/**
 * Evaluates the functions of a converted language model for one row, in double precision, node by node with plain loops. A
 * sequence is a list of steps.
 */
final class Evaluator {
    private final RondoFile file;
    private final Map<String, Function> functions;
    private final Map<String, double[][]> matrices = new HashMap<>();
    /** By name; zero until set. */
    final Map<String, double[]> states = new HashMap<>();

    Evaluator(RondoFile file) {
        this.file = file;
        var types = new HashMap<String, ValueType>();
        file.tensors()
                .forEach((name, t) -> types.put(name, ValueType.f32(t.shape().toArray())));
        functions = FunctionCodec.decode(file.functions(), types);
    }

    Function function(String name) {
        return functions.get(name);
    }

    /** The output of a function of one token. */
    double[] step(String function, String output, int token) {
        return run(function, new int[] {token}).get(output)[0];
    }

    /** The outputs of a function of a sequence, a line each step; states go on. */
    Map<String, double[][]> run(String name, int[] tokens) {
        Function function = functions.get(name);
        var values = new HashMap<String, double[][]>();
        for (var state : function.states()) {
            int size = (int) state.value().type().dim(1).fixed();
            values.put(
                    state.value().name(),
                    new double[][] {states.getOrDefault(state.value().name(), new double[size])});
        }
        for (Node node : function.nodes()) {
            evaluate(node, tokens, values);
        }
        for (var state : function.states()) {
            states.put(state.value().name(), values.get(state.next().name())[0]);
        }
        return values;
    }

    private void evaluate(Node node, int[] tokens, Map<String, double[][]> values) {
        String output = node.outputs().getFirst().name();
        switch (node.op()) {
            case Structure.Gather() -> {
                double[][] table = matrix(node.input("table"));
                double[][] rows = new double[tokens.length][];
                for (int t = 0; t < tokens.length; t++) {
                    rows[t] = table[tokens[t]];
                }
                values.put(output, rows);
            }
            case Contraction.Linear() -> {
                double[][] x = values.get(node.input("x").name());
                double[][] y = new double[x.length][];
                for (int t = 0; t < x.length; t++) {
                    y[t] = plus(times(matrix(node.input("weight")), x[t]), vector(node.input("bias")));
                }
                values.put(output, y);
            }
            case Aggregation.Softmax(boolean log) -> {
                double[][] x = values.get(node.input("x").name());
                double[][] y = new double[x.length][];
                for (int t = 0; t < x.length; t++) {
                    double sum = 0;
                    for (double v : x[t]) {
                        sum += Math.exp(v);
                    }
                    y[t] = x[t].clone();
                    for (int i = 0; i < y[t].length; i++) {
                        y[t][i] = log ? x[t][i] - Math.log(sum) : Math.exp(x[t][i]) / sum;
                    }
                }
                values.put(output, y);
            }
            case Recurrent recurrent -> recur(recurrent, node, values);
            default -> throw new AssertionError("a language model has no " + node.op());
        }
    }

    private void recur(Recurrent op, Node node, Map<String, double[][]> values) {
        double[][] x = values.get(node.input("x").name());
        double[] h = values.get(node.input("h").name())[0];
        double[] c = node.op() instanceof Recurrent.LstmCell || node.op() instanceof Recurrent.LstmLayer
                ? values.get(node.input("c").name())[0]
                : null;
        double[][] y = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            switch (op) {
                case Recurrent.ElmanCell(Activation a) -> h = elman(node, a, x[t], h);
                case Recurrent.ElmanLayer(Activation a, boolean _, boolean _) -> h = elman(node, a, x[t], h);
                case Recurrent.GruCell(var _, var _, boolean after) -> h = gru(node, after, x[t], h);
                case Recurrent.GruLayer(var _, var _, boolean after, boolean _, boolean _) ->
                    h = gru(node, after, x[t], h);
                case Recurrent.LstmCell _, Recurrent.LstmLayer _ -> {
                    double[][] next = lstm(node, x[t], h, c);
                    h = next[0];
                    c = next[1];
                }
            }
            y[t] = h;
        }
        boolean layer = node.outputs().getFirst().name().startsWith("y");
        int first = layer ? 1 : 0;
        if (layer) {
            values.put(node.outputs().getFirst().name(), y);
        }
        values.put(node.outputs().get(first).name(), new double[][] {h});
        if (c != null) {
            values.put(node.outputs().get(first + 1).name(), new double[][] {c});
        }
    }

    private double[] elman(Node node, Activation activation, double[] x, double[] h) {
        double[] a = sums(node, x, h);
        for (int i = 0; i < a.length; i++) {
            a[i] = activation.apply(a[i]);
        }
        return a;
    }

    private double[] gru(Node node, boolean after, double[] x, double[] h) {
        int n = h.length;
        double[] input = plus(times(matrix(node.input("weight_input")), x), vector(node.input("bias")));
        double[][] u = matrix(node.input("weight_hidden"));
        double[] recurrent = times(u, h);
        double[] d = vector(node.input("hidden_bias"));
        double[] reset = new double[n];
        for (int i = 0; i < n; i++) {
            reset[i] = sigmoid(input[i] + recurrent[i]) * h[i];
        }
        double[] next = new double[n];
        for (int i = 0; i < n; i++) {
            double r = sigmoid(input[i] + recurrent[i]);
            double z = sigmoid(input[n + i] + recurrent[n + i]);
            double product = recurrent[2 * n + i] + (d == null ? 0 : d[i]);
            double candidate = Math.tanh(input[2 * n + i] + (after ? r * product : dot(u[2 * n + i], reset)));
            next[i] = z * h[i] + (1 - z) * candidate;
        }
        return next;
    }

    private double[][] lstm(Node node, double[] x, double[] h, double[] c) {
        int n = c.length;
        double[] a = sums(node, x, h);
        double[][] p = node.input("peepholes").isAbsent() ? new double[3][n] : matrix(node.input("peepholes"));
        double[] nextC = new double[n];
        double[] out = new double[n];
        for (int k = 0; k < n; k++) {
            double i = sigmoid(a[k] + p[0][k] * c[k]);
            double f = sigmoid(a[n + k] + p[1][k] * c[k]);
            nextC[k] = f * c[k] + i * Math.tanh(a[2 * n + k]);
            out[k] = sigmoid(a[3 * n + k] + p[2][k] * nextC[k]) * Math.tanh(nextC[k]);
        }
        Value projection = node.input("projection");
        return new double[][] {projection.isAbsent() ? out : times(matrix(projection), out), nextC};
    }

    private double[] sums(Node node, double[] x, double[] h) {
        double[] a = plus(times(matrix(node.input("weight_input")), x), vector(node.input("bias")));
        return plus(a, times(matrix(node.input("weight_hidden")), h));
    }

    private double[][] matrix(Value weight) {
        return matrices.computeIfAbsent(weight.tensorName(), name -> {
            Tensor tensor = file.tensors().get(name);
            float[] values = tensor.toFloats();
            double[][] matrix = new double[tensor.rows()][tensor.columns()];
            for (int i = 0; i < values.length; i++) {
                matrix[i / tensor.columns()][i % tensor.columns()] = values[i];
            }
            return matrix;
        });
    }

    private double[] vector(Value weight) {
        if (weight.isAbsent()) {
            return null;
        }
        float[] values = file.tensors().get(weight.tensorName()).toFloats();
        double[] vector = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            vector[i] = values[i];
        }
        return vector;
    }

    static double[] times(double[][] matrix, double[] x) {
        double[] y = new double[matrix.length];
        for (int r = 0; r < y.length; r++) {
            y[r] = dot(matrix[r], x);
        }
        return y;
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < b.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    static double[] plus(double[] a, double[] b) {
        double[] sum = a.clone();
        for (int i = 0; b != null && i < sum.length; i++) {
            sum[i] += b[i];
        }
        return sum;
    }

    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
