package dev.rondo.tests.oracle;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Recurrent;
import java.util.List;
import java.util.Optional;

/**
 * Equations of {@link Recurrent}: cells row by row, layers as a loop of the cell over each row's steps. Beyond a row's
 * length y is zero or with repeat that of the step before, zero before the first one, as {@link ScanMeaning} says.
 */
final class RecurrentMeaning {
    private RecurrentMeaning() {}

    /** The state of one row; c is empty but for an LSTM. */
    private record State(double[] h, double[] c) {}

    /** One step of one row. */
    private interface Cell {
        State step(double[] x, State state);
    }

    static List<NdArray> of(Recurrent op, Arguments in) {
        return switch (op) {
            case Recurrent.ElmanCell(var activation) -> step(elman(activation, in), in);
            case Recurrent.LstmCell(var activations) -> step(lstm(activations, in), in);
            case Recurrent.GruCell(var gate, var candidate, boolean resetAfter) ->
                step(gru(gate, candidate, resetAfter, in), in);
            case Recurrent.ElmanLayer(var activation, boolean reverse, boolean repeat) ->
                sequence(elman(activation, in), in, false, reverse, repeat);
            case Recurrent.LstmLayer(var activations, boolean reverse, boolean repeat) ->
                sequence(lstm(activations, in), in, true, reverse, repeat);
            case Recurrent.GruLayer(var gate, var candidate, boolean resetAfter, boolean reverse, boolean repeat) ->
                sequence(gru(gate, candidate, resetAfter, in), in, false, reverse, repeat);
        };
    }

    /** h' = activation(W x + U h + b). */
    private static Cell elman(Activation activation, Arguments in) {
        var parameters = new Parameters(in, 1);
        return (x, state) -> {
            double[] a = plus(parameters.ofInput(0, x), parameters.ofHidden(0, state.h));
            return new State(apply(activation, a), new double[0]);
        };
    }

    /** c' = f c + i g, h' = o cell(c'), projected when there is a projection. */
    private static Cell lstm(LstmActivations f, Arguments in) {
        var parameters = new Parameters(in, 4);
        Optional<NdArray> projection = in.maybe("projection");
        return (x, state) -> {
            double[] i = plus(parameters.ofInput(0, x), parameters.ofHidden(0, state.h));
            double[] forget = plus(parameters.ofInput(1, x), parameters.ofHidden(1, state.h));
            double[] g = plus(parameters.ofInput(2, x), parameters.ofHidden(2, state.h));
            double[] o = plus(parameters.ofInput(3, x), parameters.ofHidden(3, state.h));
            i = apply(f.input(), plus(i, parameters.peephole(0, state.c)));
            forget = apply(f.forget(), plus(forget, parameters.peephole(1, state.c)));
            g = apply(f.candidate(), g);
            double[] c = plus(times(forget, state.c), times(i, g));
            o = apply(f.output(), plus(o, parameters.peephole(2, c)));
            double[] h = times(o, apply(f.cell(), c));
            return new State(projection.map(r -> product(r, 0, r.size(0), h)).orElse(h), c);
        };
    }

    /** h' = z h + (1 - z) n. */
    private static Cell gru(Activation gate, Activation candidate, boolean resetAfter, Arguments in) {
        var parameters = new Parameters(in, 3);
        return (x, state) -> {
            double[] r = apply(gate, plus(parameters.ofInput(0, x), parameters.ofHidden(0, state.h)));
            double[] z = apply(gate, plus(parameters.ofInput(1, x), parameters.ofHidden(1, state.h)));
            double[] hidden = resetAfter
                    ? times(r, plus(parameters.ofHidden(2, state.h), parameters.hiddenBias()))
                    : parameters.ofHidden(2, times(r, state.h));
            double[] n = apply(candidate, plus(parameters.ofInput(2, x), hidden));
            double[] h = new double[n.length];
            for (int j = 0; j < h.length; j++) {
                h[j] = z[j] * state.h[j] + (1 - z[j]) * n[j];
            }
            return new State(h, new double[0]);
        };
    }

    /** Weights and biases of a cell with a number of gates. */
    private record Parameters(Arguments in, int gates) {
        int units() {
            return in.the("weight_hidden").size(0) / gates;
        }

