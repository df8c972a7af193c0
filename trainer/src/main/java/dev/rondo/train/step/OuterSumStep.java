package dev.rondo.train.step;

import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import dev.rondo.plan.Binder;
import dev.rondo.plan.Operand;
import dev.rondo.plan.Step;
import java.lang.foreign.MemorySegment;

/** {@code y_nk = Σ_r a_rn b_rk}. */
final class OuterSumStep extends Step {
    private final Operand a;
    private final Operand b;
    private final Operand out;
    private final View left;
    private final View right;
    private final View to;
    private final MemorySegment scratch;
    private final Kernels kernels;

    OuterSumStep(Operand a, Operand b, Operand out, Binder binder) {
        this.a = a;
        this.b = b;
        this.out = out;
        this.left = a.view();
        this.right = b.view();
        this.to = out.view();
        int columnsA = binder.capacity(a.type().dim(-1));
        int columnsB = binder.capacity(b.type().dim(-1));
        this.scratch =
                Operand.memory(binder.arena(), "buffer of " + out.name(), Kernels.outerSumScratch(columnsA, columnsB));
        this.kernels = binder.kernels();
    }

    @Override
    public void resize() {
        a.asRows(left);
        b.asRows(right);
        out.asRows(to);
    }

    @Override
    public void run() {
        if (!out.isEmpty()) {
            kernels.outerSum(left, right, scratch, to);
        }
    }
}
