package dev.rondo.convert.onnx.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bounds of slices as ONNX clamps them, up to the ends of 64 bits. */
class SizeArithmeticTest {
    @ParameterizedTest
    @CsvSource({
        "0, 5, 1, 5, 0, 5",
        "1, 9223372036854775807, 2, 6, 1, 3",
        "0, 5, 9223372036854775807, 5, 0, 1",
        "-9223372036854775808, 9223372036854775807, 4, 5, 0, 2",
        "3, 3, 1, 5, 3, 0",
        "4, 1, 1, 5, 4, 0",
        "-1, -9223372036854775808, -1, 5, 4, 5",
        "-1, -9223372036854775808, -2, 5, 4, 3",
        "4, 0, -9223372036854775808, 5, 4, 1",
        "1, 4, -1, 5, 1, 0"
    })
    void firstIndexAndCount(long start, long end, long step, int size, int first, int count) {
        assertArrayEquals(new int[] {first, count}, SizeArithmetic.range(start, end, step, size));
    }
}
