package dev.rondo.convert.onnx.op;

import dev.rondo.architecture.Cell;
import dev.rondo.convert.draft.GateOrder;
import dev.rondo.convert.onnx.graph.FunctionGraph;
import dev.rondo.convert.onnx.graph.Operand;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Op;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * RNN, LSTM and GRU. A node becomes a layer for each direction; over a single step, known as such, a cell. Gates are
 * put into the order of {@link Recurrent} and the two biases summed, at conversion where they are known.
 */
final class Recurrence {
    /** What differs between the three operators. */
    private enum Kind {
        RNN(new Cell.Elman(Activation.TANH), "", "h"),
        LSTM(new Cell.Lstm(), "iofc", "h", "c"),
        GRU(new Cell.Gru(true), "zrh", "h");

        private final Cell cell;
        private final String order;
        private final List<String> states;

        Kind(Cell cell, String order, String... states) {
            this.cell = cell;
            this.order = order;
            this.states = List.of(states);
        }

        List<Integer> blocks() {
            return order.isEmpty()
                    ? List.of(0)
                    : GateOrder.parse(order, cell).orElseThrow().blocks();
        }
    }

    /** The weights of a direction, gates in order. */
    private record Weights(Value input, Value hidden, Value bias, Value hiddenBias, Value peepholes) {}

    private final NodeScope node;
    private final FunctionGraph graph;
    private final Kind kind;
    private final boolean batchFirst;
    private final boolean resetAfter;
    private final int directions;
    private final boolean backward;
    private final RecurrentActivations activations;
    private final float clip;

    private Recurrence(NodeScope node, Kind kind) {
        this.node = node;
        this.graph = node.graph();
        this.kind = kind;
        Attributes attributes = node.attributes();
        this.batchFirst = attributes.flag("layout", false);
        String direction = attributes.text("direction", "forward");
        this.directions = direction.equals("bidirectional") ? 2 : 1;
        this.backward = direction.equals("reverse");
        if (directions == 1 && !backward && !direction.equals("forward")) {
            throw attributes.error("direction", "is forward, reverse or bidirectional", "'" + direction + "'");
        }
        this.resetAfter = kind == Kind.GRU && attributes.flag("linear_before_reset", false);
        this.activations = new RecurrentActivations(
                node,
                switch (kind) {
                    case RNN -> List.of("Tanh");
                    case LSTM -> List.of("Sigmoid", "Tanh", "Tanh");
                    case GRU -> List.of("Sigmoid", "Tanh");
                },
                directions);
        this.clip = attributes.real("clip", 0);
        refuse(attributes);
    }

    static void addTo(OperatorTable table) {
        table.add("RNN", 7, node -> new Recurrence(node, Kind.RNN).lower());
        table.add("LSTM", 7, node -> new Recurrence(node, Kind.LSTM).lower());
        table.add("GRU", 7, node -> new Recurrence(node, Kind.GRU).lower());
    }

    private void refuse(Attributes attributes) {
        if (!(clip >= 0 && clip < Float.POSITIVE_INFINITY)) {
            throw attributes.error("clip", "is a positive bound", "" + clip);
        }
        if (kind == Kind.LSTM && attributes.integer("input_forget", 0) != 0) {
            throw attributes.error("input_forget", "is 0: gates i and f are two", "1");
        }
    }

    private List<Operand> lower() {
        Value given = node.value(0);
        if (given.type().rank() != 3) {
            throw node.error("its input has rank 3", given.type().toString(), "export the model again");
        }
        checkWeights();
        Value x = batchFirst ? given : graph.transpose(given, List.of(1, 0, 2));
        Dim units = node.type(2).dim(-1);
        long declared = node.attributes().integer("hidden_size", units.isFixed() ? units.fixed() : 0);
        if (!units.is(declared)) {
            throw node.error("hidden_size is that of R", declared + " and " + node.type(2), "export the model again");
        }
        Value lengths = lengths(x.type().dim(1));
        boolean step = x.type().dim(1).is(1) && lengths.isAbsent() && clip == 0;
        var results = new ArrayList<List<Value>>();
        for (int d = 0; d < directions; d++) {
            results.add(step ? cell(x, d) : clip == 0 ? layer(x, d, lengths) : clipped(x, d, lengths));
        }
        interpret(step);
        var outputs = new ArrayList<Operand>();
        outputs.add(new Operand.Tensor(sequence(results, step)));
        for (int s = 0; s < kind.states.size(); s++) {
            int state = s + 1;
            outputs.add(new Operand.Tensor(
                    last(results.stream().map(r -> r.get(state)).toList())));
        }
        return outputs;
    }

