package dev.rondo.convert.statedict;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Layer;
import dev.rondo.architecture.Projection;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.convert.draft.GateOrder;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.statedict.LayerConfig.Pool.How;
import dev.rondo.convert.statedict.WeightCollector.Gates;
import dev.rondo.error.FormatException;
import dev.rondo.error.ShapeException;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation.Pooling;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The tensors of layers that look along time. */
record TimeWeights(LayerWeights all) {
    private static final int MAX_REACH = 1 << 20;
    private static final String CONV_WEIGHT = "outputs, inputs of a group, kernel";

    Flow add(List<Layer> layers, LayerConfig.OverTime config, String name, Flow x) {
        return switch (config) {
            case LayerConfig.Recurrent recurrent -> recurrent(layers, recurrent, name, x);
            case LayerConfig.Hypernetwork hyper -> hypernetwork(layers, hyper, name, x);
            case LayerConfig.Conv1d conv -> conv(layers, conv, name, x);
            case LayerConfig.Context(int steps, int width) -> {
                x.requireSteps(name, "a context");
                Flow known = all.known(x, width);
                if (known.size() != width) {
                    throw new ShapeException(
                            name + ", key 'size'",
                            "must be what a step has here, " + known.size(),
                            "" + width,
                            "correct it");
                }
                layers.add(new Layer.Context(steps, width));
                all.decided(name, "the last " + steps + " steps of the call before, which are state");
                yield known;
            }
            case LayerConfig.Pad(int before, int after, var mode) -> {
                x.requireSteps(name, "padding");
                layers.add(new Layer.Pad(before, after, mode));
                yield x;
            }
            case LayerConfig.Pool(var over) -> pool(layers, over, name, x);
            case LayerConfig.PoolWindow(var pooling, int size, int stride) -> {
                x.requireSteps(name, "pooling of windows");
                layers.add(new Layer.PoolWindow(pooling, size, stride));
                all.decided(name, "windows of " + size + " steps, stride " + stride + ", none over an end");
                yield x;
            }
            case LayerConfig.Repeat(int steps) -> {
                x.requireOrder(name);
                x.requireVector(name, "repeat", "pool over time before it");
                layers.add(new Layer.Repeat(steps));
                yield Flow.steps(x.size());
            }
        };
    }

    private Flow recurrent(List<Layer> layers, LayerConfig.Recurrent config, String name, Flow input) {
        input.requireSteps(name, "a recurrent layer");
        Gates gates = config.gates();
        Flow x = input;
        for (List<LayerParameters> directions : config.layers()) {
            String own = name
                    + (config.layers().size() == 1 ? "" : "." + config.layers().indexOf(directions));
            if (x.size() == 0) {
                SourceTensor weight = all.source()
                        .use(
                                directions.getFirst().weightInput(),
                                own + ".weight_input",
                                "gates of units, inputs",
                                -1,
                                -1);
                x = all.known(x, RecurrentWeights.size(weight, 1));
            }
            int size = x.size();
            RecurrentParameters forward =
                    RecurrentWeights.collect(gates, directions.getFirst(), own, size, all.source(), all.collector());
            Optional<RecurrentParameters> backward = directions.size() == 1
                    ? Optional.empty()
                    : Optional.of(RecurrentWeights.collect(
                            gates, directions.get(1), own + ".backward", size, all.source(), all.collector()));
            layers.add(new Layer.Recurrent(gates.cell(), forward, backward));
            x = x.withSize(layers.getLast().outputSize(size));
        }
        boolean both = config.layers().stream().anyMatch(d -> d.size() == 2);
        RecurrentWeights.interpretation(
                        gates, config.layers().stream().map(List::getFirst).toList())
                .forEach((key, value) -> all.decided(name + "." + key, value));
        all.decided(name + ".direction", both ? "both; outputs side by side, forward first" : "forward");
        return x;
    }

    private Flow hypernetwork(List<Layer> layers, LayerConfig.Hypernetwork hyper, String name, Flow x) {
        x.requireSteps(name, "a hypernetwork's cell");
        LinearWeights linear = all.linear();
        Projection state = linear.collect(hyper.state(), name + ".state", -1, -1);
        int units = state.outputSize();
        all.source().use(hyper.state().weight(), name + ".state.weight", "units, units", units, units);
        Projection input = linear.collect(hyper.input(), name + ".input", x.size() > 0 ? x.size() : -1, units);
        Flow known = all.known(x, input.inputSize());
        var cell = new Cell.Elman(Activation.TANH);
        RecurrentParameters small = RecurrentWeights.collect(
                new Gates(cell, GateOrder.canonical(cell)),
                hyper.small(),
                name + ".small",
                Math.addExact(known.size(), units),
                all.source(),
                all.collector());
        layers.add(new Layer.Hypernetwork(
                small,
                input,
                state,
                linear.collect(hyper.inputScale(), name + ".input_scale", small.hiddenSize(), units),
                linear.collect(hyper.stateScale(), name + ".state_scale", small.hiddenSize(), units),
                linear.collect(hyper.bias(), name + ".bias", small.hiddenSize(), units)));
        all.decided(name, "weights scaled by an Elman network over [x; h], which is of the step before");
        return known.withSize(units);
    }

