package dev.rondo.plan;

import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import dev.rondo.kernel.Weights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Linear maps, matrix products, convolutions. */
final class ContractionSteps {
    private ContractionSteps() {}

    /** The product of some dimensions at capacity. */
    private static long capacity(Operand operand, int from, int to, Binder binder) {
        long product = 1;
        for (int i = from; i < to; i++) {
            product = saturated(product, binder.capacity(operand.type.dim(i)));
        }
        return product;
    }

    /** Memory for the panels of a matrix; null where none are made. */
    private static MemorySegment panels(long rows, Dim inputs, Dim outputs, String name, Binder binder) {
        int columns = binder.capacity(outputs);
        if (!Kernels.matmulPacks((int) Math.min(rows, Integer.MAX_VALUE), columns)) {
            return null;
        }
        long bytes = Kernels.matmulScratch(binder.capacity(inputs), columns);
        return Operand.memory(binder.arena, "panels of " + name, bytes);
    }

    private static long saturated(long a, long b) {
        return Math.multiplyHigh(a, b) == 0 && a * b >= 0 ? a * b : Long.MAX_VALUE;
    }

    /** {@code y = x Wᵀ + b} with packed weights. */
    static final class Linear extends Step {
        private final Operand x;
        private final Weights weights;
        private final Operand out;
        private final Kernels kernels;
        private final View from;
        private final View bias;
        private final View to;
        private final MemorySegment scratch;

        Linear(Operand x, Weights weights, Operand bias, Operand out, Binder binder) {
            this.x = x;
            this.weights = weights;
            this.out = out;
            this.kernels = binder.kernels;
            this.scratch = Operand.scratch(binder.arena, weights);
            this.from = x.view();
            this.bias = bias == null ? null : View.f32(bias.segment, 1, weights.rows());
            this.to = out.view();
        }

        @Override
        public void resize() {
            int rows = out.product(0, out.dims.length - 1);
            x.asMatrix(from, rows, weights.columns());
            out.asMatrix(to, rows, weights.rows());
        }

        @Override
        public void run() {
            kernels.linear(from, weights, bias, scratch, to);
        }
    }

    /**
     * {@code y = x Wᵀ + b}, or {@code x W + b}, with a matrix that is fed or computed, dense rows. Many rows of x are worth
     * packing it first; in the body of a scan, many steps are.
     */
    static final class LinearDense extends Step {
        private final Operand x;
        private final Operand weight;
        private final Operand bias;
        private final boolean transposed;
        private final Operand out;
        private final Kernels kernels;
        private final View from;
        private final View matrix;
        private final View row;
        private final View to;
        private final Weights packed;

        /** @param transposed whether it is {@code x W}, the rows of W being inputs */
        LinearDense(Operand x, Operand weight, Operand bias, boolean transposed, Operand out, Binder binder) {
            this.transposed = transposed;
            this.x = x;
            this.weight = weight;
            this.bias = bias;
            this.out = out;
            this.kernels = binder.kernels;
            this.from = x.view();
            this.matrix = weight.view();
            this.row = bias == null ? null : bias.view();
            this.to = out.view();
            Dim outputs = weight.type.dim(transposed ? 1 : 0);
            Dim inputs = weight.type.dim(transposed ? 0 : 1);
            boolean fixed = outputs.isFixed() && inputs.isFixed();
            long rows = weight.isStill() ? Long.MAX_VALUE : capacity(out, 0, out.dims.length - 1, binder);
            MemorySegment memory = fixed ? panels(rows, inputs, outputs, weight.name, binder) : null;
            this.packed = memory == null
                    ? null
                    : new Weights(
                            memory, Encoding.F32, new Layout.Panels(1), (int) outputs.fixed(), (int) inputs.fixed());
        }

        @Override
        public void resize() {
            weight.asRows(matrix);
            int rows = out.product(0, out.dims.length - 1);
            int outputs = weight.dims[transposed ? 1 : 0];
            x.asMatrix(from, rows, weight.dims[transposed ? 0 : 1]);
            out.asMatrix(to, rows, outputs);
            if (bias != null) {
                bias.asMatrix(row, rows, outputs);
                row.rowStride = 0;
            }
        }

