package dev.rondo.convert.keras;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;

/** SimpleRNN, LSTM, GRU, RNN of cells, Bidirectional. */
final class RecurrentLayers {
    private RecurrentLayers() {}

    /**
     * What a layer puts out.
     *
     * @param y every step at its own time [B,T,H], or the last [B,H]
     */
    private record Outputs(Value y, List<Value> states) {}

    /** SimpleRNN, LSTM, GRU, RNN. */
    static List<Masked> layer(Graph g, Use use) {
        LayerConfig config = use.config();
        List<Value> initial = initialStates(use);
        Value mask = recurrentMask(g, use, initial);
        boolean sequences = config.flag("return_sequences", false);
        boolean backward = config.flag("go_backwards", false);
        Outputs outputs = run(g, config, use.weights(), "", sequence(use), initial, mask);
        Value y = outputs.y();
        if (backward && sequences) {
            g.note("go_backwards: runs from the last step to the first and puts its steps out in that order");
            y = g.flip(y);
        }
        var results = new ArrayList<Masked>();
        results.add(new Masked(y, sequences ? passedOn(use) : Value.ABSENT));
        if (config.flag("return_state", false)) {
            outputs.states().forEach(state -> results.add(Masked.of(state)));
        }
        return results;
    }

    /** Bidirectional. */
    static List<Masked> bidirectional(Graph g, Use use) {
        LayerConfig config = use.config();
        LayerConfig forward = config.inner("layer");
        LayerConfig backward = config.has("backward_layer") ? config.inner("backward_layer") : forward;
        boolean forwardReversed = forward.flag("go_backwards", false);
        if (config.has("backward_layer") && backward.flag("go_backwards", false) == forwardReversed) {
            throw config.error("backward_layer", "runs the other way than layer", "both the same way");
        }
        boolean sequences = forward.flag("return_sequences", false);
        boolean states = forward.flag("return_state", false);
        if (backward.flag("return_sequences", false) != sequences || backward.flag("return_state", false) != states) {
            throw config.error("backward_layer", "puts out what layer does", "something else");
        }
        List<Value> initial = initialStates(use);
        Value mask = recurrentMask(g, use, initial);
        int half = initial.size() / 2;
        Value x = sequence(use);
        // Both directions of a Bidirectional put out zero where the mask is false, whatever they say themselves.
        Outputs there = run(
                g,
                forward,
                use.weights().inner("forward_layer", ""),
                "forward.",
                x,
                initial.subList(0, half),
                mask,
                sequences,
                forwardReversed);
        Outputs back = run(
                g,
                backward,
                use.weights().inner("backward_layer", ""),
                "backward.",
                x,
                initial.subList(half, initial.size()),
                mask,
                sequences,
                !forwardReversed);
        forward.done();
        backward.done();
        Value a = there.y();
        Value b = back.y();
        if (sequences && forwardReversed) {
            a = g.flip(a);
            b = g.flip(b);
        }
        Value out = sequences ? passedOn(use) : Value.ABSENT;
        var results = new ArrayList<Masked>();
        JsonNode mode = config.raw("merge_mode");
        String merge = mode.isNull() ? "none" : mode.asText("concat");
        g.note("forward and backward merged by " + merge);
        switch (merge) {
            case "concat" -> results.add(new Masked(g.add(new Structure.Concat(-1), a, b), out));
            case "sum" -> results.add(new Masked(g.binary(BinaryFunction.ADD, a, b), out));
            case "mul" -> results.add(new Masked(g.binary(BinaryFunction.MULTIPLY, a, b), out));
            case "ave" ->
                results.add(new Masked(
                        g.binary(BinaryFunction.MULTIPLY, g.binary(BinaryFunction.ADD, a, b), g.scalar(0.5)), out));
            case "none" -> {
                results.add(new Masked(a, out));
                results.add(new Masked(b, out));
            }
            default -> throw config.error("merge_mode", "is concat, sum, mul, ave or null", merge);
        }
        if (states) {
            there.states().forEach(state -> results.add(Masked.of(state)));
            back.states().forEach(state -> results.add(Masked.of(state)));
        }
        return results;
    }

    private static Outputs run(
            Graph g,
            LayerConfig config,
            LayerWeights weights,
            String prefix,
            Value x,
            List<Value> initial,
            Value mask) {
        boolean zero = config.flag("zero_output_for_mask", false);
        return run(g, config, weights, prefix, x, initial, mask, zero, config.flag("go_backwards", false));
    }

