package dev.rondo.tests.oracle;

import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Activation;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Recurrent;
import java.util.ArrayList;
import java.util.List;

/** Equations of the recurrent operators of {@link Training}, row by row and step by step. */
final class RecurrentTrainingMeaning {
    private final Arguments in;
    private final boolean reverse;
    private final int rows;
    private final int steps;
    private final int units;
    private final int[] lengths;

    /** @param trace a value [B,T,H] */
    private RecurrentTrainingMeaning(Arguments in, boolean reverse, NdArray trace) {
        this.in = in;
        this.reverse = reverse;
        this.rows = trace.size(0);
        this.steps = trace.size(1);
        this.units = trace.size(2);
        this.lengths = Interpreter.lengths(in.maybe("lengths").orElse(null), rows, steps);
    }

    /** The layer, and its gates once more from what the layer says of the state before each step. */
    static List<NdArray> lstmTrace(Training.LstmTrace op, Arguments in) {
        var layer = new Recurrent.LstmLayer(LstmActivations.STANDARD, op.reverse(), op.repeat());
        var results = new ArrayList<>(RecurrentMeaning.of(layer, new Arguments(layer, in.values())));
        var m = new RecurrentTrainingMeaning(in, op.reverse(), results.getFirst());
        NdArray y = results.getFirst();
        NdArray gates = m.sequence(4);
        NdArray cells = m.sequence(1);
        for (int b = 0; b < m.rows; b++) {
            for (int s = 0; s < m.lengths[b]; s++) {
                int t = m.time(b, s);
                for (int j = 0; j < m.units; j++) {
                    double before = s == 0 ? m.begin("c", b, j) : get(cells, b, m.time(b, s - 1), j);
                    double i = sigmoid(m.ofInput(0, b, t, j) + m.ofHidden(0, y, b, s, j));
                    double f = sigmoid(m.ofInput(1, b, t, j) + m.ofHidden(1, y, b, s, j));
                    double g = Math.tanh(m.ofInput(2, b, t, j) + m.ofHidden(2, y, b, s, j));
                    double o = sigmoid(m.ofInput(3, b, t, j) + m.ofHidden(3, y, b, s, j));
                    set(gates, b, t, j, i);
                    set(gates, b, t, m.units + j, f);
                    set(gates, b, t, 2 * m.units + j, g);
                    set(gates, b, t, 3 * m.units + j, o);
                    set(cells, b, t, j, f * before + i * g);
                }
            }
        }
        results.add(gates);
        results.add(cells);
        return results;
    }

    static List<NdArray> gruTrace(Training.GruTrace op, Arguments in) {
        var layer =
                new Recurrent.GruLayer(Activation.SIGMOID, Activation.TANH, op.resetAfter(), op.reverse(), op.repeat());
        var results = new ArrayList<>(RecurrentMeaning.of(layer, new Arguments(layer, in.values())));
        var m = new RecurrentTrainingMeaning(in, op.reverse(), results.getFirst());
        NdArray y = results.getFirst();
        NdArray gates = m.sequence(3);
        NdArray recurrent = m.sequence(1);
        for (int b = 0; b < m.rows; b++) {
            for (int s = 0; s < m.lengths[b]; s++) {
                int t = m.time(b, s);
                for (int j = 0; j < m.units; j++) {
                    set(gates, b, t, j, sigmoid(m.ofInput(0, b, t, j) + m.ofHidden(0, y, b, s, j)));
                    set(gates, b, t, m.units + j, sigmoid(m.ofInput(1, b, t, j) + m.ofHidden(1, y, b, s, j)));
                    double d = in.maybe("hidden_bias").map(NdArray::values).orElse(new double[m.units])[j];
                    double after = m.ofHidden(2, y, b, s, j) + d;
                    set(recurrent, b, t, j, op.resetAfter() ? after : get(gates, b, t, j) * m.before(y, b, s, j));
                }
                for (int j = 0; j < m.units; j++) {
                    double hidden = op.resetAfter() ? get(gates, b, t, j) * get(recurrent, b, t, j) : 0;
                    for (int k = 0; k < m.units && !op.resetAfter(); k++) {
                        hidden += m.u(2, j, k) * get(recurrent, b, t, k);
                    }
                    set(gates, b, t, 2 * m.units + j, Math.tanh(m.ofInput(2, b, t, j) + hidden));
                }
            }
        }
        results.add(gates);
        results.add(recurrent);
        return results;
    }