        @Override
        public void run() {
            compute(true);
        }

        @Override
        public void runAgain() {
            compute(!weight.isStill());
        }

        private void compute(boolean pack) {
            if (packed != null && (weight.isStill() || Kernels.matmulPacks(from.rows, to.cols))) {
                if (pack && transposed) {
                    kernels.packTransposed(matrix, packed);
                } else if (pack) {
                    kernels.pack(matrix, packed);
                }
                kernels.linear(from, packed, row, to);
                return;
            }
            kernels.matmul(from, matrix, !transposed, null, to);
            if (bias != null) {
                kernels.binary(BinaryFunction.ADD, to, row, to);
            }
        }
    }

    /** Products over the last two axes; the axes before them broadcast. */
    static final class MatMul extends Step {
        private final boolean transposeB;
        private final Operand a;
        private final Operand b;
        private final Operand out;
        private final Kernels kernels;
        private final View left;
        private final View right;
        private final View to;
        private final MemorySegment scratch;

        MatMul(boolean transposeB, Operand a, Operand b, Operand out, Binder binder) {
            this.transposeB = transposeB;
            this.a = a;
            this.b = b;
            this.out = out;
            this.kernels = binder.kernels;
            this.left = a.view();
            this.right = b.view();
            this.to = out.view();
            int rank = out.dims.length;
            boolean one = capacity(b, 0, b.type.rank() - 2, binder) == 1;
            this.scratch = panels(
                    capacity(out, one ? 0 : rank - 2, rank - 1, binder),
                    a.type.dim(-1),
                    out.type.dim(-1),
                    b.name,
                    binder);
        }

        @Override
        public void resize() {
            matrix(a, left);
            matrix(b, right);
            matrix(out, to);
        }

        /** With one matrix b, all rows of a are one product. */
        private void matrix(Operand operand, View view) {
            if (b.product(0, b.dims.length - 2) == 1 && operand != b) {
                operand.asRows(view);
                return;
            }
            operand.asMatrix(view, operand.dims[operand.dims.length - 2], operand.dims[operand.dims.length - 1]);
        }

        @Override
        public void run() {
            int products = out.isEmpty() ? 0 : out.product(0, out.dims.length - 1) / to.rows;
            for (int n = 0; n < products; n++) {
                kernels.matmul(
                        left.at(index(a, n) * left.rows * left.cols * 4L),
                        right.at(index(b, n) * right.rows * right.cols * 4L),
                        transposeB,
                        scratch,
                        to.at((long) n * to.rows * to.cols * 4));
            }
        }

        /** Which matrix of an operand belongs to the n-th matrix of the result. */
        private long index(Operand operand, int n) {
            long index = 0;
            long stride = 1;
            int rest = n;
            for (int d = out.dims.length - 3; d >= 0; d--) {
                int position = rest % out.dims[d];
                rest /= out.dims[d];
                int own = d - (out.dims.length - operand.dims.length);
                if (own >= 0) {
                    index += operand.dims[own] == 1 ? 0 : position * stride;
                    stride *= operand.dims[own];
                }
            }
            return index;
        }
    }

    /**
     * Convolution as a product of windows with the weights. Without dilation and groups a window is one run of memory,
     * and the rows of the product overlap; otherwise the windows are gathered first.
     */
    static final class Conv1d extends Step {
        private final Contraction.Conv1d op;
        private final Operand x;
        private final Weights[] weights;
        private final int window;
        private final int channels;
        private final Operand out;
        private final Kernels kernels;
        private final View[] bias;
        private final View from;
        private final View to;
        private final MemorySegment padded;
        private final View gathered;
        private final MemorySegment scratch;
        /** The bias and then the results of a row of the batch, in whole panels; null where rows of out are such. */
        private final View whole;

        private final View wholeBias;
        /** What of it goes to out. */
        private final View part;

