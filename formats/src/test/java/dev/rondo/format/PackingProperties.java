package dev.rondo.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import dev.rondo.error.ShapeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Packing against its definition, spelt out once more in the slowest way, over awkward sizes and values. */
class PackingProperties {
    private static final float[] SPECIAL = {
        0f,
        -0f,
        1f,
        -1f,
        Float.NaN,
        Float.intBitsToFloat(0x7F800001),
        Float.intBitsToFloat(0xFFC12345),
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        Math.nextDown(Float.MIN_NORMAL),
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        65504f,
        65519.996f,
        65520f,
        6.1e-5f,
        5.96e-8f,
        2.98e-8f,
        2.9802326e-8f,
        1.00390625f,
        1.01171875f
    };

    /** A matrix and how to store it. */
    record Case(Encoding encoding, Layout layout, int rows, int columns, float[] values) {
        @Override
        public String toString() {
            return encoding + " " + layout + " " + rows + " x " + columns + " " + Arrays.toString(values);
        }
    }

    @Property(tries = 2000)
    void everyElementLiesWhereTheLayoutSays(@ForAll("cases") Case c) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = pack(c, arena);
            byte[] expected = switch (c.layout()) {
                case Layout.Rows() -> expectedRows(c);
                case Layout.Panels(int groups) -> expectedPanels(c, groups);
            };
            assertArrayEquals(expected, packed.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Property(tries = 2000)
    void unpackingAndSingleValuesAgree(@ForAll("cases") Case c) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = pack(c, arena);
            float[] all = Packing.unpack(packed, c.encoding(), c.layout(), c.rows(), c.columns());
            assertEquals(c.rows() * c.columns(), all.length);
            for (int i = 0; i < all.length; i++) {
                float one = Packing.value(
                        packed, c.encoding(), c.layout(), c.rows(), c.columns(), i / c.columns(), i % c.columns());
                assertEquals(Float.floatToRawIntBits(all[i]), Float.floatToRawIntBits(one));
                float want = c.values()[i];
                switch (c.encoding()) {
                    case F32 -> assertEquals(Float.floatToRawIntBits(want), Float.floatToRawIntBits(one));
                    case F16 -> assertEquals(Float.float16ToFloat(Float.floatToFloat16(want)), one);
                    case BF16 -> assertEquals(nearestBfloat(want), one);
                    case INT8 -> assertTrue(Math.abs(one - want) <= int8Error(c, i / c.columns()), want + " -> " + one);
                    case F64, I32, I64, BOOL -> throw new AssertionError(c.encoding());
                }
            }
        }
    }

    @Property
    void packingAgainChangesNothing(@ForAll("cases") Case c) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment once = pack(c, arena);
            float[] values = Packing.unpack(once, c.encoding(), c.layout(), c.rows(), c.columns());
            MemorySegment twice = pack(new Case(c.encoding(), c.layout(), c.rows(), c.columns(), values), arena);
            float[] again = Packing.unpack(twice, c.encoding(), c.layout(), c.rows(), c.columns());
            if (c.encoding() == Encoding.INT8) {
                assertArrayEquals(values, again, 1e-6f * maxMagnitude(values)); // the scale may be rounded once more
            } else {
                assertArrayEquals(values, again);
            }
        }
    }

    @Property
    void sizesAreRefusedWhenTheyDoNotFit(@ForAll("cases") Case c) {
        long size = Packing.byteSize(c.encoding(), c.layout(), c.rows(), c.columns());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment longer = arena.allocate(size + 1);
            assertThrows(
                    ShapeException.class,
                    () -> Packing.pack(c.values(), c.rows(), c.columns(), c.encoding(), c.layout(), longer));
            assertThrows(
                    ShapeException.class,
                    () -> Packing.unpack(longer, c.encoding(), c.layout(), c.rows(), c.columns()));
            float[] more = new float[c.values().length + 1];
            assertThrows(
                    ShapeException.class,
                    () -> Packing.pack(more, c.rows(), c.columns(), c.encoding(), c.layout(), longer.asSlice(0, size)));
        }
    }

    @Example
    void knownSizes() {
        Layout rows = new Layout.Rows();
        assertEquals(0, Packing.byteSize(Encoding.F32, rows, 0, 5));
        assertEquals(60, Packing.byteSize(Encoding.F32, rows, 3, 5));
        assertEquals(30, Packing.byteSize(Encoding.BF16, rows, 3, 5));
        assertEquals(64 + 12, Packing.byteSize(Encoding.INT8, rows, 3, 5));
        assertEquals(128 + 13 * 4, Packing.byteSize(Encoding.INT8, rows, 13, 5));
        assertEquals(2 * 5 * 64, Packing.byteSize(Encoding.F32, new Layout.Panels(1), 17, 5));
        assertEquals(2 * 3 * 4 * 64, Packing.byteSize(Encoding.F16, new Layout.Panels(4), 68, 5));
        // 5 columns of int8 take the four words of 16
        assertEquals(2 * 4 * 4 * 64 + 2 * 4 * 64, Packing.byteSize(Encoding.INT8, new Layout.Panels(4), 68, 5));
        assertEquals(5 * 64 + 64, Packing.byteSize(Encoding.INT8, new Layout.Panels(1), 16, 17) - 3 * 64);
        assertEquals(0, Packing.byteSize(Encoding.INT8, new Layout.Panels(3), 0, 5));
        assertEquals(64, Packing.byteSize(Encoding.INT8, new Layout.Panels(1), 16, 0));
    }

    @Example
    void impossibleSizesAreRefused() {
        Layout rows = new Layout.Rows();
        assertThrows(ShapeException.class, () -> Packing.byteSize(Encoding.F32, rows, -1, 1));
        assertThrows(ShapeException.class, () -> Packing.byteSize(Encoding.F32, rows, 1, -1));
        assertThrows(ShapeException.class, () -> Packing.byteSize(Encoding.INT8, rows, 1 << 16, 1 << 16));
        assertThrows(ShapeException.class, () -> Packing.byteSize(Encoding.F32, new Layout.Panels(3), 4, 1));
        assertThrows(ShapeException.class, () -> Packing.byteSize(Encoding.I64, new Layout.Panels(1), 4, 1));
        // Sums of whole numbers must fit 32 bits.
        Packing.byteSize(Encoding.INT8, new Layout.Panels(1), 1, 500_000);
        assertThrows(ShapeException.class, () -> Packing.byteSize(Encoding.INT8, new Layout.Panels(1), 1, 500_001));
        Packing.byteSize(Encoding.INT8, rows, 1, 500_001);
        MemorySegment none = MemorySegment.ofArray(new byte[32]);
        assertThrows(ShapeException.class, () -> Packing.pack(new float[4], 2, 2, Encoding.I64, rows, none));
    }

    @Example
    void elementsOutsideAreRefused() {
        MemorySegment data = MemorySegment.ofArray(new byte[64]);
        int[][] outside = {{-1, 0}, {0, -1}, {4, 0}, {0, 4}};
        for (int[] at : outside) {
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> Packing.value(data, Encoding.F32, new Layout.Rows(), 4, 4, at[0], at[1]));
        }
    }

    @Example
    void int8RefusesWhatHasNoScale() {
        MemorySegment out = MemorySegment.ofArray(new byte[68]);
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            FormatException error = assertThrows(
                    FormatException.class,
                    () -> Packing.pack(new float[] {1, bad}, 1, 2, Encoding.INT8, new Layout.Rows(), out));
            assertEquals("int8 row 0", error.subject());
        }
    }

    @Example
    void int8OfZerosAndOfTheSmallestNumbersIsZero() {
        MemorySegment out = MemorySegment.ofArray(new byte[72]);
        Packing.pack(
                new float[] {0, -0f, Float.MIN_VALUE, -Float.MIN_VALUE}, 2, 2, Encoding.INT8, new Layout.Rows(), out);
        assertArrayEquals(new byte[72], out.toArray(ValueLayout.JAVA_BYTE));
    }

    @Example
    void int8UsesTheWholeRange() {
        MemorySegment out = MemorySegment.ofArray(new byte[68]);
        Packing.pack(new float[] {-2, 2, 1, 0.5f / 127, 3f / 127}, 1, 5, Encoding.INT8, new Layout.Rows(), out);
        assertArrayEquals(new byte[] {-127, 127, 64, 0, 2}, Arrays.copyOf(out.toArray(ValueLayout.JAVA_BYTE), 5));
        assertEquals(2f / 127, out.get(LittleEndian.F32, 64));
    }

    @Example
    void int8PanelsUseTheirWholeRange() {
        MemorySegment out = MemorySegment.ofArray(new byte[4 * 64 + 64]);
        float[] values = {-2, 2, 2, -2, 1.1f, 0.5f / 63, 3f / 63};
        Packing.pack(values, 1, 7, Encoding.INT8, new Layout.Panels(1), out);
        byte[] bytes = out.toArray(ValueLayout.JAVA_BYTE);
        assertArrayEquals(new byte[] {-63 + 64, 63, 63 + 64, -63}, Arrays.copyOf(bytes, 4));
        assertArrayEquals(new byte[] {35 + 64, 0, 2 + 64, 0}, Arrays.copyOfRange(bytes, 64, 68));
        assertEquals(2f / 63, out.get(LittleEndian.F32, 256));
    }

    @Provide
    Arbitrary<Case> cases() {
        Arbitrary<Integer> heights = Arbitraries.of(0, 1, 2, 15, 16, 17, 31, 32, 33);
        Arbitrary<Integer> columns = Arbitraries.of(0, 1, 2, 3, 4, 5, 7, 15, 16, 17, 33);
        Arbitrary<Integer> groups = Arbitraries.of(0, 1, 2, 3, 4); // 0 stands for rows
        Arbitrary<Encoding> encodings = Arbitraries.of(Encoding.F32, Encoding.F16, Encoding.BF16, Encoding.INT8);
        return Combinators.combine(encodings, groups, heights, columns, Arbitraries.longs())
                .as((e, g, h, k, seed) -> {
                    int rows = h * Math.max(1, g);
                    Layout layout = g == 0 ? new Layout.Rows() : new Layout.Panels(g);
                    return new Case(e, layout, rows, k, values(rows * k, e != Encoding.INT8, new Random(seed)));
                });
    }

    private static float[] values(int count, boolean all, Random random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = switch (random.nextInt(all ? 4 : 2)) {
                case 0 -> (float) random.nextGaussian();
                case 1 -> (float) (random.nextGaussian() * Math.pow(10, random.nextInt(-30, 30)));
                case 2 -> SPECIAL[random.nextInt(SPECIAL.length)];
                default -> Float.intBitsToFloat(random.nextInt());
            };
        }
        return values;
    }

    private static MemorySegment pack(Case c, Arena arena) {
        MemorySegment out = arena.allocate(Packing.byteSize(c.encoding(), c.layout(), c.rows(), c.columns()), 64);
        out.fill((byte) 0x5A); // packing must overwrite everything
        Packing.pack(c.values(), c.rows(), c.columns(), c.encoding(), c.layout(), out);
        return out;
    }

    private static byte[] expectedRows(Case c) {
        Raw bytes = Raw.of();
        for (int i = 0; i < c.values().length; i++) {
            bytes.raw(element(c, i / c.columns(), i % c.columns()));
        }
        if (c.encoding() == Encoding.INT8) {
            bytes.zeros((64 - bytes.size() % 64) % 64);
            for (int row = 0; row < c.rows(); row++) {
                bytes.f32(scale(c, row));
            }
        }
        return bytes.bytes();
    }

    private static byte[] expectedPanels(Case c, int groups) {
        Raw bytes = Raw.of();
        int height = c.rows() / groups;
        int unit = 4 / c.encoding().byteSize();
        int columns = c.encoding() == Encoding.INT8 ? (c.columns() + 15) / 16 * 16 : c.columns();
        for (int block = 0; block * 16 < height; block++) {
            for (int first = 0; first < columns; first += unit) {
                for (int group = 0; group < groups; group++) {
                    for (int row = block * 16; row < block * 16 + 16; row++) {
                        for (int column = first; column < first + unit; column++) {
                            boolean inside = row < height && column < c.columns();
                            bytes.raw(
                                    inside
                                            ? element(c, group * height + row, column)
                                            : new byte[c.encoding().byteSize()]);
                        }
                    }
                }
            }
        }
        if (c.encoding() == Encoding.INT8) {
            for (int block = 0; block * 16 < height; block++) {
                for (int group = 0; group < groups; group++) {
                    for (int row = block * 16; row < block * 16 + 16; row++) {
                        bytes.f32(row < height ? scale(c, group * height + row) : 0);
                    }
                }
            }
        }
        return bytes.bytes();
    }

    private static byte[] element(Case c, int row, int column) {
        float value = c.values()[row * c.columns() + column];
        ByteBuffer out = ByteBuffer.allocate(c.encoding().byteSize()).order(ByteOrder.LITTLE_ENDIAN);
        switch (c.encoding()) {
            case F32 -> out.putFloat(value);
            case F16 -> out.putShort(Float.floatToFloat16(value));
            case BF16 -> out.putShort(Packing.floatToBfloat(value));
            case INT8 -> {
                float scale = scale(c, row);
                double q = scale == 0 ? 0 : Math.rint(value / scale);
                double inRange = Math.max(-largest(c), Math.min(largest(c), q));
                out.put((byte) (inRange + (largest(c) == 63 && column % 2 == 0 ? 64 : 0)));
            }
            case F64, I32, I64, BOOL -> throw new AssertionError(c.encoding());
        }
        return out.array();
    }

    private static float scale(Case c, int row) {
        return maxMagnitude(Arrays.copyOfRange(c.values(), row * c.columns(), (row + 1) * c.columns())) / largest(c);
    }

    private static int largest(Case c) {
        return c.layout() instanceof Layout.Rows ? 127 : 63;
    }

    private static float maxMagnitude(float[] values) {
        float max = 0;
        for (float value : values) {
            max = Math.max(max, Math.abs(value));
        }
        return max;
    }

    /** Half a step, a rounding of quotient and product each, and what a subnormal scale loses over 127 steps. */
    private static double int8Error(Case c, int row) {
        double scale = scale(c, row);
        return 0.5 * scale + 127 * scale * 0x1p-22 + 128 * (double) Float.MIN_VALUE;
    }

    /** The nearest bfloat16 found by comparing distances in double precision. */
    private static float nearestBfloat(float value) {
        if (Float.isNaN(value) || Float.isInfinite(value)) {
            return value;
        }
        int truncated = Float.floatToRawIntBits(value) & 0xFFFF0000;
        float low = Float.intBitsToFloat(truncated);
        float high = Float.intBitsToFloat(truncated + 0x10000); // away from zero
        // Beyond the largest bfloat16, infinity counts as the number that would come next.
        double highValue = Float.isInfinite(high) ? Math.copySign(0x1p128, value) : high;
        double toLow = Math.abs((double) value - low);
        double toHigh = Math.abs(highValue - value);
        boolean lowIsEven = (truncated >>> 16 & 1) == 0;
        return toLow < toHigh || toLow == toHigh && lowIsEven ? low : high;
    }

    /** The halves of the ends of every interval between neighbours, for both 16-bit types. */
    @Example
    void everyHalfIsExactAndEveryMidpointGoesToEven() {
        for (int bits = 0; bits < 0x10000; bits++) {
            float value = Float.float16ToFloat((short) bits);
            assertEquals(value, Packing.halfToFloat((short) bits));
            if (!Float.isNaN(value)) {
                assertEquals((short) bits, Packing.floatToHalf(value));
            } else {
                assertTrue(Float.isNaN(Packing.halfToFloat(Packing.floatToHalf(value))));
            }
        }
        for (int bits = 0; bits < 0x7BFF; bits++) {
            float low = Packing.halfToFloat((short) bits);
            float high = Packing.halfToFloat((short) (bits + 1));
            checkMidpoint(List.of((short) bits, (short) (bits + 1)), (low + high) / 2, true);
        }
    }

    @Example
    void everyBfloatIsExactAndEveryMidpointGoesToEven() {
        for (int bits = 0; bits < 0x10000; bits++) {
            float value = Float.intBitsToFloat(bits << 16);
            assertEquals(Float.floatToRawIntBits(value), Float.floatToRawIntBits(Packing.bfloatToFloat((short) bits)));
            if (!Float.isNaN(value)) {
                assertEquals((short) bits, Packing.floatToBfloat(value));
            } else {
                assertTrue(Float.isNaN(Packing.bfloatToFloat(Packing.floatToBfloat(value))));
            }
        }
        for (int bits = 0; bits < 0x7F80; bits++) { // the last one rounds to infinity
            checkMidpoint(List.of((short) bits, (short) (bits + 1)), Float.intBitsToFloat(bits << 16 | 0x8000), false);
        }
    }

    @Example
    void everyNanStaysNan() {
        for (int payload : new int[] {1, 0x7FFF, 0xFFFF, 0x10000, 0x3FFFFF, 0x400000, 0x7FFFFF}) {
            for (int sign : new int[] {0, 0x80000000}) {
                float nan = Float.intBitsToFloat(sign | 0x7F800000 | payload);
                assertTrue(Float.isNaN(Packing.bfloatToFloat(Packing.floatToBfloat(nan))));
                assertTrue(Float.isNaN(Packing.halfToFloat(Packing.floatToHalf(nan))));
            }
        }
    }

    private static void checkMidpoint(List<Short> neighbours, float middle, boolean half) {
        short even = neighbours.get(neighbours.getFirst() % 2 == 0 ? 0 : 1);
        assertEquals(even, round(middle, half));
        assertEquals(neighbours.get(0), round(Math.nextDown(middle), half));
        assertEquals(neighbours.get(1), round(Math.nextUp(middle), half));
        assertEquals((short) (even | 0x8000), round(-middle, half));
    }

    private static short round(float value, boolean half) {
        return half ? Packing.floatToHalf(value) : Packing.floatToBfloat(value);
    }
}
