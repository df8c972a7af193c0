package dev.rondo.architecture;

import dev.rondo.architecture.NetworkText.Written;
import dev.rondo.error.InputException;
import dev.rondo.graph.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** From a written network to layers: sizes follow from the input, names of tensors from the place. */
final class NetworkLayers {
    private static final Set<String> WITH_NETWORKS = Set.of("residual", "highway", "parallel", "characters");
    static final int MAX_SIZE = 1 << 20;
    /** Places of a window: the gradient of one is a sum over its places, and takes each of them by itself. */
    private static final int MAX_WINDOW = 512;

    private static final double LAYER_NORM_EPSILON = 1e-5;

    private final String text;
    private final NetworkInput input;
    private final LayerStack.Results results;
    private int made;

    NetworkLayers(String text, NetworkInput input, LayerStack.Results results) {
        this.text = text;
        this.input = input;
        this.results = results;
    }

    static boolean takesNetworks(String name) {
        return WITH_NETWORKS.contains(name);
    }

    LayerStack stack(List<Written> written, Optional<String> scaled, int outputs) {
        var layers = new ArrayList<Layer>();
        boolean time = !(input instanceof NetworkInput.Vectors);
        int first = 0;
        NetworkFlow flow;
        switch (input) {
            case NetworkInput.Tokens(int vocabulary) -> {
                Layer.Embedding embedding = embedding(written, 0, vocabulary, "embedding");
                layers.add(embedding);
                first = 1;
                flow = NetworkFlow.sequence(embedding.columns());
            }
            case NetworkInput.Words(int vocabulary, int characters) -> {
                Layer.Embedding words = embedding(written, 0, vocabulary, "embedding");
                first = 1;
                Layer layer = words;
                if (written.size() > 1 && written.get(1).name().equals("characters")) {
                    layer = spelled(words, written.get(1), characters);
                    first = 2;
                }
                layers.add(layer);
                flow = NetworkFlow.sequence(layer.outputSize(0));
            }
            case NetworkInput.Steps(int size) -> flow = NetworkFlow.sequence(size);
            case NetworkInput.Vectors(int size) -> flow = NetworkFlow.vector(size);
        }
        int inputSize = flow.size();
        scaled.ifPresent(name -> layers.add(new Layer.Scale(name + ".scale", name + ".shift", inputSize)));
        flow = add(layers, written.subList(first, written.size()), flow);
        if (flow.isImage()) {
            throw NetworkText.error(
                    text, text.length(), "an image ends with flatten or pool2d(max, all)", "the end of the network");
        }
        boolean steps = results == LayerStack.Results.TAGS || results == LayerStack.Results.NEXT;
        if (results != LayerStack.Results.VALUES && flow.steps() != steps) {
            throw NetworkText.error(
                    text,
                    text.length(),
                    steps
                            ? "tags and next tokens want something for each step"
                            : "a class wants one vector: pool over time",
                    flow.steps() ? "a sequence" : "a vector");
        }
        if (results == LayerStack.Results.NEXT && !layers.stream().allMatch(Layer::isStepwise)) {
            throw NetworkText.error(
                    text,
                    0,
                    "a language model sees only what came before: no backward direction, no attention to all steps,"
                            + " convolutions causal",
                    "a layer that sees the very token it has to predict");
        }
        layers.add(new Layer.Linear("output.weight", Optional.of("output.bias"), flow.size(), outputs));
        boolean stateful =
                time && results != LayerStack.Results.CLASSES && layers.stream().allMatch(Layer::isStepwise);
        return new LayerStack(inputSize, time, layers, results, stateful);
    }

    private Layer.Embedding embedding(List<Written> written, int at, int rows, String name) {
        if (written.size() <= at || !written.get(at).name().equals("embedding")) {
            throw NetworkText.error(
                    text,
                    written.size() <= at ? text.length() : written.get(at).at(),
                    "tokens are read by an embedding, which stands first",
                    written.size() <= at
                            ? "the end of the network"
                            : written.get(at).name());
        }
        LayerArguments arguments = arguments(written.get(at));
        var layer = new Layer.Embedding(name, rows, arguments.size(0), arguments.share("dropout", 0));
        arguments.done(1);
        return layer;
    }

    private Layer.SpelledWords spelled(Layer.Embedding words, Written written, int characters) {
        List<Written> inner = only(written);
        Layer.Embedding embedding = embedding(inner, 0, characters, "characters.embedding");
        var body = new ArrayList<Layer>();
        NetworkFlow flow = add(body, inner.subList(1, inner.size()), NetworkFlow.sequence(embedding.columns()));
        if (flow.steps()) {
            throw error(written, "characters end with a pooling", "a sequence");
        }
        return new Layer.SpelledWords(words, embedding, body);
    }