        /** W x + b of one gate; x itself holds the W x of every gate when there is no W. */
        double[] ofInput(int gate, double[] x) {
            int units = units();
            double[] share = new double[units];
            if (in.maybe("weight_input").isPresent()) {
                share = product(in.the("weight_input"), gate * units, units, x);
            } else {
                System.arraycopy(x, gate * units, share, 0, units);
            }
            double[] bias = new double[units];
            for (int j = 0; j < units; j++) {
                int row = gate * units + j;
                bias[j] = in.maybe("bias").map(b -> b.at(row)).orElse(0.0);
            }
            return plus(share, bias);
        }

        /** U h of one gate. */
        double[] ofHidden(int gate, double[] h) {
            return product(in.the("weight_hidden"), gate * units(), units(), h);
        }

        double[] hiddenBias() {
            return in.maybe("hidden_bias").map(NdArray::values).orElse(new double[units()]);
        }

        /** What gate number k of i, f, o sees of the cell state. */
        double[] peephole(int k, double[] c) {
            return in.maybe("peepholes").map(p -> times(p.row(k), c)).orElse(new double[c.length]);
        }
    }

    private static List<NdArray> step(Cell cell, Arguments in) {
        NdArray x = in.the("x");
        boolean lstm = in.maybe("c").isPresent();
        double[][] h = new double[x.size(0)][];
        double[][] c = new double[x.size(0)][];
        for (int b = 0; b < h.length; b++) {
            double[] before = lstm ? in.the("c").row(b) : new double[0];
            State after = cell.step(x.row(b), new State(in.the("h").row(b), before));
            h[b] = after.h;
            c[b] = after.c;
        }
        int outputs = in.the("h").size(1);
        return lstm ? List.of(rows(h, outputs), rows(c, in.the("c").size(1))) : List.of(rows(h, outputs));
    }

    private static List<NdArray> sequence(Cell cell, Arguments in, boolean lstm, boolean reverse, boolean repeat) {
        NdArray x = in.the("x");
        int rows = x.size(0);
        int steps = x.size(1);
        int features = x.size(2);
        int outputs = in.the("weight_hidden").size(1);
        int units = lstm ? in.the("weight_hidden").size(0) / 4 : 0;
        int[] lengths = Interpreter.lengths(in.maybe("lengths").orElse(null), rows, steps);
        double[][][] y = new double[rows][steps][outputs];
        double[][] h = new double[rows][];
        double[][] c = new double[rows][];
        for (int b = 0; b < rows; b++) {
            int row = b;
            State state = new State(
                    in.maybe("h").map(a -> a.row(row)).orElse(new double[outputs]),
                    in.maybe("c").map(a -> a.row(row)).orElse(new double[units]));
            double[] before = new double[outputs];
            for (int s = 0; s < steps; s++) {
                int t = reverse ? steps - 1 - s : s;
                if (t < lengths[b]) {
                    double[] now = new double[features];
                    for (int k = 0; k < features; k++) {
                        now[k] = x.at(b, t, k);
                    }
                    state = cell.step(now, state);
                    before = state.h;
                }
                y[b][t] = t < lengths[b] || repeat ? before : new double[outputs];
            }
            h[b] = state.h;
            c[b] = state.c;
        }
        NdArray all = NdArray.tabulate(x.element(), List.of(rows, steps, outputs), i -> y[i[0]][i[1]][i[2]]);
        return lstm ? List.of(all, rows(h, outputs), rows(c, units)) : List.of(all, rows(h, outputs));
    }

    private static NdArray rows(double[][] rows, int columns) {
        return NdArray.tabulate(ElementType.F32, List.of(rows.length, columns), i -> rows[i[0]][i[1]]);
    }

    /** Rows [first, first + count) of a matrix times a vector. */
    private static double[] product(NdArray matrix, int first, int count, double[] x) {
        double[] out = new double[count];
        for (int i = 0; i < count; i++) {
            for (int k = 0; k < x.length; k++) {
                out[i] += matrix.at(first + i, k) * x[k];
            }
        }
        return out;
    }

    private static double[] plus(double[] a, double[] b) {
        double[] out = new double[a.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = a[i] + b[i];
        }
        return out;
    }

    private static double[] times(double[] a, double[] b) {
        double[] out = new double[a.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = a[i] * b[i];
        }
        return out;
    }

    private static double[] apply(Activation activation, double[] x) {
        double[] out = new double[x.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = activation.apply(x[i]);
        }
        return out;
    }
}
