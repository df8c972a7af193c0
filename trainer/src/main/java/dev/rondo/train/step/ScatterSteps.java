package dev.rondo.train.step;

import dev.rondo.architecture.training.Training;
import dev.rondo.error.ShapeException;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import dev.rondo.plan.Copies;
import dev.rondo.plan.Indices;
import dev.rondo.plan.Operand;
import dev.rondo.plan.Sizes;
import dev.rondo.plan.Step;
import java.lang.foreign.Arena;
import java.util.function.ToLongFunction;

/** The gradients of operators that take elements from somewhere: they put or add them there. */
final class ScatterSteps {
    private ScatterSteps() {}

    private static void clear(Operand out) {
        Copies.zero(out.segment(), 0, out.byteSize());
    }

    /** Rows are added in the order of the index, so that the sum of many is always the same. */
    static final class GatherBackward extends Step {
        private final Operand dy;
        private final Indices indices;
        private final Operand out;
        private final View from;
        private final View to;
        private final Kernels kernels;

        GatherBackward(Operand dy, Operand index, Operand out, Kernels kernels, Arena arena) {
            this.dy = dy;
            this.indices = new Indices(index, "gather_backward to " + out.name(), arena);
            this.out = out;
            this.from = dy.view();
            this.to = out.view();
            this.kernels = kernels;
        }

        @Override
        public void resize() {
            indices.resize();
            int row = out.product(1, out.type().rank());
            dy.asMatrix(from, 1, row);
            out.asMatrix(to, 1, row);
        }

        @Override
        public void run() {
            indices.check(out.dim(0));
            clear(out);
            if (dy.isEmpty()) {
                return;
            }
            for (int i = 0; i < indices.view().rows; i++) {
                from.at(i * from.rowStride);
                to.at(indices.get(i) * to.rowStride);
                kernels.binary(BinaryFunction.ADD, to, from, to);
            }
        }
    }

    static final class PickBackward extends Step {
        private final Operand dy;
        private final Indices indices;
        private final Operand out;

        PickBackward(Operand dy, Operand index, Operand out, Arena arena) {
            this.dy = dy;
            this.indices = new Indices(index, "pick_backward to " + out.name(), arena);
            this.out = out;
        }

        @Override
        public void resize() {
            indices.resize();
        }

        @Override
        public void run() {
            int size = out.dim(out.type().rank() - 1);
            indices.check(size);
            clear(out);
            for (int i = 0; i < indices.view().rows; i++) {
                long to = ((long) i * size + indices.get(i)) * Float.BYTES;
                Copies.strided(Float.BYTES, dy.segment(), i * 4L, 0, out.segment(), to, 0, 1);
            }
        }
    }

    static final class SliceBackward extends Step {
        private final Training.SliceBackward op;
        private final int axis;
        private final Operand dy;
        private final Operand out;
        private final ToLongFunction<String> actual;
        private long start;

        SliceBackward(Training.SliceBackward op, Operand dy, Operand out, Sizes sizes) {
            this.op = op;
            this.axis = op.axis() < 0 ? op.axis() + out.type().rank() : op.axis();
            this.dy = dy;
            this.out = out;
            this.actual = sizes::actual;
        }

        @Override
        public void resize() {
            try {
                start = op.start().evaluate(actual);
            } catch (ArithmeticException overflow) {
                start = Long.MAX_VALUE;
            }
            int count = dy.dim(axis);
            long last = start + (count - 1L) * op.step();
            if (start < 0 || start > out.dim(axis) || (count > 0 && (last < 0 || last >= out.dim(axis)))) {
                throw new ShapeException(
                        "value " + out.name(),
                        "a slice's gradient lies within it",
                        "elements " + start + " to " + last + " of " + out.dim(axis),
                        "give larger sizes");
            }
        }

        @Override
        public void run() {
            clear(out);
            int rank = out.type().rank();
            int outer = dy.isEmpty() ? 0 : dy.product(0, axis);
            long inner = (long) dy.product(axis + 1, rank) * Float.BYTES;
            int count = dy.dim(axis);
            for (int r = 0; r < outer; r++) {
                long from = (long) r * count * inner;
                long to = ((long) r * out.dim(axis) + start) * inner;
                if (op.step() == 1) {
                    Copies.copy(dy.segment(), from, out.segment(), to, count * inner);
                } else {
                    for (int i = 0; i < count; i++) {
                        Copies.copy(dy.segment(), from + i * inner, out.segment(), to + i * op.step() * inner, inner);
                    }
                }
            }
        }
    }
}
