package dev.rondo.tests.course;

import static dev.rondo.tests.oracle.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.Layer;
import dev.rondo.architecture.LayerGraph;
import dev.rondo.architecture.LayerStack;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Aggregation.Pooling;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.tests.Engine;
import dev.rondo.tests.oracle.NdArray;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Numbers that lecture notes work out by hand. */
class WorkedNumbersTest {
    private static final Map<String, NdArray> PERCEPTRON = Map.of(
            "W1",
            rows(row(1, -2), row(-1, 1)),
            "b1",
            NdArray.vector(1, 0),
            "W2",
            rows(row(2, -1), row(-2, -1)),
            "b2",
            NdArray.vector(0, 0),
            "W3",
            rows(row(3, -1), row(-1, 4)),
            "b3",
            NdArray.vector(-2, 2));

    static List<Engine> engines() {
        return Engine.all();
    }

    private static NdArray rows(double[]... rows) {
        return NdArray.matrix(rows);
    }

    private static double[] row(double... values) {
        return values;
    }

    /** A network of sigmoid layers on two inputs; every layer's z and result are outputs. */
    private static Function perceptron(int layers) {
        FunctionBuilder f = Function.builder("perceptron");
        Value a = f.input("x", ElementType.F32, "B", 2);
        for (int layer = 1; layer <= layers; layer++) {
            Value z = f.add(
                    "z" + layer, new Contraction.Linear(), a, f.weight("W" + layer, 2, 2), f.weight("b" + layer, 2));
            a = f.add("a" + layer, new Elementwise.Activate(Activation.SIGMOID), z);
            f.output(z);
            f.output(a);
        }
        return f.build();
    }

    @ParameterizedTest
    @MethodSource("engines")
    void twoInputPerceptronAnswers0982And0119(Engine engine) {
        var result = engine.run(perceptron(1), Map.of("x", rows(row(1, -1))), PERCEPTRON);
        assertClose(rows(row(4, -2)), result.output("z1"), engine.tolerance(), "z");
        assertClose(rows(row(0.982, 0.119)), result.output("a1"), 5e-4, 0, "σ(z)");
    }

    @ParameterizedTest
    @MethodSource("engines")
    void threeLayerNetworkAnswers0618And0829(Engine engine) {
        var result = engine.run(perceptron(3), Map.of("x", rows(row(1, -1))), PERCEPTRON);
        assertClose(rows(row(0.618, 0.829)), result.output("a3"), 5e-4, 0, "answer");
    }

    @Test
    void aNetworkOf3And4And2UnitsHas26Parameters() {
        FunctionBuilder f = Function.builder("network");
        Value hidden = f.activate(
                Activation.SIGMOID,
                f.linear(f.input("x", ElementType.F32, "B", 3), f.weight("W1", 4, 3), f.weight("b1", 4)));
        f.output(f.linear(hidden, f.weight("W2", 2, 4), f.weight("b2", 2)));
        long parameters = f.build().weights().stream()
                .mapToLong(w -> Dim.product(w.type().dims()).fixed())
                .sum();
        assertEquals(26, parameters);
    }

