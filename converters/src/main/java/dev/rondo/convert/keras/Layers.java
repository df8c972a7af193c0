package dev.rondo.convert.keras;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation.Pooling;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;

/** Every class of layer that is converted: from its configuration, weights and inputs to nodes. */
final class Layers {
    private Layers() {}

    /**
     * Adds one call of a layer.
     *
     * @return its outputs with their masks
     */
    static List<Masked> apply(Graph g, Use use) {
        LayerConfig config = use.config();
        checkDtype(g, config);
        List<Masked> outputs = lower(g, use);
        config.done();
        return outputs;
    }

    private static List<Masked> lower(Graph g, Use use) {
        LayerConfig config = use.config();
        return switch (config.className()) {
            case "SimpleRNN", "LSTM", "GRU", "RNN" -> RecurrentLayers.layer(g, use);
            case "Bidirectional" -> RecurrentLayers.bidirectional(g, use);
            case "Attention" -> AttentionLayers.attention(g, use, false);
            case "AdditiveAttention" -> AttentionLayers.attention(g, use, true);
            case "MultiHeadAttention" -> AttentionLayers.multiHead(g, use);
            case "GlobalAveragePooling1D", "GlobalAvgPool1D" -> ConvolutionLayers.global(g, use, Pooling.MEAN);
            case "BatchNormalization", "SyncBatchNormalization" -> DenseLayers.batchNormalization(g, use);
            case "Softmax" -> softmax(g, use);
            case "TimeDistributed" -> timeDistributed(g, use);
            default -> {
                use.allow("mask", "training");
                yield plain(g, use);
            }
        };
    }

    /** Layers whose call has no keywords but what Keras passes to any. */
    private static List<Masked> plain(Graph g, Use use) {
        LayerConfig config = use.config();
        return switch (config.className()) {
            case "Dense" -> DenseLayers.dense(g, use);
            case "Embedding" -> DenseLayers.embedding(g, use);
            case "LayerNormalization" -> DenseLayers.layerNormalization(g, use);
            case "Rescaling" -> DenseLayers.rescaling(g, use);
            case "Normalization" -> DenseLayers.normalization(g, use);
            case "Conv1D", "Convolution1D" -> ConvolutionLayers.conv1d(g, use);
            case "MaxPooling1D", "MaxPool1D" -> ConvolutionLayers.pooling(g, use, Pooling.MAX);
            case "AveragePooling1D", "AvgPool1D" -> ConvolutionLayers.pooling(g, use, Pooling.MEAN);
            case "GlobalMaxPooling1D", "GlobalMaxPool1D" -> ConvolutionLayers.global(g, use, Pooling.MAX);
            case "Dropout", "SpatialDropout1D", "GaussianDropout", "GaussianNoise", "AlphaDropout" -> {
                g.note("does nothing at inference");
                yield DenseLayers.same(use, use.x());
            }
            case "ActivityRegularization", "Identity" -> DenseLayers.same(use, use.x());
            case "Masking" -> ShapeLayers.masking(g, use);
            case "Flatten" -> ShapeLayers.flatten(g, use);
            case "Reshape" -> ShapeLayers.reshape(g, use);
            case "Permute" -> ShapeLayers.permute(g, use);
            case "RepeatVector" -> ShapeLayers.repeatVector(g, use);
            case "UpSampling1D" -> ShapeLayers.upSampling(g, use);
            case "ZeroPadding1D" -> ShapeLayers.zeroPadding(g, use);
            case "Cropping1D" -> ShapeLayers.cropping(g, use);
            case "Add" -> MergeLayers.merge(g, use, BinaryFunction.ADD, false);
            case "Subtract" -> MergeLayers.merge(g, use, BinaryFunction.SUBTRACT, false);
            case "Multiply" -> MergeLayers.merge(g, use, BinaryFunction.MULTIPLY, false);
            case "Average" -> MergeLayers.merge(g, use, BinaryFunction.ADD, true);
            case "Maximum" -> MergeLayers.merge(g, use, BinaryFunction.MAXIMUM, false);
            case "Minimum" -> MergeLayers.merge(g, use, BinaryFunction.MINIMUM, false);
            case "Concatenate" -> MergeLayers.concatenate(g, use);
            case "Dot" -> MergeLayers.dot(g, use);
            case "Activation" -> DenseLayers.same(use, Activations.apply(g, config, "activation", use.x()));
            case "ReLU" -> relu(g, use);
            case "LeakyReLU" -> {
                double slope = config.number("negative_slope", config.number("alpha", 0.3));
                yield activate(g, use, Activation.leakyRelu((float) slope));
            }
            case "ELU" -> activate(g, use, Activation.elu((float) config.number("alpha", 1)));
            case "ThresholdedReLU" -> activate(g, use, Activation.thresholdedRelu((float) config.number("theta", 1)));
            case "PReLU" -> DenseLayers.prelu(g, use);
            case "Lambda" ->
                throw config.refused(
                        "must not be a Lambda", "Python code, which is never run: put the computation into layers");
            default -> throw config.refused("must be a layer that is converted", config.className());
        };
    }

