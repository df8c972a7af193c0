package dev.rondo.train.gradient;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Node;
import dev.rondo.graph.Scan;
import dev.rondo.graph.State;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * The gradient of {@link Scan}: a scan in the other direction. The forward scan also gives the states before each step;
 * the body of the backward scan computes the step again from them, and then its gradient. Cotangents of states are its
 * states, those of sequences its outputs, and those of what is the same at every step add up in states.
 */
final class ScanGradient {
    private final Scan scan;
    private final Function body;
    private final Node node;
    private final List<Value> arrived;
    private final Tape outer;
    private final Value lengths;

    private final FunctionBuilder builder;
    private final Emitter emit;
    private final Tape tape;

    /** What the backward scan is given: for each input and each state of its body. */
    private final List<Value> given = new ArrayList<>();

    private final List<Value> begins = new ArrayList<>();
    private final List<String> sequences = new ArrayList<>();
    private final List<Value> outputs = new ArrayList<>();

    /** bool[B] in the backward body: which rows have this step; absent without lengths. */
    private Value running = Value.ABSENT;

    /** A state that the body replaces, the cotangent that the steps after this one left, and its place in the scan. */
    private record Carried(State state, Value cotangent, int place) {}

    private ScanGradient(Scan scan, Node node, List<Value> arrived, Tape outer) {
        this.scan = scan;
        this.body = scan.body();
        this.node = node;
        this.arrived = arrived;
        this.outer = outer;
        this.lengths = node.inputs().getLast();
        String name = outer.emit.inside(node.outputs().getFirst().name(), "backward");
        this.builder = Function.builder(name);
        this.emit = new Emitter(name, builder, body);
        this.tape = new Tape(emit);
    }

    /** Adds the scan, with the states before each step among its outputs. */
    static List<Value> forward(Scan scan, List<String> names, List<Value> inputs, Tape t) {
        Function body = scan.body();
        var outputs = new ArrayList<>(body.outputs());
        var all = new ArrayList<>(names.subList(0, outputs.size()));
        for (State state : body.states()) {
            if (state.isReplaced() && !outputs.contains(state.value())) {
                outputs.add(state.value());
                all.add(t.emit.unique(names.getFirst() + "/" + state.value().name()));
            }
        }
        all.addAll(names.subList(body.outputs().size(), names.size()));
        String name = t.emit.inside(names.getFirst(), "forward");
        var saving = new Function(name, body.inputs(), body.states(), body.nodes(), outputs);
        var traced = new Scan(saving, scan.sequences(), scan.reverse(), scan.repeat());
        return t.record(traced, all, inputs, (node, d) -> new ScanGradient(traced, node, d, t).cotangents());
    }

    private List<Value> cotangents() {
        declareInputs();
        if (!lengths.isAbsent()) {
            Dim rows = rowwise().type().dim(0);
            Value mask = outer.emit.add(new Structure.LengthMask(steps()), lengths);
            running = input(emit.unique("running"), new ValueType(ElementType.BOOL, List.of(rows)), mask, true);
        }
        declareStates();
        body.nodes().forEach(tape::forward);
        arriveAtOutputs();
        List<Carried> carried = arriveAtStates();
        tape.backward();
        return leave(carried);
    }

    /** Declares an input of the backward body and says what the scan gives it. */
    private Value input(String name, ValueType type, Value outside, boolean sequence) {
        given.add(outside);
        if (sequence) {
            sequences.add(name);
        }
        return builder.input(name, type);
    }

    /** Declares a state of the backward body and says where it begins; absent is zero. */
    private Value state(String name, ValueType type, Value begin) {
        begins.add(begin);
        return emit.state(name, type);
    }

    private Value rowwise() {
        return body.outputs().isEmpty()
                ? body.states().getFirst().value()
                : body.outputs().getFirst();
    }

    /** How many steps the scan runs. */
    private Dim steps() {
        int i = 0;
        while (!scan.isSequence(i)) {
            i++;
        }
        return node.inputs()
                .get(i)
                .type()
                .dim(Scan.timeAxis(body.inputs().get(i).type()));
    }

    private void declareInputs() {
        for (int i = 0; i < body.inputs().size(); i++) {
            Value input = body.inputs().get(i);
            Value outside = node.inputs().get(i);
            input(input.name(), input.type(), outside, scan.isSequence(i));
            if (outer.wants(outside)) {
                tape.reach(input);
            }
        }
    }

    /** The states before the step are inputs here: saved ones step by step, those that never change once for all. */
    private void declareStates() {
        int replaced = 0;
        for (State state : body.states()) {
            Value value = state.value();
            Value begin = begin(state);
            if (!state.isReplaced()) {
                input(value.name(), value.type(), begin.isAbsent() ? zero(value) : begin, false);
                if (outer.wants(begin)) {
                    tape.reach(value);
                }
                continue;
            }
            Value saved = node.outputs().get(body.outputs().indexOf(value));
            if (running.isAbsent()) {
                input(value.name(), value.type(), saved, true);
            } else {
                // A row that has ended, or has not begun, keeps its state while others run.
                Value last = node.outputs().get(body.outputs().size() + replaced);
                Value waiting = !scan.reverse() ? last : begin.isAbsent() ? zero(value) : begin;
                Value now = input(emit.unique("saved/" + value.name()), value.type(), saved, true);
                Value kept = input(emit.unique("kept/" + value.name()), value.type(), waiting, false);
                emit.add(value.name(), new Elementwise.Where(), mask(value), now, kept);
            }
            tape.reach(value);
            replaced++;
        }
    }

