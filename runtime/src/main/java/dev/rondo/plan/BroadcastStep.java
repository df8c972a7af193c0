package dev.rondo.plan;

import dev.rondo.graph.ValueType;
import dev.rondo.kernel.View;
import java.util.List;

/**
 * An operation over operands that broadcast to the shape of the result. Neighbouring dimensions that every operand
 * walks alike are merged, so most calls are one kernel call over a matrix; what remains is an odometer.
 */
abstract class BroadcastStep extends Step {
    final Operand out;
    final View outView;
    final View[] views;
    private final Operand[] operands;
    private final boolean keepLast;

    // Merged dimensions, innermost first, and the elements each operand (the result last) moves along them.
    private final int[] sizes = new int[ValueType.MAX_RANK + 1];
    private final long[][] strides;
    private final int[] position = new int[ValueType.MAX_RANK + 1];
    private int merged;

    /** @param keepLast whether the last dimension must stay a dimension of its own */
    BroadcastStep(List<Operand> inputs, Operand out, boolean keepLast) {
        this.out = out;
        this.outView = out.view();
        this.keepLast = keepLast;
        this.operands = inputs.toArray(new Operand[0]);
        this.views = new View[operands.length];
        for (int i = 0; i < operands.length; i++) {
            views[i] = operands[i].view();
        }
        this.strides = new long[operands.length + 1][ValueType.MAX_RANK + 1];
    }

    /** Computes the window that the views show. */
    abstract void kernel();

    @Override
    public final void resize() {
        merged = 0;
        int rank = out.dims.length;
        for (int d = rank - 1; d >= 0; d--) {
            int size = out.dims[d];
            boolean last = keepLast && d == rank - 1;
            if (size == 1 && !last) {
                continue;
            }
            boolean joins = merged > 0 && !(keepLast && merged == 1);
            for (int k = 0; k <= operands.length && joins; k++) {
                joins = stride(k, d) == strides[k][merged - 1] * sizes[merged - 1];
            }
            if (joins) {
                sizes[merged - 1] *= size;
            } else {
                for (int k = 0; k <= operands.length; k++) {
                    strides[k][merged] = stride(k, d);
                }
                sizes[merged++] = size;
            }
        }
        int cols = merged > 0 ? sizes[0] : 1;
        int rows = merged > 1 ? sizes[1] : 1;
        for (int k = 0; k <= operands.length; k++) {
            View view = k < operands.length ? views[k] : outView;
            int elementSize = (k < operands.length ? operands[k] : out).elementSize();
            boolean repeats = merged > 0 && strides[k][0] == 0 && cols > 1;
            view.window(rows, repeats ? 1 : cols).rowStride = merged > 1 ? strides[k][1] * elementSize : 0;
        }
    }

    /** Elements between neighbours along dimension d of the result. */
    private long stride(int k, int d) {
        Operand operand = k < operands.length ? operands[k] : out;
        int own = d - (out.dims.length - operand.dims.length);
        if (own < 0 || (operand.dims[own] == 1 && out.dims[d] != 1)) {
            return 0;
        }
        return operand.product(own + 1, operand.dims.length);
    }

    @Override
    public final void run() {
        int loops = 1;
        for (int i = 2; i < merged; i++) {
            loops *= sizes[i];
            position[i] = 0;
        }
        if (outView.rows == 0 || outView.cols == 0) {
            return;
        }
        for (int n = 0; n < loops; n++) {
            for (int k = 0; k < operands.length; k++) {
                views[k].at(offset(k) * operands[k].elementSize());
            }
            outView.at(offset(operands.length) * out.elementSize());
            kernel();
            for (int i = 2; i < merged && ++position[i] == sizes[i]; i++) {
                position[i] = 0;
            }
        }
    }

    private long offset(int k) {
        long offset = 0;
        for (int i = 2; i < merged; i++) {
            offset += position[i] * strides[k][i];
        }
        return offset;
    }
}
