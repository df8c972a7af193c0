package dev.rondo.train.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.kernel.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Operands of a kernel and of its twin: equal windows at odd offsets with gaps between rows, which end where their memory ends (a read or write beyond
 * throws) and whose surroundings are watched.
 */
final class Windows {
    private static final int MARK = 0xA5A5A5A5;

    private final Random random;
    private final List<View> plain = new ArrayList<>();
    private final List<View> vector = new ArrayList<>();

    Windows(long seed) {
        random = new Random(seed);
    }

    /** Where the elements of a window come from. */
    @FunctionalInterface
    interface Source {
        float next(Random random);
    }

    /** A pair of windows of normal numbers; its number. */
    int add(int rows, int cols) {
        return add(rows, cols, r -> (float) r.nextGaussian());
    }

    int add(int rows, int cols, Source source) {
        long offset = 4L * random.nextInt(20);
        long stride = 4L * (cols + (random.nextBoolean() ? 0 : random.nextInt(20)));
        View one = window(offset, rows, cols, stride);
        View two = window(offset, rows, cols, stride);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < cols; c++) {
                float value = source.next(random);
                one.put(r, c, value);
                two.put(r, c, value);
            }
        }
        plain.add(one);
        vector.add(two);
        return plain.size() - 1;
    }

    /** A pair of columns of whole numbers below a bound. */
    int indices(int rows, int bound) {
        return add(rows, 1, r -> Float.intBitsToFloat(r.nextInt(bound)));
    }

    private static View window(long offset, int rows, int cols, long stride) {
        long end = rows == 0 ? offset : offset + (rows - 1) * stride + cols * 4L;
        MemorySegment segment = Arena.ofAuto().allocate(Math.max(4, end), 64).asSlice(0, end);
        for (long at = 0; at < end; at += 4) {
            segment.set(ValueLayout.JAVA_INT, at, MARK);
        }
        return new View(segment, offset, rows, cols, stride);
    }

    View plain(int window) {
        return plain.get(window);
    }

    View vector(int window) {
        return vector.get(window);
    }

    /** Holds every window of the twins to each other, within a distance relative to the larger of one and the element. */
    void check(double tolerance) {
        for (int i = 0; i < plain.size(); i++) {
            View one = plain.get(i);
            View two = vector.get(i);
            for (int r = 0; r < one.rows; r++) {
                for (int c = 0; c < one.cols; c++) {
                    float expected = one.get(r, c);
                    String what = "window " + i + " row " + r + " column " + c;
                    assertEquals(expected, two.get(r, c), tolerance * Math.max(1, Math.abs(expected)), what);
                }
            }
            checkSurroundings(one);
            checkSurroundings(two);
        }
    }

    private static void checkSurroundings(View view) {
        long row = view.cols * 4L;
        for (long at = 0; at < view.segment.byteSize(); at += 4) {
            long inner = at - view.offset;
            boolean inside = inner >= 0 && view.rowStride > 0 && inner % view.rowStride < row;
            if (!inside) {
                assertEquals(MARK, view.segment.get(ValueLayout.JAVA_INT, at), "byte " + at + " outside the window");
            }
        }
    }
}
