package dev.rondo.plan;

import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Structure;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import dev.rondo.kernel.Weights;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Operators that move elements. */
final class StructureSteps {
    private StructureSteps() {}

    /** Copies x to out in its own order: a reshape whose result must not share memory. */
    static Step copy(Operand x, Operand out) {
        return new Step() {
            @Override
            public void resize() {}

            @Override
            public void run() {
                Copies.copy(x.segment, 0, out.segment, 0, out.byteSize());
            }
        };
    }

    static Step expand(Operand x, Operand out, Kernels kernels) {
        if (x.type.element() == ElementType.F32) {
            return new BroadcastStep(List.of(x), out, false) {
                @Override
                void kernel() {
                    kernels.copy(views[0], outView);
                }
            };
        }
        return new BroadcastStep(List.of(x), out, false) {
            @Override
            void kernel() {
                View from = views[0];
                long step = from.cols == outView.cols ? out.elementSize() : 0;
                for (int r = 0; r < outView.rows; r++) {
                    Copies.strided(
                            out.elementSize(),
                            from.segment,
                            from.offset + r * from.rowStride,
                            step,
                            out.segment,
                            outView.offset + r * outView.rowStride,
                            out.elementSize(),
                            outView.cols);
                }
            }
        };
    }

    /** Joins parts along an axis. */
    static final class Concat extends Step {
        private final int axis;
        private final Operand[] parts;
        private final Operand out;

        Concat(int axis, List<Operand> parts, Operand out) {
            this.axis = axis < 0 ? axis + out.dims.length : axis;
            this.parts = parts.toArray(new Operand[0]);
            this.out = out;
        }

        @Override
        public void resize() {}

        @Override
        public void run() {
            int outer = out.isEmpty() ? 0 : out.product(0, axis);
            long outRow = (long) out.product(axis, out.dims.length) * out.elementSize();
            long at = 0;
            for (Operand part : parts) {
                long row = (long) part.product(axis, part.dims.length) * out.elementSize();
                for (int r = 0; r < outer; r++) {
                    Copies.copy(part.segment, r * row, out.segment, r * outRow + at, row);
                }
                at += row;
            }
        }
    }

    /** A range of an axis. */
    static final class Slice extends Step {
        private final Structure.Slice op;
        private final int axis;
        private final Operand x;
        private final Operand out;
        private final Sizes sizes;
        private long start;

        Slice(Structure.Slice op, Operand x, Operand out, Sizes sizes) {
            this.op = op;
            this.axis = op.axis() < 0 ? op.axis() + x.dims.length : op.axis();
            this.x = x;
            this.out = out;
            this.sizes = sizes;
        }

        @Override
        public void resize() {
            try {
                start = op.start().evaluate(sizes);
            } catch (ArithmeticException overflow) {
                start = Long.MAX_VALUE;
            }
            long last = start + (out.dims[axis] - 1L) * op.step();
            if (start < 0 || start > x.dims[axis] || (out.dims[axis] > 0 && last >= x.dims[axis])) {
                throw new ShapeException(
                        "value " + out.name,
                        "slices within '" + x.name + "'",
                        "elements " + start + " to " + last + " of " + x.dims[axis],
                        "give larger sizes");
            }
        }

        @Override
        public void run() {
            int outer = out.isEmpty() ? 0 : out.product(0, axis);
            long inner = (long) out.product(axis + 1, out.dims.length) * out.elementSize();
            for (int r = 0; r < outer; r++) {
                long from = ((long) r * x.dims[axis] + start) * inner;
                long to = (long) r * out.dims[axis] * inner;
                if (op.step() == 1) {
                    Copies.copy(x.segment, from, out.segment, to, out.dims[axis] * inner);
                } else {
                    for (int i = 0; i < out.dims[axis]; i++) {
                        Copies.copy(x.segment, from + i * op.step() * inner, out.segment, to + i * inner, inner);
                    }
                }
            }
        }
    }