    private void checkWeights() {
        for (int input : new int[] {1, 2, 3, 7}) {
            boolean matrix = input < 3;
            if ((matrix || node.has(input))
                    && (node.type(input).rank() != (matrix ? 3 : 2)
                            || !node.type(input).dim(0).is(directions))) {
                throw node.error(
                        "its weights have an axis of " + directions + " directions first",
                        node.type(input) + " as input " + input,
                        "export the model again");
            }
            if (kind != Kind.LSTM && input == 3) {
                return;
            }
        }
    }

    private void interpret(boolean step) {
        String order = kind.order.isEmpty() ? "" : "gates " + kind.order + "; ";
        String reset = kind == Kind.GRU ? (resetAfter ? "reset after" : "reset before") + " the product; " : "";
        String bias = !node.has(3)
                ? "no bias"
                : resetAfter ? "biases of r and z summed, that of the candidate apart" : "biases summed";
        node.interpret(kind + ": " + order + reset + bias + "; " + (batchFirst ? "batch first" : "time first")
                + "; " + node.attributes().text("direction", "forward") + (step ? "; a single step" : "")
                + (clip == 0 ? "" : "; gates bounded by " + clip + " before their activations, in a scan"));
    }

    /** None when every row is known to take all steps. */
    private Value lengths(Dim steps) {
        if (!node.has(4)) {
            return Value.ABSENT;
        }
        Value lengths = node.value(4);
        if (lengths.isWeight() && steps.isFixed()) {
            boolean all = true;
            for (long length : graph.constants().integers(lengths)) {
                all &= length == steps.fixed();
            }
            if (all) {
                return Value.ABSENT;
            }
        }
        return graph.cast(lengths, ElementType.I32);
    }

    /** Part d of a value with an axis of directions. */
    private Value direction(Value value, int axis, int d) {
        return graph.select(value, axis, Dim.of(d));
    }

    private Weights weights(int d) {
        Value bias = Value.ABSENT;
        Value hiddenBias = Value.ABSENT;
        if (node.has(3)) {
            Value both = direction(node.value(3), 0, d);
            Dim half = part(both.type().dim(0), 2);
            Value input = arranged(graph.slice(both, 0, Dim.of(0), half));
            Value hidden = arranged(graph.slice(both, 0, half, half));
            if (resetAfter) {
                Dim units = half.dividedBy(3);
                Dim gates = units.times(2);
                Value sum = sum(graph.slice(input, 0, Dim.of(0), gates), graph.slice(hidden, 0, Dim.of(0), gates));
                bias = graph.concat(0, List.of(sum, graph.slice(input, 0, gates, units)));
                hiddenBias = graph.slice(hidden, 0, gates, units);
            } else {
                bias = sum(input, hidden);
            }
        }
        Value peepholes = kind == Kind.LSTM && node.has(7) ? peepholes(d) : Value.ABSENT;
        return new Weights(
                arranged(direction(node.value(1), 0, d)),
                arranged(direction(node.value(2), 0, d)),
                bias,
                hiddenBias,
                peepholes);
    }

    /** One of equal parts; what does not divide would lose rows. */
    private Dim part(Dim whole, int parts) {
        Dim part = whole.dividedBy(parts);
        if (!part.times(parts).equals(whole)) {
            throw node.error("its weights have " + parts + " equal parts", whole + " rows", "export the model again");
        }
        return part;
    }

    private Value sum(Value a, Value b) {
        return graph.add(new Elementwise.Binary(BinaryFunction.ADD), a, b);
    }

    /** i, o, f become rows i, f, o. */
    private Value peepholes(int d) {
        Value all = direction(node.value(7), 0, d);
        Dim units = part(all.type().dim(0), 3);
        var rows = new ArrayList<Value>();
        for (int row : new int[] {0, 2, 1}) {
            rows.add(graph.slice(all, 0, units.times(row), units));
        }
        return graph.reshape(graph.concat(0, rows), List.of(Dim.of(3), units));
    }

    /** Blocks of rows in the order of the gates here. */
    private Value arranged(Value rows) {
        List<Integer> blocks = kind.blocks();
        Dim block = part(rows.type().dim(0), blocks.size());
        var parts = new ArrayList<Value>();
        for (int at : blocks) {
            parts.add(graph.slice(rows, 0, block.times(at), block));
        }
        return graph.concat(0, parts);
    }

    /** Where a state begins: [B,H]. */
    private Value initial(int state, int d) {
        if (!node.has(5 + state)) {
            return Value.ABSENT;
        }
        return direction(node.value(5 + state), batchFirst ? 1 : 0, d);
    }

