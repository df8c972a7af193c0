package dev.rondo.tests.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Holds arrays to each other: {@code |actual − expected| ≤ atol + rtol |expected|}, and NaN only where NaN is expected. */
public final class Closeness {
    private Closeness() {}

    public static void assertClose(NdArray expected, NdArray actual, double atol, double rtol, String what) {
        assertEquals(expected.shape(), actual.shape(), () -> what + ": shape");
        for (int i = 0; i < expected.values().length; i++) {
            double wanted = expected.values()[i];
            double got = actual.values()[i];
            boolean close =
                    Double.compare(wanted, got) == 0 || Math.abs(got - wanted) <= atol + rtol * Math.abs(wanted);
            int at = i;
            assertTrue(
                    close,
                    () -> what + ": element " + at + " of " + expected.shape() + " is " + wanted + ", got " + got);
        }
    }

    public static void assertClose(NdArray expected, NdArray actual, double tolerance, String what) {
        assertClose(expected, actual, tolerance, tolerance, what);
    }
}
