package dev.rondo.plan;

import dev.rondo.graph.Scan;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Runs a body once per time step. The body's states live in the results of the scan; each step's inputs are copied from
 * the sequences and its outputs into theirs.
 */
final class ScanStep extends Step {
    /** A sequence [B,T,...] and the body's input [B,...], or a body's output and the sequence it goes to. */
    record Stacked(Operand sequence, Operand step) {}

    /** Where a state begins (null: zero) and where it lives. */
    record Initial(Operand from, Operand state) {}

    private final Scan scan;
    private final Plan body;
    private final List<Stacked> inputs;
    private final List<Stacked> outputs;
    private final List<Initial> initials;
    private final Lengths lengths;
    private int steps;

    ScanStep(
            Scan scan,
            Plan body,
            List<Stacked> inputs,
            List<Stacked> outputs,
            List<Initial> initials,
            Operand lengths,
            String name) {
        this.scan = scan;
        this.body = body;
        this.inputs = List.copyOf(inputs);
        this.outputs = List.copyOf(outputs);
        this.initials = List.copyOf(initials);
        this.lengths = lengths == null ? null : new Lengths(lengths, "scan to " + name);
    }

    @Override
    public void resize() {
        body.resize();
        Stacked first = inputs.getFirst();
        steps = first.sequence.dims[timeAxis(first)];
    }

    private static int timeAxis(Stacked stacked) {
        return Scan.timeAxis(stacked.step.type);
    }

    @Override
    public void run() {
        if (lengths != null) {
            lengths.check(steps);
        }
        for (int i = 0; i < initials.size(); i++) {
            Initial initial = initials.get(i);
            if (initial.from == null) {
                Copies.zero(initial.state.segment, 0, initial.state.byteSize());
            } else {
                Copies.copy(initial.from.segment, 0, initial.state.segment, 0, initial.state.byteSize());
            }
        }
        for (int i = 0; i < steps; i++) {
            int t = scan.reverse() ? steps - 1 - i : i;
            for (int k = 0; k < inputs.size(); k++) {
                slice(inputs.get(k), t);
            }
            if (i == 0) {
                body.run();
            } else {
                body.runAgain();
            }
            for (int k = 0; k < outputs.size(); k++) {
                stack(outputs.get(k), t);
            }
            commit(t);
        }
    }

    private static long stepBytes(Stacked stacked) {
        return stacked.step.dims.length == 0 || stacked.step.dims[0] == 0
                ? stacked.step.byteSize()
                : stacked.step.byteSize() / stacked.step.dims[0];
    }

    private static int rowsOf(Stacked stacked) {
        return stacked.step.dims.length == 0 ? 1 : stacked.step.dims[0];
    }

    private void slice(Stacked input, int t) {
        long bytes = stepBytes(input);
        for (int b = 0; b < rowsOf(input); b++) {
            Copies.copy(input.sequence.segment, ((long) b * steps + t) * bytes, input.step.segment, b * bytes, bytes);
        }
    }

    private void stack(Stacked output, int t) {
        long bytes = stepBytes(output);
        MemorySegment to = output.sequence.segment;
        for (int b = 0; b < rowsOf(output); b++) {
            long at = ((long) b * steps + t) * bytes;
            if (lengths == null || t < lengths.get(b)) {
                Copies.copy(output.step.segment, b * bytes, to, at, bytes);
            } else if (scan.repeat() && !scan.reverse() && t > 0 && lengths.get(b) > 0) {
                Copies.copy(to, at - bytes, to, at, bytes);
            } else {
                Copies.zero(to, at, bytes);
            }
        }
    }

    /** Replaces the states, with lengths those of the rows that still run. */
    private void commit(int t) {
        if (lengths == null) {
            body.commit();
            return;
        }
        List<Plan.StateUpdate> updates = body.updates();
        for (int i = 0; i < updates.size(); i++) {
            Operand state = updates.get(i).state();
            long bytes = state.dims[0] == 0 ? 0 : state.byteSize() / state.dims[0];
            for (int b = 0; b < state.dims[0]; b++) {
                if (t < lengths.get(b)) {
                    Copies.copy(updates.get(i).next().segment, b * bytes, state.segment, b * bytes, bytes);
                }
            }
        }
    }
}