    private static List<Masked> activate(Graph g, Use use, Activation activation) {
        return DenseLayers.same(use, g.add(new Elementwise.Activate(activation), use.x()));
    }

    private static List<Masked> relu(Graph g, Use use) {
        LayerConfig config = use.config();
        float slope = (float) config.number("negative_slope", 0);
        float threshold = (float) config.number("threshold", 0);
        Value x = use.x();
        Value y = x;
        if (threshold == 0) {
            y = g.add(new Elementwise.Activate(slope == 0 ? Activation.RELU : Activation.leakyRelu(slope)), x);
        } else {
            Value below = g.binary(
                    BinaryFunction.MULTIPLY,
                    g.binary(BinaryFunction.SUBTRACT, x, g.scalar(threshold)),
                    g.scalar(slope));
            y = g.where(g.compare(Comparison.GREATER_EQUAL, x, g.scalar(threshold)), x, below);
        }
        if (config.has("max_value")) {
            y = g.binary(BinaryFunction.MINIMUM, y, g.scalar(config.number("max_value", 0)));
        }
        return DenseLayers.same(use, y);
    }

    private static List<Masked> softmax(Graph g, Use use) {
        LayerConfig config = use.config();
        use.allow("mask", "training");
        if (!use.mask().isAbsent()) {
            throw config.refused("reads values without a mask", "a mask: its meaning for a softmax differs by version");
        }
        List<Integer> axes = config.raw("axis").isMissingNode() ? List.of(-1) : config.numbers("axis");
        int rank = use.x().type().rank();
        if (axes.size() != 1 || axes.getFirst() < -rank || axes.getFirst() >= rank) {
            throw config.error("axis", "is one axis of " + use.x().type(), axes.toString());
        }
        return DenseLayers.same(use, Activations.softmax(g, use.x(), axes.getFirst(), false));
    }

    /** The layer inside for each step: every step becomes a row of the batch. */
    private static List<Masked> timeDistributed(Graph g, Use use) {
        LayerConfig config = use.config();
        use.allow("mask", "training");
        Value x = use.x();
        if (x.type().rank() < 3) {
            throw config.refused("reads a sequence [B,T,...]", x.type().toString());
        }
        LayerConfig inner = config.inner("layer");
        boolean state = CellLayer.is(inner.className())
                || inner.className().equals("RNN")
                || inner.className().equals("Bidirectional");
        if (ModelSpec.isModel(inner.className())
                || inner.className().equals("TimeDistributed")
                || state
                        && (!use.mask().isAbsent()
                                || inner.flag("stateful", false)
                                || inner.flag("return_state", false))) {
            throw config.error("layer", "is a plain layer, without a mask if it is recurrent", inner.className());
        }
        Dim rows = x.type().dim(0);
        Dim steps = x.type().dim(1);
        var dims = new ArrayList<Dim>(List.of(rows.times(steps)));
        dims.addAll(x.type().dims().subList(2, x.type().rank()));
        Masked every = Masked.of(g.reshape(x, dims));
        Use each = use.with(inner, use.weights().inner("layer", ""), List.of(every));
        Value y = apply(g, each).getFirst().value();
        dims = new ArrayList<>(List.of(rows, steps));
        dims.addAll(y.type().dims().subList(1, y.type().rank()));
        g.note("the layer inside runs once for all steps");
        return DenseLayers.same(use, g.reshape(y, dims));
    }

    /** Everything is computed in f32, whatever the policy was; a quantised layer is another computation. */
    private static void checkDtype(Graph g, LayerConfig config) {
        JsonNode dtype = config.raw("dtype");
        JsonNode name = dtype.isObject() ? dtype.path("config").path("name") : dtype;
        String policy = name.asText("float32");
        boolean plain = !dtype.isObject() || dtype.path("class_name").asText().matches("DTypePolicy|Policy");
        switch (policy) {
            case "float32", "null" -> {
                // What is computed here.
            }
            case "mixed_float16", "mixed_bfloat16", "float16", "bfloat16", "float64" ->
                g.note("dtype " + policy + " is computed in f32");
            case "int32", "int64", "bool" -> {
                // Inputs and layers of ids.
            }
            default -> plain = false;
        }
        if (!plain) {
            throw config.error("dtype", "is a floating-point policy", LayerConfig.quoted(dtype));
        }
    }
}