    private NetworkFlow add(List<Layer> layers, List<Written> written, NetworkFlow input) {
        NetworkFlow flow = input;
        for (Written one : written) {
            flow = add(layers, one, flow);
        }
        return flow;
    }

    private String name() {
        return "layer" + made++;
    }

    private NetworkFlow add(List<Layer> layers, Written written, NetworkFlow x) {
        LayerArguments arguments = arguments(written);
        return switch (written.name()) {
            case "elman", "gru", "lstm" -> recurrent(layers, written, x, arguments);
            case "hyper" -> {
                requireSteps(written, x);
                layers.add(hypernetwork(x.size(), arguments.size(0), arguments.size(1)));
                arguments.done(2);
                yield NetworkFlow.sequence(arguments.size(0));
            }
            case "linear" -> {
                requireNoImage(written, x);
                String name = name();
                int size = arguments.size(0);
                arguments.done(1);
                layers.add(new Layer.Linear(name + ".weight", Optional.of(name + ".bias"), x.size(), size));
                yield x.withSize(size);
            }
            case "multiplicative" -> {
                requireNoImage(written, x);
                String name = name();
                int size = arguments.size(0);
                arguments.done(1);
                layers.add(new Layer.Multiplicative(
                        Projection.of(name + ".a", x.size(), size), Projection.of(name + ".b", x.size(), size)));
                yield x.withSize(size);
            }
            case "conv" -> convolution(layers, written, x, arguments);
            case "conv2d" -> ImageLayers.convolution(layers, name(), x, arguments);
            case "image" -> ImageLayers.image(layers, x, arguments);
            case "pool2d" -> ImageLayers.pool(layers, x, arguments);
            case "flatten" -> ImageLayers.flatten(layers, x, arguments);
            case "pool" -> pool(layers, written, x, arguments);
            case "downsample" -> {
                requireSteps(written, x);
                int size = arguments.window(1, MAX_WINDOW);
                layers.add(new Layer.PoolWindow(arguments.pooling(0), size, arguments.size("stride", size)));
                arguments.done(2);
                yield x;
            }
            case "attention" -> {
                requireSteps(written, x);
                layers.add(attention(written, x.size(), arguments.size("heads", 1)));
                arguments.done(0);
                yield x;
            }
            case "transformer" -> {
                requireSteps(written, x);
                transformer(layers, written, x.size(), arguments);
                yield x;
            }
            case "positions" -> {
                requireSteps(written, x);
                layers.add(new Layer.Positions(name() + ".positions", arguments.size(0), x.size()));
                arguments.done(1);
                yield x;
            }
            case "repeat" -> {
                if (!x.isVector()) {
                    throw error(written, "repeat reads vectors", "something else");
                }
                layers.add(new Layer.Repeat(arguments.size(0)));
                arguments.done(1);
                yield NetworkFlow.sequence(x.size());
            }
            case "batchnorm" -> {
                arguments.done(0);
                layers.add(new Layer.BatchNorm(BatchNormalisation.of(name()), x.size()));
                yield x;
            }
            case "layernorm" -> {
                arguments.done(0);
                layers.add(layerNorm(x.size()));
                yield x;
            }
            case "dropout" -> {
                boolean variational = arguments.flag("variational");
                layers.add(new Layer.Dropout(arguments.share(0), variational));
                arguments.done(1);
                if (variational && x.isImage()) {
                    throw arguments.error("variational dropout is of the steps of a sequence", "an image");
                }
                yield x;
            }
            case "residual" -> residual(layers, written, x);
            case "highway" -> {
                var body = new ArrayList<Layer>();
                NetworkFlow inner = add(body, only(written), x);
                requireSame(written, x, inner);
                requireNoImage(written, x);
                layers.add(new Layer.Highway(Projection.of(name() + ".gate", x.size(), x.size()), body));
                yield x;
            }
            case "parallel" -> {
                var bodies = new ArrayList<List<Layer>>();
                NetworkFlow last = null;
                int size = 0;
                for (List<Written> network : written.networks()) {
                    if (network.isEmpty()) {
                        throw arguments.error("each branch has a layer, identity for none", "an empty branch");
                    }
                    var body = new ArrayList<Layer>();
                    NetworkFlow inner = add(body, network, x);
                    if (last != null
                            && (inner.steps() != last.steps()
                                    || inner.height() != last.height()
                                    || inner.width() != last.width())) {
                        throw error(written, "branches give values of one kind", "others in branch " + bodies.size());
                    }
                    bodies.add(body);
                    size = arguments.bounded((long) size + inner.size(), 1);
                    last = inner;
                }
                if (last == null) {
                    throw error(written, "parallel(network | network ...) has branches", "none");
                }
                layers.add(new Layer.Parallel(bodies));
                yield last.withSize(size);
            }
            case "embedding", "characters" ->
                throw error(
                        written,
                        "embedding(n) stands first, and characters(...) behind it where words are read",
                        written.name());
            case String other -> {
                String whole =
                        written.words().isEmpty() ? other : other + "(" + String.join(",", written.words()) + ")";
                Activation activation =
                        Activation.parse(whole).orElseThrow(() -> error(written, "a layer that exists", whole));
                layers.add(new Layer.Activate(activation));
                yield x;
            }
        };
    }

