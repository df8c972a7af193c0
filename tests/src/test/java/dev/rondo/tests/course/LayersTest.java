package dev.rondo.tests.course;

import static dev.rondo.tests.oracle.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.architecture.Layer;
import dev.rondo.architecture.LayerGraph;
import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.LayerStack.Results;
import dev.rondo.architecture.NetworkInput;
import dev.rondo.architecture.NetworkText;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation.Pooling;
import dev.rondo.tests.Engine;
import dev.rondo.tests.oracle.NdArray;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link WorkedNumbersTest} says of operators, of the layers that networks are made of. */
class LayersTest {
    static List<Engine> engines() {
        return Engine.all();
    }

    private static NdArray rows(double[]... rows) {
        return NdArray.matrix(rows);
    }

    private static double[] row(double... values) {
        return values;
    }

    /** What a layer makes of a picture of one channel. */
    private static NdArray of(Engine engine, Layer layer, NdArray picture, Map<String, NdArray> weights) {
        int height = picture.size(0);
        int width = picture.size(1);
        var stack = new LayerStack(
                height * width, false, List.of(new Layer.Image(height, width, 1), layer), Results.VALUES, false);
        NdArray y = engine.run(
                        new LayerGraph(stack).sequence(), Map.of("x", picture.reshape(1, height * width)), weights)
                .output("y");
        return y.reshape(y.size(1), y.size(2));
    }

    /** The layer's weight is [outputs, columns, rows]: each column of the kernel is a step of its window. */
    private static NdArray convolve(Engine engine, NdArray picture, NdArray kernel) {
        int high = kernel.size(0);
        int wide = kernel.size(1);
        var layer = new Layer.Conv2d("kernel", Optional.empty(), 1, 1, high, wide, 1, 0, 0, 0, 0);
        NdArray turned = NdArray.tabulate(ElementType.F32, List.of(1, wide, high), i -> kernel.at(i[2], i[1]));
        return of(engine, layer, picture, Map.of("kernel", turned));
    }

    /** A kernel that is no mirror image of itself: it is not turned round. */
    @ParameterizedTest
    @MethodSource("engines")
    void aConvolutionIsACorrelation(Engine engine) {
        NdArray picture = rows(row(1, 2, 3), row(4, 5, 6), row(7, 8, 9));
        assertClose(
                rows(row(2 + 40, 3 + 50), row(5 + 70, 6 + 80)),
                convolve(engine, picture, rows(row(0, 1), row(10, 0))),
                engine.tolerance(),
                "correlation");
    }

    @ParameterizedTest
    @MethodSource("engines")
    void meanPoolingTwoByTwo(Engine engine) {
        NdArray picture = rows(row(1, 3, 5, 3), row(4, 2, 3, 1), row(3, 1, 1, 3), row(0, 1, 0, 4));
        assertClose(
                rows(row(2.5, 3), row(1.25, 2)),
                of(engine, new Layer.Pool2d(Pooling.MEAN, 2, 2), picture, Map.of()),
                engine.tolerance(),
                "mean of each square");
    }

    @ParameterizedTest
    @MethodSource("engines")
    void theThreeLayerNetworkAnswers0618And0829(Engine engine) {
        var sigmoid = new Layer.Activate(Activation.SIGMOID);
        var stack = new LayerStack(
                2, false, List.of(linear(1), sigmoid, linear(2), sigmoid, linear(3), sigmoid), Results.VALUES, false);
        Map<String, NdArray> weights = Map.of(
                "W1", rows(row(1, -2), row(-1, 1)),
                "b1", NdArray.vector(1, 0),
                "W2", rows(row(2, -1), row(-2, -1)),
                "b2", NdArray.vector(0, 0),
                "W3", rows(row(3, -1), row(-1, 4)),
                "b3", NdArray.vector(-2, 2));
        NdArray y = engine.run(new LayerGraph(stack).sequence(), Map.of("x", rows(row(1, -1))), weights)
                .output("y");
        assertClose(rows(row(0.618, 0.829)), y, 5e-4, 0, "answer");
    }

    private static Layer linear(int number) {
        return new Layer.Linear("W" + number, Optional.of("b" + number), 2, 2);
    }

    /** As a network is written: the last map is added. */
    @Test
    void aNetworkOf3And4And2UnitsHas26Parameters() {
        LayerStack stack = NetworkText.parse("linear(4) sigmoid", new NetworkInput.Vectors(3), Results.CLASSES, 2);
        long parameters = stack.parameters().stream()
                .mapToLong(p -> p.shape().stream().mapToLong(n -> n).reduce(1, Math::multiplyExact))
                .sum();
        assertEquals(26, parameters);
    }
}
