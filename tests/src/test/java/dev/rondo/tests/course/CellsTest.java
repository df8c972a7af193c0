package dev.rondo.tests.course;

import static dev.rondo.tests.oracle.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Op;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Value;
import dev.rondo.tests.Engine;
import dev.rondo.tests.oracle.NdArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a course says about recurrent cells. Here U multiplies the previous h and W multiplies x. */
class CellsTest {
    private static final int B = 2;
    private static final int T = 6;
    private static final int I = 3;
    private static final int H = 5;

    static List<Engine> engines() {
        return Engine.all();
    }

    private final Random random = new Random(7);

    private NdArray random(Integer... shape) {
        return NdArray.random(random, 0.8, shape);
    }

    /** A vector whose gates of H entries hold one value each. */
    private static NdArray perGate(double... values) {
        return NdArray.tabulate(ElementType.F32, List.of(values.length * H), i -> values[i[0] / H]);
    }

    /**
     * Runs one cell on named values in the order of its slots; an absent slot is null. The first inputs are x and the
     * states, the others are weights.
     */
    private static List<NdArray> cell(Engine engine, Op op, int states, NdArray... in) {
        FunctionBuilder f = Function.builder("cell");
        var values = new ArrayList<Value>();
        Map<String, NdArray> inputs = new HashMap<>();
        Map<String, NdArray> weights = new HashMap<>();
        for (int i = 0; i < op.slots().size(); i++) {
            String name = op.slots().get(i).name();
            NdArray value = i < in.length ? in[i] : null;
            if (value == null) {
                values.add(Value.ABSENT);
            } else if (i <= states) {
                values.add(f.input(name, ElementType.F32, value.shape().toArray()));
                inputs.put(name, value);
            } else {
                values.add(f.weight(name, value.shape().toArray()));
                weights.put(name, value);
            }
        }
        f.addAll(op, List.of("h'", "c'").subList(0, states), values).forEach(f::output);
        return List.copyOf(engine.run(f.build(), inputs, weights).outputs().values());
    }

