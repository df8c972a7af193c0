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

/** Runs {@link Training.GruBackward}. */
final class GruBackwardStep extends TimeLoop {
    private static final int GATES = 3;

    private final boolean resetAfter;
    private final Operand gates;
    private final Operand recurrent;
    private final Operand before;
    private final Operand dy;
    private final Operand dhAfter;
    private final Operand dz;
    private final Operand dh;
    /** All gates with resetAfter, else r and z. */
    private final Weights first;

    private final Weights candidate;
    private final View gatesStep;
    private final View recurrentStep;
    private final View beforeStep;
    private final View dyStep;
    private final View dzStep;
    private final View dzRows;
    private final View candidateRows;
    private final View candidateProduct;
    private final View dhRows;
    private final Kernels products;
    private final TrainingKernels kernels;

    GruBackwardStep(Training.GruBackward op, Node node, Binder binder, TrainingKernels kernels) {
        this(
                op,
                node,
                binder,
                kernels,
                PackStep.of(node, "weight_hidden", 0, op.resetAfter() ? GATES : 2, GATES, true, binder),
                PackStep.of(node, "weight_hidden", 2, op.resetAfter() ? 0 : 1, GATES, true, binder));
    }

    private GruBackwardStep(
            Training.GruBackward op,
            Node node,
            Binder binder,
            TrainingKernels kernels,
            PackStep first,
            PackStep candidate) {
        super(
                binder.operand(node.outputs().getFirst()),
                binder.operand(node.input("lengths")),
                "gru_backward to " + node.outputs().getFirst().name(),
                op.reverse(),
                List.of(first, candidate));
        this.resetAfter = op.resetAfter();
        this.gates = binder.operand(node.input("gates"));
        this.recurrent = binder.operand(node.input("recurrent"));
        this.before = binder.operand(node.input("h_before"));
        this.dy = binder.operand(node.input("dy"));
        this.dhAfter = binder.operand(node.input("dh"));
        this.dz = binder.operand(node.outputs().get(0));
        this.dh = binder.operand(node.outputs().get(1));
        this.first = first.weights();
        this.candidate = candidate.weights();
        this.gatesStep = gates.view();
        this.recurrentStep = recurrent.view();
        this.beforeStep = before.view();
        this.dyStep = dy == null ? Scratch.zeros(this.first.rows(), binder) : dy.view();
        this.dzStep = dz.view();
        this.dzRows = Scratch.rows(dz, this.first.columns(), binder);
        this.candidateRows = Scratch.rows(dz, this.candidate.columns(), binder);
        this.candidateProduct = Scratch.rows(dz, this.candidate.columns(), binder);
        this.dhRows = dh.view();
        this.products = binder.kernels();
        this.kernels = kernels;
    }

    @Override
    void take() {
        asSteps(gates, gatesStep);
        asSteps(recurrent, recurrentStep);
        asSteps(before, beforeStep);
        asSteps(dz, dzStep);
        if (dy != null) {
            asSteps(dy, dyStep);
        }
        dh.asRows(dhRows);
    }

    @Override
    void begin() {
        begin(dhAfter, dh);
    }

    @Override
    void step(int from, int to, int t) {
        toStep(gatesStep, from, to, t);
        toStep(recurrentStep, from, to, t);
        toStep(beforeStep, from, to, t);
        toStep(dyStep, from, to, t);
        toStep(dzStep, from, to, t);
        toRows(dzRows, from, to);
        toRows(dhRows, from, to);
        if (resetAfter) {
            kernels.gruBackwardAfter(gatesStep, recurrentStep, beforeStep, dyStep, dhRows, dzStep, dzRows);
        } else {
            toRows(candidateRows, from, to);
            toRows(candidateProduct, from, to);
            kernels.gruBackwardCandidate(gatesStep, beforeStep, dyStep, dhRows, dzStep, dzRows, candidateRows);
            products.linear(candidateRows, candidate, null, candidateProduct);
            kernels.gruBackwardReset(gatesStep, beforeStep, candidateProduct, dhRows, dzStep, dzRows);
        }
        products.addLinear(dzRows, first, 0, 1, dhRows);
    }

    @Override
    void end() {
        pad(dz);
    }
}
