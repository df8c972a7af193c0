package dev.rondo.train.step;

import dev.rondo.kernel.View;
import dev.rondo.plan.Indices;
import dev.rondo.plan.Operand;
import dev.rondo.plan.Step;
import dev.rondo.train.kernel.TrainingKernels;
import java.lang.foreign.Arena;

/** The cross-entropy of a softmax and its gradient. */
final class CrossEntropySteps {
    private CrossEntropySteps() {}

    static final class Forward extends Step {
        private final float smoothing;
        private final Operand logits;
        private final Indices targets;
        private final Operand out;
        private final View from;
        private final View to;
        private final TrainingKernels kernels;

        Forward(float smoothing, Operand logits, Operand target, Operand out, TrainingKernels kernels, Arena arena) {
            this.smoothing = smoothing;
            this.logits = logits;
            this.targets = new Indices(target, "cross_entropy to " + out.name(), arena);
            this.out = out;
            this.from = logits.view();
            this.to = out.view();
            this.kernels = kernels;
        }

        @Override
        public void resize() {
            targets.resize();
            logits.asRows(from);
            out.asMatrix(to, out.count(), 1);
        }

        @Override
        public void run() {
            targets.check(from.cols);
            kernels.crossEntropy(from, targets.view(), smoothing, to);
        }
    }

    static final class Backward extends Step {
        private final float smoothing;
        private final Operand logits;
        private final Indices targets;
        private final Operand dy;
        private final Operand out;
        private final View from;
        private final View gradient;
        private final View to;
        private final TrainingKernels kernels;

        Backward(
                float smoothing,
                Operand logits,
                Operand target,
                Operand dy,
                Operand out,
                TrainingKernels kernels,
                Arena arena) {
            this.smoothing = smoothing;
            this.logits = logits;
            this.targets = new Indices(target, "cross_entropy_backward to " + out.name(), arena);
            this.dy = dy;
            this.out = out;
            this.from = logits.view();
            this.gradient = dy.view();
            this.to = out.view();
            this.kernels = kernels;
        }

        @Override
        public void resize() {
            targets.resize();
            logits.asRows(from);
            dy.asMatrix(gradient, dy.count(), 1);
            out.asRows(to);
        }

        @Override
        public void run() {
            targets.check(from.cols);
            kernels.crossEntropyBackward(from, targets.view(), gradient, smoothing, to);
        }
    }
}