    /** Reorders axes: output axis d walks the input by the stride of its axis. */
    static final class Transpose extends Step {
        private final int[] permutation;
        private final Operand x;
        private final Operand out;
        private final int[] position;

        Transpose(List<Integer> permutation, Operand x, Operand out) {
            this.permutation = new int[permutation.size()];
            for (int i = 0; i < this.permutation.length; i++) {
                this.permutation[i] = permutation.get(i);
            }
            this.x = x;
            this.out = out;
            this.position = new int[out.dims.length];
        }

        @Override
        public void resize() {}

        @Override
        public void run() {
            int rank = out.dims.length;
            if (out.count() == 0) {
                return;
            }
            int row = rank == 0 ? 1 : out.dims[rank - 1];
            long rowStride = rank == 0 ? 0 : stride(rank - 1);
            int rows = out.count() / row;
            java.util.Arrays.fill(position, 0);
            for (int r = 0; r < rows; r++) {
                long from = 0;
                for (int d = 0; d < rank - 1; d++) {
                    from += position[d] * stride(d);
                }
                Copies.strided(
                        out.elementSize(),
                        x.segment,
                        from,
                        rowStride,
                        out.segment,
                        (long) r * row * out.elementSize(),
                        out.elementSize(),
                        row);
                for (int d = rank - 2; d >= 0 && ++position[d] == out.dims[d]; d--) {
                    position[d] = 0;
                }
            }
        }

        private long stride(int d) {
            return (long) x.product(permutation[d] + 1, x.dims.length) * x.elementSize();
        }
    }

    /** Adds elements before and after along an axis. */
    static final class Pad extends Step {
        private final Structure.Pad op;
        private final int axis;
        private final Operand x;
        private final Operand out;

        Pad(Structure.Pad op, Operand x, Operand out) {
            this.op = op;
            this.axis = op.axis() < 0 ? op.axis() + x.dims.length : op.axis();
            this.x = x;
            this.out = out;
        }

        @Override
        public void resize() {
            int needed = switch (op.mode()) {
                case ZERO -> 0;
                case EDGE -> 1;
                case REFLECT -> Math.max(op.before(), op.after()) + 1;
            };
            if (x.dims[axis] < needed) {
                throw new ShapeException(
                        "value " + out.name,
                        op.mode().text() + " padding needs " + needed + " elements",
                        "" + x.dims[axis],
                        "give a longer sequence");
            }
        }

        @Override
        public void run() {
            int outer = out.isEmpty() ? 0 : out.product(0, axis);
            long inner = (long) out.product(axis + 1, out.dims.length) * out.elementSize();
            int size = x.dims[axis];
            for (int r = 0; r < outer; r++) {
                long to = (long) r * out.dims[axis] * inner;
                long from = (long) r * size * inner;
                Copies.copy(x.segment, from, out.segment, to + op.before() * inner, size * inner);
                for (int i = 0; i < op.before(); i++) {
                    fill(from, -op.before() + i, size, to + i * inner, inner);
                }
                for (int i = 0; i < op.after(); i++) {
                    fill(from, size + i, size, to + (op.before() + (long) size + i) * inner, inner);
                }
            }
        }

        private void fill(long from, int i, int size, long to, long inner) {
            switch (op.mode()) {
                case ZERO -> Copies.zero(out.segment, to, inner);
                case EDGE -> Copies.copy(x.segment, from + (i < 0 ? 0 : size - 1) * inner, out.segment, to, inner);
                case REFLECT ->
                    Copies.copy(x.segment, from + (i < 0 ? -i : 2L * (size - 1) - i) * inner, out.segment, to, inner);
            }
        }
    }

    /** Rows of a table of weights. */
    static final class GatherWeights extends Step {
        private final Weights table;
        private final Indices indices;
        private final Operand out;
        private final View view;
        private final Kernels kernels;

        GatherWeights(Weights table, Operand index, Operand out, Kernels kernels, Arena arena) {
            this.table = table;
            this.indices = new Indices(index, "gather to " + out.name, arena);
            this.out = out;
            this.view = out.view();
            this.kernels = kernels;
        }

