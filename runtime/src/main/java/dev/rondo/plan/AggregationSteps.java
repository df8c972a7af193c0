package dev.rondo.plan;

import dev.rondo.error.InputException;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Aggregation.Normalisation;
import dev.rondo.graph.Reduction;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import java.util.List;

/** Reductions, pooling, softmax, attention, normalisation. */
final class AggregationSteps {
    private AggregationSteps() {}

    static Step softmax(boolean log, Operand x, Operand mask, Operand out, Kernels kernels) {
        return new BroadcastStep(mask == null ? List.of(x) : List.of(x, mask), out, true) {
            @Override
            void kernel() {
                kernels.softmax(views[0], views.length > 1 ? views[1] : null, log, outView);
            }
        };
    }

    /** Reduces the middle of [outer, size, inner]. */
    static final class Reduce extends Step {
        private final Reduction reduction;
        private final int axis;
        private final Operand x;
        private final Operand out;
        private final Kernels kernels;
        private final View from;
        private final View to;

        Reduce(Reduction reduction, int axis, Operand x, Operand out, Kernels kernels) {
            this.reduction = reduction;
            this.axis = axis < 0 ? axis + x.dims.length : axis;
            this.x = x;
            this.out = out;
            this.kernels = kernels;
            this.from = x.view();
            this.to = out.view();
        }

        @Override
        public void resize() {}

        @Override
        public void run() {
            int outer = out.isEmpty() ? 0 : x.product(0, axis);
            int size = x.dims[axis];
            int inner = x.product(axis + 1, x.dims.length);
            if (inner == 1) {
                x.asMatrix(from, outer, size);
                out.asMatrix(to, outer, 1);
                kernels.reduceColumns(reduction, from, to);
                return;
            }
            x.asMatrix(from, size, inner);
            out.asMatrix(to, 1, inner);
            for (int o = 0; o < outer; o++) {
                kernels.reduceRows(reduction, from.at((long) o * size * inner * 4), to.at((long) o * inner * 4));
            }
        }
    }

    /** Scores of additive attention, of every query its own row: only those that the mask asks for. */
    static Step additiveScores(
            Operand query, Operand keys, Operand vector, Operand mask, Operand out, Kernels kernels) {
        View from = query.view();
        View memory = keys.view();
        View v = vector.view();
        View taken = mask == null ? null : mask.view();
        View to = out.view();
        return new BroadcastStep(mask == null ? List.of() : List.of(mask), out, true) {
            @Override
            void kernel() {
                int width = query.dims[2];
                int places = outView.cols;
                vector.asMatrix(v, 1, width);
                keys.asMatrix(memory, places, width);
                to.window(1, places);
                from.window(1, width);
                for (int r = 0; r < outView.rows; r++) {
                    to.at(outView.offset + r * outView.rowStride);
                    long row = to.offset / (4L * places);
                    from.at(row * width * 4);
                    memory.at(keys.dims[0] == 1 ? 0 : row / query.dims[1] * places * width * 4);
                    if (taken != null) {
                        taken.at(views[0].offset + r * views[0].rowStride).window(1, views[0].cols);
                    }
                    kernels.additiveScores(from, memory, v, taken, to);
                }
            }
        };
    }

    /** The largest along the last axis: k of them with their values, or the first one's place alone. */
    static final class Largest extends Step {
        private final Normalisation normalisation;
        private final Operand x;
        private final Operand out;
        private final Kernels kernels;
        private final View from;
        private final View values;
        private final View to;

        /** @param values null where only the largest is asked for */
        Largest(Normalisation normalisation, Operand x, Operand values, Operand out, Kernels kernels) {
            this.normalisation = normalisation;
            this.x = x;
            this.out = out;
            this.kernels = kernels;
            this.from = x.view();
            this.values = values == null ? null : values.view();
            this.to = out.view();
        }

