package dev.rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.UnaryFunction;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/** Element-wise work on every element type against Java's own arithmetic. */
class ScalarsTest {

    private static void put(ElementType type, View view, int r, int c, double value) {
        MemorySegment s = view.segment;
        long at = view.offset + r * view.rowStride + (long) c * type.byteSize();
        switch (type) {
            case F32 -> s.set(Memory.F32, at, (float) value);
            case F64 -> s.set(Memory.F64, at, value);
            case I32 -> s.set(Memory.I32, at, (int) value);
            case I64 -> s.set(Memory.I64, at, (long) value);
            case BOOL -> s.set(Memory.BYTE, at, (byte) (value != 0 ? 1 : 0));
        }
    }

    private static double get(ElementType type, View view, int r, int c) {
        MemorySegment s = view.segment;
        long at = view.offset + r * view.rowStride + (long) c * type.byteSize();
        return switch (type) {
            case F32 -> s.get(Memory.F32, at);
            case F64 -> s.get(Memory.F64, at);
            case I32 -> s.get(Memory.I32, at);
            case I64 -> s.get(Memory.I64, at);
            case BOOL -> s.get(Memory.BYTE, at);
        };
    }

    private static View random(Memories memories, ElementType type, int rows, int cols, Random random) {
        View view = memories.view(rows, cols, type.byteSize());
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < cols; c++) {
                put(type, view, r, c, random.nextInt(7) - 3);
            }
        }
        return view;
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void compareAndWhere(@ForAll long seed, @ForAll ElementType type, @ForAll Comparison f) {
        Random random = new Random(seed);
        int rows = random.nextInt(4);
        int cols = random.nextInt(5);
        try (Memories memories = new Memories(seed)) {
            View a = random(memories, type, rows, cols, random);
            View b = random(memories, type, rows, Math.min(cols, 1), random);
            View holds = memories.view(rows, cols, 1);
            View chosen = memories.view(rows, cols, type.byteSize());
            Scalars.compare(f, type, a, b, holds);
            Scalars.where(type, holds, a, b, chosen);
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < cols; c++) {
                    double x = get(type, a, r, c);
                    double y = get(type, b, r, 0);
                    assertEquals(f.apply(x, y) ? 1 : 0, get(ElementType.BOOL, holds, r, c));
                    assertEquals(f.apply(x, y) ? x : y, get(type, chosen, r, c));
                }
            }
            memories.checkSurroundings();
        }
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void binaryOfSmallNumbers(@ForAll long seed, @ForAll ElementType type, @ForAll BinaryFunction f) {
        Random random = new Random(seed);
        boolean logical = f == BinaryFunction.AND || f == BinaryFunction.OR;
        try (Memories memories = new Memories(seed)) {
            View a = random(memories, type, 3, 4, random);
            View b = random(memories, type, 3, 4, random);
            View out = memories.view(3, 4, type.byteSize());
            if (logical != (type == ElementType.BOOL)) {
                assertThrows(IllegalArgumentException.class, () -> Scalars.binary(f, type, a, b, out));
                return;
            }
            for (int r = 0; r < 3; r++) {
                for (int c = 0; c < 4; c++) {
                    // No quotient by zero, no negative power of zero.
                    put(type, b, r, c, logical ? get(type, b, r, c) : Math.abs(get(type, b, r, c)) + 1);
                }
            }
            Scalars.binary(f, type, a, b, out);
            for (int r = 0; r < 3; r++) {
                for (int c = 0; c < 4; c++) {
                    double exact = f.apply(get(type, a, r, c), get(type, b, r, c));
                    double expected = switch (type) {
                        case F32 -> (float) exact;
                        case F64, BOOL -> exact;
                        case I32, I64 -> (long) exact;
                    };
                    assertEquals(expected, get(type, out, r, c));
                }
            }
            memories.checkSurroundings();
        }
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void castOfSmallNumbers(@ForAll long seed, @ForAll ElementType from, @ForAll ElementType to) {
        try (Memories memories = new Memories(seed)) {
            View x = random(memories, from, 2, 5, new Random(seed));
            View out = memories.view(2, 5, to.byteSize());
            Scalars.cast(from, to, x, out);
            for (int r = 0; r < 2; r++) {
                for (int c = 0; c < 5; c++) {
                    double value = get(from, x, r, c);
                    assertEquals(to == ElementType.BOOL ? (value != 0 ? 1 : 0) : value, get(to, out, r, c));
                }
            }
            memories.checkSurroundings();
        }
    }

    @Test
    void castsAtTheEdges() {
        try (Memories memories = new Memories(1)) {
            View reals = memories.view(1, 5, 8);
            double[] values = {Double.NaN, 1e300, -1e300, -2.9, 0x1p31};
            for (int c = 0; c < 5; c++) {
                put(ElementType.F64, reals, 0, c, values[c]);
            }
            View ints = memories.view(1, 5, 4);
            Scalars.cast(ElementType.F64, ElementType.I32, reals, ints);
            int[] expected = {0, Integer.MAX_VALUE, Integer.MIN_VALUE, -2, Integer.MAX_VALUE};
            for (int c = 0; c < 5; c++) {
                assertEquals(expected[c], get(ElementType.I32, ints, 0, c));
            }
            View longs = memories.view(1, 1, 8);
            View f32 = memories.view(1, 1, 4);
            // Through f64 this would round twice, to the even neighbour below.
            long twice = (1L << 60) + (1L << 36) + 1;
            longs.segment.set(Memory.I64, longs.offset, twice);
            Scalars.cast(ElementType.I64, ElementType.F32, longs, f32);
            assertEquals((float) twice, f32.get(0, 0));
            View i32 = memories.view(1, 1, 4);
            Scalars.cast(ElementType.I64, ElementType.I32, longs, i32);
            assertEquals((int) twice, i32.segment.get(Memory.I32, i32.offset));
        }
    }

    @Test
    void wholeNumbersWrapAndHaveNoQuotientByZero() {
        try (Memories memories = new Memories(1)) {
            View a = memories.view(1, 1, 4);
            View b = memories.view(1, 1, 4);
            View out = memories.view(1, 1, 4);
            int[][] cases = {{Integer.MAX_VALUE, 1}, {Integer.MIN_VALUE, -1}, {-7, 2}, {3, 21}, {-1, -3}, {2, -1}};
            int[] expected = {Integer.MIN_VALUE, Integer.MIN_VALUE, -3, (int) 10460353203L, -1, 0};
            BinaryFunction[] functions = {
                BinaryFunction.ADD,
                BinaryFunction.DIVIDE,
                BinaryFunction.DIVIDE,
                BinaryFunction.POWER,
                BinaryFunction.POWER,
                BinaryFunction.POWER
            };
            for (int i = 0; i < cases.length; i++) {
                put(ElementType.I32, a, 0, 0, cases[i][0]);
                put(ElementType.I32, b, 0, 0, cases[i][1]);
                Scalars.binary(functions[i], ElementType.I32, a, b, out);
                assertEquals(expected[i], out.segment.get(Memory.I32, out.offset), "case " + i);
            }
            put(ElementType.I32, b, 0, 0, 0);
            assertThrows(InputException.class, () -> Scalars.binary(BinaryFunction.DIVIDE, ElementType.I32, a, b, out));
        }
    }

    @Test
    void unaryOfWholeNumbersAndBooleans() {
        try (Memories memories = new Memories(1)) {
            View x = memories.view(1, 1, 8);
            View out = memories.view(1, 1, 8);
            put(ElementType.I64, x, 0, 0, -5);
            long[] results = new long[3];
            UnaryFunction[] functions = {UnaryFunction.NEGATE, UnaryFunction.ABS, UnaryFunction.SIGN};
            for (int i = 0; i < 3; i++) {
                Scalars.unary(functions[i], ElementType.I64, x, out);
                results[i] = out.segment.get(Memory.I64, out.offset);
            }
            assertArrayEquals(new long[] {5, 5, -1}, results);
            assertThrows(
                    IllegalArgumentException.class, () -> Scalars.unary(UnaryFunction.EXP, ElementType.I64, x, out));
            View bool = memories.view(1, 2, 1);
            put(ElementType.BOOL, bool, 0, 0, 1);
            put(ElementType.BOOL, bool, 0, 1, 0);
            Scalars.unary(UnaryFunction.NEGATE, ElementType.BOOL, bool, bool);
            assertEquals(0, get(ElementType.BOOL, bool, 0, 0));
            assertEquals(1, get(ElementType.BOOL, bool, 0, 1));
        }
    }

    @Property(tries = 100, shrinking = ShrinkingMode.OFF)
    void argMaxAndCopy(@ForAll long seed, @ForAll ElementType type) {
        Random random = new Random(seed);
        int cols = 1 + random.nextInt(9);
        try (Memories memories = new Memories(seed)) {
            View x = random(memories, type, 3, cols, random);
            View copied = memories.view(3, cols, type.byteSize());
            Scalars.copy(type.byteSize(), x, copied);
            View out = memories.view(3, 1, 8);
            Scalars.argMax(type, copied, out);
            for (int r = 0; r < 3; r++) {
                int best = (int) get(ElementType.I64, out, r, 0);
                for (int c = 0; c < cols; c++) {
                    double value = get(type, x, r, c);
                    double max = get(type, x, r, best);
                    assertTrue(c < best ? value < max : value <= max);
                }
            }
            memories.checkSurroundings();
        }
    }
}
