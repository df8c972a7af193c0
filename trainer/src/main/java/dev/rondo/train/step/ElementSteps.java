package dev.rondo.train.step;

import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Activation;
import dev.rondo.kernel.View;
import dev.rondo.plan.Operand;
import dev.rondo.plan.Step;
import dev.rondo.train.kernel.TrainingKernels;
import java.lang.foreign.ValueLayout;

/** Operators of training that work element by element. */
final class ElementSteps {
    private ElementSteps() {}

    /** All elements as one row. */
    private static void asOneRow(Operand operand, View view) {
        operand.asMatrix(view, 1, operand.count());
    }

    static final class Dropout extends Step {
        private final Training.Dropout op;
        private final Operand x;
        private final Operand seed;
        private final Operand out;
        private final View from;
        private final View to;
        private final TrainingKernels kernels;

        Dropout(Training.Dropout op, Operand x, Operand seed, Operand out, TrainingKernels kernels) {
            this.op = op;
            this.x = x;
            this.seed = seed;
            this.out = out;
            this.from = x.view();
            this.to = out.view();
            this.kernels = kernels;
        }

        @Override
        public void resize() {
            asOneRow(x, from);
            asOneRow(out, to);
        }

        @Override
        public void run() {
            long value = seed.segment().get(ValueLayout.JAVA_LONG, 0);
            kernels.dropout(Training.Dropout.key(value, op.site()), op.probability(), from, to);
        }
    }

    static final class ActivateBackward extends Step {
        private final Activation f;
        private final Operand x;
        private final Operand y;
        private final Operand dy;
        private final Operand out;
        private final View input;
        private final View output;
        private final View gradient;
        private final View to;
        private final TrainingKernels kernels;

        ActivateBackward(Activation f, Operand x, Operand y, Operand dy, Operand out, TrainingKernels kernels) {
            this.f = f;
            this.x = x;
            this.y = y;
            this.dy = dy;
            this.out = out;
            this.input = x.view();
            this.output = y.view();
            this.gradient = dy.view();
            this.to = out.view();
            this.kernels = kernels;
        }

        @Override
        public void resize() {
            asOneRow(x, input);
            asOneRow(y, output);
            asOneRow(dy, gradient);
            asOneRow(out, to);
        }

        @Override
        public void run() {
            kernels.activateBackward(f, input, output, gradient, to);
        }
    }
}
