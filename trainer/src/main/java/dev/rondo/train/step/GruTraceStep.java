package dev.rondo.train.step;

import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Node;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import dev.rondo.kernel.Weights;
import dev.rondo.plan.Binder;
import dev.rondo.plan.Copies;
import dev.rondo.plan.Operand;
import dev.rondo.train.kernel.TrainingKernels;

/** Runs {@link Training.GruTrace}. */
final class GruTraceStep extends TimeLoop {
    private static final int GATES = 3;

    private final boolean resetAfter;
    private final boolean repeat;
    private final Operand h0;
    private final Operand hiddenBias;
    private final Operand y;
    private final Operand h;
    private final Operand gates;
    private final Operand recurrent;
    private final Operand share;
    /** All gates with resetAfter, else r and z. */
    private final Weights first;

    private final Weights candidate;
    private final View product;
    private final View reset;
    private final View candidateProduct;
    private final View biasRow;
    private final View x;
    private final View hRows;
    private final View yStep;
    private final View gatesStep;
    private final View recurrentStep;
    private final Kernels products;
    private final TrainingKernels kernels;

    GruTraceStep(Training.GruTrace op, Node node, Binder binder, TrainingKernels kernels) {
        this(
                op,
                node,
                binder,
                kernels,
                InputShare.of(node, binder.operand(node.outputs().get(2)), GATES, binder),
                PackStep.of(node, "weight_hidden", 0, op.resetAfter() ? GATES : 2, GATES, false, binder),
                PackStep.of(node, "weight_hidden", 2, op.resetAfter() ? 0 : 1, GATES, false, binder));
    }

    private GruTraceStep(
            Training.GruTrace op,
            Node node,
            Binder binder,
            TrainingKernels kernels,
            InputShare input,
            PackStep first,
            PackStep candidate) {
        super(
                binder.operand(node.outputs().getFirst()),
                binder.operand(node.input("lengths")),
                "gru_trace to " + node.outputs().getFirst().name(),
                !op.reverse(),
                LstmTraceStep.preparations(input, first, candidate));
        this.resetAfter = op.resetAfter();
        this.repeat = op.repeat() && !op.reverse();
        this.h0 = binder.operand(node.input("h"));
        this.hiddenBias = binder.operand(node.input("hidden_bias"));
        this.y = binder.operand(node.outputs().get(0));
        this.h = binder.operand(node.outputs().get(1));
        this.gates = binder.operand(node.outputs().get(2));
        this.recurrent = binder.operand(node.outputs().get(3));
        this.share = input.source();
        this.first = first.weights();
        this.candidate = candidate.weights();
        this.product = Scratch.rows(y, this.first.rows(), binder);
        this.reset = Scratch.rows(y, this.candidate.rows(), binder);
        this.candidateProduct = Scratch.rows(y, this.candidate.rows(), binder);
        this.biasRow = hiddenBias == null ? null : Scratch.zeros(this.first.rows(), binder);
        this.x = share.view();
        this.hRows = h.view();
        this.yStep = y.view();
        this.gatesStep = gates.view();
        this.recurrentStep = recurrent.view();
        this.products = binder.kernels();
        this.kernels = kernels;
    }

    @Override
    void take() {
        asSteps(share, x);
        asSteps(y, yStep);
        asSteps(gates, gatesStep);
        asSteps(recurrent, recurrentStep);
        h.asRows(hRows);
    }

    @Override
    void begin() {
        begin(h0, h);
        if (biasRow != null) {
            // (0, 0, d)
            Copies.copy(hiddenBias.segment(), 0, biasRow.segment, 2 * hiddenBias.byteSize(), hiddenBias.byteSize());
        }
    }

    @Override
    void step(int from, int to, int t) {
        toRows(product, from, to);
        toRows(hRows, from, to);
        toStep(x, from, to, t);
        toStep(gatesStep, from, to, t);
        toStep(recurrentStep, from, to, t);
        toStep(yStep, from, to, t);
        products.linear(hRows, first, biasRow, product);
        if (resetAfter) {
            kernels.gruTraceAfter(product, x, hRows, gatesStep, recurrentStep, yStep);
            return;
        }
        toRows(reset, from, to);
        toRows(candidateProduct, from, to);
        kernels.gruTraceReset(product, x, hRows, gatesStep, recurrentStep, reset);
        products.linear(reset, candidate, null, candidateProduct);
        kernels.gruTraceCandidate(candidateProduct, x, hRows, gatesStep, yStep);
    }

    @Override
    void end() {
        pad(gates);
        pad(recurrent);
        pad(y);
        if (repeat) {
            repeat(y);
        }
    }
}
