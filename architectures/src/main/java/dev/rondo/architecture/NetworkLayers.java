package dev.rondo.architecture;

import dev.rondo.architecture.NetworkText.Written;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation.Pooling;
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
    /** The same for each side of a window of an image. */
    private static final int MAX_SIDE = 256;
    /** Numbers that flow from layer to layer, for each step or for each image. */
    private static final int MAX_FLOW = 1 << 26;

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

    /** What flows between layers: a sequence, a vector or an image. */
    private record Flow(boolean steps, int height, int width, int size) {
        static Flow sequence(int size) {
            return new Flow(true, 0, 0, size);
        }

        static Flow vector(int size) {
            return new Flow(false, 0, 0, size);
        }

        boolean image() {
            return height > 0;
        }
    }

    LayerStack stack(List<Written> written, Optional<String> scaled, int outputs) {
        var layers = new ArrayList<Layer>();
        boolean time = !(input instanceof NetworkInput.Vectors);
        int first = 0;
        Flow flow;
        switch (input) {
            case NetworkInput.Tokens(int vocabulary) -> {
                Layer.Embedding embedding = embedding(written, 0, vocabulary, "embedding");
                layers.add(embedding);
                first = 1;
                flow = Flow.sequence(embedding.columns());
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
                flow = Flow.sequence(layer.outputSize(0));
            }
            case NetworkInput.Steps(int size) -> flow = Flow.sequence(size);
            case NetworkInput.Vectors(int size) -> flow = Flow.vector(size);
        }
        int inputSize = flow.size;
        scaled.ifPresent(name -> layers.add(new Layer.Scale(name + ".scale", name + ".shift", inputSize)));
        flow = add(layers, written.subList(first, written.size()), flow);
        if (flow.image()) {
            throw NetworkText.error(
                    text, text.length(), "an image ends with flatten or pool2d(max, all)", "the end of the network");
        }
        boolean steps = results == LayerStack.Results.TAGS || results == LayerStack.Results.NEXT;
        if (results != LayerStack.Results.VALUES && flow.steps != steps) {
            throw NetworkText.error(
                    text,
                    text.length(),
                    steps
                            ? "tags and next tokens want something for each step"
                            : "a class wants one vector: pool over time",
                    flow.steps ? "a sequence" : "a vector");
        }
        if (results == LayerStack.Results.NEXT && !layers.stream().allMatch(Layer::isStepwise)) {
            throw NetworkText.error(
                    text,
                    0,
                    "a language model sees only what came before: no backward direction, no attention to all steps,"
                            + " convolutions causal",
                    "a layer that sees the very token it has to predict");
        }
        layers.add(new Layer.Linear("output.weight", Optional.of("output.bias"), flow.size, outputs));
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
        Flow flow = add(body, inner.subList(1, inner.size()), Flow.sequence(embedding.columns()));
        if (flow.steps) {
            throw NetworkText.error(text, written.at(), "characters end with a pooling", "a sequence");
        }
        return new Layer.SpelledWords(words, embedding, body);
    }

    private Flow add(List<Layer> layers, List<Written> written, Flow input) {
        Flow flow = input;
        for (Written one : written) {
            flow = add(layers, one, flow);
        }
        return flow;
    }

    private String name() {
        return "layer" + made++;
    }

    private Flow add(List<Layer> layers, Written written, Flow x) {
        LayerArguments arguments = arguments(written);
        return switch (written.name()) {
            case "elman", "gru", "lstm" -> recurrent(layers, written, x, arguments);
            case "hyper" -> {
                requireSteps(written, x);
                layers.add(hypernetwork(x.size, arguments.size(0), arguments.size(1)));
                arguments.done(2);
                yield Flow.sequence(arguments.size(0));
            }
            case "linear" -> {
                requireNoImage(written, x);
                String name = name();
                int size = arguments.size(0);
                arguments.done(1);
                layers.add(new Layer.Linear(name + ".weight", Optional.of(name + ".bias"), x.size, size));
                yield new Flow(x.steps, 0, 0, size);
            }
            case "multiplicative" -> {
                requireNoImage(written, x);
                String name = name();
                int size = arguments.size(0);
                arguments.done(1);
                layers.add(new Layer.Multiplicative(
                        Projection.of(name + ".a", x.size, size), Projection.of(name + ".b", x.size, size)));
                yield new Flow(x.steps, 0, 0, size);
            }
            case "conv" -> convolution(layers, written, x, arguments);
            case "conv2d" -> convolution2d(layers, written, x, arguments);
            case "image" -> {
                if (x.steps || x.image()) {
                    throw NetworkText.error(text, written.at(), "image reads vectors", "something else");
                }
                int height = arguments.size(0);
                int width = arguments.size(1);
                int channels = arguments.count() > 2 ? arguments.size(2) : 1;
                arguments.done(arguments.count() > 2 ? 3 : 2);
                if ((long) height * width * channels != x.size) {
                    throw NetworkText.error(
                            text,
                            written.at(),
                            "height times width times channels are the " + x.size + " numbers of a vector",
                            height + " * " + width + " * " + channels);
                }
                layers.add(new Layer.Image(height, width, channels));
                yield new Flow(false, height, width, channels);
            }
            case "pool2d" -> pool2d(layers, written, x, arguments);
            case "flatten" -> {
                requireImage(written, x);
                arguments.done(0);
                int size = bounded(written, (long) x.height * x.width, x.size);
                layers.add(new Layer.Flatten(size));
                yield Flow.vector(size);
            }
            case "pool" -> pool(layers, written, x, arguments);
            case "downsample" -> {
                requireSteps(written, x);
                int size = window(written, arguments, MAX_WINDOW);
                layers.add(new Layer.PoolWindow(
                        pooling(written, arguments.word(0)), size, arguments.size("stride", size)));
                arguments.done(2);
                yield x;
            }
            case "attention" -> {
                requireSteps(written, x);
                layers.add(attention(written, x.size, arguments.size("heads", 1)));
                arguments.done(0);
                yield x;
            }
            case "transformer" -> {
                requireSteps(written, x);
                transformer(layers, written, x.size, arguments);
                yield x;
            }
            case "positions" -> {
                requireSteps(written, x);
                layers.add(new Layer.Positions(name() + ".positions", arguments.size(0), x.size));
                arguments.done(1);
                yield x;
            }
            case "repeat" -> {
                if (x.steps || x.image()) {
                    throw NetworkText.error(text, written.at(), "repeat reads vectors", "something else");
                }
                layers.add(new Layer.Repeat(arguments.size(0)));
                arguments.done(1);
                yield Flow.sequence(x.size);
            }
            case "batchnorm" -> {
                arguments.done(0);
                layers.add(new Layer.BatchNorm(BatchNormalisation.of(name()), x.size));
                yield x;
            }
            case "layernorm" -> {
                arguments.done(0);
                layers.add(layerNorm(x.size));
                yield x;
            }
            case "dropout" -> {
                boolean variational = arguments.flag("variational");
                layers.add(new Layer.Dropout(arguments.share(0), variational));
                arguments.done(1);
                if (variational && x.image()) {
                    throw NetworkText.error(
                            text, written.at(), "variational dropout is of the steps of a sequence", "an image");
                }
                yield x;
            }
            case "residual" -> residual(layers, written, x);
            case "highway" -> {
                var body = new ArrayList<Layer>();
                Flow inner = add(body, only(written), x);
                requireSame(written, x, inner);
                requireNoImage(written, x);
                layers.add(new Layer.Highway(Projection.of(name() + ".gate", x.size, x.size), body));
                yield x;
            }
            case "parallel" -> {
                var bodies = new ArrayList<List<Layer>>();
                Flow last = null;
                int size = 0;
                for (List<Written> network : written.networks()) {
                    if (network.isEmpty()) {
                        throw NetworkText.error(
                                text, written.at(), "each branch has a layer, identity for none", "an empty branch");
                    }
                    var body = new ArrayList<Layer>();
                    Flow inner = add(body, network, x);
                    if (last != null
                            && (inner.steps != last.steps
                                    || inner.height != last.height
                                    || inner.width != last.width)) {
                        throw NetworkText.error(
                                text,
                                written.at(),
                                "branches give values of one kind",
                                "others in branch " + bodies.size());
                    }
                    bodies.add(body);
                    size = bounded(written, (long) size + inner.size, 1);
                    last = inner;
                }
                if (last == null) {
                    throw NetworkText.error(text, written.at(), "parallel(network | network ...) has branches", "none");
                }
                layers.add(new Layer.Parallel(bodies));
                yield new Flow(last.steps, last.height, last.width, size);
            }
            case "embedding", "characters" ->
                throw NetworkText.error(
                        text,
                        written.at(),
                        "embedding(n) stands first, and characters(...) behind it where words are read",
                        written.name());
            case String other -> {
                String whole =
                        written.words().isEmpty() ? other : other + "(" + String.join(",", written.words()) + ")";
                Activation activation = Activation.parse(whole)
                        .orElseThrow(() -> NetworkText.error(text, written.at(), "a layer that exists", whole));
                layers.add(new Layer.Activate(activation));
                yield x;
            }
        };
    }

    private Flow recurrent(List<Layer> layers, Written written, Flow x, LayerArguments arguments) {
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
                RecurrentParameters.of(both ? name + ".forward" : name, cell, x.size, size),
                both ? Optional.of(RecurrentParameters.of(name + ".backward", cell, x.size, size)) : Optional.empty(),
                arguments.share("dropout", 0)));
        arguments.done(1);
        return Flow.sequence(both ? 2 * size : size);
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

    private Flow convolution(List<Layer> layers, Written written, Flow x, LayerArguments arguments) {
        requireSteps(written, x);
        String name = name();
        int size = arguments.size(0);
        int kernel = window(written, arguments, MAX_WINDOW);
        int stride = arguments.size("stride", 1);
        int dilation = arguments.size("dilation", 1);
        boolean causal = arguments.flag("causal");
        boolean valid = arguments.flag("valid");
        arguments.done(2);
        long around = (long) dilation * (kernel - 1);
        if (around > MAX_SIZE) {
            throw NetworkText.error(text, written.at(), "a kernel reaches at most " + MAX_SIZE + " steps", "" + around);
        }
        if (causal && valid) {
            throw NetworkText.error(text, written.at(), "a convolution is causal or valid", "both");
        }
        if (causal && stride > 1) {
            throw NetworkText.error(text, written.at(), "a causal convolution has stride 1", "" + stride);
        }
        int all = valid ? 0 : (int) around;
        int before = causal ? all : all / 2;
        layers.add(new Layer.Conv1d(
                name + ".weight",
                Optional.of(name + ".bias"),
                x.size,
                size,
                kernel,
                stride,
                dilation,
                1,
                before,
                all - before,
                causal));
        return Flow.sequence(size);
    }

    private Flow convolution2d(List<Layer> layers, Written written, Flow x, LayerArguments arguments) {
        requireImage(written, x);
        int size = arguments.size(0);
        int kernel = window(written, arguments, MAX_SIDE);
        int stride = arguments.size("stride", 1);
        boolean valid = arguments.flag("valid");
        arguments.done(2);
        Layer.Conv2d conv = convolution2d(x.size, size, kernel, stride, valid);
        layers.add(conv);
        return behind(written, x, conv.padTop() + conv.padBottom(), kernel, stride, size);
    }

    private Layer.Conv2d convolution2d(int inputs, int size, int kernel, int stride, boolean valid) {
        String name = name();
        int before = valid ? 0 : (kernel - 1) / 2;
        int after = valid ? 0 : kernel - 1 - before;
        return new Layer.Conv2d(
                name + ".weight",
                Optional.of(name + ".bias"),
                inputs,
                size,
                kernel,
                kernel,
                stride,
                before,
                after,
                before,
                after);
    }

    /** An image behind windows. */
    private Flow behind(Written written, Flow x, int padding, int window, int stride, int size) {
        int height = (x.height + padding - window) / stride + 1;
        int width = (x.width + padding - window) / stride + 1;
        if (x.height + padding < window || x.width + padding < window) {
            throw NetworkText.error(
                    text, written.at(), "a window fits the image", window + ", image " + x.height + " x " + x.width);
        }
        return new Flow(false, height, width, size);
    }

    private Flow pool2d(List<Layer> layers, Written written, Flow x, LayerArguments arguments) {
        requireImage(written, x);
        Pooling pooling = pooling(written, arguments.word(0));
        if (arguments.count() == 2 && arguments.word(1).equals("all")) {
            arguments.done(2);
            layers.add(new Layer.GlobalPool2d(pooling));
            return Flow.vector(x.size);
        }
        int size = window(written, arguments, MAX_SIDE);
        int stride = arguments.size("stride", size);
        arguments.done(2);
        layers.add(new Layer.Pool2d(pooling, size, stride));
        return behind(written, x, 0, size, stride, x.size);
    }

    private Flow pool(List<Layer> layers, Written written, Flow x, LayerArguments arguments) {
        requireSteps(written, x);
        int units = arguments.size("units", 0);
        var names = new ArrayList<String>();
        for (int i = 0; i < arguments.count(); i++) {
            names.add(arguments.word(i));
        }
        arguments.done(names.size());
        if (units > 0 && !names.contains("attention")) {
            throw NetworkText.error(text, written.at(), "units= belongs to pool(attention)", names.toString());
        }
        if (names.isEmpty()) {
            throw NetworkText.error(
                    text, written.at(), "pool(mean | max | last | ends | attention) says how", "nothing");
        }
        var bodies = new ArrayList<List<Layer>>();
        for (String name : names) {
            bodies.add(List.of(
                    switch (name) {
                        case "ends" -> new Layer.Ends(forwardSize(layers, written));
                        case "attention" -> {
                            String own = name();
                            int size = units == 0 ? x.size : units;
                            yield new Layer.AttentionPool(Projection.of(own, x.size, size), own + ".vector");
                        }
                        case String other -> new Layer.Pool(List.of(pooling(written, other)));
                    }));
        }
        layers.add(bodies.size() == 1 ? bodies.getFirst().getFirst() : new Layer.Parallel(bodies));
        return Flow.vector(bounded(written, x.size, names.size()));
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
        throw NetworkText.error(text, written.at(), "pool(ends) stands behind a bidirectional layer", "another layer");
    }

    private Pooling pooling(Written written, String name) {
        return switch (name) {
            case "mean" -> Pooling.MEAN;
            case "max" -> Pooling.MAX;
            case "last" -> Pooling.LAST;
            case String other -> throw NetworkText.error(text, written.at(), "a pooling is mean, max or last", other);
        };
    }

    private Layer.SelfAttention attention(Written written, int size, int heads) {
        if (size % heads != 0) {
            throw NetworkText.error(text, written.at(), "heads divide the " + size + " numbers of a step", "" + heads);
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

    private Flow residual(List<Layer> layers, Written written, Flow x) {
        var body = new ArrayList<Layer>();
        Flow inner = add(body, only(written), x);
        var shortcut = new ArrayList<Layer>();
        if (!inner.equals(x)) {
            shortcut.add(shortcut(written, x, inner));
        }
        layers.add(new Layer.Residual(body, shortcut));
        return inner;
    }

    /** What brings x to another size. */
    private Layer shortcut(Written written, Flow x, Flow wanted) {
        if (x.steps != wanted.steps || x.image() != wanted.image()) {
            throw NetworkText.error(text, written.at(), "a residual body keeps what flows through it", "it pools");
        }
        String name = name();
        if (!x.image()) {
            return new Layer.Linear(name + ".weight", Optional.of(name + ".bias"), x.size, wanted.size);
        }
        int stride = Math.max(1, Math.ceilDiv(x.height, wanted.height));
        boolean fits = (x.height - 1) / stride + 1 == wanted.height && (x.width - 1) / stride + 1 == wanted.width;
        if (!fits) {
            throw NetworkText.error(
                    text,
                    written.at(),
                    "a residual body keeps the image or takes every n-th point",
                    x.height + " x " + x.width + " to " + wanted.height + " x " + wanted.width);
        }
        return convolution2d(x.size, wanted.size, 1, stride, true);
    }

    /** How many places a window has along each of its sides. */
    private int window(Written written, LayerArguments arguments, int most) {
        int size = arguments.size(1);
        if (size > most) {
            throw NetworkText.error(text, written.at(), "a window is 1 to " + most + " long", "" + size);
        }
        return size;
    }

    /** So many numbers, so many times. */
    private int bounded(Written written, long numbers, int times) {
        if (numbers > MAX_FLOW / times) {
            throw NetworkText.error(
                    text, written.at(), "a layer gives at most " + MAX_FLOW + " numbers", numbers + " * " + times);
        }
        return (int) (numbers * times);
    }

    private List<Written> only(Written written) {
        if (written.networks().size() != 1 || written.networks().getFirst().isEmpty()) {
            throw NetworkText.error(
                    text,
                    written.at(),
                    written.name() + "(...) holds one network",
                    written.networks().size() > 1 ? "" + written.networks().size() : "none");
        }
        return written.networks().getFirst();
    }

    private void requireSame(Written written, Flow x, Flow inner) {
        if (!x.equals(inner)) {
            throw NetworkText.error(
                    text,
                    written.at(),
                    "the body of " + written.name() + " keeps its " + x.size + " numbers",
                    "" + inner.size);
        }
    }

    private void requireSteps(Written written, Flow x) {
        if (!x.steps) {
            throw NetworkText.error(
                    text, written.at(), written.name() + " reads a sequence", x.image() ? "an image" : "a vector");
        }
    }

    private void requireImage(Written written, Flow x) {
        if (!x.image()) {
            throw NetworkText.error(
                    text, written.at(), written.name() + " reads an image: begin with image(h, w)", "none");
        }
    }

    private void requireNoImage(Written written, Flow x) {
        if (x.image()) {
            throw NetworkText.error(text, written.at(), written.name() + " reads vectors: flatten first", "an image");
        }
    }

    private LayerArguments arguments(Written written) {
        return new LayerArguments(text, written);
    }
}
