package dev.rondo.tests.oracle;

import static dev.rondo.tests.oracle.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Aggregation.Pooling;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Op;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Structure;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import dev.rondo.tests.Engine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Operators against numbers worked out by hand or by another program. */
class OperatorMeaningTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;

    static List<Engine> engines() {
        return Engine.all();
    }

    /** Runs one operator on inputs of fixed shape (null is absent) and compares its first output. */
    private static void expect(Engine engine, NdArray expected, Op op, NdArray... in) {
        NdArray actual = evaluate(engine, op, in);
        assertEquals(expected.element(), actual.element(), op.name());
        double tolerance = Math.max(engine.tolerance(), 1e-11);
        assertClose(expected, actual, tolerance, engine.name() + " " + op);
    }

    private static NdArray evaluate(Engine engine, Op op, NdArray... in) {
        FunctionBuilder f = Function.builder("one");
        var values = new ArrayList<Value>();
        Map<String, NdArray> inputs = new HashMap<>();
        for (int i = 0; i < in.length; i++) {
            if (in[i] == null) {
                values.add(Value.ABSENT);
            } else {
                values.add(f.input("in" + i, in[i].element(), in[i].shape().toArray()));
                inputs.put("in" + i, in[i]);
            }
        }
        f.output(f.addAll(op, List.of("out"), values).getFirst());
        return engine.run(f.build(), inputs, Map.of()).output("out");
    }

    private static NdArray bools(double... values) {
        return NdArray.vector(values).as(ElementType.BOOL);
    }

    private static NdArray longs(double... values) {
        return NdArray.vector(values).as(ElementType.I64);
    }

    private static NdArray rows(double[]... rows) {
        return NdArray.matrix(rows);
    }

    private static double[] row(double... values) {
        return values;
    }

    /** A batch of one sequence of one feature. */
    private static NdArray series(double... values) {
        return NdArray.f32(List.of(1, values.length, 1), values);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void activations(Engine engine) {
        NdArray x = NdArray.vector(-3.5, -1, -0.25, 0, 0.3, 2, 4);
        Map<Activation, double[]> expected = Map.ofEntries(
                Map.entry(Activation.IDENTITY, x.values()),
                Map.entry(
                        Activation.SIGMOID,
                        row(
                                0.0293122307514,
                                0.26894142137,
                                0.437823499114,
                                0.5,
                                0.574442516812,
                                0.880797077978,
                                0.982013790038)),
                Map.entry(
                        Activation.TANH,
                        row(
                                -0.998177897611,
                                -0.761594155956,
                                -0.244918662404,
                                0,
                                0.291312612452,
                                0.964027580076,
                                0.999329299739)),
                Map.entry(Activation.RELU, row(0, 0, 0, 0, 0.3, 2, 4)),
                Map.entry(Activation.leakyRelu(0.5f), row(-1.75, -0.5, -0.125, 0, 0.3, 2, 4)),
                Map.entry(Activation.elu(0.5f), row(-0.484901308289, -0.316060279414, -0.110599608464, 0, 0.3, 2, 4)),
                Map.entry(
                        Activation.SELU,
                        row(
                                -1.70500934096,
                                -1.11133073781,
                                -0.388890197478,
                                0,
                                0.315210296207,
                                2.10140197471,
                                4.20280394942)),
                Map.entry(Activation.hardSigmoid(0.25f, 0.5f), row(0, 0.25, 0.4375, 0.5, 0.575, 1, 1)),
                Map.entry(
                        Activation.SOFTSIGN, row(-0.777777777778, -0.5, -0.2, 0, 0.230769230769, 0.666666666667, 0.8)),
                Map.entry(
                        Activation.SOFTPLUS,
                        row(
                                0.0297504182726,
                                0.313261687518,
                                0.575939419879,
                                0.69314718056,
                                0.854355244469,
                                2.12692801104,
                                4.01814992792)),
                Map.entry(Activation.affine(2, -1), row(-8, -3, -1.5, -1, -0.4, 3, 7)),
                Map.entry(
                        Activation.scaledTanh(1.5f, 0.5f),
                        row(
                                -1.41206330775,
                                -0.69317573589,
                                -0.186529502657,
                                0,
                                0.223327550435,
                                1.14239123393,
                                1.44604137011)),
                Map.entry(Activation.thresholdedRelu(0.25f), row(0, 0, 0, 0, 0.3, 2, 4)),
                Map.entry(
                        Activation.SILU,
                        row(
                                -0.10259280763,
                                -0.26894142137,
                                -0.109455874779,
                                0,
                                0.172332755043,
                                1.76159415596,
                                3.92805516015)),
                Map.entry(
                        Activation.GELU,
                        row(
                                -0.000814201776624,
                                -0.158655253931,
                                -0.100323418579,
                                0,
                                0.185373426657,
                                1.9544997361,
                                3.99987331503)));
        assertEquals(
                List.of(Activation.Kind.values()),
                expected.keySet().stream().map(Activation::kind).sorted().toList(),
                "every kind has a row");
        expected.forEach((a, y) -> expect(engine, NdArray.vector(y), new Elementwise.Activate(a), x));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void functionsOfOneNumber(Engine engine) {
        NdArray x = NdArray.vector(-2.5, 0.5, 1.5, 4);
        Map<UnaryFunction, double[]> expected = Map.ofEntries(
                Map.entry(UnaryFunction.NEGATE, row(2.5, -0.5, -1.5, -4)),
                Map.entry(UnaryFunction.ABS, row(2.5, 0.5, 1.5, 4)),
                Map.entry(UnaryFunction.SIGN, row(-1, 1, 1, 1)),
                Map.entry(UnaryFunction.EXP, row(0.0820849986239, 1.6487212707, 4.48168907034, 54.5981500331)),
                Map.entry(UnaryFunction.LOG, row(NAN, -0.69314718056, 0.405465108108, 1.38629436112)),
                Map.entry(UnaryFunction.SQRT, row(NAN, 0.707106781187, 1.22474487139, 2)),
                Map.entry(UnaryFunction.RECIPROCAL, row(-0.4, 2, 0.666666666667, 0.25)),
                Map.entry(UnaryFunction.FLOOR, row(-3, 0, 1, 4)),
                Map.entry(UnaryFunction.CEIL, row(-2, 1, 2, 4)),
                Map.entry(UnaryFunction.ROUND, row(-2, 0, 2, 4)),
                Map.entry(UnaryFunction.SIN, row(-0.598472144104, 0.479425538604, 0.997494986604, -0.756802495308)),
                Map.entry(UnaryFunction.COS, row(-0.801143615547, 0.87758256189, 0.0707372016677, -0.653643620864)),
                Map.entry(UnaryFunction.ERF, row(-0.999593047983, 0.520499877813, 0.966105146475, 0.999999984583)));
        assertEquals(UnaryFunction.values().length, expected.size(), "every function has a row");
        expected.forEach((f, y) -> expect(engine, NdArray.vector(y), new Elementwise.Unary(f), x));
        expect(engine, NdArray.ints(3, 0), new Elementwise.Unary(UnaryFunction.NEGATE), NdArray.ints(-3, 0));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void functionsOfTwoNumbersBroadcast(Engine engine) {
        NdArray column = rows(row(6), row(-9));
        NdArray across = NdArray.vector(2, -4);
        Map<BinaryFunction, NdArray> expected = Map.of(
                BinaryFunction.ADD, rows(row(8, 2), row(-7, -13)),
                BinaryFunction.SUBTRACT, rows(row(4, 10), row(-11, -5)),
                BinaryFunction.MULTIPLY, rows(row(12, -24), row(-18, 36)),
                BinaryFunction.DIVIDE, rows(row(3, -1.5), row(-4.5, 2.25)),
                BinaryFunction.MAXIMUM, rows(row(6, 6), row(2, -4)),
                BinaryFunction.MINIMUM, rows(row(2, -4), row(-9, -9)),
                BinaryFunction.POWER, rows(row(36, 1.0 / 1296), row(81, 1.0 / 6561)));
        expected.forEach((f, y) -> expect(engine, y, new Elementwise.Binary(f), column, across));
        var maximum = new Elementwise.Binary(BinaryFunction.MAXIMUM);
        expect(engine, NdArray.vector(NAN), maximum, NdArray.vector(NAN), NdArray.vector(1));
        var divide = new Elementwise.Binary(BinaryFunction.DIVIDE);
        expect(engine, NdArray.ints(-3, 3), divide, NdArray.ints(-7, 7), NdArray.ints(2));
        var and = new Elementwise.Binary(BinaryFunction.AND);
        expect(engine, bools(0, 0, 1), and, bools(0, 1, 1), bools(1, 0, 1));
        var or = new Elementwise.Binary(BinaryFunction.OR);
        expect(engine, bools(1, 0, 1), or, bools(0, 0, 1), bools(1, 0, 1));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void comparisonsAndChoices(Engine engine) {
        NdArray a = NdArray.vector(1, 2, 3, NAN);
        NdArray two = NdArray.vector(2);
        expect(engine, bools(0, 1, 0, 0), new Elementwise.Compare(Comparison.EQUAL), a, two);
        expect(engine, bools(1, 0, 1, 1), new Elementwise.Compare(Comparison.NOT_EQUAL), a, two);
        expect(engine, bools(1, 0, 0, 0), new Elementwise.Compare(Comparison.LESS), a, two);
        expect(engine, bools(1, 1, 0, 0), new Elementwise.Compare(Comparison.LESS_EQUAL), a, two);
        expect(engine, bools(0, 0, 1, 0), new Elementwise.Compare(Comparison.GREATER), a, two);
        expect(engine, bools(0, 1, 1, 0), new Elementwise.Compare(Comparison.GREATER_EQUAL), a, two);
        expect(engine, bools(1, 0), new Elementwise.Not(), bools(0, 1));
        NdArray chosen = rows(row(1, 20), row(1, 40));
        expect(engine, chosen, new Elementwise.Where(), bools(1, 0), NdArray.vector(1), rows(row(10, 20), row(30, 40)));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void castsSaturate(Engine engine) {
        NdArray x = NdArray.vector(-2.7, 2.7, 1e30, -INF, NAN, 0);
        NdArray ints = NdArray.ints(-2, 2, Integer.MAX_VALUE, Integer.MIN_VALUE, 0, 0);
        expect(engine, ints, new Elementwise.Cast(ElementType.I32), x);
        expect(engine, bools(1, 1, 1, 1, 1, 0), new Elementwise.Cast(ElementType.BOOL), x);
        expect(engine, NdArray.vector(0, 1), new Elementwise.Cast(ElementType.F32), bools(0, 1));
        expect(engine, longs(-3, 5), new Elementwise.Cast(ElementType.I64), NdArray.ints(-3, 5));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void structure(Engine engine) {
        NdArray x = rows(row(1, 2, 3), row(4, 5, 6));
        expect(engine, rows(row(1, 2, 3, 9), row(4, 5, 6, 8)), new Structure.Concat(-1), x, rows(row(9), row(8)));
        expect(engine, rows(row(1, 2, 3), row(4, 5, 6), row(7, 8, 9)), new Structure.Concat(0), x, rows(row(7, 8, 9)));
        expect(engine, rows(row(1, 3), row(4, 6)), new Structure.Slice(1, Dim.of(0), Dim.of(2), 2), x);
        expect(engine, rows(row(4, 5, 6)), new Structure.Slice(0, Dim.of(1), Dim.of(1), 1), x);
        NdArray reshaped = rows(row(1, 2), row(3, 4), row(5, 6));
        expect(engine, reshaped, new Structure.Reshape(List.of(Dim.of(3), Dim.of(2))), x);
        expect(engine, rows(row(1, 4), row(2, 5), row(3, 6)), new Structure.Transpose(List.of(1, 0)), x);
        NdArray three = NdArray.tabulate(ElementType.F32, List.of(2, 3, 4), i -> 100 * i[0] + 10 * i[1] + i[2]);
        NdArray turned = NdArray.tabulate(ElementType.F32, List.of(4, 2, 3), i -> 100 * i[1] + 10 * i[2] + i[0]);
        expect(engine, turned, new Structure.Transpose(List.of(2, 0, 1)), three);
        NdArray stretched = rows(row(7, 7), row(8, 8));
        expect(engine, stretched, new Structure.Expand(List.of(Dim.of(2), Dim.of(2))), rows(row(7), row(8)));
        NdArray line = NdArray.vector(1, 2, 3);
        Map<Structure.PadMode, NdArray> padded = Map.of(
                Structure.PadMode.ZERO, NdArray.vector(0, 0, 1, 2, 3, 0),
                Structure.PadMode.EDGE, NdArray.vector(1, 1, 1, 2, 3, 3),
                Structure.PadMode.REFLECT, NdArray.vector(3, 2, 1, 2, 3, 2));
        padded.forEach((mode, y) -> expect(engine, y, new Structure.Pad(0, 2, 1, mode), line));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void selection(Engine engine) {
        NdArray table = rows(row(10, 11), row(20, 21), row(30, 31));
        NdArray index = longs(2, 0, 2, 1).reshape(2, 2);
        NdArray gathered = NdArray.f32(List.of(2, 2, 2), 30, 31, 10, 11, 30, 31, 20, 21);
        expect(engine, gathered, new Structure.Gather(), table, index);
        expect(engine, NdArray.vector(10, 21, 31), new Structure.Pick(), table, NdArray.ints(0, 1, 1));
        NdArray mask = bools(0, 0, 0, 1, 1, 0).reshape(2, 3);
        expect(engine, mask, new Structure.LengthMask(Dim.of(3)), NdArray.ints(0, 2));
        assertThrows(InputException.class, () -> evaluate(engine, new Structure.Gather(), table, longs(3)));
        assertThrows(InputException.class, () -> evaluate(engine, new Structure.Gather(), table, longs(-1)));
        assertThrows(InputException.class, () -> evaluate(engine, new Structure.Pick(), table, longs(0, 2, 0)));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void products(Engine engine) {
        NdArray x = rows(row(1, 2), row(3, 4));
        NdArray w = rows(row(1, 0), row(0, 1), row(1, -1));
        NdArray y = rows(row(11, 22, 29), row(13, 24, 29));
        expect(engine, y, new Contraction.Linear(), x, w, NdArray.vector(10, 20, 30));
        expect(engine, rows(row(1, 2, -1), row(3, 4, -1)), new Contraction.Linear(), x, w, null);
        expect(engine, rows(row(1, 2, -1), row(3, 4, -1)), new Contraction.MatMul(true), x, w);
        NdArray batch = NdArray.f32(List.of(2, 1, 2), 1, 1, 1, -1);
        NdArray product = NdArray.f32(List.of(2, 1, 2), 4, 6, -2, -2);
        expect(engine, product, new Contraction.MatMul(false), batch, x);
    }

    /** Whole numbers, so that no sum is rounded: with many rows, matrices are packed before they are multiplied. */
    @ParameterizedTest
    @MethodSource("engines")
    void productsOfManyRows(Engine engine) {
        int inner = 7;
        NdArray x = NdArray.tabulate(ElementType.F32, List.of(2, 27, inner), i -> (i[0] + 3 * i[1] + i[2]) % 5 - 2);
        NdArray w = NdArray.tabulate(ElementType.F32, List.of(21, inner), i -> (2 * i[0] + 5 * i[1]) % 7 - 3);
        NdArray columns = NdArray.tabulate(ElementType.F32, List.of(inner, 21), i -> w.at(i[1], i[0]));
        NdArray bias = NdArray.tabulate(ElementType.F32, List.of(21), i -> 10 * i[0]);
        NdArray product = NdArray.tabulate(ElementType.F32, List.of(2, 27, 21), i -> {
            double sum = 0;
            for (int k = 0; k < inner; k++) {
                sum += x.at(i[0], i[1], k) * w.at(i[2], k);
            }
            return sum;
        });
        NdArray biased = NdArray.tabulate(
                ElementType.F32, List.of(2, 27, 21), i -> product.at(i[0], i[1], i[2]) + bias.at(i[2]));
        expect(engine, product, new Contraction.Linear(), x, w, null);
        expect(engine, biased, new Contraction.Linear(), x, w, bias);
        expect(engine, product, new Contraction.MatMul(true), x, w);
        expect(engine, product, new Contraction.MatMul(false), x, columns);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void convolutionsOverTime(Engine engine) {
        NdArray kernel = NdArray.f32(List.of(1, 3, 1), 1, 10, 100);
        NdArray x = series(1, 2, 3, 4, 5);
        expect(engine, series(321, 432, 543), conv(1, 1, 1, 0, 0), x, kernel, null);
        expect(engine, series(210, 321, 432, 543, 54), conv(1, 1, 1, 1, 1), x, kernel, null);
        expect(engine, series(322, 544), conv(2, 1, 1, 0, 0), x, kernel, NdArray.vector(1));
        expect(engine, series(531), conv(1, 2, 1, 0, 0), x, kernel, null);
        NdArray two = NdArray.f32(List.of(1, 2, 2), 1, 2, 3, 4);
        NdArray depthwise = NdArray.f32(List.of(2, 1, 1), 10, -1);
        NdArray scaled = NdArray.f32(List.of(1, 2, 2), 10, -2, 30, -4);
        expect(engine, scaled, conv(1, 1, 2, 0, 0), two, depthwise, null);
    }

    private static Op conv(int stride, int dilation, int groups, int before, int after) {
        return new Contraction.Conv1d(stride, dilation, groups, before, after);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void reductions(Engine engine) {
        NdArray x = rows(row(1, 5, 3), row(4, -2, 3));
        expect(engine, NdArray.vector(5, 3, 6), new Aggregation.Reduce(Reduction.SUM, 0, false), x);
        expect(engine, rows(row(3), row(5.0 / 3)), new Aggregation.Reduce(Reduction.MEAN, 1, true), x);
        expect(engine, NdArray.vector(5, 4), new Aggregation.Reduce(Reduction.MAX, -1, false), x);
        expect(engine, NdArray.vector(1, -2), new Aggregation.Reduce(Reduction.MIN, -1, false), x);
        NdArray large = NdArray.vector(1000, 1000);
        NdArray logTwo = NdArray.f32(List.of(), 1000 + Math.log(2));
        expect(engine, logTwo, new Aggregation.Reduce(Reduction.LOG_SUM_EXP, 0, false), large);
        expect(engine, longs(1, 0), new Aggregation.ArgMax(1), x);
        expect(engine, longs(0), new Aggregation.ArgMax(-1), rows(row(7, 7)));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void softmaxWithMask(Engine engine) {
        NdArray x = rows(row(0, Math.log(3), 50), row(1000, 1000, 1000));
        NdArray mask = bools(1, 1, 0, 0, 0, 0).reshape(2, 3);
        expect(engine, rows(row(0.25, 0.75, 0), row(0, 0, 0)), new Aggregation.Softmax(false), x, mask);
        NdArray logs = rows(row(Math.log(0.25), Math.log(0.75), -INF), row(-INF, -INF, -INF));
        expect(engine, logs, new Aggregation.Softmax(true), x, mask);
        double third = 1.0 / 3;
        NdArray uniform = rows(row(third, third, third));
        expect(engine, uniform, new Aggregation.Softmax(false), rows(row(1000, 1000, 1000)), null);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void largestElements(Engine engine) {
        NdArray x = rows(row(0, Math.log(2), 0, -INF), row(-3, NAN, 8, NAN));
        var plain = new Aggregation.TopK(3, Aggregation.Normalisation.NONE);
        expect(engine, rows(row(Math.log(2), 0, 0), row(NAN, NAN, 8)), plain, x);
        var softmax = new Aggregation.TopK(2, Aggregation.Normalisation.SOFTMAX);
        expect(engine, rows(row(0.5, 0.25), row(NAN, NAN)), softmax, x);
        var log = new Aggregation.TopK(1, Aggregation.Normalisation.LOG_SOFTMAX);
        expect(engine, rows(row(Math.log(0.5)), row(NAN)), log, x);
        FunctionBuilder f = Function.builder("one");
        f.output(f.addAll(plain, List.of("out", "places"), List.of(f.input("x", ElementType.F32, 2, 4)))
                .getLast());
        NdArray places = engine.run(f.build(), Map.of("x", x), Map.of()).output("places");
        assertClose(longs(1, 0, 2, 1, 3, 2).reshape(2, 3), places, 0, engine.name());
    }

    /** Two rows share a memory of three places; a mask leaves the first query two of them and the last none. */
    @ParameterizedTest
    @MethodSource("engines")
    void attentionOverAMemory(Engine engine) {
        NdArray query = NdArray.f32(List.of(2, 1, 2), Math.log(3), 0, 0, 0);
        NdArray keys = NdArray.f32(List.of(1, 3, 2), 0, 5, 1, -5, 7, 7);
        NdArray values = NdArray.f32(List.of(1, 3, 1), 4, 8, 16);
        NdArray mask = bools(1, 1, 0, 0, 0, 0).reshape(2, 1, 3);
        var dot = new Aggregation.Attention(1);
        expect(engine, NdArray.f32(List.of(2, 1, 1), 7, 0), dot, query, keys, values, null, mask);
        double third = 28.0 / 3;
        NdArray flat = NdArray.f32(List.of(2, 1, 1), third, third);
        expect(engine, flat, new Aggregation.Attention(0), query, keys, values, null, null);
        // tanh(0 + 0) = 0 and tanh(0 + atanh(1/2)) = 1/2: scores 0 and ln 3 with v = 2 ln 3.
        NdArray zero = NdArray.zeros(ElementType.F32, List.of(1, 1, 1));
        NdArray two = NdArray.f32(List.of(1, 2, 1), 0, Math.log(3) / 2);
        NdArray v = NdArray.vector(Math.log(3));
        NdArray ends = NdArray.f32(List.of(1, 2, 1), 4, 8);
        expect(engine, NdArray.f32(List.of(1, 1, 1), 7), new Aggregation.Attention(2), zero, two, ends, v, null);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void normalisationAndPooling(Engine engine) {
        NdArray x = rows(row(1, 3), row(-5, 5));
        expect(engine, rows(row(-1, 1), row(-1, 1)), new Aggregation.LayerNorm(0), x, null, null);
        NdArray affine = rows(row(-1, 7), row(-1, 7));
        var norm = new Aggregation.LayerNorm(0);
        expect(engine, affine, norm, x, NdArray.vector(2, 3), NdArray.vector(1, 4));
        double damped = 1 / Math.sqrt(1 + 3);
        expect(engine, rows(row(-damped, damped)), new Aggregation.LayerNorm(3), rows(row(1, 3)), null, null);

        NdArray sequence = NdArray.f32(List.of(3, 3, 1), 1, 2, 6, -4, -2, 9, 8, 8, 8);
        NdArray lengths = NdArray.ints(3, 2, 0);
        expect(engine, rows(row(3), row(-3), row(0)), new Aggregation.PoolTime(Pooling.MEAN), sequence, lengths);
        expect(engine, rows(row(6), row(-2), row(0)), new Aggregation.PoolTime(Pooling.MAX), sequence, lengths);
        expect(engine, rows(row(6), row(-2), row(0)), new Aggregation.PoolTime(Pooling.LAST), sequence, lengths);
        expect(engine, rows(row(6), row(9), row(8)), new Aggregation.PoolTime(Pooling.LAST), sequence, null);
        NdArray steps = series(1, 4, 2, 8, 5);
        expect(engine, series(4, 8), new Aggregation.PoolWindow(Pooling.MAX, 2, 2), steps);
        expect(engine, series(7.0 / 3, 5), new Aggregation.PoolWindow(Pooling.MEAN, 3, 2), steps);
        expect(engine, series(4, 2, 8, 5), new Aggregation.PoolWindow(Pooling.LAST, 2, 1), steps);
    }

    /** The body keeps a running sum of x times k: a state, a sequence and an input that stays. */
    private static Scan runningSum(boolean reverse, boolean repeat) {
        FunctionBuilder f = Function.builder("body");
        Value x = f.input("x", ElementType.F32, "B", 1);
        Value k = f.input("k", ElementType.F32, 1);
        Value sum = f.state("sum", "B", 1);
        Value next = f.plus(sum, f.times(x, k));
        f.next(sum, next);
        f.output(next);
        return new Scan(f.build(), List.of("x"), reverse, repeat);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void scanCarriesStateWithinLengths(Engine engine) {
        NdArray x = NdArray.f32(List.of(2, 3, 1), 1, 2, 3, 4, 5, 6);
        NdArray ten = NdArray.vector(10);
        NdArray start = rows(row(100), row(200));
        NdArray lengths = NdArray.ints(3, 1);
        NdArray all = NdArray.f32(List.of(2, 3, 1), 10, 30, 60, 40, 90, 150);
        expect(engine, all, runningSum(false, false), x, ten, null, null);
        NdArray started = NdArray.f32(List.of(2, 3, 1), 110, 130, 160, 240, 0, 0);
        expect(engine, started, runningSum(false, false), x, ten, start, lengths);
        NdArray repeated = NdArray.f32(List.of(2, 3, 1), 110, 130, 160, 240, 240, 240);
        expect(engine, repeated, runningSum(false, true), x, ten, start, lengths);
        NdArray reversed = NdArray.f32(List.of(2, 3, 1), 160, 150, 130, 240, 0, 0);
        expect(engine, reversed, runningSum(true, false), x, ten, start, lengths);
        NdArray backward = NdArray.f32(List.of(2, 3, 1), 60, 50, 30, 150, 110, 60);
        expect(engine, backward, runningSum(true, false), x, ten, null, null);
    }

    @Test
    void theInterpreterHoldsResultsToTheShapeRule() {
        FunctionBuilder f = Function.builder("wrong");
        f.output(f.plus(f.input("a", ElementType.F32, "N"), f.input("b", ElementType.F32, "N")));
        Function function = f.build();
        Map<String, NdArray> inputs = Map.of("a", NdArray.vector(1, 2), "b", NdArray.vector(1, 2, 3));
        assertThrows(IllegalArgumentException.class, () -> Interpreter.run(function, inputs, Map.of(), Map.of()));
    }
}
