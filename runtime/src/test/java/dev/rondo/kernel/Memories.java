package dev.rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.Packing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Operands of a kernel under test: windows at odd offsets with gaps between rows, which end where their memory ends (a read or write beyond throws) and whose
 * surroundings are watched (a write between or before rows is found by {@link #checkSurroundings}).
 */
final class Memories implements AutoCloseable {

    private static final byte MARK = (byte) 0xA5;

    private final Arena arena = Arena.ofShared();
    private final Random random;
    private final List<Watched> watched = new ArrayList<>();

    private record Watched(View view, int elementSize) {}

    Memories(long seed) {
        random = new Random(seed);
    }

    /** A window at a random offset of whole elements, with a random gap between rows; marked all over. */
    View view(int rows, int cols, int elementSize) {
        long offset = (long) elementSize * random.nextInt(20);
        long stride = (long) elementSize * (cols + (random.nextBoolean() ? 0 : random.nextInt(20)));
        long end = rows == 0 ? offset : offset + (rows - 1) * stride + (long) cols * elementSize;
        MemorySegment segment = arena.allocate(Math.max(1, end), 64).asSlice(0, end);
        segment.fill(MARK);
        View view = new View(segment, offset, rows, cols, stride);
        watched.add(new Watched(view.copy(), elementSize));
        return view;
    }

    /** Memory of exactly so many bytes with anything in it. */
    MemorySegment scratch(long bytes) {
        MemorySegment segment = arena.allocate(Math.max(1, bytes), 64).asSlice(0, bytes);
        return segment.fill((byte) 0xFF);
    }

    View floats(float[][] values, int cols) {
        View view = view(values.length, cols, Float.BYTES);
        for (int r = 0; r < values.length; r++) {
            for (int c = 0; c < cols; c++) {
                view.put(r, c, values[r][c]);
            }
        }
        return view;
    }

    /** An operand that repeats its one row. */
    View repeatedRow(float[] values, int rows) {
        View view = floats(new float[][] {values}, values.length);
        view.rows = rows;
        view.rowStride = 0;
        return view;
    }

    View bytes(boolean[][] values, int cols) {
        View view = view(values.length, cols, 1);
        for (int r = 0; r < values.length; r++) {
            for (int c = 0; c < cols; c++) {
                view.segment.set(
                        ValueLayout.JAVA_BYTE, view.offset + r * view.rowStride + c, (byte) (values[r][c] ? 1 : 0));
            }
        }
        return view;
    }

    Weights weights(float[][] values, int columns, Encoding encoding, Layout layout) {
        float[] flat = new float[values.length * columns];
        for (int r = 0; r < values.length; r++) {
            System.arraycopy(values[r], 0, flat, r * columns, columns);
        }
        long size = Packing.byteSize(encoding, layout, values.length, columns);
        MemorySegment data = arena.allocate(Math.max(1, size), 64).asSlice(0, size);
        Packing.pack(flat, values.length, columns, encoding, layout, data);
        return new Weights(data, encoding, layout, values.length, columns);
    }

    /** The values that packed weights really have. */
    static float[][] values(Weights w) {
        float[] flat = Packing.unpack(w.data(), w.encoding(), w.layout(), w.rows(), w.columns());
        float[][] values = new float[w.rows()][w.columns()];
        for (int r = 0; r < w.rows(); r++) {
            System.arraycopy(flat, r * w.columns(), values[r], 0, w.columns());
        }
        return values;
    }

    static float[][] values(View view) {
        float[][] values = new float[view.rows][view.cols];
        for (int r = 0; r < view.rows; r++) {
            for (int c = 0; c < view.cols; c++) {
                values[r][c] = view.get(r, c);
            }
        }
        return values;
    }

    /** Fails where a byte outside every window has changed. */
    void checkSurroundings() {
        for (Watched w : watched) {
            View view = w.view();
            long rowBytes = (long) view.cols * w.elementSize();
            long row = view.offset;
            for (long at = 0; at < view.segment.byteSize(); at++) {
                if (at >= row + view.rowStride && view.rowStride > 0) {
                    row += view.rowStride;
                }
                boolean inside = at >= row && at < row + rowBytes && view.rows > 0;
                if (!inside) {
                    assertEquals(
                            MARK, view.segment.get(ValueLayout.JAVA_BYTE, at), "byte " + at + " outside the window");
                }
            }
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