        @Override
        public void resize() {
            int k = values == null ? 1 : out.dims[out.dims.length - 1];
            int size = x.dims[x.dims.length - 1];
            if (size < k) {
                throw new InputException("value " + out.name, "the axis has at least " + k, "" + size, "check sizes");
            }
            x.asRows(from);
            out.asMatrix(to, from.rows, k);
            if (values != null) {
                values.window(from.rows, k).rowStride = 4L * k;
            }
        }

        @Override
        public void run() {
            if (values == null) {
                kernels.argMax(from, to);
            } else {
                kernels.topK(from, normalisation, values, to);
            }
        }
    }

    /** Normalises rows. */
    static final class LayerNorm extends Step {
        private final float epsilon;
        private final Operand x;
        private final Operand gain;
        private final Operand bias;
        private final Operand out;
        private final Kernels kernels;
        private final View from;
        private final View gainView;
        private final View biasView;
        private final View to;

        LayerNorm(float epsilon, Operand x, Operand gain, Operand bias, Operand out, Kernels kernels) {
            this.epsilon = epsilon;
            this.x = x;
            this.gain = gain;
            this.bias = bias;
            this.out = out;
            this.kernels = kernels;
            this.from = x.view();
            this.gainView = gain == null ? null : gain.view();
            this.biasView = bias == null ? null : bias.view();
            this.to = out.view();
        }

        @Override
        public void resize() {
            x.asRows(from);
            out.asRows(to);
            if (gain != null) {
                gain.asMatrix(gainView, 1, to.cols);
            }
            if (bias != null) {
                bias.asMatrix(biasView, 1, to.cols);
            }
        }

        @Override
        public void run() {
            kernels.layerNorm(from, gainView, biasView, epsilon, to);
        }
    }

    /** Pools each row's valid steps, or each window. */
    static final class Pool extends Step {
        private final Aggregation.Pooling pooling;
        private final Operand x;
        private final Lengths lengths;
        private final int window;
        private final int stride;
        private final Operand out;
        private final Kernels kernels;
        private final View from;
        private final View to;

        /** @param window steps of a window; 0 pools the whole row */
        Pool(
                Aggregation.Pooling pooling,
                Operand x,
                Operand lengths,
                int window,
                int stride,
                Operand out,
                Kernels kernels) {
            this.pooling = pooling;
            this.x = x;
            this.lengths = lengths == null ? null : new Lengths(lengths, "pool_time to " + out.name);
            this.window = window;
            this.stride = stride;
            this.out = out;
            this.kernels = kernels;
            this.from = x.view();
            this.to = out.view();
        }

        @Override
        public void resize() {
            x.asMatrix(from, 0, x.dims[2]);
            out.asMatrix(to, 1, x.dims[2]);
        }

        @Override
        public void run() {
            int steps = x.dims[1];
            long step = x.dims[2] * 4L;
            if (lengths != null) {
                lengths.check(steps);
            }
            int windows = window == 0 ? 1 : out.dims[1];
            for (int b = 0; b < x.dims[0] && !out.isEmpty(); b++) {
                for (int w = 0; w < windows; w++) {
                    int size = window > 0 ? window : lengths != null ? lengths.get(b) : steps;
                    pool(((long) b * steps + (long) w * stride) * step, size, ((long) b * windows + w) * step);
                }
            }
        }

        private void pool(long at, int size, long toOffset) {
            if (size == 0) {
                Copies.zero(out.segment, toOffset, x.dims[2] * 4L);
                return;
            }
            from.at(at).window(size, x.dims[2]);
            to.at(toOffset);
            switch (pooling) {
                case MEAN -> kernels.reduceRows(Reduction.MEAN, from, to);
                case MAX -> kernels.reduceRows(Reduction.MAX, from, to);
                case LAST ->
                    Copies.copy(x.segment, at + (size - 1L) * x.dims[2] * 4, out.segment, toOffset, x.dims[2] * 4L);
            }
        }
    }
}
