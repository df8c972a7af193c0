package dev.rondo.train.step;

import dev.rondo.kernel.View;
import dev.rondo.plan.Copies;
import dev.rondo.plan.Lengths;
import dev.rondo.plan.Operand;
import dev.rondo.plan.Step;
import java.util.List;

/**
 * A recurrence through time: walks the time steps of a sequence [B,T,...], and hands on the rows of the batch that have a step, in runs of neighbours.
 */
abstract class TimeLoop extends Step {
    private final Operand sequence;
    private final Lengths lengths;
    private final boolean ascending;
    private final Step[] preparations;
    private int rows;
    private int steps;

    /**
     * @param sequence [B,T,...], which gives the number of rows and steps
     * @param lengths i32[B]; null where every row has all steps
     * @param ascending whether it walks from the first step to the last
     * @param preparations what must be done at each run first
     */
    TimeLoop(Operand sequence, Operand lengths, String subject, boolean ascending, List<Step> preparations) {
        this.sequence = sequence;
        this.lengths = lengths == null ? null : new Lengths(lengths, subject);
        this.ascending = ascending;
        this.preparations = preparations.toArray(Step[]::new);
    }

    @Override
    public final void resize() {
        rows = sequence.dim(0);
        steps = sequence.dim(1);
        for (Step preparation : preparations) {
            preparation.resize();
        }
        take();
    }

    /** Takes over sizes. */
    abstract void take();

    @Override
    public final void run() {
        for (Step preparation : preparations) {
            preparation.run();
        }
        walk();
    }

    @Override
    public final void runAgain() {
        for (Step preparation : preparations) {
            preparation.runAgain();
        }
        walk();
    }

    private void walk() {
        if (lengths != null) {
            lengths.check(steps);
        }
        begin();
        // What is empty may have billions of steps.
        if (!sequence.isEmpty()) {
            for (int i = 0; i < steps; i++) {
                active(ascending ? i : steps - 1 - i);
            }
        }
        end();
    }

    /** Before the first step. */
    abstract void begin();

    /** Step t of rows from (inclusive) to (exclusive), which all have it. */
    abstract void step(int from, int to, int t);

    /** After the last step. */
    abstract void end();

    final int rows() {
        return rows;
    }

    final int steps() {
        return steps;
    }

    final int length(int row) {
        return lengths == null ? steps : lengths.get(row);
    }

    private void active(int t) {
        if (lengths == null) {
            step(0, rows, t);
            return;
        }
        int from = 0;
        while (from < rows) {
            if (t >= lengths.get(from)) {
                from++;
                continue;
            }
            int to = from + 1;
            while (to < rows && t < lengths.get(to)) {
                to++;
            }
            step(from, to, t);
            from = to;
        }
    }

    /** Sizes a view of a sequence [B,T,N]: a row for each row of the batch at one step. */
    final void asSteps(Operand operand, View view) {
        int width = operand.dim(2);
        view.window(rows, width).rowStride = (long) steps * width * Float.BYTES;
    }

    /** Moves a view that {@link #asSteps} has sized to step t of some rows; one that repeats its row stays. */
    static void toStep(View view, int from, int to, int t) {
        long step = view.rowStride == 0 ? 0 : (long) t * view.cols * Float.BYTES;
        view.at(from * view.rowStride + step).window(to - from, view.cols);
    }

    /** Moves a view of dense rows [B,N]. */
    static void toRows(View view, int from, int to) {
        view.at(from * view.rowStride).window(to - from, view.cols);
    }

    /** Sets a state to its value before the first step; null means zero. */
    static void begin(Operand initial, Operand state) {
        if (initial == null) {
            Copies.zero(state.segment(), 0, state.byteSize());
        } else {
            Copies.copy(initial.segment(), 0, state.segment(), 0, state.byteSize());
        }
    }

    /** Zero beyond each row's length. */
    final void pad(Operand operand) {
        if (lengths != null && !operand.isEmpty()) {
            long step = (long) operand.dim(2) * Float.BYTES;
            for (int b = 0; b < rows; b++) {
                int length = lengths.get(b);
                Copies.zero(operand.segment(), ((long) b * steps + length) * step, (steps - length) * step);
            }
        }
    }

    /** The last step of each row again and again beyond its length. */
    final void repeat(Operand operand) {
        if (lengths != null && !operand.isEmpty()) {
            long step = (long) operand.dim(2) * Float.BYTES;
            for (int b = 0; b < rows; b++) {
                int length = lengths.get(b);
                long last = ((long) b * steps + length - 1) * step;
                for (int t = length; t < steps && length > 0; t++) {
                    long at = ((long) b * steps + t) * step;
                    Copies.copy(operand.segment(), last, operand.segment(), at, step);
                }
            }
        }
    }
}
