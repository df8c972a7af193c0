package dev.rondo.plan;

import dev.rondo.error.ShapeException;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import dev.rondo.kernel.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Where a value of a plan lives: dense rows in native memory, 64-byte aligned, large enough for the capacity. Its
 * dimensions are the actual ones and change when the sizes do.
 */
public final class Operand {
    /** Alignment of every buffer: one cache line, one widest vector. */
    static final int ALIGNMENT = 64;

    final String name;
    final ValueType type;
    final MemorySegment segment;
    final int[] dims;
    private final ToLongFunction<String> actual;

    Operand(Value value, MemorySegment segment, Sizes sizes) {
        this.name = value.name();
        this.type = value.type();
        this.segment = segment;
        this.dims = new int[type.rank()];
        this.actual = sizes::actual;
        resize();
    }

    /** A buffer of its own. */
    public static Operand allocate(Value value, Arena arena, Sizes sizes) {
        return new Operand(value, arena.allocate(Math.max(1, bytes(value, sizes)), ALIGNMENT), sizes);
    }

    /** Bytes for the value at capacity. */
    static long bytes(Value value, Sizes sizes) {
        long bytes = value.type().element().byteSize();
        try {
            for (Dim dim : value.type().dims()) {
                bytes = Math.multiplyExact(bytes, dim.upperBound(sizes::capacity));
            }
        } catch (ArithmeticException overflow) {
            bytes = Long.MAX_VALUE;
        }
        if (bytes > 1L << 40) {
            throw new ShapeException(
                    "value " + value.name(),
                    "has at most 2^40 bytes at the session's capacity",
                    value.type().toString(),
                    "open the session with a smaller capacity");
        }
        return bytes;
    }

    /** Takes over the actual sizes. Allocates nothing. */
    public void resize() {
        long bytes = type.element().byteSize();
        List<Dim> all = type.dims();
        for (int i = 0; i < dims.length; i++) {
            long size = all.get(i).evaluate(actual);
            if (size < 0) {
                throw new ShapeException(
                        "value " + name,
                        "dimensions are not negative",
                        type + " with dimension " + i + " = " + size,
                        "give the session larger sizes");
            }
            bytes = Math.multiplyExact(bytes, size);
            dims[i] = Math.toIntExact(size);
        }
        if (bytes / type.element().byteSize() > Integer.MAX_VALUE) {
            throw new ShapeException(
                    "value " + name, "has less than 2^31 elements", bytes + " bytes", "use smaller sizes");
        }
        if (bytes > segment.byteSize()) {
            throw new ShapeException(
                    "value " + name,
                    "fits the memory laid out for the capacity",
                    bytes + " bytes",
                    "raise the capacity");
        }
    }

    public String name() {
        return name;
    }

    public ValueType type() {
        return type;
    }

    public MemorySegment segment() {
        return segment;
    }

    /** Number of elements now. */
    public int count() {
        return product(0, dims.length);
    }

    /** The actual dimensions, a copy. */
    public int[] shape() {
        return dims.clone();
    }

    int elementSize() {
        return type.element().byteSize();
    }

    /** Bytes now. */
    public long byteSize() {
        return (long) count() * elementSize();
    }

    /** The product of dimensions from (inclusive) to (exclusive). */
    int product(int from, int to) {
        int product = 1;
        for (int i = from; i < to; i++) {
            product *= dims[i];
        }
        return product;
    }

    /** A window over this operand, to be sized when the plan resizes. */
    View view() {
        return new View(segment, 0, 0, 0, 0);
    }

    /** Sizes a view of this operand as rows of the last dimension. */
    void asRows(View view) {
        int last = dims.length == 0 ? 1 : dims[dims.length - 1];
        asMatrix(view, last == 0 ? product(0, dims.length - 1) : count() / last, last);
    }

    /** Sizes a view of this operand as a dense matrix. */
    void asMatrix(View view, int rows, int cols) {
        view.at(0).window(rows, cols).rowStride = (long) cols * elementSize();
    }
}
