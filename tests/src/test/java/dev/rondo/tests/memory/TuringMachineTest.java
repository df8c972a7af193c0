package dev.rondo.tests.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.memory.TuringMachine;
import dev.rondo.architecture.memory.TuringMachineGraph;
import dev.rondo.graph.State;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a Neural Turing Machine computes, in double precision, against Graves' equations written out. */
class TuringMachineTest {
    private static final int N = 5;
    private static final int M = 3;
    private static final int H = 4;
    private static final int READERS = 2;
    private static final int WRITERS = 2;
    private static final int HEADS = READERS + WRITERS;
    private static final double EPSILON = 1e-8;

    private final Random random = new Random(11);
    private final TuringMachine machine =
            new TuringMachine(3, 2, TuringMachine.Controller.FEED_FORWARD, H, N, M, READERS, WRITERS, 1);

    private Map<String, NdArray> weights() {
        Map<String, NdArray> weights = new HashMap<>();
        for (Parameter p : machine.parameters()) {
            weights.put(p.name(), NdArray.random(random, 0.8, p.shape().toArray(Integer[]::new)));
        }
        return weights;
    }

    private static double[] linear(NdArray weight, NdArray bias, double[] x) {
        double[] y = new double[weight.size(0)];
        for (int o = 0; o < y.length; o++) {
            y[o] = bias.at(o);
            for (int i = 0; i < x.length; i++) {
                y[o] += weight.at(o, i) * x[i];
            }
        }
        return y;
    }

