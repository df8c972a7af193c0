package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.util.List;

/** The rules of shapes and of what may be stored how. */
final class Shapes {
    /** Every tensor begins at a multiple of this: one AVX-512 vector, one cache line. */
    static final int ALIGNMENT = 64;
    /** Elements of a tensor at most: what a Java array can hold. */
    static final long MAX_ELEMENTS = Integer.MAX_VALUE - 8L;

    private Shapes() {}

    /** Checks rank, dimensions and their product, and returns the product. */
    static long elements(String subject, List<Integer> shape) {
        if (shape.size() > Names.MAX_RANK) {
            throw new FormatException(
                    subject, "rank must be at most " + Names.MAX_RANK, "rank " + shape.size(), "merge dimensions");
        }
        long columns = 1;
        for (int i = 0; i < shape.size(); i++) {
            int dim = shape.get(i);
            if (dim < 0) {
                throw new FormatException(
                        subject,
                        "dimensions must not be negative",
                        "shape " + shape,
                        "a stored shape has no open dimensions");
            }
            if (i > 0) {
                columns = limited(subject, shape, columns * dim); // at most 2^31 * 2^31
            }
        }
        return shape.isEmpty() ? 1 : limited(subject, shape, columns * shape.getFirst());
    }

    /** Checks the shape and that encoding and layout fit it, and returns the bytes of the stored tensor. */
    static long byteSize(String subject, Encoding encoding, Layout layout, List<Integer> shape) {
        elements(subject, shape);
        if (layout instanceof Layout.Panels(int groups)) {
            boolean wide = encoding == Encoding.INT8 && columns(shape) > Packing.INT8_COLUMNS;
            if (encoding.elementType() != ElementType.F32 || shape.size() < 2 || wide) {
                throw new FormatException(
                        subject,
                        "panels hold f32, f16, bf16 or int8 of rank 2 or more, int8 of at most 500,000 columns",
                        encoding.text() + " of shape " + shape,
                        "store it as rows");
            }
            if (shape.getFirst() % groups != 0) {
                throw new FormatException(
                        subject,
                        "the groups of panels must divide dimension 0",
                        groups + " groups with shape " + shape,
                        "use the number of gates, or 1");
            }
        }
        return Packing.byteSize(encoding, layout, rows(shape), columns(shape));
    }

    static int rows(List<Integer> shape) {
        return shape.isEmpty() ? 1 : shape.getFirst();
    }

    static int columns(List<Integer> shape) {
        int columns = 1;
        for (int i = 1; i < shape.size(); i++) {
            columns *= shape.get(i);
        }
        return columns;
    }

    /** The next multiple of {@link #ALIGNMENT}. */
    static long aligned(long offset) {
        return offset + ALIGNMENT - 1 & -ALIGNMENT;
    }

    private static long limited(String subject, List<Integer> shape, long elements) {
        if (elements > MAX_ELEMENTS) {
            throw new FormatException(
                    subject, "must have at most " + MAX_ELEMENTS + " elements", "shape " + shape, "split the tensor");
        }
        return elements;
    }
}
