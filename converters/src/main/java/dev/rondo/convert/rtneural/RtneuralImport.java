package dev.rondo.convert.rtneural;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.LayerGraph;
import dev.rondo.architecture.LayerStack;
import dev.rondo.convert.draft.DraftWeights;
import dev.rondo.convert.draft.EncodingChoice;
import dev.rondo.convert.draft.GateOrder;
import dev.rondo.convert.draft.ModelDraft;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.convert.statedict.LayerConfig;
import dev.rondo.convert.statedict.LayerParameters;
import dev.rondo.convert.statedict.LayerWeights;
import dev.rondo.convert.statedict.ReferenceConfig;
import dev.rondo.convert.statedict.ReferenceFile;
import dev.rondo.convert.statedict.ReferenceVectors;
import dev.rondo.convert.statedict.WeightCollector;
import dev.rondo.error.FormatException;
import dev.rondo.error.ShapeException;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Function;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The model that an RTNeural file describes. Its kernels stand as Keras has them, {@code [inputs, outputs]}, its GRU in
 * the order z, r, h with reset after the product, its LSTM in the order i, f, c, o; its convolutions are causal.
 */
public final class RtneuralImport {
    /** The types of layers that are converted. */
    static final List<String> KNOWN =
            List.of("dense", "time-distributed-dense", "gru", "lstm", "conv1d", "batchnorm", "prelu", "activation");

    private final String file;
    private final Map<String, SourceTensor> tensors = new LinkedHashMap<>();
    private final List<LayerConfig> layers = new ArrayList<>();
    private int size;

    private RtneuralImport(String file, int inputSize) {
        this.file = file;
        this.size = inputSize;
    }

    /**
     * The draft of a model.
     *
     * @param file the name of the source, for messages
     * @param io   reference vectors, named like the functions' values
     */
    public static ModelDraft draft(
            String file, RtneuralFile.Content.Model model, List<ReferenceFile> io, EncodingChoice choice)
            throws IOException {
        var reading = new RtneuralImport(file, model.inputSize());
        model.layers().forEach(reading::add);
        var source = new SourceTensors(file, reading.tensors);
        var weights = new DraftWeights();
        var collected = new LayerWeights(source, new WeightCollector(weights), model.inputSize());
        LayerStack stack = collected.collect(reading.layers, LayerStack.Results.VALUES);
        List<Function> functions = new LayerGraph(stack).functions();
        var interpretation = new LinkedHashMap<>(collected.interpretation());
        interpretation.put("kernels", "[inputs, outputs] in the source, transposed here");
        return new ModelDraft(
                "layers",
                functions,
                weights.store(functions, choice),
                List.of(),
                Map.of(),
                ReferenceVectors.read(io, ReferenceConfig.NONE, functions),
                interpretation,
                source.size(),
                source.unused(List.of()));
    }

    private void add(RtneuralLayer layer) {
        switch (layer.type()) {
            case "dense", "time-distributed-dense" -> {
                weights(layer, 1, 2);
                String kernel = reversed(layer, 0, size, layer.size());
                layers.add(new LayerConfig.Linear(kernel, bias(layer, layer.size())));
            }
            case "gru" -> {
                weights(layer, 3, 3);
                require(layer, 2, List.of(2, times(layer, 3)));
                String bias = name(layer, 2);
                keep(layer.weights().get(2).row(bias + "[0]", 0));
                keep(layer.weights().get(2).row(bias + "[1]", 1));
                recurrent(layer, new Cell.Gru(true), "zrh", List.of(bias + "[0]"), List.of(bias + "[1]"));
            }
            case "lstm" -> {
                weights(layer, 2, 3);
                recurrent(layer, new Cell.Lstm(), "ifco", bias(layer, times(layer, 4)), List.of());
            }
            case "conv1d" -> conv(layer);
            case "batchnorm" -> batchNorm(layer);
            case "prelu" -> {
                weights(layer, 1, 1);
                SourceTensor slopes = layer.weights().getFirst().flat(name(layer, 0));
                if (slopes.shape().getFirst() != 1 && slopes.shape().getFirst() != size) {
                    throw wrongShape(layer, 0, "one slope, or " + size);
                }
                layers.add(new LayerConfig.PRelu(keep(slopes)));
            }
            case "activation" -> weights(layer, 0, 0);
            case String other -> throw new IllegalArgumentException(other); // the file refuses other types
        }
        if (layer.type().matches("batchnorm|prelu|activation") && layer.size() != size) {
            throw new ShapeException(
                    layer.subject(), "shape must end with that of its input, " + size, "" + layer.size(), "");
        }
        options(layer);
        size = layer.size();
        activate(layer);
    }

    private void recurrent(RtneuralLayer layer, Cell cell, String order, List<String> bias, List<String> hiddenBias) {
        int rows = times(layer, cell.gates());
        var parameters = new LayerParameters(
                reversed(layer, 0, size, rows),
                reversed(layer, 1, layer.size(), rows),
                bias,
                hiddenBias,
                List.of(),
                Optional.empty());
        GateOrder gates = GateOrder.parse(order, cell).orElseThrow();
        layers.add(new LayerConfig.Recurrent(new WeightCollector.Gates(cell, gates), List.of(List.of(parameters))));
    }

