package dev.rondo.plan;

import dev.rondo.error.ShapeException;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import dev.rondo.kernel.Weights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Where a value of a plan lives: dense rows in native memory, 64-byte aligned, large enough for the capacity. Its
 * dimensions are the actual ones and change when the sizes do.
 */
public final class Operand {
    /** Alignment of every buffer: one cache line, one widest vector. */
    public static final int ALIGNMENT = 64;

    private static final long MAX_BYTES = 1L << 40;

    final String name;
    final ValueType type;
    final MemorySegment segment;
    final int[] dims;
    private final Sizes sizes;
    private final boolean still;

    /** A value that lives in given memory. */
    public Operand(Value value, MemorySegment segment, Sizes sizes) {
        this(value, segment, sizes, false);
    }

    Operand(Value value, MemorySegment segment, Sizes sizes, boolean still) {
        this.still = still;
        this.name = value.name();
        this.type = value.type();
        this.segment = segment;
        this.dims = new int[type.rank()];
        this.sizes = sizes;
        resize();
    }

    /** A buffer of its own. */
    public static Operand allocate(Value value, Arena arena, Sizes sizes) {
        return new Operand(value, memory(arena, "value " + value.name(), bytes(value, sizes)), sizes);
    }

    /**
     * Aligned memory, at least one byte.
     *
     * @param subject what it is for
     * @throws ShapeException when there is not as much
     */
    public static MemorySegment memory(Arena arena, String subject, long bytes) {
        if (bytes < 0 || bytes > MAX_BYTES) {
            throw new ShapeException(
                    subject,
                    "has at most 2^40 bytes at the session's capacity",
                    bytes + " bytes",
                    "open the session with a smaller capacity");
        }
        try {
            return arena.allocate(Math.max(1, bytes), ALIGNMENT);
        } catch (OutOfMemoryError little) {
            throw new ShapeException(
                    subject,
                    "fits the memory of this JVM",
                    bytes + " bytes (" + little.getMessage() + ")",
                    "open the session with a smaller capacity, or raise -XX:MaxDirectMemorySize",
                    little);
        }
    }

    /** Scratch for products with these weights; null when they need none. */
    static MemorySegment scratch(Arena arena, Weights weights) {
        long bytes = Kernels.linearScratch(weights);
        return bytes == 0 ? null : memory(arena, "scratch of a product", bytes);
    }

    /** Bytes for the value at capacity. */
    static long bytes(Value value, Sizes sizes) {
        long elements = 1;
        try {
            for (Dim dim : value.type().dims()) {
                elements = Math.multiplyExact(elements, sizes.capacity(dim));
            }
        } catch (ArithmeticException overflow) {
            elements = Long.MAX_VALUE;
        }
        if (elements > Integer.MAX_VALUE) {
            // Before memory for it is asked for.
            throw new ShapeException(
                    "value " + value.name(),
                    "has less than 2^31 elements at the session's capacity",
                    value.type().toString(),
                    "open the session with a smaller capacity");
        }
        return elements * value.type().element().byteSize();
    }

    /** Takes over the actual sizes, all or none of them. Allocates nothing. */
    public void resize() {
        check();
        List<Dim> all = type.dims();
        for (int i = 0; i < dims.length; i++) {
            dims[i] = (int) all.get(i).evaluate(sizes);
        }
    }

    /**
     * Checks that {@link #resize} would succeed. Allocates nothing.
     *
     * @throws ShapeException when a dimension is negative, or the value larger than its memory or an array
     */
    public void check() {
        long elements = 1;
        // Of an empty value too, since steps take products of some of its dimensions only.
        long product = 1;
        List<Dim> all = type.dims();
        try {
            for (int i = 0; i < dims.length; i++) {
                long size = all.get(i).evaluate(sizes);
                if (size < 0) {
                    throw new ShapeException(
                            "value " + name,
                            "dimensions are not negative",
                            type + " with dimension " + i + " = " + size,
                            "give the session larger sizes");
                }
                elements = Math.multiplyExact(elements, size);
                product = Math.multiplyExact(product, Math.max(1, size));
            }
        } catch (ArithmeticException overflow) {
            throw tooMany("more than 64 bits hold");
        }
        if (product > Integer.MAX_VALUE) {
            throw tooMany("a product of dimensions of " + product);
        }
        if (elements * type.element().byteSize() > segment.byteSize()) {
            throw new ShapeException(
                    "value " + name,
                    "fits the memory laid out for the capacity",
                    elements * type.element().byteSize() + " bytes",
                    "raise the capacity");
        }
    }

    private ShapeException tooMany(String got) {
        return new ShapeException(
                "value " + name, "has less than 2^31 elements", type + " with " + got, "use smaller sizes");
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

    /** Whether it is the same at every step of the scan that the plan is the body of. */
    public boolean isStill() {
        return still;
    }

    public int elementSize() {
        return type.element().byteSize();
    }

    /** Whether there are no elements now: then a step may have billions of them to skip. */
    public boolean isEmpty() {
        return count() == 0;
    }

    /** Dimension {@code axis} now. */
    public int dim(int axis) {
        return dims[axis];
    }

    /** Bytes now. */
    public long byteSize() {
        return (long) count() * elementSize();
    }

    /** The product of dimensions from (inclusive) to (exclusive). */
    public int product(int from, int to) {
        int product = 1;
        for (int i = from; i < to; i++) {
            product *= dims[i];
        }
        return product;
    }

    /** A window over this operand, to be sized when the plan resizes. */
    public View view() {
        return new View(segment, 0, 0, 0, 0);
    }

    /** Sizes a view of this operand as rows of the last dimension. */
    public void asRows(View view) {
        int last = dims.length == 0 ? 1 : dims[dims.length - 1];
        asMatrix(view, last == 0 ? product(0, dims.length - 1) : count() / last, last);
    }

    /** Sizes a view of this operand as a dense matrix. */
    public void asMatrix(View view, int rows, int cols) {
        view.at(0).window(rows, cols).rowStride = (long) cols * elementSize();
    }
}