    private NetworkFlow recurrent(List<Layer> layers, Written written, NetworkFlow x, LayerArguments arguments) {
        requireSteps(written, x);
        int size = arguments.size(0);
        boolean both = arguments.flag("bidirectional");
        Cell cell = switch (written.name()) {
            case "lstm" -> new Cell.Lstm();
            case "gru" -> new Cell.Gru(true);
            default ->
                new Cell.Elman(
                        arguments.flag("relu")
                                ? Activation.RELU
                                : arguments.flag("identity") ? Activation.IDENTITY : Activation.TANH);
        };
        String name = name();
        layers.add(new Layer.Recurrent(
                cell,
                RecurrentParameters.of(both ? name + ".forward" : name, cell, x.size(), size),
                both ? Optional.of(RecurrentParameters.of(name + ".backward", cell, x.size(), size)) : Optional.empty(),
                arguments.share("dropout", 0),
                arguments.share("state-dropout", 0)));
        arguments.done(1);
        return NetworkFlow.sequence(both ? 2 * size : size);
    }

    private Layer.Hypernetwork hypernetwork(int inputs, int units, int small) {
        String name = name();
        return new Layer.Hypernetwork(
                RecurrentParameters.of(name + ".small", HypernetworkNodes.SMALL, Math.addExact(inputs, units), small),
                Projection.unbiased(name + ".input", inputs, units),
                Projection.unbiased(name + ".state", units, units),
                Projection.of(name + ".input_scale", small, units),
                Projection.of(name + ".state_scale", small, units),
                Projection.of(name + ".bias", small, units));
    }

    private NetworkFlow convolution(List<Layer> layers, Written written, NetworkFlow x, LayerArguments arguments) {
        requireSteps(written, x);
        String name = name();
        int size = arguments.size(0);
        int kernel = arguments.window(1, MAX_WINDOW);
        int stride = arguments.size("stride", 1);
        int dilation = arguments.size("dilation", 1);
        boolean causal = arguments.flag("causal");
        boolean valid = arguments.flag("valid");
        arguments.done(2);
        long around = (long) dilation * (kernel - 1);
        if (around > MAX_SIZE) {
            throw error(written, "a kernel reaches at most " + MAX_SIZE + " steps", "" + around);
        }
        if (causal && valid) {
            throw arguments.error("a convolution is causal or valid", "both");
        }
        if (causal && stride > 1) {
            throw error(written, "a causal convolution has stride 1", "" + stride);
        }
        int all = valid ? 0 : (int) around;
        int before = causal ? all : all / 2;
        layers.add(new Layer.Conv1d(
                name + ".weight",
                Optional.of(name + ".bias"),
                x.size(),
                size,
                kernel,
                stride,
                dilation,
                1,
                before,
                all - before,
                causal));
        return NetworkFlow.sequence(size);
    }

    private NetworkFlow pool(List<Layer> layers, Written written, NetworkFlow x, LayerArguments arguments) {
        requireSteps(written, x);
        int units = arguments.size("units", 0);
        var names = new ArrayList<String>();
        for (int i = 0; i < arguments.count(); i++) {
            names.add(arguments.word(i));
        }
        arguments.done(names.size());
        if (units > 0 && !names.contains("attention")) {
            throw arguments.error("units= belongs to pool(attention)", names.toString());
        }
        if (names.isEmpty()) {
            throw error(written, "pool(mean | max | last | ends | attention) says how", "nothing");
        }
        var bodies = new ArrayList<List<Layer>>();
        for (int i = 0; i < names.size(); i++) {
            bodies.add(List.of(
                    switch (names.get(i)) {
                        case "ends" -> new Layer.Ends(forwardSize(layers, written));
                        case "attention" -> {
                            String own = name();
                            int size = units == 0 ? x.size() : units;
                            yield new Layer.AttentionPool(Projection.of(own, x.size(), size), own + ".vector");
                        }
                        case String _ -> new Layer.Pool(List.of(arguments.pooling(i)));
                    }));
        }
        layers.add(bodies.size() == 1 ? bodies.getFirst().getFirst() : new Layer.Parallel(bodies));
        return NetworkFlow.vector(arguments.bounded(x.size(), names.size()));
    }

