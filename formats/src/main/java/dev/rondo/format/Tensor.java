package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * A tensor of an open file.
 *
 * @param name     unique in the file
 * @param encoding of its elements
 * @param layout   their order; panels only for F32, F16, BF16 and INT8 of rank two or more
 * @param shape    at most 8 dimensions
 * @param data     a read-only view of native memory, 64-byte aligned, exactly as long as {@link Packing#byteSize} says
 *                 (INT8 scales inside). It belongs to the {@link RondoFile} and dies with it.
 */
public record Tensor(String name, Encoding encoding, Layout layout, List<Integer> shape, MemorySegment data) {
    /** @throws FormatException when a name, the shape, the layout or the data's length or alignment breaks a rule */
    public Tensor {
        Names.name("tensor name", name);
        String subject = "tensor " + Names.quote(name);
        Objects.requireNonNull(encoding);
        Objects.requireNonNull(layout);
        shape = List.copyOf(shape);
        long expected = Shapes.byteSize(subject, encoding, layout, shape);
        if (data.byteSize() != expected) {
            throw new FormatException(
                    subject,
                    "data must have " + expected + " bytes, as encoding, layout and shape say",
                    data.byteSize() + " bytes",
                    "slice the segment to the tensor");
        }
        if (!data.isNative() || data.byteSize() > 0 && data.address() % Shapes.ALIGNMENT != 0) {
            throw new FormatException(
                    subject,
                    "data must be native memory, 64-byte aligned",
                    data.isNative() ? "address " + data.address() : "memory on the heap",
                    "allocate with an arena and alignment 64");
        }
        data = data.asReadOnly();
    }

    /**
     * All elements in row-major order as floats. F64, I32 and I64 are rounded to the nearest float, BOOL gives 0 and 1.
     *
     * @throws IllegalStateException when the file has been closed
     */
    public float[] toFloats() {
        return Packing.unpack(data, encoding, layout, rows(), columns());
    }

    /** The number of elements. */
    public long parameterCount() {
        return (long) rows() * columns();
    }

    /** Dimension 0; 1 for a scalar. */
    public int rows() {
        return Shapes.rows(shape);
    }

    /** The product of the dimensions after the first; 1 for a scalar or a vector. */
    public int columns() {
        return Shapes.columns(shape);
    }
}
