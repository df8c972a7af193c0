package dev.rondo.train.step;

import dev.rondo.kernel.View;
import dev.rondo.plan.Copies;
import dev.rondo.plan.Operand;
import dev.rondo.plan.Step;

/** {@code y_nk = Σ_r a_rn b_rk}. */
final class OuterSumStep extends Step {
    private final Operand a;
    private final Operand b;
    private final Operand out;
    private final View left;
    private final View right;
    private final View to;

    OuterSumStep(Operand a, Operand b, Operand out) {
        this.a = a;
        this.b = b;
        this.out = out;
        this.left = a.view();
        this.right = b.view();
        this.to = out.view();
    }

    @Override
    public void resize() {
        a.asRows(left);
        b.asRows(right);
        out.asRows(to);
    }

    @Override
    public void run() {
        Copies.zero(out.segment(), 0, out.byteSize());
        if (out.isEmpty()) {
            return;
        }
        for (int r = 0; r < left.rows; r++) {
            for (int n = 0; n < left.cols; n++) {
                float factor = left.get(r, n);
                for (int k = 0; k < right.cols; k++) {
                    to.put(n, k, Math.fma(factor, right.get(r, k), to.get(n, k)));
                }
            }
        }
    }
}
