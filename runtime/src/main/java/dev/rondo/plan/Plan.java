package dev.rondo.plan;

import java.util.List;
import java.util.Map;

/**
 * A function made ready to run: buffers laid out for a capacity, operators bound to kernels. Running it walks an array.
 * A plan belongs to one session, and so to one thread at a time.
 */
public final class Plan {
    private final Map<String, Operand> inputs;
    private final Map<String, Operand> outputs;
    private final List<StateUpdate> updates;
    private final Operand[] operands;
    private final Step[] steps;
    private final Step[] moving;

    /** A state's home and the value that replaces it. */
    record StateUpdate(Operand state, Operand next) {}

    Plan(
            Map<String, Operand> inputs,
            Map<String, Operand> outputs,
            List<StateUpdate> updates,
            List<Operand> operands,
            List<Step> steps,
            List<Step> moving) {
        this.inputs = inputs;
        this.outputs = outputs;
        this.updates = updates;
        this.operands = operands.toArray(new Operand[0]);
        this.steps = steps.toArray(new Step[0]);
        this.moving = moving.toArray(new Step[0]);
    }

    public Map<String, Operand> inputs() {
        return inputs;
    }

    public Map<String, Operand> outputs() {
        return outputs;
    }

    /** Takes over the actual sizes; needed before the first run and after every change. Allocates nothing. */
    public void resize() {
        for (Operand operand : operands) {
            operand.resize();
        }
        for (Step step : steps) {
            step.resize();
        }
    }

    /** Computes outputs and next states; the states themselves stay as they were. Allocates nothing. */
    public void run() {
        for (Step step : steps) {
            step.run();
        }
    }

    /** {@link #run} once more, without what would be as it was: inputs and states that stand still have not changed. */
    void runAgain() {
        for (Step step : moving) {
            step.runAgain();
        }
    }

    /** Replaces the states. */
    public void commit() {
        for (int i = 0; i < updates.size(); i++) {
            StateUpdate update = updates.get(i);
            Copies.copy(update.next.segment, 0, update.state.segment, 0, update.next.byteSize());
        }
    }

    List<StateUpdate> updates() {
        return updates;
    }
}
