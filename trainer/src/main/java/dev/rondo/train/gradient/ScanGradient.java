package dev.rondo.train.gradient;

import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.Node;
import dev.rondo.graph.Op;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Scan;
import dev.rondo.graph.State;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import dev.rondo.train.gradient.BackwardBody.Ends;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * The gradient of {@link Scan}: a scan in the other direction, over a {@link BackwardBody}. The forward scan also gives
 * what that one needs of each step. Cotangents of states are states of the backward scan, those of sequences its outputs.
 */
final class ScanGradient {
    private final Scan scan;
    private final Function body;
    private final Node node;
    private final List<Value> arrived;
    private final Tape outer;
    private final Value lengths;
    private final Ends ends;
    private final Map<String, Dim> sizes;

    private ScanGradient(Scan scan, Scan traced, Ends ends, Node node, List<Value> arrived, Tape outer) {
        this.scan = scan;
        this.body = traced.body();
        this.ends = ends;
        this.node = node;
        this.arrived = arrived;
        this.outer = outer;
        this.lengths = node.inputs().getLast();
        this.sizes = traced.bindings(node.inputs());
    }

    /** Adds the scan, with what its gradient needs of each step among its outputs. */
    static List<Value> forward(Scan scan, List<String> names, List<Value> inputs, Tape t) {
        Function body = scan.body();
        String backward = t.emit.inside(names.getFirst(), "backward");
        List<Boolean> reached = reached(inputs, t);
        List<Boolean> all = Collections.nCopies(body.outputs().size(), true);
        Ends ends = inputs.getLast().isAbsent() ? Ends.NONE : Ends.LENGTHS;
        var sketch = new BackwardBody(scan, backward, ends, reached, all);
        if (ends == Ends.LENGTHS && !fits(scan, sketch)) {
            ends = Ends.MASK;
            sketch = new BackwardBody(scan, backward, ends, reached, all);
        }
        var outputs = new ArrayList<>(body.outputs());
        var given = new ArrayList<>(names.subList(0, outputs.size()));
        for (Value value : sketch.saved()) {
            if (!outputs.contains(value)) {
                outputs.add(value);
                given.add(t.emit.unique(names.getFirst() + "/" + value.name()));
            }
        }
        given.addAll(names.subList(body.outputs().size(), names.size()));
        String name = t.emit.inside(names.getFirst(), "forward");
        List<Node> nodes = ends == Ends.MASK ? body.nodes() : sketch.traced();
        var saving = new Function(name, body.inputs(), body.states(), nodes, outputs);
        var traced = new Scan(saving, scan.sequences(), scan.reverse(), scan.repeat());
        Ends chosen = ends;
        return t.record(
                traced,
                given,
                inputs,
                (node, d) -> new ScanGradient(scan, traced, chosen, node, d, t).cotangents(backward, reached));
    }

    /** For each input of the body, then for each of its states, whether what is given to it is reached. */
    private static List<Boolean> reached(List<Value> inputs, Tape t) {
        return inputs.subList(0, inputs.size() - 1).stream().map(t::wants).toList();
    }

    /** Whether the backward scan may have lengths: rows do not mix, and all that it leaves has rows. */
    private static boolean fits(Scan scan, BackwardBody sketch) {
        if (scan.repeat() && !scan.reverse()) {
            return false;
        }
        Dim rows = RowWise.rows(scan.body());
        Function backward = sketch.function();
        return RowWise.test(scan.body(), rows)
                && backward.outputs().stream().allMatch(v -> hasRows(v, rows))
                && sketch.saved().stream().allMatch(v -> hasRows(v, rows))
                && backward.states().stream().allMatch(s -> hasRows(s.value(), rows));
    }

    private static boolean hasRows(Value value, Dim rows) {
        return value.type().rank() > 0 && value.type().dim(0).equals(rows);
    }

