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
 * {@link Scan}, literally: the body is called once for each time from 0 to T − 1, or with reverse from T − 1 to 0, its
 * states handed from call to call. At times beyond a row's length the row keeps its state, and its outputs are zero; with
 * {@code repeat} they are those of the call before, zero before the first valid one. So with reverse, where the padding
 * comes first, repeat changes nothing.
 */
final class ScanMeaning {
    private final Scan scan;
    private final Function body;
    private final List<NdArray> in;
    private final Map<String, NdArray> weights;
    private final int steps;

    private ScanMeaning(Scan scan, List<NdArray> in, Map<String, NdArray> weights) {
        this.scan = scan;
        this.body = scan.body();
        this.in = in;
        this.weights = weights;
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
        Map<String, NdArray> states = new HashMap<>();
        Map<String, NdArray> outputs = new HashMap<>();
        Map<String, NdArray[]> overTime = new HashMap<>();
        Map<String, Long> sizes = sizes();
        for (int s = 0; s < body.states().size(); s++) {
            Value state = body.states().get(s).value();
            NdArray given = in.get(body.inputs().size() + s);
            states.put(state.name(), given != null ? given : zero(state, sizes));
        }
        for (Value output : body.outputs()) {
            outputs.put(output.name(), zero(output, sizes));
            overTime.put(output.name(), new NdArray[steps]);
        }
        for (int call = 0; call < steps; call++) {
            int time = scan.reverse() ? steps - 1 - call : call;
            Map<String, NdArray> inputs = new HashMap<>();
            for (int i = 0; i < body.inputs().size(); i++) {
                Value input = body.inputs().get(i);
                inputs.put(input.name(), scan.isSequence(i) ? at(time, input, in.get(i)) : in.get(i));
            }
            Interpreter.Result result = Interpreter.run(body, inputs, states, weights);
            states.replaceAll((name, before) -> whereValid(time, result.state(name), before));
            for (Value output : body.outputs()) {
                NdArray before = scan.repeat() ? outputs.get(output.name()) : zero(output, sizes);
                NdArray now = whereValid(time, result.output(output.name()), before);
                outputs.put(output.name(), now);
                overTime.get(output.name())[time] = now;
            }
        }
        var results = new ArrayList<NdArray>();
        for (Value output : body.outputs()) {
            results.add(stack(output, overTime.get(output.name()), sizes));
        }
        for (State state : body.states()) {
            if (state.isReplaced()) {
                results.add(states.get(state.value().name()));
            }
        }
        return results;
    }

    /** The sizes of the names of dimensions in the body, as its inputs and given states tell them. */
    private Map<String, Long> sizes() {
        Map<String, Long> sizes = new HashMap<>();
        for (int i = 0; i < body.inputs().size(); i++) {
            Value input = body.inputs().get(i);
            List<Integer> shape = in.get(i).shape();
            List<Integer> perStep = scan.isSequence(i) ? NdArray.withAxis(shape, timeAxis(input), null) : shape;
            Interpreter.bind(input.type(), perStep, sizes);
        }
        for (int s = 0; s < body.states().size(); s++) {
            NdArray given = in.get(body.inputs().size() + s);
            if (given != null) {
                Interpreter.bind(body.states().get(s).value().type(), given.shape(), sizes);
            }
        }
        return sizes;
    }

    private static NdArray zero(Value value, Map<String, Long> sizes) {
        return NdArray.zeros(
                value.type().element(), Interpreter.shape(value.type().dims(), sizes::get));
    }

    /** The part of a sequence at one time. */
    private static NdArray at(int time, Value input, NdArray sequence) {
        int axis = timeAxis(input);
        List<Integer> shape = NdArray.withAxis(sequence.shape(), axis, null);
        return NdArray.tabulate(sequence.element(), shape, i -> {
            int[] at = new int[i.length + 1];
            System.arraycopy(i, 0, at, 0, axis);
            System.arraycopy(i, axis, at, axis + 1, i.length - axis);
            at[axis] = time;
            return sequence.at(at);
        });
    }

    /** Row by row one of two values: the first where the row has a step at this time. */
    private NdArray whereValid(int time, NdArray valid, NdArray otherwise) {
        if (in.getLast() == null) {
            return valid;
        }
        int[] lengths = Interpreter.lengths(in.getLast(), valid.size(0), steps);
        return NdArray.tabulate(
                valid.element(), valid.shape(), i -> time < lengths[i[0]] ? valid.at(i) : otherwise.at(i));
    }

    private NdArray stack(Value output, NdArray[] overTime, Map<String, Long> sizes) {
        int axis = timeAxis(output);
        var shape = new ArrayList<>(zero(output, sizes).shape());
        shape.add(axis, steps);
        return NdArray.tabulate(output.type().element(), shape, i -> {
            var at = new int[i.length - 1];
            System.arraycopy(i, 0, at, 0, axis);
            System.arraycopy(i, axis + 1, at, axis, at.length - axis);
            return overTime[i[axis]].at(at);
        });
    }

    private static int timeAxis(Value step) {
        return Scan.timeAxis(step.type());
    }
}
