package dev.rondo.tests.oracle;

import dev.rondo.graph.Function;
import dev.rondo.graph.Scan;
import dev.rondo.graph.State;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@link Scan}, literally: the body is called once per step, its states handed from call to call. Row b of step s stands
 * at time s, or with reverse at time {@code length − 1 − s}; a row that has ended keeps its state.
 */
final class ScanMeaning {
    private final Scan scan;
    private final Function body;
    private final List<NdArray> in;
    private final Map<String, NdArray> weights;
    private final NdArray lengths;
    private final int steps;

    private ScanMeaning(Scan scan, List<NdArray> in, Map<String, NdArray> weights) {
        this.scan = scan;
        this.body = scan.body();
        this.in = in;
        this.weights = weights;
        this.lengths = in.getLast();
        int first = 0;
        while (!scan.isSequence(first)) {
            first++;
        }
        this.steps = in.get(first).size(timeAxis(body.inputs().get(first)));
    }

    /** The inputs stand in the order of the operator's slots, null where absent. */
    static List<NdArray> of(Scan scan, List<NdArray> in, Map<String, NdArray> weights) {
        return new ScanMeaning(scan, in, weights).run();
    }

    private List<NdArray> run() {
        Map<String, NdArray> states = start();
        Map<String, NdArray[]> outputs = new HashMap<>();
        body.outputs().forEach(v -> outputs.put(v.name(), new NdArray[steps]));
        for (int s = 0; s < steps; s++) {
            int call = s;
            Map<String, NdArray> inputs = new HashMap<>();
            for (int i = 0; i < body.inputs().size(); i++) {
                Value input = body.inputs().get(i);
                inputs.put(input.name(), scan.isSequence(i) ? step(input, in.get(i), s) : in.get(i));
            }
            Interpreter.Result result = Interpreter.run(body, inputs, states, weights);
            for (String state : states.keySet()) {
                states.put(state, merge(result.state(state), states.get(state), s));
            }
            result.outputs().forEach((name, value) -> outputs.get(name)[call] = value);
        }
        var results = new ArrayList<NdArray>();
        for (Value output : body.outputs()) {
            results.add(stack(output, outputs.get(output.name())));
        }
        for (State state : body.states()) {
            if (state.isReplaced()) {
                results.add(states.get(state.value().name()));
            }
        }
        return results;
    }

    /** The states before the first step: as given, or zero. */
    private Map<String, NdArray> start() {
        Map<String, NdArray> states = new HashMap<>();
        Map<String, Long> sizes = sizes();
        for (int s = 0; s < body.states().size(); s++) {
            Value state = body.states().get(s).value();
            NdArray given = in.get(body.inputs().size() + s);
            List<Integer> shape = Interpreter.shape(state.type().dims(), sizes::get);
            states.put(
                    state.name(),
                    given != null ? given : NdArray.zeros(state.type().element(), shape));
        }
        return states;
    }

    /** The sizes of the names of dimensions in the body, as its inputs and given states tell them. */
    private Map<String, Long> sizes() {
        Map<String, Long> sizes = new HashMap<>();
        for (int i = 0; i < body.inputs().size(); i++) {
            Value input = body.inputs().get(i);
            List<Integer> shape = in.get(i).shape();
            Interpreter.bind(
                    input.type(), scan.isSequence(i) ? NdArray.withAxis(shape, timeAxis(input), null) : shape, sizes);
        }
        for (int s = 0; s < body.states().size(); s++) {
            NdArray given = in.get(body.inputs().size() + s);
            if (given != null) {
                Interpreter.bind(body.states().get(s).value().type(), given.shape(), sizes);
            }
        }
        return sizes;
    }

    /** The part of a sequence that call s sees. */
    private NdArray step(Value input, NdArray sequence, int s) {
        int axis = timeAxis(input);
        List<Integer> shape = NdArray.withAxis(sequence.shape(), axis, null);
        boolean perRow = lengths != null && axis == 1 && sequence.size(0) == lengths.size(0);
        if (lengths != null && scan.reverse() && !perRow) {
            throw new IllegalArgumentException("sequence " + input.name() + " has no rows to be reversed by length");
        }
        return NdArray.tabulate(sequence.element(), shape, i -> {
            int[] at = new int[i.length + 1];
            System.arraycopy(i, 0, at, 0, axis);
            System.arraycopy(i, axis, at, axis + 1, i.length - axis);
            at[axis] = perRow ? time(i[0], s) : scan.reverse() ? steps - 1 - s : s;
            return sequence.at(at);
        });
    }

    /** Results stacked over time; where a row has ended they are zero, or that of its last valid step. */
    private NdArray stack(Value output, NdArray[] calls) {
        int axis = timeAxis(output);
        var shape = new ArrayList<>(Interpreter.shape(output.type().dims(), sizes()::get));
        shape.add(axis, steps);
        return NdArray.tabulate(output.type().element(), shape, i -> {
            int length = lengths == null ? steps : length(i[0]);
            int time = i[axis] < length || !scan.repeat() ? i[axis] : length - 1;
            if (time < 0 || time >= length) {
                return 0;
            }
            int call = scan.reverse() ? length - 1 - time : time;
            var at = new int[i.length - 1];
            System.arraycopy(i, 0, at, 0, axis);
            System.arraycopy(i, axis + 1, at, axis, at.length - axis);
            return calls[call].at(at);
        });
    }

    /** The time at which a row stands in call s; a row that has ended stays where it was last. */
    private int time(int row, int s) {
        int length = length(row);
        int t = scan.reverse() ? length - 1 - s : s;
        return length == 0 ? 0 : Math.clamp(t, 0, length - 1);
    }

    private int length(int row) {
        return Interpreter.lengths(lengths, lengths.size(0), steps)[row];
    }

    /** Row by row the state after call s, or the one before it where the row has ended. */
    private NdArray merge(NdArray after, NdArray before, int s) {
        return NdArray.tabulate(
                after.element(), after.shape(), i -> lengths == null || s < length(i[0]) ? after.at(i) : before.at(i));
    }

    private static int timeAxis(Value step) {
        return Scan.timeAxis(step.type());
    }
}