        @Override
        public void resize() {
            indices.resize();
            out.asMatrix(view, indices.view().rows, table.columns());
        }

        @Override
        public void run() {
            indices.check(table.rows());
            kernels.gather(table, indices.view(), view);
        }
    }

    /** Rows of a dense table of any element type. */
    static final class GatherDense extends Step {
        private final Operand table;
        private final Indices indices;
        private final Operand out;

        GatherDense(Operand table, Operand index, Operand out, Arena arena) {
            this.table = table;
            this.indices = new Indices(index, "gather to " + out.name, arena);
            this.out = out;
        }

        @Override
        public void resize() {
            indices.resize();
        }

        @Override
        public void run() {
            indices.check(table.dims[0]);
            long row = (long) table.product(1, table.dims.length) * table.elementSize();
            for (int i = 0; i < indices.view().rows; i++) {
                Copies.copy(table.segment, indices.get(i) * row, out.segment, i * row, row);
            }
        }
    }

    /** One element of each row. */
    static final class Pick extends Step {
        private final Operand x;
        private final Indices indices;
        private final Operand out;

        Pick(Operand x, Operand index, Operand out, Arena arena) {
            this.x = x;
            this.indices = new Indices(index, "pick to " + out.name, arena);
            this.out = out;
        }

        @Override
        public void resize() {
            indices.resize();
        }

        @Override
        public void run() {
            int size = x.dims[x.dims.length - 1];
            indices.check(size);
            int bytes = x.elementSize();
            for (int i = 0; i < indices.view().rows; i++) {
                long from = ((long) i * size + indices.get(i)) * bytes;
                Copies.strided(bytes, x.segment, from, 0, out.segment, (long) i * bytes, 0, 1);
            }
        }
    }

    /** True up to each row's length. */
    static final class LengthMask extends Step {
        private final Lengths lengths;
        private final Operand out;

        LengthMask(Operand lengths, Operand out) {
            this.lengths = new Lengths(lengths, "length_mask to " + out.name);
            this.out = out;
        }

        @Override
        public void resize() {}

        @Override
        public void run() {
            int size = out.dims[1];
            lengths.check(size);
            for (int b = 0; b < out.dims[0]; b++) {
                int length = lengths.get(b);
                for (int t = 0; t < size; t++) {
                    out.segment.set(ValueLayout.JAVA_BYTE, (long) b * size + t, (byte) (t < length ? 1 : 0));
                }
            }
        }
    }

    /** One number throughout. */
    static final class Fill extends Step {
        private final ElementType element;
        private final double value;
        private final Operand out;

        Fill(ElementType element, double value, Operand out) {
            this.element = element;
            this.value = value;
            this.out = out;
        }

        @Override
        public void resize() {}

        @Override
        public void run() {
            for (int i = 0; i < out.count(); i++) {
                put(element, value, out, i);
            }
        }

        static void put(ElementType element, double value, Operand out, int i) {
            switch (element) {
                case F32 -> out.segment.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, (float) value);
                case F64 -> out.segment.setAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, i, value);
                case I32 -> out.segment.setAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i, (int) value);
                case I64 -> out.segment.setAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i, (long) value);
                case BOOL -> out.segment.set(ValueLayout.JAVA_BYTE, i, (byte) value);
            }
        }
    }

    /** The size of a dimension. */
    static final class Size extends Step {
        private final Dim dim;
        private final ElementType element;
        private final Operand out;
        private final Sizes sizes;
        private long size;

        Size(Dim dim, ElementType element, Operand out, Sizes sizes) {
            this.dim = dim;
            this.element = element;
            this.out = out;
            this.sizes = sizes;
        }

        @Override
        public void resize() {
            size = dim.evaluate(sizes);
        }

        @Override
        public void run() {
            Fill.put(element, size, out, 0);
        }
    }
}
