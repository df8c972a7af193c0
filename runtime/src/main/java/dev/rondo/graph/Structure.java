package dev.rondo.graph;

import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import java.util.ArrayList;
import java.util.List;

/** Operators that move, select or repeat elements without computing. Any element type. */
public sealed interface Structure extends Op {

    /** Joins values along an axis; all other dimensions are equal. */
    record Concat(int axis) implements Structure {
        @Override
        public String name() {
            return "concat";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.repeated("part"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            int along = in.axis(0, axis);
            ValueType first = in.type(0);
            Dim total = first.dim(along);
            for (int i = 1; i < in.count(); i++) {
                Dim[] wanted = first.dims().toArray(new Dim[0]);
                wanted[along] = null;
                total = total.plus(in.require(i, first.element(), wanted).dim(along));
            }
            var dims = new ArrayList<>(first.dims());
            dims.set(along, total);
            return List.of(first.withDims(dims));
        }
    }

    /**
     * The {@code length} elements from {@code start} along an axis, every {@code step}-th. Start and length are
     * expressions over the names of the input's dimensions, so that «the last step» is {@code start=T-1}.
     */
    record Slice(int axis, Dim start, Dim length, int step) implements Structure {
        public Slice {
            if (step < 1) {
                throw new IllegalArgumentException("slice with step " + step);
            }
        }

        @Override
        public String name() {
            return "slice";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType x = in.type(0);
            int along = in.axis(0, axis);
            Dim size = x.dim(along);
            boolean negative = start.isFixed() && start.fixed() < 0 || length.isFixed() && length.fixed() < 0;
            // Where the slice ends. With names in the expressions the plan checks it once sizes are known.
            Dim end = length.is(0)
                    ? start
                    : start.plus(length.minus(Dim.ONE).times(step)).plus(1);
            Dim left = size.minus(end);
            if (negative || left.isFixed() && left.fixed() < 0) {
                throw in.error("slice within the axis", "start " + start + " length " + length + " of " + x);
            }
            var dims = new ArrayList<>(x.dims());
            dims.set(along, length);
            return List.of(x.withDims(dims));
        }
    }

    /** The same elements in the same order under another shape with as many elements. */
    record Reshape(List<Dim> dims) implements Structure {
        public Reshape {
            dims = List.copyOf(dims);
        }

        @Override
        public String name() {
            return "reshape";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType x = in.type(0);
            if (!Dim.product(x.dims()).equals(Dim.product(dims))) {
                throw in.error("reshape keeps the number of elements", x + " to " + dims);
            }
            return List.of(x.withDims(dims));
        }
    }

    /** Output axis d is input axis {@code permutation[d]}. */
    record Transpose(List<Integer> permutation) implements Structure {
        public Transpose {
            permutation = List.copyOf(permutation);
        }

        @Override
        public String name() {
            return "transpose";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType x = in.type(0);
            if (permutation.size() != x.rank()) {
                throw wrong(x, in);
            }
            var dims = new Dim[x.rank()];
            for (int i = 0; i < dims.length; i++) {
                int axis = permutation.get(i);
                if (axis < 0 || axis >= dims.length || permutation.indexOf(axis) < i) {
                    throw wrong(x, in);
                }
                dims[i] = x.dim(axis);
            }
            return List.of(x.withDims(List.of(dims)));
        }

        private ShapeException wrong(ValueType x, InputTypes in) {
            return in.error("permutation names every axis of x once", permutation + " of " + x);
        }
    }

    /** Stretches dimensions of size 1 to the given shape, which aligns at the end. */
    record Expand(List<Dim> dims) implements Structure {
        public Expand {
            dims = List.copyOf(dims);
        }

        @Override
        public String name() {
            return "expand";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType x = in.type(0);
            if (!in.broadcast(x.dims(), dims).equals(dims)) {
                throw in.error("the shape stretches to " + dims, x.toString());
            }
            return List.of(x.withDims(dims));
        }
    }