    private Value begin(State state) {
        return node.inputs().get(body.inputs().size() + body.states().indexOf(state));
    }

    private Value zero(Value state) {
        return outer.emit.zeros(state.type().substitute(scan.bindings(node.inputs())));
    }

    /** The rows that have this step, of the rank of a value. */
    private Value mask(Value like) {
        var dims = new ArrayList<>(running.type().dims());
        while (dims.size() < like.type().rank()) {
            dims.add(Dim.ONE);
        }
        return emit.reshape(running, dims);
    }

    private void arriveAtOutputs() {
        for (int k = 0; k < body.outputs().size(); k++) {
            Value output = body.outputs().get(k);
            if (arrived.get(k).isAbsent()) {
                continue;
            }
            Value d = input(emit.unique("d/" + output.name()), output.type(), arrived.get(k), true);
            if (!running.isAbsent() && scan.repeat() && !scan.reverse()) {
                // Padding shows the last step's output: what arrives there waits for that step.
                List<Dim> flat = flat(output.type());
                Value waiting = state("waiting/" + output.name(), output.type().withDims(flat), Value.ABSENT);
                Value sum = emit.plus(emit.reshape(waiting, output.type().dims()), d);
                emit.next(waiting, emit.reshape(emit.drop(mask(output), sum), flat));
                d = sum;
            }
            tape.add(output, running.isAbsent() ? d : emit.keep(mask(output), d));
        }
    }

    private List<Carried> arriveAtStates() {
        var carried = new ArrayList<Carried>();
        int place = body.outputs().size();
        for (State state : body.states()) {
            if (!state.isReplaced()) {
                continue;
            }
            Value begin = arrived.get(place++);
            if (tape.wants(state.value())) {
                carried.add(new Carried(
                        state, state("d/" + state.value().name(), state.value().type(), begin), begins.size() - 1));
            }
        }
        for (Carried c : carried) {
            tape.add(c.state.next(), running.isAbsent() ? c.cotangent : emit.keep(mask(c.cotangent), c.cotangent));
        }
        return carried;
    }

    /** What the step hands on: to the step before it, to its inputs, and to what is the same at every step. */
    private List<Value> leave(List<Carried> carried) {
        for (Carried c : carried) {
            Value next = tape.cotangent(c.state.value());
            if (!running.isAbsent()) {
                Value held = emit.drop(mask(c.cotangent), c.cotangent);
                next = next.isAbsent() ? held : emit.plus(held, next);
            }
            emit.next(c.cotangent, next.isAbsent() ? emit.zeros(c.cotangent.type()) : next);
        }
        var places = new ArrayList<Place>();
        for (int i = 0; i < body.inputs().size(); i++) {
            Value input = body.inputs().get(i);
            places.add(scan.isSequence(i) ? output(input) : total(input));
        }
        for (State state : body.states()) {
            places.add(
                    state.isReplaced()
                            ? carried.stream()
                                    .filter(c -> c.state.equals(state))
                                    .findFirst()
                                    .map(c -> new Place(true, c.place))
                                    .orElse(NOWHERE)
                            : total(state.value()));
        }
        outputs.forEach(emit::output);
        given.addAll(begins);
        given.add(Value.ABSENT);
        var backward = new Scan(emit.build(), sequences, !scan.reverse(), false);
        return found(places, outer.emit.addAll(backward, List.of(), given));
    }

    /** Where the backward scan gives a cotangent. */
    private record Place(boolean isState, int index) {}

    private static final Place NOWHERE = new Place(false, -1);

    private Place output(Value sequence) {
        Value d = tape.cotangent(sequence);
        if (d.isAbsent()) {
            return NOWHERE;
        }
        // Two sequences may have the very same cotangent.
        if (!outputs.contains(d)) {
            outputs.add(d);
        }
        return new Place(false, outputs.indexOf(d));
    }

    private Place total(Value constant) {
        Value d = tape.cotangent(constant);
        if (d.isAbsent()) {
            return NOWHERE;
        }
        List<Dim> flat = flat(constant.type());
        Value sum = state("sum/" + constant.name(), constant.type().withDims(flat), Value.ABSENT);
        emit.next(sum, emit.plus(sum, emit.reshape(d, flat)));
        return new Place(true, begins.size() - 1);
    }

    /** The shape in which a value is kept as a state: only its first dimension may be rows (B). */
    private static List<Dim> flat(ValueType type) {
        boolean rowsInside =
                type.dims().stream().skip(1).anyMatch(d -> d.names().contains("B"));
        return rowsInside ? List.of(Dim.product(type.dims())) : type.dims();
    }

    private List<Value> found(List<Place> places, List<Value> results) {
        var back = new ArrayList<Value>();
        for (int i = 0; i < places.size(); i++) {
            Place place = places.get(i);
            Value outside = node.inputs().get(i);
            if (place == NOWHERE || !outer.wants(outside)) {
                back.add(Value.ABSENT);
            } else {
                Value result = results.get(place.index + (place.isState ? outputs.size() : 0));
                back.add(outer.emit.reshape(result, outside.type().dims()));
            }
        }
        back.add(Value.ABSENT);
        return back;
    }
}
