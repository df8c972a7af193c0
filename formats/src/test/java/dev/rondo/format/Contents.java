package dev.rondo.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;

/** Comparison of what holds memory: by content, not by address. */
final class Contents {
    private Contents() {}

    static void assertSame(ReferenceCase want, ReferenceCase got) {
        assertEquals(want.name(), got.name());
        assertEquals(want.function(), got.function());
        assertEquals(want.stepwise(), got.stepwise());
        assertEquals(want.atol(), got.atol());
        assertEquals(want.rtol(), got.rtol());
        assertSameValues(want.inputs(), got.inputs());
        assertSameValues(want.outputs(), got.outputs());
    }

    private static void assertSameValues(Map<String, TensorData> want, Map<String, TensorData> got) {
        assertEquals(List.copyOf(want.keySet()), List.copyOf(got.keySet()));
        want.forEach((name, values) -> {
            TensorData other = got.get(name);
            assertEquals(values.element(), other.element());
            assertEquals(values.shape(), other.shape());
            assertEquals(-1, values.data().mismatch(other.data()), name);
            assertEquals(0, other.data().byteSize() == 0 ? 0 : other.data().address() % 64, name);
        });
    }
}