    private Flow conv(List<Layer> layers, LayerConfig.Conv1d conv, String name, Flow input) {
        input.requireSteps(name, "a convolution over time");
        SourceTensor weight = all.source().use(conv.weight(), name + ".weight", CONV_WEIGHT, -1, -1, -1);
        int outputs = RecurrentWeights.size(weight, 0);
        int part = RecurrentWeights.size(weight, 1);
        int kernel = RecurrentWeights.size(weight, 2);
        Flow x = input;
        if (x.size() == 0) {
            int first = conv.groups()
                    .orElseThrow(() -> new FormatException(
                            name + ", key 'groups'",
                            "is mandatory in a convolution whose inputs no layer before it tells",
                            "none; a group has " + part + " inputs",
                            "write \"groups\": 1, PyTorch's default, or the number of groups"));
            x = all.known(x, LayerWeights.multiply(name, part, first));
        }
        int size = x.size();
        int groups = conv.groups().orElse(size % part == 0 ? size / part : 1);
        if ((long) part * groups != size || outputs % groups != 0) {
            throw new ShapeException(
                    weight.subject() + " (" + name + ".weight)",
                    "must have shape [outputs, " + size + " inputs / groups, kernel], groups dividing the outputs",
                    "shape " + weight.shape() + ", " + groups + " groups",
                    "the name or the architecture in the configuration is wrong");
        }
        long reach = (long) conv.dilation() * (kernel - 1);
        if (reach > MAX_REACH) {
            throw new ShapeException(
                    name, "must see at most " + MAX_REACH + " steps back", "" + reach, "is the dilation right?");
        }
        boolean causal = conv.padding() instanceof LayerConfig.Padding.Causal;
        int before = switch (conv.padding()) {
            case LayerConfig.Padding.Causal() -> (int) reach;
            case LayerConfig.Padding.Same() -> (int) (reach / 2);
            case LayerConfig.Padding.Zeros(int steps) -> steps;
        };
        int after = switch (conv.padding()) {
            case LayerConfig.Padding.Causal() -> 0;
            case LayerConfig.Padding.Same() -> (int) (reach - reach / 2);
            case LayerConfig.Padding.Zeros(int steps) -> steps;
        };
        String stored = all.collector()
                .changed(
                        name + ".weight",
                        weight,
                        List.of(outputs, kernel, part),
                        v -> LayerWeights.channelsLast(v, outputs, part, kernel));
        layers.add(new Layer.Conv1d(
                stored,
                all.vector(conv.bias(), name + ".bias", outputs),
                size,
                outputs,
                kernel,
                conv.stride(),
                conv.dilation(),
                groups,
                before,
                after,
                causal));
        all.decided(
                name + ".convolution",
                "kernel " + kernel + ", stride " + conv.stride() + ", dilation " + conv.dilation() + ", groups "
                        + groups
                        + ", "
                        + (causal
                                ? "causal: " + before + " steps before are state"
                                : "zeros: " + before + " before, " + after + " after each row"));
        return x.withSize(outputs);
    }

    private Flow pool(List<Layer> layers, List<How> over, String name, Flow x) {
        x.requireSteps(name, "pooling over time");
        int size = LayerWeights.multiply(name, x.size(), over.size());
        if (!over.contains(How.ENDS)) {
            layers.add(new Layer.Pool(over.stream().map(TimeWeights::pooling).toList()));
            return Flow.vector(size);
        }
        Layer ends = ends(layers, name);
        if (over.size() == 1) {
            layers.add(ends);
            return Flow.vector(size);
        }
        var bodies = new ArrayList<List<Layer>>();
        for (How how : over) {
            bodies.add(List.of(how == How.ENDS ? ends : new Layer.Pool(List.of(pooling(how)))));
        }
        layers.add(new Layer.Parallel(bodies));
        return Flow.vector(size);
    }

    private static Layer ends(List<Layer> layers, String name) {
        if (!layers.isEmpty() && layers.getLast() instanceof Layer.Recurrent recurrent && recurrent.directions() == 2) {
            return new Layer.Ends(recurrent.forward().outputSize());
        }
        throw new FormatException(
                name,
                "ends are those of both directions of a recurrent layer right before it",
                "another layer",
                "of one direction use last");
    }

    private static Pooling pooling(How how) {
        return switch (how) {
            case MEAN -> Pooling.MEAN;
            case MAX -> Pooling.MAX;
            case LAST -> Pooling.LAST;
            case ENDS -> throw new IllegalArgumentException("ends are a layer of their own");
        };
    }
}
