package dev.rondo.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A window of rows &times; cols elements in native memory: element (r, c) lies at byte {@code offset + r * rowStride + c * elementSize} of
 * {@code segment}. The element type is what the kernel that reads or writes it says; f32 in the platform's byte order unless said otherwise.
 *
 * <p>A view owns nothing: whoever allocated the segment keeps it alive. It is mutable so that a prepared step can move it without
 * allocating; it belongs to one thread at a time. Kernels only read its fields. The segment must be native (off-heap) and elements lie at
 * multiples of their size; rows that start at multiples of 64 bytes are fastest.
 */
public final class View {

    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;

    /** The memory. */
    public final MemorySegment segment;

    /** Byte offset of element (0, 0). */
    public long offset;

    /** Number of rows. */
    public int rows;

    /** Number of elements in a row. */
    public int cols;

    /** Bytes from one row to the next; 0 makes every row the same. */
    public long rowStride;

    /** A window with everything given. */
    public View(MemorySegment segment, long offset, int rows, int cols, long rowStride) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException(
                    "view: needs native memory; got a heap segment; allocate it from an arena");
        }
        this.segment = segment;
        this.offset = offset;
        this.rows = rows;
        this.cols = cols;
        this.rowStride = rowStride;
    }

    /** Rows of f32 (or i32) that follow each other without a gap from the segment's start. */
    public static View f32(MemorySegment segment, int rows, int cols) {
        return dense(segment, 0, rows, cols, Float.BYTES);
    }

    /** Rows that follow each other without a gap, of elements of {@code elementSize} bytes. */
    public static View dense(MemorySegment segment, long offset, int rows, int cols, int elementSize) {
        return new View(segment, offset, rows, cols, (long) cols * elementSize);
    }

    /** Another view of the same window. */
    public View copy() {
        return new View(segment, offset, rows, cols, rowStride);
    }

    /** Moves the window to another first byte. */
    public View at(long offset) {
        this.offset = offset;
        return this;
    }

    /** Changes the size of the window and leaves its rows where they are. */
    public View window(int rows, int cols) {
        this.rows = rows;
        this.cols = cols;
        return this;
    }

    /** Makes this the same window as another one of the same segment. */
    public View set(View other) {
        if (other.segment != segment) {
            throw new IllegalArgumentException("view: only a window of the same segment can be taken over");
        }
        offset = other.offset;
        rows = other.rows;
        cols = other.cols;
        rowStride = other.rowStride;
        return this;
    }

    /** The f32 element (row, col). */
    public float get(int row, int col) {
        return segment.get(F32, offset + row * rowStride + (long) col * Float.BYTES);
    }

    /** Sets the f32 element (row, col). */
    public void put(int row, int col, float value) {
        segment.set(F32, offset + row * rowStride + (long) col * Float.BYTES, value);
    }
}