    static List<NdArray> lstmBackward(Training.LstmBackward op, Arguments in) {
        NdArray gates = in.the("gates");
        NdArray cells = in.the("cells");
        var m = new RecurrentTrainingMeaning(in, op.reverse(), cells);
        int h = m.units;
        NdArray dz = m.sequence(4);
        NdArray dhs = m.state("dh");
        NdArray dcs = m.state("dc");
        for (int b = 0; b < m.rows; b++) {
            double[] dh = dhs.row(b);
            double[] dc = dcs.row(b);
            for (int s = m.lengths[b] - 1; s >= 0; s--) {
                int t = m.time(b, s);
                for (int j = 0; j < h; j++) {
                    double before = s == 0 ? m.begin("c", b, j) : get(cells, b, m.time(b, s - 1), j);
                    double i = get(gates, b, t, j);
                    double f = get(gates, b, t, h + j);
                    double g = get(gates, b, t, 2 * h + j);
                    double o = get(gates, b, t, 3 * h + j);
                    double bent = Math.tanh(get(cells, b, t, j));
                    double deltaH = m.dy(b, t, j) + dh[j];
                    double deltaC = dc[j] + deltaH * o * (1 - bent * bent);
                    set(dz, b, t, j, deltaC * g * i * (1 - i));
                    set(dz, b, t, h + j, deltaC * before * f * (1 - f));
                    set(dz, b, t, 2 * h + j, deltaC * i * (1 - g * g));
                    set(dz, b, t, 3 * h + j, deltaH * bent * o * (1 - o));
                    dc[j] = deltaC * f;
                }
                for (int k = 0; k < h; k++) {
                    dh[k] = m.back(dz, b, t, k, 0, 4);
                }
            }
            System.arraycopy(dh, 0, dhs.values(), b * h, h);
            System.arraycopy(dc, 0, dcs.values(), b * h, h);
        }
        return List.of(dz, dhs, dcs);
    }

    static List<NdArray> gruBackward(Training.GruBackward op, Arguments in) {
        NdArray gates = in.the("gates");
        NdArray recurrent = in.the("recurrent");
        NdArray before = in.the("h_before");
        var m = new RecurrentTrainingMeaning(in, op.reverse(), recurrent);
        int h = m.units;
        NdArray dz = m.sequence(3);
        NdArray dhs = m.state("dh");
        for (int b = 0; b < m.rows; b++) {
            double[] dh = dhs.row(b);
            for (int s = m.lengths[b] - 1; s >= 0; s--) {
                int t = m.time(b, s);
                double[] delta = new double[h];
                for (int j = 0; j < h; j++) {
                    double z = get(gates, b, t, h + j);
                    double n = get(gates, b, t, 2 * h + j);
                    delta[j] = m.dy(b, t, j) + dh[j];
                    set(dz, b, t, h + j, delta[j] * (get(before, b, t, j) - n) * z * (1 - z));
                    set(dz, b, t, 2 * h + j, delta[j] * (1 - z) * (1 - n * n));
                }
                double[] e = new double[h];
                for (int j = 0; j < h; j++) {
                    double r = get(gates, b, t, j);
                    e[j] = m.back(dz, b, t, j, 2, 3);
                    double atReset = op.resetAfter()
                            ? get(dz, b, t, 2 * h + j) * get(recurrent, b, t, j)
                            : e[j] * get(before, b, t, j);
                    set(dz, b, t, j, atReset * r * (1 - r));
                }
                for (int k = 0; k < h; k++) {
                    double ofCandidate = e[k] * get(gates, b, t, k);
                    if (op.resetAfter()) {
                        ofCandidate = 0;
                        for (int j = 0; j < h; j++) {
                            ofCandidate += get(dz, b, t, 2 * h + j) * get(gates, b, t, j) * m.u(2, j, k);
                        }
                    }
                    dh[k] = delta[k] * get(gates, b, t, h + k) + m.back(dz, b, t, k, 0, 2) + ofCandidate;
                }
            }
            System.arraycopy(dh, 0, dhs.values(), b * h, h);
        }
        return List.of(dz, dhs);
    }

