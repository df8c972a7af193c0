package dev.rondo.train.gradient;

import dev.rondo.architecture.training.AttentionBackward;
import dev.rondo.architecture.training.Training;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Node;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Scan;
import dev.rondo.graph.State;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The body of a scan that goes back through another one: it takes the cotangents of a step's outputs and of the states
 * after it, and gives those of its inputs and of the states before it. What is dear to compute, products above all, the
 * scan that went forward has saved; the rest is computed again. It knows nothing of the function around the scan: what it
 * is to be given, and what comes of it, stand in {@link Source} and {@link Sum}.
 */
final class BackwardBody {
    /** How the rows of a batch that have ended, or not begun, are kept out. */
    enum Ends {
        /** All rows have all steps. */
        NONE,
        /** The backward scan has the lengths too: every row for itself. */
        LENGTHS,
        /** A mask: rows may depend on each other, so those that do not run compute too, and nothing is saved but states. */
        MASK
    }

    /** An input of the backward body. */
    record Given(Source source, boolean sequence) {}

    private final Scan scan;
    private final Function body;
    private final Ends ends;
    private final FunctionBuilder builder;
    private final Emitter emit;
    private final Tape tape;
    private final Map<String, Given> inputs = new LinkedHashMap<>();
    private final List<Source> begins = new ArrayList<>();
    private final List<Value> outputs = new ArrayList<>();
    private final Map<String, Node> producers = new HashMap<>();
    private final Set<String> forward = new HashSet<>();
    /** What is the same at every step. */
    private final Set<String> still = new HashSet<>();

    private final Set<Value> saved = new LinkedHashSet<>();
    private final Map<String, Integer> sums = new HashMap<>();
    private final List<Sum> results = new ArrayList<>();
    private final Value running;
    private final List<Node> traced;
    private Function function;

    /** A state that the body replaces, the cotangent that the steps after this one left, and its place in the scan. */
    private record Carried(State state, Value cotangent, int place) {}

    /**
     * @param name    of the body
     * @param reached for each input and then each state: whether its cotangent is asked for
     * @param arrived for each output: whether anything arrives there
     */
    BackwardBody(Scan scan, String name, Ends ends, List<Boolean> reached, List<Boolean> arrived) {
        this.scan = scan;
        this.body = scan.body();
        this.ends = ends;
        this.builder = Function.builder(name);
        this.emit = new Emitter(name, builder, body);
        this.tape = new Tape(emit);
        this.running = ends == Ends.MASK
                ? input(
                        emit.unique("running"),
                        new ValueType(ElementType.BOOL, List.of(RowWise.rows(body))),
                        new Source.Running(),
                        true)
                : Value.ABSENT;
        declareInputs(reached);
        declareStates(reached.subList(body.inputs().size(), reached.size()));
        body.nodes().forEach(tape::forward);
        this.traced = builder.build().nodes();
        inputs.forEach((input, given) -> {
            if (!given.sequence()) {
                still.add(input);
            }
        });
        for (Node node : traced) {
            boolean moves =
                    node.inputs().stream().anyMatch(v -> !v.isAbsent() && !v.isWeight() && !still.contains(v.name()));
            for (Value output : node.outputs()) {
                forward.add(output.name());
                if (!moves) {
                    still.add(output.name());
                }
            }
        }
        arriveAtOutputs(arrived);
        List<Carried> carried = arriveAtStates();
        tape.backward();
        leave(carried);
    }

    /** The nodes of the forward body, which leave what goes back. */
    List<Node> traced() {
        return traced;
    }

    /** What the forward scan must save of each step, beside the outputs of its body. */
    List<Value> saved() {
        return List.copyOf(saved);
    }

    Function function() {
        return function;
    }

    /** What the inputs of the function are given, in order. */
    List<Given> given() {
        return function.inputs().stream().map(v -> inputs.get(v.name())).toList();
    }

    /** The names of the inputs that are sequences. */
    List<String> sequences() {
        return function.inputs().stream()
                .map(Value::name)
                .filter(n -> inputs.get(n).sequence())
                .toList();
    }

    /** Where the states of the function begin. */
    List<Source> begins() {
        return List.copyOf(begins);
    }

    /** What comes for each input, then for each state of the forward body. */
    List<Sum> results() {
        return List.copyOf(results);
    }

    private Value input(String name, ValueType type, Source source, boolean sequence) {
        inputs.put(name, new Given(source, sequence));
        return builder.input(name, type);
    }

    private Value state(String name, ValueType type, Source begin) {
        begins.add(begin);
        return emit.state(name, type);
    }

