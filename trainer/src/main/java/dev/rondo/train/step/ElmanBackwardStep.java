package dev.rondo.train.step;

import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Node;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import dev.rondo.kernel.Weights;
import dev.rondo.plan.Binder;
import dev.rondo.plan.Operand;
import dev.rondo.train.kernel.TrainingKernels;
import java.util.List;

/** Runs {@link Training.ElmanBackward}. */
final class ElmanBackwardStep extends TimeLoop {
    private final Activation activation;
    private final Operand y;
    private final Operand dy;
    private final Operand dhAfter;
    private final Operand dz;
    private final Operand dh;
    private final Weights hidden;
    private final View yStep;
    private final View dyStep;
    private final View dzStep;
    private final View dzRows;
    private final View dhRows;
    private final Kernels products;
    private final TrainingKernels kernels;

    ElmanBackwardStep(Training.ElmanBackward op, Node node, Binder binder, TrainingKernels kernels) {
        this(op, node, binder, kernels, PackStep.of(node, "weight_hidden", 0, 1, 1, true, binder));
    }

    private ElmanBackwardStep(
            Training.ElmanBackward op, Node node, Binder binder, TrainingKernels kernels, PackStep pack) {
        super(
                binder.operand(node.outputs().getFirst()),
                binder.operand(node.input("lengths")),
                "elman_backward to " + node.outputs().getFirst().name(),
                op.reverse(),
                List.of(pack));
        this.activation = op.activation();
        this.y = binder.operand(node.input("y"));
        this.dy = binder.operand(node.input("dy"));
        this.dhAfter = binder.operand(node.input("dh"));
        this.dz = binder.operand(node.outputs().get(0));
        this.dh = binder.operand(node.outputs().get(1));
        this.hidden = pack.weights();
        this.yStep = y.view();
        this.dyStep = dy == null ? Scratch.zeros(hidden.rows(), binder) : dy.view();
        this.dzStep = dz.view();
        this.dzRows = Scratch.rows(dz, hidden.columns(), binder);
        this.dhRows = dh.view();
        this.products = binder.kernels();
        this.kernels = kernels;
    }

    @Override
    void take() {
        asSteps(y, yStep);
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
        toStep(yStep, from, to, t);
        toStep(dyStep, from, to, t);
        toStep(dzStep, from, to, t);
        toRows(dzRows, from, to);
        toRows(dhRows, from, to);
        kernels.elmanBackward(activation, yStep, dyStep, dhRows, dzStep, dzRows);
        products.linear(dzRows, hidden, null, dhRows);
    }

    @Override
    void end() {
        pad(dz);
    }
}