    private static Outputs run(
            Graph g,
            LayerConfig config,
            LayerWeights weights,
            String prefix,
            Value x,
            List<Value> initial,
            Value mask,
            boolean zeroMasked,
            boolean reverse) {
        config.flag("zero_output_for_mask", false);
        config.flag("go_backwards", false);
        boolean whole = config.flag("return_sequences", false);
        config.flag("return_state", false);
        config.only("time_major", "false");
        boolean stateful = config.flag("stateful", false);
        if (x.type().rank() != 3) {
            throw config.refused("reads a sequence [B,T,features]", x.type().toString());
        }
        List<CellLayer> cells = cells(g, config, weights, prefix, x.type().dim(2));
        List<Value> begin = new ArrayList<>(initial.isEmpty() ? Sequences.zero(cells) : initial);
        checkStates(config, cells, begin);
        if (stateful && initial.isEmpty()) {
            begin = statesOf(g, cells, prefix, x.type().dim(0));
        }
        if (stateful && !initial.isEmpty()) {
            throw config.error("stateful", "keeps its own state", "initial_state as well");
        }
        if (!mask.isAbsent()) {
            g.note("masked steps keep the state and put out " + (zeroMasked ? "zero" : "the output of the step before")
                    + "; the mask may have holes, so the layer is a scan of its cell");
        }
        Sequences.Result result =
                Sequences.run(g, cells, x, begin, mask, new Sequences.Way(reverse, zeroMasked, whole));
        if (stateful) {
            g.note("stateful: its state stays in the session from call to call");
            for (int i = 0; i < begin.size(); i++) {
                g.next(begin.get(i), result.states().get(i));
            }
        }
        return new Outputs(whole ? result.y() : result.last(), result.states());
    }

    /** The cell that a layer is, or the cells it is made of. */
    private static List<CellLayer> cells(Graph g, LayerConfig config, LayerWeights weights, String prefix, Dim inputs) {
        if (CellLayer.is(config.className())) {
            return List.of(CellLayer.read(g, config, weights.inner("cell", ""), prefix, inputs));
        }
        if (!config.className().equals("RNN")) {
            throw config.refused("must be a SimpleRNN, LSTM, GRU or RNN", config.className());
        }
        JsonNode cell = config.raw("cell");
        // A list of cells is what a StackedRNNCells holds.
        if (!cell.path("class_name").asText().equals("StackedRNNCells")) {
            LayerConfig only = config.inner("cell");
            List<CellLayer> one = List.of(CellLayer.read(g, only, weights.inner("cell", ""), prefix, inputs));
            only.done();
            return one;
        }
        LayerConfig stack = config.inner("cell");
        LayerWeights inside = weights.inner("cell", "");
        var cells = new ArrayList<CellLayer>();
        var sameClass = new HashMap<String, Integer>();
        Dim size = inputs;
        for (JsonNode item : stack.raw("cells")) {
            LayerConfig inner = LayerConfig.of(config.file(), item, stack.subject());
            String snake = LayerWeights.Numbered.snakeCase(inner.className());
            int before = sameClass.merge(snake, 1, Integer::sum) - 1;
            String attribute = "cells/" + snake + (before > 0 ? "_" + before : "");
            CellLayer read = CellLayer.read(g, inner, inside.inner(attribute, ""), prefix + cells.size() + ".", size);
            inner.done();
            cells.add(read);
            size = Dim.of(read.units());
        }
        stack.only("reverse_state_order", "false");
        stack.done();
        if (cells.isEmpty()) {
            throw stack.error("cells", "has at least one cell", "none");
        }
        return cells;
    }

    private static void checkStates(LayerConfig config, List<CellLayer> cells, List<Value> initial) {
        int wanted = Sequences.zero(cells).size();
        if (initial.size() != wanted) {
            throw config.refused("takes " + wanted + " initial states", initial.size() + " of them");
        }
    }

    private static List<Value> statesOf(Graph g, List<CellLayer> cells, String prefix, Dim rows) {
        var states = new ArrayList<Value>();
        for (int c = 0; c < cells.size(); c++) {
            CellLayer cell = cells.get(c);
            String name = prefix + (cells.size() > 1 ? c + "." : "");
            for (String letter : cell.states() == 2 ? List.of("h", "c") : List.of("h")) {
                states.add(g.state(name + letter, rows, Dim.of(cell.units())));
            }
        }
        return states;
    }

    private static Value sequence(Use use) {
        if (use.inputs().isEmpty()) {
            throw use.config().refused("reads a sequence", "no input");
        }
        return use.inputs().getFirst().value();
    }

    /** By keyword, or after the sequence: so Keras 2 wrote them, and so a caller may pass them. */
    private static List<Value> initialStates(Use use) {
        use.allow("mask", "initial_state", "training");
        var states = new ArrayList<Value>();
        use.inputs().stream().skip(1).map(Masked::value).forEach(states::add);
        use.tensors("initial_state").stream().map(Masked::value).forEach(states::add);
        return Collections.unmodifiableList(states);
    }

    /** Keras 3 hands on the mask of its input to a layer only where that is the one tensor it is called with. */
    private static Value recurrentMask(Graph g, Use use, List<Value> initial) {
        if (!initial.isEmpty() && !g.keras2() && use.givenMask().isAbsent()) {
            if (!use.inputs().isEmpty() && use.inputs().getFirst().isMasked()) {
                g.note("with an initial state Keras 3 ignores the mask of the input unless it is passed on");
            }
            return Value.ABSENT;
        }
        return use.mask();
    }

    /** The mask of the result: that of the input, even where the layer itself did not look at it. */
    private static Value passedOn(Use use) {
        return use.mask();
    }
}
