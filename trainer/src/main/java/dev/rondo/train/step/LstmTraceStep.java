package dev.rondo.train.step;

import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Node;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import dev.rondo.kernel.Weights;
import dev.rondo.plan.Binder;
import dev.rondo.plan.Operand;
import dev.rondo.plan.Step;
import dev.rondo.train.kernel.TrainingKernels;
import java.util.ArrayList;
import java.util.List;

/** Runs {@link Training.LstmTrace}. */
final class LstmTraceStep extends TimeLoop {
    private static final int GATES = 4;

    private final boolean repeat;
    private final Operand h0;
    private final Operand c0;
    private final Operand y;
    private final Operand h;
    private final Operand c;
    private final Operand gates;
    private final Operand cells;
    private final Operand share;
    private final Weights hidden;
    private final View product;
    private final View x;
    private final View hRows;
    private final View cRows;
    private final View yStep;
    private final View gatesStep;
    private final View cellsStep;
    private final Kernels products;
    private final TrainingKernels kernels;

    LstmTraceStep(Training.LstmTrace op, Node node, Binder binder, TrainingKernels kernels) {
        this(
                op,
                node,
                binder,
                kernels,
                InputShare.of(node, binder.operand(node.outputs().get(3)), GATES, binder),
                PackStep.of(node, "weight_hidden", 0, GATES, GATES, false, binder));
    }

    private LstmTraceStep(
            Training.LstmTrace op, Node node, Binder binder, TrainingKernels kernels, InputShare input, PackStep pack) {
        super(
                binder.operand(node.outputs().getFirst()),
                binder.operand(node.input("lengths")),
                "lstm_trace to " + node.outputs().getFirst().name(),
                !op.reverse(),
                preparations(input, pack));
        this.repeat = op.repeat() && !op.reverse();
        this.h0 = binder.operand(node.input("h"));
        this.c0 = binder.operand(node.input("c"));
        this.y = binder.operand(node.outputs().get(0));
        this.h = binder.operand(node.outputs().get(1));
        this.c = binder.operand(node.outputs().get(2));
        this.gates = binder.operand(node.outputs().get(3));
        this.cells = binder.operand(node.outputs().get(4));
        this.share = input.source();
        this.hidden = pack.weights();
        this.product = Scratch.rows(y, hidden.rows(), binder);
        this.x = share.view();
        this.hRows = h.view();
        this.cRows = c.view();
        this.yStep = y.view();
        this.gatesStep = gates.view();
        this.cellsStep = cells.view();
        this.products = binder.kernels();
        this.kernels = kernels;
    }

    static List<Step> preparations(InputShare input, PackStep... packs) {
        var all = new ArrayList<Step>(input.steps());
        all.addAll(List.of(packs));
        return all;
    }

    @Override
    void take() {
        asSteps(share, x);
        asSteps(y, yStep);
        asSteps(gates, gatesStep);
        asSteps(cells, cellsStep);
        h.asRows(hRows);
        c.asRows(cRows);
    }

    @Override
    void begin() {
        begin(h0, h);
        begin(c0, c);
    }

    @Override
    void step(int from, int to, int t) {
        toRows(product, from, to);
        toRows(hRows, from, to);
        toRows(cRows, from, to);
        toStep(x, from, to, t);
        toStep(gatesStep, from, to, t);
        toStep(cellsStep, from, to, t);
        toStep(yStep, from, to, t);
        products.linear(hRows, hidden, null, product);
        kernels.lstmTrace(product, x, cRows, gatesStep, cellsStep, hRows, yStep);
    }

    @Override
    void end() {
        pad(gates);
        pad(cells);
        pad(y);
        if (repeat) {
            repeat(y);
        }
    }
}