    private void declareInputs(List<Boolean> reached) {
        for (int i = 0; i < body.inputs().size(); i++) {
            Value input = body.inputs().get(i);
            input(input.name(), input.type(), new Source.Input(i), scan.isSequence(i));
            if (reached.get(i)) {
                tape.reach(input);
            }
        }
    }

    /** The states before the step are inputs here: saved ones step by step, those that never change once for all. */
    private void declareStates(List<Boolean> reached) {
        for (int s = 0; s < body.states().size(); s++) {
            State state = body.states().get(s);
            Value value = state.value();
            if (!state.isReplaced()) {
                input(value.name(), value.type(), new Source.Begin(state), false);
                if (reached.get(s)) {
                    tape.reach(value);
                }
                continue;
            }
            if (ends == Ends.MASK) {
                // A row that has ended, or has not begun, keeps its state while others run.
                Source waiting = scan.reverse() ? new Source.Begin(state) : new Source.Last(state);
                saved.add(value);
                Value now = input(emit.unique("saved/" + value.name()), value.type(), new Source.Saved(value), true);
                Value kept = input(emit.unique("kept/" + value.name()), value.type(), waiting, false);
                emit.add(value.name(), new Elementwise.Where(), mask(value), now, kept);
            } else {
                input(value.name(), value.type(), new Source.Saved(value), true);
            }
            tape.reach(value);
        }
    }

    /** The rows that have this step, of the rank of a value. */
    private Value mask(Value like) {
        var dims = new ArrayList<>(running.type().dims());
        while (dims.size() < like.type().rank()) {
            dims.add(Dim.ONE);
        }
        return emit.reshape(running, dims);
    }

    private void arriveAtOutputs(List<Boolean> arrived) {
        for (int k = 0; k < body.outputs().size(); k++) {
            Value output = body.outputs().get(k);
            if (!arrived.get(k) || !tape.wants(output)) {
                continue;
            }
            Value d = input(emit.unique("d/" + output.name()), output.type(), new Source.Arrived(k), true);
            if (!running.isAbsent() && scan.repeat() && !scan.reverse()) {
                // Padding shows the last step's output: what arrives there waits for that step.
                List<Dim> flat = flat(output.type());
                Value waiting = state("waiting/" + output.name(), output.type().withDims(flat), new Source.Zero());
                Value sum = emit.plus(emit.reshape(waiting, output.type().dims()), d);
                emit.next(waiting, emit.reshape(emit.drop(mask(output), sum), flat));
                d = sum;
            }
            tape.add(output, running.isAbsent() ? d : emit.keep(mask(output), d));
        }
    }

    private List<Carried> arriveAtStates() {
        var carried = new ArrayList<Carried>();
        for (State state : body.states()) {
            if (state.isReplaced() && tape.wants(state.value())) {
                ValueType type = state.value().type();
                Value cotangent = state("d/" + state.value().name(), type, new Source.ArrivedLast(state));
                carried.add(new Carried(state, cotangent, begins.size() - 1));
            }
        }
        for (Carried c : carried) {
            tape.add(c.state.next(), running.isAbsent() ? c.cotangent : emit.keep(mask(c.cotangent), c.cotangent));
        }
        return carried;
    }

    /** What the step hands on: to the step before it, to its inputs, and to what is the same at every step. */
    private void leave(List<Carried> carried) {
        for (Carried c : carried) {
            Value next = tape.cotangent(c.state.value());
            if (!running.isAbsent()) {
                Value held = emit.drop(mask(c.cotangent), c.cotangent);
                next = next.isAbsent() ? held : emit.plus(held, next);
            }
            emit.next(c.cotangent, next.isAbsent() ? emit.zeros(c.cotangent.type()) : next);
        }
        builder.build().nodes().forEach(n -> n.outputs().forEach(v -> producers.put(v.name(), n)));
        for (int i = 0; i < body.inputs().size(); i++) {
            Value d = tape.cotangent(body.inputs().get(i));
            results.add(d.isAbsent() ? new Sum.Nothing() : scan.isSequence(i) ? new Sum.Sequence(output(d)) : total(d));
        }
        for (State state : body.states()) {
            Value d = state.isReplaced() ? Value.ABSENT : tape.cotangent(state.value());
            Sum sum = d.isAbsent() ? new Sum.Nothing() : total(d);
            for (Carried c : carried) {
                sum = c.state.equals(state) ? new Sum.State(c.place, c.cotangent.type()) : sum;
            }
            results.add(sum);
        }
        function = new BackwardCut(ends, forward, still, outputs, inputs, saved).of(builder.build());
    }

    /** Two sequences may have the very same cotangent. */
    private int output(Value d) {
        if (!outputs.contains(d)) {
            outputs.add(d);
        }
        return outputs.indexOf(d);
    }