    /** The forward part of the bidirectional layer whose ends are meant. */
    private int forwardSize(List<Layer> layers, Written written) {
        for (Layer layer : layers.reversed()) {
            if (layer instanceof Layer.Recurrent recurrent
                    && recurrent.backward().isPresent()) {
                return recurrent.forward().outputSize();
            }
            if (!(layer instanceof Layer.Dropout)) {
                break;
            }
        }
        throw error(written, "pool(ends) stands behind a bidirectional layer", "another layer");
    }

    private Layer.SelfAttention attention(Written written, int size, int heads) {
        if (size % heads != 0) {
            throw error(written, "heads divide the " + size + " numbers of a step", "" + heads);
        }
        String name = name();
        return new Layer.SelfAttention(
                heads,
                Projection.of(name + ".query", size, size),
                Projection.of(name + ".key", size, size),
                Projection.of(name + ".value", size, size),
                Projection.of(name + ".output", size, size));
    }

    /** An encoder block of Vaswani et al. 2017: each of two parts with a residual connection, normalised behind it. */
    private void transformer(List<Layer> layers, Written written, int size, LayerArguments arguments) {
        int inner = arguments.size(0);
        int heads = arguments.size("heads", 1);
        double dropout = arguments.share("dropout", 0);
        arguments.done(1);
        var first = new ArrayList<Layer>(List.of(attention(written, size, heads)));
        String up = name();
        String down = name();
        var second = new ArrayList<Layer>(List.of(
                new Layer.Linear(up + ".weight", Optional.of(up + ".bias"), size, inner),
                new Layer.Activate(Activation.RELU),
                new Layer.Linear(down + ".weight", Optional.of(down + ".bias"), inner, size)));
        if (dropout > 0) {
            first.add(new Layer.Dropout(dropout, false));
            second.add(new Layer.Dropout(dropout, false));
        }
        layers.add(new Layer.Residual(first, List.of()));
        layers.add(layerNorm(size));
        layers.add(new Layer.Residual(second, List.of()));
        layers.add(layerNorm(size));
    }

    private Layer.LayerNorm layerNorm(int size) {
        String name = name();
        return new Layer.LayerNorm(
                Optional.of(name + ".gain"), Optional.of(name + ".bias"), size, (float) LAYER_NORM_EPSILON);
    }

    private NetworkFlow residual(List<Layer> layers, Written written, NetworkFlow x) {
        var body = new ArrayList<Layer>();
        NetworkFlow inner = add(body, only(written), x);
        var shortcut = new ArrayList<Layer>();
        if (!inner.equals(x)) {
            shortcut.add(shortcut(written, x, inner));
        }
        layers.add(new Layer.Residual(body, shortcut));
        return inner;
    }

    /** What brings x to another size. */
    private Layer shortcut(Written written, NetworkFlow x, NetworkFlow wanted) {
        if (x.steps() != wanted.steps() || x.isImage() != wanted.isImage()) {
            throw error(written, "a residual body keeps what flows through it", "it pools");
        }
        String name = name();
        if (!x.isImage()) {
            return new Layer.Linear(name + ".weight", Optional.of(name + ".bias"), x.size(), wanted.size());
        }
        return ImageLayers.shortcut(name, x, wanted, arguments(written));
    }

    private List<Written> only(Written written) {
        if (written.networks().size() != 1 || written.networks().getFirst().isEmpty()) {
            throw error(
                    written,
                    written.name() + "(...) holds one network",
                    written.networks().size() > 1 ? "" + written.networks().size() : "none");
        }
        return written.networks().getFirst();
    }

    private void requireSame(Written written, NetworkFlow x, NetworkFlow inner) {
        if (!x.equals(inner)) {
            throw error(
                    written,
                    "the body of " + written.name() + " keeps its " + x.size() + " numbers",
                    "" + inner.size());
        }
    }

    private void requireSteps(Written written, NetworkFlow x) {
        if (!x.steps()) {
            throw error(written, written.name() + " reads a sequence", x.isImage() ? "an image" : "a vector");
        }
    }

    private void requireNoImage(Written written, NetworkFlow x) {
        if (x.isImage()) {
            throw error(written, written.name() + " reads vectors: flatten first", "an image");
        }
    }

    private InputException error(Written written, String rule, String got) {
        return NetworkText.error(text, written.at(), rule, got);
    }

    private LayerArguments arguments(Written written) {
        return new LayerArguments(text, written);
    }
}