    private List<Value> cell(Value x, int d) {
        Weights w = weights(d);
        Dim rows = x.type().dim(0);
        Value now = graph.reshape(x, List.of(rows, x.type().dim(2)));
        var values = new ArrayList<Value>();
        values.add(now);
        for (int s = 0; s < kind.states.size(); s++) {
            Value initial = initial(s, d);
            Dim units = w.hidden().type().dim(1);
            values.add(initial.isAbsent() ? graph.fill(ElementType.F32, 0, List.of(rows, units)) : initial);
        }
        addWeights(values, w);
        List<Value> states = graph.addAll(
                switch (kind) {
                    case RNN -> new Recurrent.ElmanCell(activations.get(d, 0));
                    case LSTM -> new Recurrent.LstmCell(lstm(d));
                    case GRU -> new Recurrent.GruCell(activations.get(d, 0), activations.get(d, 1), resetAfter);
                },
                values);
        var results = new ArrayList<Value>();
        results.add(graph.unsqueeze(states.getFirst(), 1));
        results.addAll(states);
        return results;
    }

    private List<Value> layer(Value x, int d, Value lengths) {
        Weights w = weights(d);
        var values = new ArrayList<Value>();
        values.add(x);
        for (int s = 0; s < kind.states.size(); s++) {
            Value initial = initial(s, d);
            values.add(initial.isAbsent() || graph.isZero(initial) ? Value.ABSENT : initial);
        }
        addWeights(values, w);
        values.add(lengths);
        boolean reverse = backward || d == 1;
        Op op = switch (kind) {
            case RNN -> new Recurrent.ElmanLayer(activations.get(d, 0), reverse, false);
            case LSTM -> new Recurrent.LstmLayer(lstm(d), reverse, false);
            case GRU ->
                new Recurrent.GruLayer(activations.get(d, 0), activations.get(d, 1), resetAfter, reverse, false);
        };
        return graph.addAll(op, values);
    }

    /** Bounded gates: a scan of the equations. */
    private List<Value> clipped(Value x, int d, Value lengths) {
        Weights w = weights(d);
        int count = switch (kind) {
            case RNN -> 1;
            case LSTM -> 3;
            case GRU -> 2;
        };
        var functions = new ArrayList<Activation>();
        for (int i = 0; i < count; i++) {
            functions.add(activations.get(d, i));
        }
        var cell = new ClippedCell(clip, functions);
        var values = new ArrayList<Value>();
        values.add(graph.add(new Contraction.Linear(), x, w.input(), w.bias()));
        values.add(w.hidden());
        if (!w.peepholes().isAbsent()) {
            values.add(w.peepholes());
        }
        if (resetAfter) {
            Dim units = w.hidden().type().dim(1);
            values.add(w.hiddenBias().isAbsent() ? graph.fill(ElementType.F32, 0, List.of(units)) : w.hiddenBias());
        }
        for (int s = 0; s < kind.states.size(); s++) {
            values.add(initial(s, d));
        }
        values.add(lengths);
        Function body = switch (kind) {
            case RNN -> cell.elman();
            case LSTM -> cell.lstm(!w.peepholes().isAbsent());
            case GRU -> cell.gru(resetAfter);
        };
        return graph.addAll(new Scan(body, List.of("x"), backward || d == 1, false), values);
    }

    private void addWeights(List<Value> values, Weights w) {
        values.add(w.hidden());
        values.add(w.input());
        values.add(w.bias());
        switch (kind) {
            case RNN -> {}
            case LSTM -> {
                values.add(w.peepholes());
                values.add(Value.ABSENT);
            }
            case GRU -> values.add(w.hiddenBias());
        }
    }

    private LstmActivations lstm(int d) {
        Activation gate = activations.get(d, 0);
        return new LstmActivations(gate, gate, activations.get(d, 1), gate, activations.get(d, 2));
    }

    /** Y: [B,T,H] of each direction as [T,D,B,H], or [B,T,D,H]. */
    private Value sequence(List<List<Value>> results, boolean step) {
        if (step && !batchFirst) {
            // [B,1,H] of each as [1,D,B,H]: nothing moves.
            Value states = last(results.stream().map(r -> r.get(1)).toList());
            return graph.unsqueeze(states, 0);
        }
        List<Value> parts =
                results.stream().map(r -> graph.unsqueeze(r.getFirst(), 2)).toList();
        Value all = graph.concat(2, parts);
        return batchFirst ? all : graph.transpose(all, List.of(1, 2, 0, 3));
    }

    /** Y_h, Y_c: [B,H] of each direction as [D,B,H], or [B,D,H]. */
    private Value last(List<Value> states) {
        int axis = batchFirst ? 1 : 0;
        return graph.concat(
                axis, states.stream().map(s -> graph.unsqueeze(s, axis)).toList());
    }
}