    /**
     * The sum over all steps of what each of them gives. Sums of products over rows, which gradients of weights are, are
     * left to one product over the rows of all steps; others add up in a state.
     */
    private Sum total(Value d) {
        Node node = producers.get(d.name());
        if (node != null && !forward.contains(d.name())) {
            Sum sum = switch (node.op()) {
                case Training.OuterSum op -> ofSteps(op, node, d, 1);
                case AttentionBackward.OuterSums op -> ofSteps(op, node, d, 1);
                case AttentionBackward.AdditiveKeys op -> ofSteps(op, node, d, 2);
                case Aggregation.Reduce(var reduction, int axis, boolean keep)
                when reduction == Reduction.SUM && axis == 0 && !keep ->
                    rows(node.inputs().getFirst(), d);
                case Elementwise.Binary(var f) when f == BinaryFunction.ADD && sameTypes(node) -> passed(node);
                case Structure.Concat _ -> passed(node);
                case Training.Dropout op -> {
                    Sum seed = still(node.inputs().get(1));
                    yield seed instanceof Sum.Nothing
                            ? seed
                            : new Sum.Of(op, List.of(total(node.inputs().getFirst()), seed));
                }
                case Structure.Reshape _, Training.SliceBackward _ when isFixed(d.type()) -> passed(node);
                default -> new Sum.Nothing();
            };
            if (!(sum instanceof Sum.Nothing)) {
                return sum;
            }
        }
        return new Sum.State(sums.computeIfAbsent(d.name(), _ -> addUp(d)), d.type());
    }

    private int addUp(Value d) {
        List<Dim> flat = flat(d.type());
        Value sum = state("sum/" + d.name(), d.type().withDims(flat), new Source.Zero());
        emit.next(sum, emit.plus(sum, emit.reshape(d, flat)));
        return begins.size() - 1;
    }

    private static boolean sameTypes(Node node) {
        return node.inputs().get(0).type().equals(node.inputs().get(1).type());
    }

    private static boolean isFixed(ValueType type) {
        return type.dims().stream().allMatch(Dim::isFixed);
    }

    private Sum passed(Node node) {
        return new Sum.Of(node.op(), node.inputs().stream().map(this::total).toList());
    }

    private Sum rows(Value x, Value d) {
        Sum sequence = sequence(x);
        return sequence instanceof Sum.Nothing ? sequence : new Sum.Rows(sequence, d.type());
    }

    /** @param still how many operands from the second to the one before the last stay the same, less one */
    private Sum ofSteps(Training op, Node node, Value d, int still) {
        var operands = new ArrayList<Sum>();
        int last = node.inputs().size() - 1;
        for (int i = 0; i <= last; i++) {
            Value value = node.inputs().get(i);
            Sum operand = still > 1 && i > 0 && i < last
                    ? still(value)
                    : value.type().rank() < 2 ? new Sum.Nothing() : sequence(value);
            if (operand instanceof Sum.Nothing) {
                return operand;
            }
            operands.add(operand);
        }
        return new Sum.OfSteps(op, operands, node.outputs().indexOf(d));
    }

    private Sum still(Value value) {
        Given given = inputs.get(value.name());
        return given == null || given.sequence() ? new Sum.Nothing() : new Sum.Still(given.source());
    }

    /** A value of all steps: where it is known already, without another copy. */
    private Sum sequence(Value value) {
        Given given = inputs.get(value.name());
        if (given != null) {
            if (given.source() instanceof Source.Saved(Value kept)) {
                saved.add(kept);
            }
            return given.sequence() ? new Sum.Known(given.source()) : new Sum.Nothing();
        }
        if (value.type().rank() == ValueType.MAX_RANK || still.contains(value.name())) {
            return new Sum.Nothing();
        }
        Node node = producers.get(value.name());
        if (node != null && node.op() instanceof Structure.Reshape) {
            Value from = node.inputs().getFirst();
            if (from.type().rank() > 0
                    && value.type().rank() > 0
                    && from.type().dim(0).equals(value.type().dim(0))) {
                Sum sequence = sequence(from);
                return sequence instanceof Sum.Nothing
                        ? sequence
                        : new Sum.Shaped(sequence, value.type().dims());
            }
        }
        if (ends != Ends.MASK && forward.contains(value.name())) {
            saved.add(value);
            return new Sum.Known(new Source.Saved(value));
        }
        return new Sum.Sequence(output(value));
    }

    /** The shape in which a value is kept as a state: only its first dimension may be rows (B). */
    private static List<Dim> flat(ValueType type) {
        boolean rowsInside =
                type.dims().stream().skip(1).anyMatch(d -> d.names().contains("B"));
        return rowsInside ? List.of(Dim.product(type.dims())) : type.dims();
    }
}