        /**
         * @param weights one matrix [O/G, J*C/G] per group
         * @param taps J
         */
        Conv1d(
                Contraction.Conv1d op,
                Operand x,
                List<Weights> weights,
                int taps,
                Operand bias,
                Operand out,
                Kernels kernels,
                Arena arena) {
            this.op = op;
            this.x = x;
            this.weights = weights.toArray(new Weights[0]);
            this.window = taps;
            this.channels = weights.getFirst().columns() / taps;
            this.out = out;
            this.kernels = kernels;
            this.bias = new View[this.weights.length];
            int outputs = weights.getFirst().rows();
            for (int g = 0; g < this.weights.length && bias != null; g++) {
                this.bias[g] = new View(bias.segment, g * outputs * 4L, 1, outputs, 0);
            }
            // One row of the batch with its padding; its steps are at most those of x at capacity.
            long steps = x.segment.byteSize() / Math.max(1, 4L * channels * op.groups());
            this.padded = Operand.memory(
                    arena,
                    "padded input of " + out.name,
                    saturated(steps + op.before() + op.after() + 1, channels * 4L * op.groups()));
            this.scratch = Operand.scratch(arena, weights.getFirst());
            boolean direct = op.dilation() == 1 && op.groups() == 1;
            long outSteps = out.segment.byteSize() / Math.max(1, 4L * outputs * op.groups());
            this.gathered = direct
                    ? null
                    : new View(
                            Operand.memory(arena, "windows of " + out.name, saturated(outSteps * taps, channels * 4L)),
                            0,
                            0,
                            0,
                            0);
            this.from = new View(padded, 0, 0, 0, 0);
            this.to = out.view();
            int lanes = weights.getFirst().paddedRows();
            boolean pads = direct && weights.getFirst().panels() && lanes > outputs;
            MemorySegment wide =
                    pads ? Operand.memory(arena, "panels of " + out.name, saturated(outSteps + 1, lanes * 4L)) : null;
            this.whole = pads ? new View(wide, lanes * 4L, 0, lanes, lanes * 4L) : null;
            this.part = pads ? new View(wide, lanes * 4L, 0, outputs, lanes * 4L) : null;
            this.wholeBias = pads ? new View(wide, 0, 1, lanes, 0) : null;
            if (pads) {
                wide.asSlice(0, lanes * 4L).fill((byte) 0);
            }
        }

        @Override
        public void resize() {
            int steps = out.dims[1];
            int outputs = weights[0].rows();
            from.window(steps, window * channels).rowStride = (long) op.stride() * channels * 4;
            to.window(steps, outputs).rowStride = (long) out.dims[2] * 4;
            if (whole != null) {
                whole.window(steps, whole.cols);
                part.window(steps, outputs);
            }
            if (gathered != null) {
                gathered.window(steps, window * channels).rowStride = (long) window * channels * 4;
            }
        }

        @Override
        public void run() {
            long all = (long) channels * op.groups() * 4;
            long row = x.dims[1] * all;
            int outputs = weights[0].rows();
            Copies.zero(padded, 0, op.before() * all);
            if (whole != null && bias[0] != null) {
                Copies.copy(bias[0].segment, 0, wholeBias.segment, 0, outputs * 4L);
            }
            for (int b = 0; b < x.dims[0] && !out.isEmpty(); b++) {
                Copies.copy(x.segment, b * row, padded, op.before() * all, row);
                Copies.zero(padded, op.before() * all + row, op.after() * all);
                for (int g = 0; g < weights.length; g++) {
                    to.at(((long) b * out.dims[1] * out.dims[2] + (long) g * outputs) * 4);
                    if (whole == null) {
                        kernels.linear(gathered == null ? from : gather(g), weights[g], bias[g], scratch, to);
                    } else {
                        // Tiles with a masked end take a third longer than some lanes more.
                        kernels.linear(from, weights[g], wholeBias, scratch, whole);
                        kernels.copy(part, to);
                    }
                }
            }
        }

        private View gather(int group) {
            long run = channels * 4L;
            long all = run * op.groups();
            for (int t = 0; t < gathered.rows; t++) {
                for (int j = 0; j < window; j++) {
                    long step = (long) t * op.stride() + (long) j * op.dilation();
                    Copies.copy(padded, step * all + group * run, gathered.segment, ((long) t * window + j) * run, run);
                }
            }
            return gathered;
        }
    }
}
