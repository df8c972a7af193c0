package dev.rondo.architecture;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tensors of layers: their roles and shapes. */
final class LayerTensors {
    private final Map<String, Parameter> all = new LinkedHashMap<>();

    private LayerTensors() {}

    /** Every tensor once, in the order of the layers. */
    static List<Parameter> of(List<Layer> layers) {
        var tensors = new LayerTensors();
        tensors.add(layers);
        return List.copyOf(tensors.all.values());
    }

    private void add(List<Layer> layers) {
        layers.forEach(this::add);
    }

    private void add(Layer layer) {
        switch (layer) {
            case Layer.Embedding(String table, int rows, int columns, var _) ->
                Parameter.add(all, table, ParameterRole.EMBEDDING, rows, columns);
            case Layer.SpelledWords(var words, var characters, var body) -> {
                add(words);
                add(characters);
                add(body);
            }
            case Layer.Recurrent recurrent -> {
                recurrent.forward().addTo(all, recurrent.cell());
                recurrent.backward().ifPresent(b -> b.addTo(all, recurrent.cell()));
            }
            case Layer.Hypernetwork hyper -> {
                hyper.small().addTo(all, HypernetworkNodes.SMALL);
                hyper.input().addTo(all);
                hyper.state().addTo(all, ParameterRole.WEIGHT_HIDDEN, ParameterRole.BIAS);
                // At first the weights are those of the tables: every scale is 1.
                hyper.inputScale().addTo(all, ParameterRole.LINEAR, ParameterRole.GAIN);
                hyper.stateScale().addTo(all, ParameterRole.LINEAR, ParameterRole.GAIN);
                hyper.bias().addTo(all);
            }
            case Layer.Linear linear ->
                new Projection(linear.weight(), linear.bias(), linear.inputSize(), linear.outputSize()).addTo(all);
            case Layer.Multiplicative(var a, var b) -> {
                a.addTo(all);
                b.addTo(all);
            }
            case Layer.Conv1d conv -> {
                Parameter.add(
                        all,
                        conv.weight(),
                        ParameterRole.CONVOLUTION,
                        conv.outputSize(),
                        conv.kernel(),
                        conv.inputSize() / conv.groups());
                conv.bias().ifPresent(b -> Parameter.add(all, b, ParameterRole.BIAS, conv.outputSize()));
            }
            case Layer.Conv2d conv -> {
                Parameter.add(
                        all,
                        conv.weight(),
                        ParameterRole.CONVOLUTION,
                        conv.outputSize(),
                        conv.kernelWidth(),
                        conv.kernelHeight() * conv.inputSize());
                conv.bias().ifPresent(b -> Parameter.add(all, b, ParameterRole.BIAS, conv.outputSize()));
            }
            case Layer.PRelu(String slopes, int size) -> Parameter.add(all, slopes, ParameterRole.VECTOR, size);
            case Layer.Scale(String scale, String shift, int size) -> {
                Parameter.add(all, scale, ParameterRole.STATISTIC, size);
                Parameter.add(all, shift, ParameterRole.STATISTIC, size);
            }
            case Layer.BatchNorm(var normalisation, int size) -> {
                Parameter.add(all, normalisation.mean(), ParameterRole.STATISTIC, size);
                Parameter.add(all, normalisation.variance(), ParameterRole.STATISTIC, size);
                if (normalisation.affine()) {
                    Parameter.add(all, normalisation.gain(), ParameterRole.GAIN, size);
                    Parameter.add(all, normalisation.bias(), ParameterRole.BIAS, size);
                }
            }
            case Layer.LayerNorm norm -> {
                norm.gain().ifPresent(g -> Parameter.add(all, g, ParameterRole.GAIN, norm.size()));
                norm.bias().ifPresent(b -> Parameter.add(all, b, ParameterRole.BIAS, norm.size()));
            }
            case Layer.Positions(String table, int steps, int size) ->
                Parameter.add(all, table, ParameterRole.EMBEDDING, steps, size);
            case Layer.SelfAttention attention -> {
                attention.query().addTo(all);
                attention.key().addTo(all);
                attention.value().addTo(all);
                attention.output().addTo(all);
            }
            case Layer.AttentionPool(var projection, String vector) -> {
                projection.addTo(all);
                Parameter.add(all, vector, ParameterRole.VECTOR, projection.outputSize());
            }
            case Layer.Highway(var gate, var body) -> {
                gate.addTo(all);
                add(body);
            }
            case Layer.Composite composite -> composite.bodies().forEach(this::add);
            case Layer.Context _, Layer.Pad _, Layer.Magnitude _, Layer.Activate _, Layer.Softmax _ -> {}
            case Layer.Dropout _, Layer.Pool _, Layer.Ends _, Layer.PoolWindow _, Layer.Repeat _ -> {}
            case Layer.Image _, Layer.Pool2d _, Layer.GlobalPool2d _, Layer.Flatten _ -> {}
        }
    }
}
