package dev.rondo.train.step;

import dev.rondo.architecture.training.AttentionBackward;
import dev.rondo.graph.Node;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import dev.rondo.plan.Binder;
import dev.rondo.plan.Copies;
import dev.rondo.plan.Operand;
import dev.rondo.plan.Step;
import dev.rondo.train.kernel.TrainingKernels;
import java.lang.foreign.MemorySegment;

/** Runs {@link AttentionBackward}, a row of the batch at a time. */
final class AttentionBackwardStep extends Step {
    private final AttentionBackward op;
    private final Operand[] operands;
    /** A row of the batch of each input, then of each output. */
    private final View[] views;

    private final int inputs;
    private final View scratch;
    private final MemorySegment panels;
    private final Kernels products;
    private final TrainingKernels kernels;

    AttentionBackwardStep(AttentionBackward op, Node node, Binder binder, TrainingKernels kernels) {
        this.op = op;
        this.inputs = node.inputs().size();
        this.operands = new Operand[inputs + node.outputs().size()];
        this.views = new View[operands.length];
        for (int i = 0; i < operands.length; i++) {
            operands[i] = binder.operand(
                    i < inputs ? node.inputs().get(i) : node.outputs().get(i - inputs));
            views[i] = operands[i].view();
        }
        int width = binder.capacity(operands[0].type().dim(2));
        boolean products = op instanceof AttentionBackward.OuterSums;
        this.panels = !products
                ? null
                : Operand.memory(
                        binder.arena(),
                        "buffer of " + operands[inputs].name(),
                        Kernels.outerSumScratch(
                                width, binder.capacity(operands[1].type().dim(2))));
        this.scratch = products ? null : Scratch.zeros(width, binder);
        this.products = binder.kernels();
        this.kernels = kernels;
    }

    @Override
    public void resize() {
        for (int i = 0; i < operands.length; i++) {
            boolean row = operands[i].type().rank() == 1;
            operands[i].asMatrix(views[i], row ? 1 : operands[i].dim(1), operands[i].dim(row ? 0 : 2));
        }
    }

    @Override
    public void run() {
        Operand vector = operands[operands.length - 1];
        if (op instanceof AttentionBackward.AdditiveKeys) {
            Copies.zero(vector.segment(), 0, vector.byteSize());
        }
        if (operands[inputs].isEmpty()) {
            return;
        }
        int rows = operands[0].dim(0);
        for (int b = 0; b < rows; b++) {
            for (int i = 0; i < operands.length; i++) {
                if (operands[i].type().rank() == 3) {
                    views[i].at((long) b * views[i].rows * views[i].cols * Float.BYTES);
                }
            }
            row();
        }
    }

    private void row() {
        switch (op) {
            case AttentionBackward.OuterSums() -> products.outerSum(views[0], views[1], panels, views[2]);
            case AttentionBackward.AdditiveQuery() ->
                kernels.additiveQueryBackward(views[0], views[1], views[2], views[3], scratch, views[4]);
            case AttentionBackward.AdditiveKeys() ->
                kernels.additiveKeysBackward(views[0], views[1], views[2], views[3], scratch, views[4], views[5]);
        }
    }
}
