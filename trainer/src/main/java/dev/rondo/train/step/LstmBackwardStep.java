package dev.rondo.train.step;

import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Node;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import dev.rondo.kernel.Weights;
import dev.rondo.plan.Binder;
import dev.rondo.plan.Operand;
import dev.rondo.train.kernel.TrainingKernels;
import java.util.List;

/** Runs {@link Training.LstmBackward}. */
final class LstmBackwardStep extends TimeLoop {
    private static final int GATES = 4;

    private final boolean reverse;
    private final Operand gates;
    private final Operand cells;
    private final Operand c0;
    private final Operand dy;
    private final Operand dhAfter;
    private final Operand dcAfter;
    private final Operand dz;
    private final Operand dh;
    private final Operand dc;
    private final Weights hidden;
    private final View gatesStep;
    private final View cellsStep;
    private final View before;
    private final View beginning;
    private final View dyStep;
    private final View dzStep;
    private final View dzRows;
    private final View dhRows;
    private final View dcRows;
    private final Kernels products;
    private final TrainingKernels kernels;

    LstmBackwardStep(Training.LstmBackward op, Node node, Binder binder, TrainingKernels kernels) {
        this(op, node, binder, kernels, PackStep.of(node, "weight_hidden", 0, GATES, GATES, true, binder));
    }

    private LstmBackwardStep(
            Training.LstmBackward op, Node node, Binder binder, TrainingKernels kernels, PackStep pack) {
        super(
                binder.operand(node.outputs().getFirst()),
                binder.operand(node.input("lengths")),
                "lstm_backward to " + node.outputs().getFirst().name(),
                op.reverse(),
                List.of(pack));
        this.reverse = op.reverse();
        this.gates = binder.operand(node.input("gates"));
        this.cells = binder.operand(node.input("cells"));
        this.c0 = binder.operand(node.input("c"));
        this.dy = binder.operand(node.input("dy"));
        this.dhAfter = binder.operand(node.input("dh"));
        this.dcAfter = binder.operand(node.input("dc"));
        this.dz = binder.operand(node.outputs().get(0));
        this.dh = binder.operand(node.outputs().get(1));
        this.dc = binder.operand(node.outputs().get(2));
        this.hidden = pack.weights();
        int units = hidden.rows();
        this.gatesStep = gates.view();
        this.cellsStep = cells.view();
        this.before = cells.view();
        this.beginning = c0 == null ? Scratch.zeros(units, binder) : c0.view();
        this.dyStep = dy == null ? Scratch.zeros(units, binder) : dy.view();
        this.dzStep = dz.view();
        this.dzRows = Scratch.rows(dz, hidden.columns(), binder);
        this.dhRows = dh.view();
        this.dcRows = dc.view();
        this.products = binder.kernels();
        this.kernels = kernels;
    }

    @Override
    void take() {
        asSteps(gates, gatesStep);
        asSteps(cells, cellsStep);
        asSteps(cells, before);
        asSteps(dz, dzStep);
        if (c0 != null) {
            c0.asRows(beginning);
        }
        if (dy != null) {
            asSteps(dy, dyStep);
        }
        dh.asRows(dhRows);
        dc.asRows(dcRows);
    }

    @Override
    void begin() {
        begin(dhAfter, dh);
        begin(dcAfter, dc);
    }

    @Override
    void step(int from, int to, int t) {
        // Rows whose first step this is began with the state; with lengths and reverse not all of them do.
        for (int start = from; start < to; ) {
            boolean first = isFirst(start, t);
            int end = start + 1;
            while (end < to && isFirst(end, t) == first) {
                end++;
            }
            elementwise(start, end, t, first);
            start = end;
        }
        toRows(dzRows, from, to);
        toRows(dhRows, from, to);
        products.linear(dzRows, hidden, null, dhRows);
    }

    private boolean isFirst(int row, int t) {
        return t == (reverse ? length(row) - 1 : 0);
    }

    private void elementwise(int from, int to, int t, boolean first) {
        View cPrev = first ? beginning : before;
        if (first) {
            toRows(beginning, from, to);
        } else {
            toStep(before, from, to, reverse ? t + 1 : t - 1);
        }
        toStep(gatesStep, from, to, t);
        toStep(cellsStep, from, to, t);
        toStep(dyStep, from, to, t);
        toStep(dzStep, from, to, t);
        toRows(dzRows, from, to);
        toRows(dhRows, from, to);
        toRows(dcRows, from, to);
        kernels.lstmBackward(gatesStep, cellsStep, cPrev, dyStep, dhRows, dcRows, dzStep, dzRows);
    }

    @Override
    void end() {
        pad(dz);
    }
}