    /** One row of W x + U h + b. */
    private static double preactivation(NdArray w, NdArray u, NdArray bias, NdArray x, NdArray h, int batch, int row) {
        double sum = bias == null ? 0 : bias.at(row);
        for (int k = 0; k < x.size(1); k++) {
            sum += w.at(row, k) * x.at(batch, k);
        }
        for (int k = 0; k < h.size(1); k++) {
            sum += u.at(row, k) * h.at(batch, k);
        }
        return sum;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void elmanCellWithTanhReluSigmoidAndIdentityWithAndWithoutBias(Engine engine) {
        NdArray x = random(B, I);
        NdArray h = random(B, H);
        NdArray u = random(H, H);
        NdArray w = random(H, I);
        Map<Activation, DoubleUnaryOperator> activations = Map.of(
                Activation.TANH,
                Math::tanh,
                Activation.RELU,
                v -> Math.max(0, v),
                Activation.SIGMOID,
                CellsTest::sigmoid,
                Activation.IDENTITY,
                v -> v);
        for (NdArray bias : new NdArray[] {random(H), null}) {
            activations.forEach((activation, equation) -> {
                NdArray expected = NdArray.tabulate(
                        ElementType.F32,
                        List.of(B, H),
                        i -> equation.applyAsDouble(preactivation(w, u, bias, x, h, i[0], i[1])));
                NdArray actual = cell(engine, new Recurrent.ElmanCell(activation), 1, x, h, u, w, bias)
                        .getFirst();
                assertClose(expected, actual, engine.tolerance(), activation.text());
            });
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void biasFreeLstmHasGatesOfUhPlusWx(Engine engine) {
        NdArray x = random(B, I);
        NdArray h = random(B, H);
        NdArray c = random(B, H);
        NdArray u = random(4 * H, H);
        NdArray w = random(4 * H, I);
        NdArray cell = NdArray.tabulate(ElementType.F32, List.of(B, H), at -> {
            double i = sigmoid(preactivation(w, u, null, x, h, at[0], at[1]));
            double f = sigmoid(preactivation(w, u, null, x, h, at[0], H + at[1]));
            double g = Math.tanh(preactivation(w, u, null, x, h, at[0], 2 * H + at[1]));
            return f * c.at(at) + i * g;
        });
        NdArray hidden = NdArray.tabulate(ElementType.F32, List.of(B, H), at -> {
            double o = sigmoid(preactivation(w, u, null, x, h, at[0], 3 * H + at[1]));
            return o * Math.tanh(cell.at(at));
        });
        List<NdArray> actual = cell(engine, new Recurrent.LstmCell(LstmActivations.STANDARD), 2, x, h, c, u, w);
        assertClose(hidden, actual.get(0), engine.tolerance(), "h");
        assertClose(cell, actual.get(1), engine.tolerance(), "c");
    }

    @ParameterizedTest
    @MethodSource("engines")
    void outputLayerWithoutBias(Engine engine) {
        FunctionBuilder f = Function.builder("output");
        Value h = f.input("h", ElementType.F32, B, H);
        f.output(f.add("y", new Contraction.Linear(), h, f.weight("V", 2, H), Value.ABSENT));
        NdArray given = random(B, H);
        NdArray v = random(2, H);
        NdArray expected = NdArray.tabulate(ElementType.F32, List.of(B, 2), i -> {
            double sum = 0;
            for (int k = 0; k < H; k++) {
                sum += v.at(i[1], k) * given.at(i[0], k);
            }
            return sum;
        });
        NdArray actual =
                engine.run(f.build(), Map.of("h", given), Map.of("V", v)).output("y");
        assertClose(expected, actual, engine.tolerance(), "y");
    }

    @ParameterizedTest
    @MethodSource("engines")
    void lstmWithASigmoidCandidateAndASeparateOutputGateActivation(Engine engine) {
        NdArray x = random(B, I);
        NdArray h = random(B, H);
        NdArray c = random(B, H);
        NdArray u = random(4 * H, H);
        NdArray w = random(4 * H, I);
        NdArray bias = random(4 * H);
        var activations = new LstmActivations(
                Activation.RELU, Activation.TANH, Activation.SIGMOID, Activation.IDENTITY, Activation.SOFTSIGN);
        NdArray cell = NdArray.tabulate(ElementType.F32, List.of(B, H), at -> {
            double i = Math.max(0, preactivation(w, u, bias, x, h, at[0], at[1]));
            double f = Math.tanh(preactivation(w, u, bias, x, h, at[0], H + at[1]));
            double g = sigmoid(preactivation(w, u, bias, x, h, at[0], 2 * H + at[1]));
            return f * c.at(at) + i * g;
        });
        NdArray hidden = NdArray.tabulate(ElementType.F32, List.of(B, H), at -> {
            double o = preactivation(w, u, bias, x, h, at[0], 3 * H + at[1]);
            return o * (cell.at(at) / (1 + Math.abs(cell.at(at))));
        });
        List<NdArray> actual = cell(engine, new Recurrent.LstmCell(activations), 2, x, h, c, u, w, bias);
        assertClose(hidden, actual.get(0), engine.tolerance(), "h");
        assertClose(cell, actual.get(1), engine.tolerance(), "c");
    }

    @ParameterizedTest
    @MethodSource("engines")
    void lstmWithForgetGateOneAndInputGateZeroKeepsItsCellOverALongRun(Engine engine) {
        int steps = 1000;
        FunctionBuilder f = Function.builder("keep");
        Value x = f.input("x", ElementType.F32, "B", "T", I);
        Value h = f.state("h", "B", H);
        Value c = f.state("c", "B", H);
        Value u = f.weight("U", 4 * H, H);
        Value w = f.weight("W", 4 * H, I);
        Value bias = f.weight("b", 4 * H);
        var op = new Recurrent.LstmLayer(LstmActivations.STANDARD, false, false);
        List<Value> out =
                f.addAll(op, List.of("y"), List.of(x, h, c, u, w, bias, Value.ABSENT, Value.ABSENT, Value.ABSENT));
        f.next(h, out.get(1));
        f.next(c, out.get(2));
        f.output(out.getFirst());
        NdArray before = random(B, H);
        // σ(100) is 1 and σ(-100) is 4e-44: nothing enters, nothing leaves.
        Map<String, NdArray> weights = Map.of(
                "U", random(4 * H, H).map(v -> v / 10),
                "W", random(4 * H, I).map(v -> v / 10),
                "b", perGate(-100, 100, 0.5, 0.5));
        NdArray after = engine.run(f.build(), Map.of("x", random(B, steps, I)), Map.of("c", before), weights)
                .state("c");
        assertClose(before, after, engine.tolerance(), "c after " + steps + " steps");
    }

    @ParameterizedTest
    @MethodSource("engines")
    void gruWithUpdateGateOneCopiesThePreviousState(Engine engine) {
        for (boolean resetAfter : List.of(true, false)) {
            NdArray h = random(B, H);
            NdArray actual = gru(engine, resetAfter, perGate(0.3, 100, -0.2), random(B, I), h);
            assertClose(h, actual, engine.tolerance(), "reset after " + resetAfter);
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void gruWithBothGatesZeroIgnoresThePreviousState(Engine engine) {
        for (boolean resetAfter : List.of(true, false)) {
            NdArray x = random(B, I);
            NdArray bias = perGate(-100, -100, 0.4);
            NdArray one = gru(engine, resetAfter, bias, x, random(B, H));
            NdArray other = gru(engine, resetAfter, bias, x, random(B, H));
            assertClose(one, other, engine.tolerance(), "reset after " + resetAfter);
            NdArray open = gru(engine, resetAfter, perGate(100, -100, 0.4), x, random(B, H));
            assertTrue(distance(one, open) > 0.01, "with the reset gate open the state counts");
        }
    }

    private final NdArray gruU = random(3 * H, H);
    private final NdArray gruW = random(3 * H, I);

    private NdArray gru(Engine engine, boolean resetAfter, NdArray bias, NdArray x, NdArray h) {
        return gru(engine, resetAfter, gruW, gruU, bias, x, h);
    }

    private static NdArray gru(
            Engine engine, boolean resetAfter, NdArray w, NdArray u, NdArray bias, NdArray x, NdArray h) {
        var op = new Recurrent.GruCell(Activation.SIGMOID, Activation.TANH, resetAfter);
        return cell(engine, op, 1, x, h, u, w, bias).getFirst();
    }

    @ParameterizedTest
    @MethodSource("engines")
    void gruResetBeforeOrAfterTheProduct(Engine engine) {
        NdArray x = random(B, I);
        NdArray h = random(B, H);
        NdArray bias = random(3 * H);
        for (boolean resetAfter : List.of(true, false)) {
            NdArray expected = NdArray.tabulate(ElementType.F32, List.of(B, H), at -> {
                int b = at[0];
                int j = at[1];
                double z = sigmoid(preactivation(gruW, gruU, bias, x, h, b, H + j));
                double product = 0;
                for (int k = 0; k < H; k++) {
                    double r = sigmoid(preactivation(gruW, gruU, bias, x, h, b, resetAfter ? j : k));
                    product += gruU.at(2 * H + j, k) * h.at(b, k) * r;
                }
                double input = bias.at(2 * H + j);
                for (int k = 0; k < I; k++) {
                    input += gruW.at(2 * H + j, k) * x.at(b, k);
                }
                return z * h.at(at) + (1 - z) * Math.tanh(input + product);
            });
            NdArray actual = gru(engine, resetAfter, bias, x, h);
            assertClose(expected, actual, engine.tolerance(), "reset after " + resetAfter);
        }
    }

    /** Bahdanau 2014 and Chung 2014 write h' = (1−z)⊙h + z⊙n; since 1 − σ(a) = σ(−a), negating z's rows converts. */
    @ParameterizedTest
    @MethodSource("engines")
    void theOppositeConventionOfTheUpdateGateConvertsByNegation(Engine engine) {
        NdArray x = random(B, I);
        NdArray h = random(B, H);
        NdArray bias = random(3 * H);
        NdArray expected = opposite(engine, x, h, bias);
        NdArray actual = gru(engine, true, negateUpdate(gruW), negateUpdate(gruU), negateUpdate(bias), x, h);
        assertClose(expected, actual, engine.tolerance(), "converted");
        assertTrue(distance(expected, gru(engine, true, bias, x, h)) > 0.01, "the conventions differ");
    }

    /** A GRU of the opposite convention, written with elementary operators. */
    private NdArray opposite(Engine engine, NdArray x, NdArray h, NdArray bias) {
        FunctionBuilder f = Function.builder("chung");
        Value in = f.input("x", ElementType.F32, B, I);
        Value before = f.input("h", ElementType.F32, B, H);
        Value fromInput = f.linear(in, f.weight("W", 3 * H, I), f.weight("b", 3 * H));
        Value fromHidden = f.linear(before, f.weight("U", 3 * H, H), Value.ABSENT);
        Value gates = f.activate(
                Activation.SIGMOID, f.plus(f.slice(fromInput, 1, 0, 2 * H), f.slice(fromHidden, 1, 0, 2 * H)));
        Value r = f.slice(gates, 1, 0, H);
        Value z = f.slice(gates, 1, H, H);
        Value n = f.activate(
                Activation.TANH, f.plus(f.slice(fromInput, 1, 2 * H, H), f.times(r, f.slice(fromHidden, 1, 2 * H, H))));
        Value change = f.times(z, f.add(new Elementwise.Binary(BinaryFunction.SUBTRACT), n, before));
        f.output(f.add("y", new Elementwise.Binary(BinaryFunction.ADD), before, change));
        Map<String, NdArray> weights = Map.of("W", gruW, "U", gruU, "b", bias);
        return engine.run(f.build(), Map.of("x", x, "h", h), weights).output("y");
    }

    /** The rows of the update gate, the second of three, with the other sign. */
    private static NdArray negateUpdate(NdArray rows) {
        return NdArray.tabulate(rows.element(), rows.shape(), i -> i[0] / H == 1 ? -rows.at(i) : rows.at(i));
    }

    /** ∂h_t/∂h_0 of a linear network with U = λ is λ^t: the state itself decays, stays or explodes exactly so. */
    @ParameterizedTest
    @MethodSource("engines")
    void aLinearNetworkOfKnownSpectrumDecaysStaysOrExplodes(Engine engine) {
        for (double spectrum : new double[] {0.5, 1, 2}) {
            FunctionBuilder f = Function.builder("linear");
            Value x = f.input("x", ElementType.F32, 1, "T", 1);
            Value h = f.input("h0", ElementType.F32, 1, 1);
            var op = new Recurrent.ElmanLayer(Activation.IDENTITY, false, false);
            Value absent = Value.ABSENT;
            f.output(f.addAll(op, List.of("y"), List.of(x, h, f.weight("U", 1, 1), absent, absent, absent))
                    .getFirst());
            NdArray y = engine.run(
                            f.build(),
                            Map.of(
                                    "x", NdArray.zeros(ElementType.F32, List.of(1, T, 1)),
                                    "h0", NdArray.matrix(new double[] {3})),
                            Map.of("U", NdArray.matrix(new double[] {spectrum})))
                    .output("y");
            NdArray expected = NdArray.tabulate(ElementType.F32, y.shape(), i -> 3 * Math.pow(spectrum, i[1] + 1));
            assertClose(expected, y, engine.tolerance(), "λ = " + spectrum);
        }
    }

    /** A two-way layer reads each row from both of its ends, so that padding changes nothing. */
    @ParameterizedTest
    @MethodSource("engines")
    void paddingDoesNotReachTheBackwardDirection(Engine engine) {
        FunctionBuilder f = Function.builder("backward");
        Value x = f.input("x", ElementType.F32, "B", "T", I);
        Value lengths = f.input("lengths", ElementType.I32, "B");
        var op = new Recurrent.GruLayer(Activation.SIGMOID, Activation.TANH, true, true, false);
        Value absent = Value.ABSENT;
        Value u = f.weight("U", 3 * H, H);
        Value w = f.weight("W", 3 * H, I);
        f.addAll(op, List.of("y", "h"), List.of(x, absent, u, w, absent, absent, lengths))
                .forEach(f::output);
        Function backward = f.build();
        Map<String, NdArray> weights = Map.of("U", gruU, "W", gruW);
        NdArray clean = random(1, T, I);
        NdArray dirty = NdArray.tabulate(ElementType.F32, clean.shape(), i -> i[1] < 4 ? clean.at(i) : 1e3);
        NdArray four = NdArray.ints(4);
        var one = engine.run(backward, Map.of("x", clean, "lengths", four), weights);
        var other = engine.run(backward, Map.of("x", dirty, "lengths", four), weights);
        assertClose(one.output("y"), other.output("y"), 0, "y");
        assertClose(one.output("h"), other.output("h"), 0, "h");
        NdArray shorter = NdArray.tabulate(ElementType.F32, List.of(1, 4, I), clean::at);
        NdArray alone = engine.run(backward, Map.of("x", shorter, "lengths", four), weights)
                .output("h");
        assertClose(alone, one.output("h"), engine.tolerance(), "h without padding");
        assertEquals(0, one.output("y").at(0, 4, 0), "beyond the length");
    }

    private static double distance(NdArray a, NdArray b) {
        double worst = 0;
        for (int i = 0; i < a.values().length; i++) {
            worst = Math.max(worst, Math.abs(a.values()[i] - b.values()[i]));
        }
        return worst;
    }
}