    static List<NdArray> elmanBackward(Training.ElmanBackward op, Arguments in) {
        NdArray y = in.the("y");
        var m = new RecurrentTrainingMeaning(in, op.reverse(), y);
        NdArray dz = m.sequence(1);
        NdArray dhs = m.state("dh");
        for (int b = 0; b < m.rows; b++) {
            double[] dh = dhs.row(b);
            for (int s = m.lengths[b] - 1; s >= 0; s--) {
                int t = m.time(b, s);
                for (int j = 0; j < m.units; j++) {
                    double v = get(y, b, t, j);
                    double slope = switch (op.activation().kind()) {
                        case IDENTITY -> 1;
                        case TANH -> 1 - v * v;
                        case SIGMOID -> v * (1 - v);
                        case RELU -> v > 0 ? 1 : 0;
                        default -> throw new IllegalArgumentException(op.toString());
                    };
                    set(dz, b, t, j, (m.dy(b, t, j) + dh[j]) * slope);
                }
                for (int k = 0; k < m.units; k++) {
                    dh[k] = m.back(dz, b, t, k, 0, 1);
                }
            }
            System.arraycopy(dh, 0, dhs.values(), b * m.units, m.units);
        }
        return List.of(dz, dhs);
    }

    /** The time of a row's step number s in running order. */
    private int time(int b, int s) {
        return reverse ? lengths[b] - 1 - s : s;
    }

    private NdArray sequence(int gates) {
        return NdArray.f32(List.of(rows, steps, gates * units), new double[rows * steps * gates * units]);
    }

    /** A copy of a gradient of a state [B,H], zero when it is not given. */
    private NdArray state(String slot) {
        double[] zero = new double[rows * units];
        return NdArray.f32(
                List.of(rows, units),
                in.maybe(slot).map(a -> a.values().clone()).orElse(zero));
    }

    private double begin(String slot, int b, int j) {
        return in.maybe(slot).map(a -> a.at(b, j)).orElse(0.0);
    }

    private double dy(int b, int t, int j) {
        return in.maybe("dy").map(a -> a.at(b, t, j)).orElse(0.0);
    }

    /** The state h before step s of a row. */
    private double before(NdArray y, int b, int s, int j) {
        return s == 0 ? begin("h", b, j) : get(y, b, time(b, s - 1), j);
    }

    private double u(int gate, int row, int column) {
        return in.the("weight_hidden").at(gate * units + row, column);
    }

    /** (W x + b) of one unit of a gate. */
    private double ofInput(int gate, int b, int t, int j) {
        NdArray x = in.the("x");
        int row = gate * units + j;
        double sum = in.maybe("bias").map(v -> v.at(row)).orElse(0.0);
        if (in.maybe("weight_input").isEmpty()) {
            return sum + x.at(b, t, row);
        }
        for (int k = 0; k < x.size(2); k++) {
            sum += in.the("weight_input").at(row, k) * x.at(b, t, k);
        }
        return sum;
    }

    /** (U h) of one unit of a gate, h the state before step s. */
    private double ofHidden(int gate, NdArray y, int b, int s, int j) {
        double sum = 0;
        for (int k = 0; k < units; k++) {
            sum += u(gate, j, k) * before(y, b, s, k);
        }
        return sum;
    }

    /** Column k of dz U, over the rows of some gates. */
    private double back(NdArray dz, int b, int t, int k, int fromGate, int toGate) {
        double sum = 0;
        for (int row = fromGate * units; row < toGate * units; row++) {
            sum += get(dz, b, t, row) * in.the("weight_hidden").at(row, k);
        }
        return sum;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double get(NdArray a, int b, int t, int j) {
        return a.at(b, t, j);
    }

    private static void set(NdArray a, int b, int t, int j, double value) {
        a.values()[(b * a.size(1) + t) * a.size(2) + j] = value;
    }
}