    /**
     * A convolution over a picture as one over time: a picture's rows are steps and its columns are channels, and the
     * weight that makes output column o of input column c is the kernel's entry at c − o.
     */
    private static NdArray convolve(Engine engine, NdArray picture, NdArray kernel) {
        int rows = picture.size(0);
        int columns = picture.size(1);
        int results = columns - kernel.size(1) + 1;
        FunctionBuilder f = Function.builder("convolution");
        Value x = f.input("picture", ElementType.F32, 1, rows, columns);
        Value weight = f.weight("kernel", results, kernel.size(0), columns);
        f.output(f.add("y", new Contraction.Conv1d(1, 1, 1, 0, 0), x, weight, Value.ABSENT));
        NdArray banded = NdArray.tabulate(ElementType.F32, List.of(results, kernel.size(0), columns), i -> {
            int column = i[2] - i[0];
            return column >= 0 && column < kernel.size(1) ? kernel.at(i[1], column) : 0;
        });
        NdArray y = engine.run(
                        f.build(), Map.of("picture", picture.reshape(1, rows, columns)), Map.of("kernel", banded))
                .output("y");
        return y.reshape(y.size(1), y.size(2));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void convolutionOfTheFiveByFivePicture(Engine engine) {
        NdArray picture = rows(
                row(1, 1, 1, 0, 0), row(0, 1, 1, 1, 0), row(0, 0, 1, 1, 1), row(0, 0, 1, 1, 0), row(0, 1, 1, 0, 0));
        NdArray kernel = rows(row(1, 0, 1), row(0, 1, 0), row(1, 0, 1));
        NdArray expected = rows(row(4, 3, 4), row(2, 4, 3), row(2, 3, 4));
        assertClose(expected, convolve(engine, picture, kernel), engine.tolerance(), "convolution");
    }

    @ParameterizedTest
    @MethodSource("engines")
    void theLaplacianKernelFindsEdges(Engine engine) {
        NdArray laplacian = rows(row(0, 1, 0), row(1, -4, 1), row(0, 1, 0));
        NdArray picture = NdArray.tabulate(ElementType.F32, List.of(6, 8), i -> i[1] < 4 ? 2 : 5);
        NdArray edges = convolve(engine, picture, laplacian);
        // Result column o looks at picture columns o to o + 2: only 2 and 3 see both sides of the edge.
        NdArray expected = NdArray.tabulate(ElementType.F32, List.of(4, 6), i -> i[1] == 2 ? 3 : i[1] == 3 ? -3 : 0);
        assertClose(expected, edges, engine.tolerance(), "edges");
    }

    @ParameterizedTest
    @MethodSource("engines")
    void maxPoolingTwoByTwo(Engine engine) {
        FunctionBuilder f = Function.builder("pool");
        var window = new Aggregation.PoolWindow(Pooling.MAX, 2, 2);
        var turn = new Structure.Transpose(List.of(0, 2, 1));
        Value x = f.input("picture", ElementType.F32, 1, 4, 4);
        Value overRows = f.add(window, x);
        f.output(f.add("y", turn, f.add(window, f.add(turn, overRows))));
        NdArray picture = rows(row(1, 3, 5, 3), row(4, 2, 3, 1), row(3, 1, 1, 3), row(0, 1, 0, 4));
        NdArray y = engine.run(f.build(), Map.of("picture", picture.reshape(1, 4, 4)), Map.of())
                .output("y");
        assertClose(rows(row(4, 5), row(3, 4)), y.reshape(2, 2), engine.tolerance(), "pooling");
    }

    /** Layers between numbers, row by row, and an image. */
    private static NdArray layers(
            Engine engine, NdArray picture, Layer layer, int results, Map<String, NdArray> weights) {
        int size = picture.size(0) * picture.size(1);
        var image = new Layer.Image(picture.size(0), picture.size(1), 1);
        var layers = List.of(image, layer, new Layer.Flatten(results));
        Function function = new LayerGraph(new LayerStack(size, false, layers, LayerStack.Results.VALUES, false))
                .functions()
                .getFirst();
        return engine.run(function, Map.of("x", picture.reshape(1, size)), weights)
                .output("y");
    }

    private static Layer.Conv2d convolution() {
        return new Layer.Conv2d("kernel", Optional.empty(), 1, 1, 3, 3, 1, 0, 0, 0, 0);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void theSameAsLayersOfImages(Engine engine) {
        NdArray picture = rows(
                row(1, 1, 1, 0, 0), row(0, 1, 1, 1, 0), row(0, 0, 1, 1, 1), row(0, 0, 1, 1, 0), row(0, 1, 1, 0, 0));
        NdArray kernel = rows(row(1, 0, 1), row(0, 1, 0), row(1, 0, 1)).reshape(1, 3, 3);
        assertClose(
                rows(row(4, 3, 4, 2, 4, 3, 2, 3, 4)),
                layers(engine, picture, convolution(), 9, Map.of("kernel", kernel)),
                engine.tolerance(),
                "convolution");
        NdArray laplacian = rows(row(0, 1, 0), row(1, -4, 1), row(0, 1, 0)).reshape(1, 3, 3);
        NdArray edge = NdArray.tabulate(ElementType.F32, List.of(3, 6), i -> i[1] < 3 ? 2 : 5);
        assertClose(
                rows(row(0, 3, -3, 0)),
                layers(engine, edge, convolution(), 4, Map.of("kernel", laplacian)),
                engine.tolerance(),
                "edges");
        NdArray four = rows(row(1, 3, 5, 3), row(4, 2, 3, 1), row(3, 1, 1, 3), row(0, 1, 0, 4));
        assertClose(
                rows(row(4, 5, 3, 4)),
                layers(engine, four, new Layer.Pool2d(Pooling.MAX, 2, 2), 4, Map.of()),
                engine.tolerance(),
                "pooling");
    }

    /** α = softmax(K x), s = Σ αᵢ vᵢ: the more strongly one key matches, the closer is the answer to its value. */
    @ParameterizedTest
    @MethodSource("engines")
    void aStronglyMatchingKeyReturnsItsValue(Engine engine) {
        FunctionBuilder f = Function.builder("memory");
        Value x = f.input("x", ElementType.F32, 1, 2);
        Value scores = f.add(new Contraction.MatMul(true), x, f.weight("keys", 3, 2));
        f.output(f.add("s", new Contraction.MatMul(false), f.softmax(scores), f.weight("values", 3, 2)));
        Function memory = f.build();
        NdArray keys = rows(row(1, 0), row(0, 1), row(-1, -1));
        NdArray values = rows(row(10, 20), row(30, 40), row(50, 60));
        double[] errors = Stream.of(1.0, 2.0, 4.0, 200.0)
                .mapToDouble(scale -> {
                    Map<String, NdArray> weights = Map.of("keys", keys.map(k -> k * scale), "values", values);
                    NdArray s = engine.run(memory, Map.of("x", rows(row(0.5, 1))), weights)
                            .output("s");
                    return Math.abs(s.at(0, 0) - 30) + Math.abs(s.at(0, 1) - 40);
                })
                .toArray();
        for (int i = 1; i < errors.length; i++) {
            assertTrue(errors[i] < errors[i - 1], "error " + errors[i] + " after " + errors[i - 1]);
        }
        assertEquals(0, errors[errors.length - 1], 40 * engine.tolerance());
    }
}