    /** How {@link Pad} fills. */
    enum PadMode {
        ZERO,
        /** The nearest element. */
        EDGE,
        /** Mirrored at the border, which is not repeated. */
        REFLECT;

        public String text() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** Adds {@code before} and {@code after} elements along an axis. */
    record Pad(int axis, int before, int after, PadMode mode) implements Structure {
        public Pad {
            if (before < 0 || after < 0) {
                throw new IllegalArgumentException("pad before " + before + " after " + after);
            }
        }

        @Override
        public String name() {
            return "pad";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType x = in.type(0);
            int along = in.axis(0, axis);
            Dim size = x.dim(along);
            if (mode == PadMode.REFLECT && size.isFixed() && size.fixed() <= Math.max(before, after)) {
                throw in.error(
                        "the reflected part is shorter than the axis", "pad " + before + "," + after + " of " + x);
            }
            var dims = new ArrayList<>(x.dims());
            dims.set(along, size.plus(before + (long) after));
            return List.of(x.withDims(dims));
        }
    }

    /**
     * Rows of a table: {@code y[..., :] = table[index[...], :]}; an embedding. An index outside the table is an
     * {@link dev.rondo.error.InputException}. Indices are i32 or i64.
     */
    record Gather() implements Structure {
        @Override
        public String name() {
            return "gather";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("table"), Slot.required("index"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType table = in.type(0);
            if (table.rank() < 1) {
                throw in.mismatch(0, "a table of rank 1 or more");
            }
            ValueType index = in.requireElement(1, ElementType.I32, ElementType.I64);
            var dims = new ArrayList<>(index.dims());
            dims.addAll(table.dims().subList(1, table.rank()));
            return List.of(table.withDims(dims));
        }
    }

    /** One element per row: {@code y[...] = x[..., index[...]]}, the score of the right answer. */
    record Pick() implements Structure {
        @Override
        public String name() {
            return "pick";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("x"), Slot.required("index"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType x = in.type(0);
            ValueType index = in.requireElement(1, ElementType.I32, ElementType.I64);
            if (x.rank() < 1 || !x.dims().subList(0, x.rank() - 1).equals(index.dims())) {
                throw in.mismatch(1, "of the shape of x without its last axis (x is " + x + ")");
            }
            return List.of(x.withDims(index.dims()));
        }
    }

    /** {@code y[b,t] = t < lengths[b]}: bool[B,size] of lengths i32[B]. */
    record LengthMask(Dim size) implements Structure {
        @Override
        public String name() {
            return "length_mask";
        }

        @Override
        public List<Slot> slots() {
            return List.of(Slot.required("lengths"));
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            ValueType lengths = in.require(0, ElementType.I32, (Dim) null);
            return List.of(new ValueType(ElementType.BOOL, List.of(lengths.dim(0), size)));
        }
    }

    /** A value of one number throughout. The number must be one that the element type has. */
    record Fill(ElementType element, double value, List<Dim> dims) implements Structure {
        public Fill {
            dims = List.copyOf(dims);
            double held = switch (element) {
                case F32 -> (float) value;
                case F64 -> value;
                case I32 -> (int) value;
                case I64 -> (long) value;
                case BOOL -> value == 0 ? 0 : 1;
            };
            if (Double.compare(held, value) != 0) {
                throw new IllegalArgumentException("fill of " + element.text() + " with " + value);
            }
        }

        @Override
        public String name() {
            return "fill";
        }

        @Override
        public List<Slot> slots() {
            return List.of();
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            return List.of(new ValueType(element, dims));
        }
    }

    /** The size of a dimension now, as a value of shape []: i32, i64 or f32. */
    record Size(Dim dim, ElementType element) implements Structure {
        public Size {
            if (element == ElementType.BOOL || element == ElementType.F64) {
                throw new IllegalArgumentException("size as " + element.text());
            }
        }

        @Override
        public String name() {
            return "size";
        }

        @Override
        public List<Slot> slots() {
            return List.of();
        }

        @Override
        public List<ValueType> infer(InputTypes in) {
            return List.of(new ValueType(element, List.of()));
        }
    }
}