    private void conv(RtneuralLayer layer) {
        weights(layer, 1, 2);
        int groups = layer.groups().orElse(1);
        if (size % groups != 0) {
            throw error(layer, "groups divide the " + size + " inputs", "" + groups, "check the file");
        }
        int kernel = layer.kernelSize().orElseThrow(() -> missing(layer, "kernel_size"));
        int dilation = layer.dilation().orElseThrow(() -> missing(layer, "dilation"));
        String weight = reversed(layer, 0, kernel, size / groups, layer.size());
        layers.add(new LayerConfig.Conv1d(
                weight,
                bias(layer, layer.size()),
                new LayerConfig.Padding.Causal(),
                1,
                dilation,
                OptionalInt.of(groups)));
    }

    /** Keras gives gain, bias, mean and variance, or mean and variance alone. */
    private void batchNorm(RtneuralLayer layer) {
        boolean affine = layer.weights().size() == 4;
        weights(layer, affine ? 4 : 2, affine ? 4 : 2);
        var names = new ArrayList<String>();
        for (int i = 0; i < layer.weights().size(); i++) {
            require(layer, i, List.of(size));
            names.add(keep(layer.weights().get(i).named(name(layer, i))));
        }
        double epsilon = layer.epsilon().orElseThrow(() -> missing(layer, "epsilon"));
        if (!(epsilon >= 0 && epsilon < 1)) {
            throw error(layer, "epsilon is at least 0 and below 1", "" + epsilon, "check the file");
        }
        layers.add(new LayerConfig.BatchNorm(
                names.get(names.size() - 2),
                names.getLast(),
                affine ? Optional.of(names.get(0)) : Optional.empty(),
                affine ? Optional.of(names.get(1)) : Optional.empty(),
                epsilon));
    }

    private void activate(RtneuralLayer layer) {
        boolean recurrent = layer.type().equals("gru") || layer.type().equals("lstm");
        switch (layer.activation()) {
            case "" -> {
                if (layer.type().equals("activation")) {
                    throw missing(layer, "activation");
                }
            }
            case String name
            when recurrent -> {
                // Keras names here what the cell uses inside; RTNeural has tanh only.
                if (!name.equals("tanh")) {
                    throw error(layer, "has activation tanh", StrictJson.quote(name), "export the model to ONNX");
                }
            }
            case "tanh" -> layers.add(new LayerConfig.Activate(Activation.TANH));
            case "relu" -> layers.add(new LayerConfig.Activate(Activation.RELU));
            case "sigmoid" -> layers.add(new LayerConfig.Activate(Activation.SIGMOID));
            case "elu" -> layers.add(new LayerConfig.Activate(Activation.elu(1)));
            case "softmax" -> layers.add(new LayerConfig.Softmax(false));
            case String other ->
                throw error(
                        layer,
                        "activation is tanh, relu, sigmoid, elu, softmax or nothing",
                        StrictJson.quote(other),
                        "export the model to ONNX");
        }
    }

    /** Options of other types are not silently dropped. */
    private void options(RtneuralLayer layer) {
        boolean conv = layer.type().equals("conv1d");
        if (!conv
                && (layer.kernelSize().isPresent()
                        || layer.dilation().isPresent()
                        || layer.groups().isPresent())) {
            throw error(layer, "has no kernel_size, dilation, groups", "one of them", "check the type");
        }
        if (!layer.type().equals("batchnorm") && layer.epsilon().isPresent()) {
            throw error(layer, "has no epsilon", "one", "check the type");
        }
    }

    private List<String> bias(RtneuralLayer layer, int rows) {
        int last = layer.type().equals("lstm") ? 2 : 1;
        if (layer.weights().size() <= last) {
            return List.of();
        }
        require(layer, last, List.of(rows));
        return List.of(keep(layer.weights().get(last).named(name(layer, last))));
    }

    private String reversed(RtneuralLayer layer, int i, Integer... shape) {
        require(layer, i, List.of(shape));
        return keep(layer.weights().get(i).reversed(name(layer, i)));
    }

    private String keep(SourceTensor tensor) {
        tensors.put(tensor.name(), tensor);
        return tensor.name();
    }

    private static String name(RtneuralLayer layer, int i) {
        return "layers[" + layer.index() + "].weights[" + i + "]";
    }

    private int times(RtneuralLayer layer, int gates) {
        return Math.multiplyExact(layer.size(), gates); // sizes are at most 2^24
    }

    private void weights(RtneuralLayer layer, int least, int most) {
        int count = layer.weights().size();
        if (count < least || count > most) {
            throw error(
                    layer,
                    "has " + (least == most ? "" + least : least + " to " + most) + " tensors of weights",
                    "" + count,
                    "is it a model of RTNeural's own exporter?");
        }
    }

    private void require(RtneuralLayer layer, int i, List<Integer> shape) {
        if (!layer.weights().get(i).shape().equals(shape)) {
            throw wrongShape(layer, i, shape.toString());
        }
    }

    private ShapeException wrongShape(RtneuralLayer layer, int i, String wanted) {
        return new ShapeException(
                layer.subject() + ", weights[" + i + "]",
                "must have shape " + wanted + " (" + size + " inputs, " + layer.size() + " outputs)",
                "shape " + layer.weights().get(i).shape(),
                "is in_shape or the shape of the layer wrong?");
    }

    private FormatException missing(RtneuralLayer layer, String key) {
        return error(layer, "needs " + key, "none", "is the file complete?");
    }

    private FormatException error(RtneuralLayer layer, String rule, String got, String remedy) {
        return new FormatException(file, -1, layer.subject(), rule, got, remedy, null);
    }
}