    private List<Value> cotangents(String name, List<Boolean> reached) {
        List<Boolean> outputs = arrived.subList(0, scan.body().outputs().size()).stream()
                .map(v -> !v.isAbsent())
                .toList();
        var backward = new BackwardBody(scan, name, ends, reached, outputs);
        var given = new ArrayList<Value>();
        backward.given().forEach(g -> given.add(value(g.source())));
        backward.begins().forEach(s -> given.add(s instanceof Source.Zero ? Value.ABSENT : value(s)));
        given.add(ends == Ends.LENGTHS ? lengths : Value.ABSENT);
        var op = new Scan(backward.function(), backward.sequences(), !scan.reverse(), false);
        int results = backward.function().outputs().size();
        List<Value> found = outer.emit.addAll(op, List.of(), given);
        var back = new ArrayList<Value>();
        List<Sum> sums = backward.results();
        for (int i = 0; i < sums.size(); i++) {
            Value outside = node.inputs().get(i);
            if (sums.get(i) instanceof Sum.Nothing || !outer.wants(outside)) {
                back.add(Value.ABSENT);
            } else {
                Value sum = value(sums.get(i), found, results);
                back.add(outer.emit.reshape(sum, outside.type().dims()));
            }
        }
        back.add(Value.ABSENT);
        return back;
    }

    /** What a source is in the function around the scan. */
    private Value value(Source source) {
        return switch (source) {
            case Source.Input(int index) -> node.inputs().get(index);
            case Source.Begin(State state) -> {
                Value begin =
                        node.inputs().get(body.inputs().size() + body.states().indexOf(state));
                yield begin.isAbsent() ? outer.emit.zeros(state.value().type().substitute(sizes)) : begin;
            }
            case Source.Saved(Value value) -> node.outputs().get(body.outputs().indexOf(value));
            case Source.Last(State state) -> node.outputs().get(last(state));
            case Source.Running() -> outer.emit.add(new Structure.LengthMask(steps()), lengths);
            case Source.Arrived(int output) -> arrived.get(output);
            case Source.ArrivedLast(State state) -> arrived.get(last(state));
            case Source.Zero() -> throw new AssertionError("a state that begins at zero is given nothing");
        };
    }

    /** The place of a state after the last step among the outputs of the forward scan. */
    private int last(State state) {
        List<State> replaced = body.states().stream().filter(State::isReplaced).toList();
        return body.outputs().size() + replaced.indexOf(state);
    }

    /** How many steps the scan runs. */
    private Dim steps() {
        int i = 0;
        while (!scan.isSequence(i)) {
            i++;
        }
        ValueType step = body.inputs().get(i).type();
        return node.inputs().get(i).type().dim(Scan.timeAxis(step));
    }

    /**
     * @param found what the backward scan gave
     * @param outputs how many of that are sequences
     */
    private Value value(Sum sum, List<Value> found, int outputs) {
        Emitter e = outer.emit;
        return switch (sum) {
            case Sum.Sequence(int output) -> found.get(output);
            case Sum.Known(Source source) -> value(source);
            case Sum.Still(Source source) -> value(source);
            case Sum.State(int index, ValueType type) ->
                e.reshape(found.get(outputs + index), type.substitute(sizes).dims());
            case Sum.Shaped(Sum sequence, List<Dim> dims) -> {
                var shape = new ArrayList<Dim>();
                dims.forEach(d -> shape.add(d.substitute(sizes)));
                shape.add(Math.min(1, shape.size()), steps());
                yield e.reshape(value(sequence, found, outputs), shape);
            }
            case Sum.OfSteps(Training op, List<Sum> operands, int output) -> {
                var values = new ArrayList<Value>();
                for (Sum operand : operands) {
                    Value x = value(operand, found, outputs);
                    boolean rows = !(op instanceof Training.OuterSum) && !(operand instanceof Sum.Still);
                    values.add(rows ? merged(x, 1) : x);
                }
                yield e.addAll(op, List.of(), values).get(output);
            }
            case Sum.Rows(Sum sequence, ValueType type) -> {
                Value x = merged(value(sequence, found, outputs), 0);
                Value all = e.add(new Aggregation.Reduce(Reduction.SUM, 0, false), x);
                yield e.reshape(all, type.substitute(sizes).dims());
            }
            case Sum.Of(Op op, List<Sum> operands) -> {
                var values = new ArrayList<Value>();
                operands.forEach(o -> values.add(value(o, found, outputs)));
                yield e.addAll(op, List.of(), values).getFirst();
            }
            case Sum.Nothing() -> throw new AssertionError("nothing has no value");
        };
    }

    /** A dimension and the one after it as one. */
    private Value merged(Value x, int axis) {
        List<Dim> dims = x.type().dims();
        var merged = new ArrayList<>(dims.subList(0, axis));
        merged.add(Dim.product(dims.subList(axis, Math.min(dims.size(), axis + 2))));
        merged.addAll(dims.subList(Math.min(dims.size(), axis + 2), dims.size()));
        return outer.emit.reshape(x, merged);
    }
}