    private static double[] concat(double[] a, double[] b) {
        double[] both = new double[a.length + b.length];
        System.arraycopy(a, 0, both, 0, a.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private static double softplus(double x) {
        return Math.log1p(Math.exp(x));
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double[] softmax(double[] x) {
        double sum = 0;
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = Math.exp(x[i]);
            sum += y[i];
        }
        for (int i = 0; i < x.length; i++) {
            y[i] /= sum;
        }
        return y;
    }

    /** One step by equations 2 to 9 of the paper; memory, read and looks are replaced. Gives y. */
    private static double[] step(
            Map<String, NdArray> w, double[] x, double[][] memory, double[] read, double[][] looks) {
        double[] h = linear(w.get("controller.weight"), w.get("controller.bias"), concat(x, read));
        for (int i = 0; i < H; i++) {
            h[i] = Math.tanh(h[i]);
        }
        double[] told = linear(w.get("heads.weight"), w.get("heads.bias"), h);
        int strength = HEADS * M;
        int gate = strength + HEADS;
        int shift = gate + HEADS;
        int sharpness = shift + HEADS * 3;
        int erase = sharpness + HEADS;
        int add = erase + WRITERS * M;
        for (int head = 0; head < HEADS; head++) {
            double[] fit = new double[N];
            for (int i = 0; i < N; i++) {
                double dot = 0;
                double key = EPSILON;
                double row = EPSILON;
                for (int m = 0; m < M; m++) {
                    double k = told[head * M + m];
                    dot += k * memory[i][m];
                    key += k * k;
                    row += memory[i][m] * memory[i][m];
                }
                fit[i] = softplus(told[strength + head]) * dot / Math.sqrt(key * row);
            }
            double[] content = softmax(fit);
            double g = sigmoid(told[gate + head]);
            double[] s = softmax(
                    new double[] {told[shift + 3 * head], told[shift + 3 * head + 1], told[shift + 3 * head + 2]});
            double gamma = 1 + softplus(told[sharpness + head]);
            double[] sharp = new double[N];
            double sum = 0;
            for (int i = 0; i < N; i++) {
                double moved = 0;
                for (int by = -1; by <= 1; by++) {
                    int from = Math.floorMod(i - by, N);
                    moved += s[by + 1] * (g * content[from] + (1 - g) * looks[head][from]);
                }
                sharp[i] = Math.pow(moved, gamma);
                sum += sharp[i];
            }
            for (int i = 0; i < N; i++) {
                sharp[i] /= sum;
            }
            looks[head] = sharp;
        }
        for (int i = 0; i < N; i++) {
            for (int m = 0; m < M; m++) {
                double kept = memory[i][m];
                double more = 0;
                for (int head = 0; head < WRITERS; head++) {
                    kept *= 1 - looks[READERS + head][i] * sigmoid(told[erase + head * M + m]);
                    more += looks[READERS + head][i] * told[add + head * M + m];
                }
                memory[i][m] = kept + more;
            }
        }
        for (int head = 0; head < READERS; head++) {
            for (int m = 0; m < M; m++) {
                read[head * M + m] = 0;
                for (int i = 0; i < N; i++) {
                    read[head * M + m] += looks[head][i] * memory[i][m];
                }
            }
        }
        return linear(w.get("output.weight"), w.get("output.bias"), concat(h, read));
    }

    @Test
    void stepsAreThoseOfThePaper() {
        Map<String, NdArray> weights = weights();
        var graph = new TuringMachineGraph(machine);
        Map<String, NdArray> states = new HashMap<>();
        for (State state : graph.start().states()) {
            Integer[] shape = state.value().type().dims().stream()
                    .map(d -> d.isFixed() ? (int) d.fixed() : 1)
                    .toArray(Integer[]::new);
            // What was there before counts for nothing.
            states.put(state.value().name(), NdArray.random(random, 1, shape));
        }
        states = Interpreter.run(graph.start(), Map.of(), states, weights).states();
        double[][] memory = new double[N][M];
        double[] read = new double[READERS * M];
        double[][] looks = new double[HEADS][];
        for (int head = 0; head < HEADS; head++) {
            double[] scores = new double[N];
            for (int i = 0; i < N; i++) {
                scores[i] = weights.get(TuringMachine.START).at(head, i);
            }
            looks[head] = softmax(scores);
        }
        NdArray x = NdArray.random(random, 1, 1, 6, 3);
        Map<String, NdArray> begin = states;
        Interpreter.Result all = Interpreter.run(graph.sequence(), Map.of("x", x), begin, weights);
        for (int t = 0; t < 6; t++) {
            double[] input = {x.at(0, t, 0), x.at(0, t, 1), x.at(0, t, 2)};
            double[] y = step(weights, input, memory, read, looks);
            Interpreter.Result one = Interpreter.run(
                    graph.step(), Map.of("x", new NdArray(x.element(), List.of(1, 3), input)), states, weights);
            states = one.states();
            assertArrayEquals(y, one.output("y").values(), 1e-9, "step " + t);
            for (int o = 0; o < 2; o++) {
                assertEquals(y[o], all.output("y").at(0, t, o), 1e-9, "in a sequence, step " + t);
            }
            for (int head = 0; head < HEADS; head++) {
                for (int i = 0; i < N; i++) {
                    assertEquals(looks[head][i], one.output("looks").at(0, head, i), 1e-9, "step " + t);
                }
            }
            for (int i = 0; i < N; i++) {
                for (int m = 0; m < M; m++) {
                    assertEquals(memory[i][m], states.get("memory").at(0, i, m), 1e-9, "step " + t);
                }
            }
        }
    }

    /** The loss of training is the mean of ln(1 + e^y) - target y over the counted steps, from the start. */
    @Test
    void theLossIsTheCrossEntropyOfCountedBits() {
        Map<String, NdArray> weights = weights();
        var graph = new TuringMachineGraph(machine);
        NdArray x = NdArray.random(random, 1, 1, 4, 3);
        NdArray target = NdArray.tabulate(x.element(), List.of(1, 4, 2), i -> (i[1] + i[2]) % 2);
        NdArray counts = NdArray.tabulate(x.element(), List.of(4), i -> i[0] >= 2 ? 1 : 0);
        Map<String, NdArray> states = new HashMap<>();
        states.put("memory", NdArray.tabulate(x.element(), List.of(1, N, M), _ -> 0));
        states.put("read", NdArray.tabulate(x.element(), List.of(1, READERS * M), _ -> 0));
        states.put("addressing", NdArray.tabulate(x.element(), List.of(1, HEADS, N), _ -> 0));
        states = Interpreter.run(graph.start(), Map.of(), states, weights).states();
        NdArray y = Interpreter.run(graph.sequence(), Map.of("x", x), states, weights)
                .output("y");
        double wanted = 0;
        int wrong = 0;
        for (int t = 2; t < 4; t++) {
            for (int o = 0; o < 2; o++) {
                wanted += softplus(y.at(0, t, o)) - target.at(0, t, o) * y.at(0, t, o);
                wrong += y.at(0, t, o) > 0 == target.at(0, t, o) > 0.5 ? 0 : 1;
            }
        }
        Map<String, NdArray> inputs = Map.of("x", x, "target", target, "counts", counts);
        Interpreter.Result training = Interpreter.run(graph.training(), inputs, Map.of(), weights);
        assertEquals(wanted, training.output("loss").at(), 1e-9);
        assertEquals(4, training.output("count").at());
        Interpreter.Result evaluation = Interpreter.run(graph.evaluation(), inputs, Map.of(), weights);
        double sum = 0;
        double bits = 0;
        for (int t = 0; t < 4; t++) {
            sum += evaluation.output("losses").at(0, t);
            bits += evaluation.output("wrong").at(0, t);
        }
        assertEquals(wanted, sum, 1e-9);
        assertEquals(wrong, bits);
    }
}
