package dev.rondo.plan;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Plain moves of elements of any type. */
public final class Copies {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private Copies() {}

    public static void copy(MemorySegment from, long fromOffset, MemorySegment to, long toOffset, long bytes) {
        if (bytes > 0) {
            MemorySegment.copy(from, fromOffset, to, toOffset, bytes);
        }
    }

    /** Copies single elements at a stride. */
    public static void strided(
            int elementSize,
            MemorySegment from,
            long fromOffset,
            long fromStride,
            MemorySegment to,
            long toOffset,
            long toStride,
            int count) {
        switch (elementSize) {
            case 4 -> {
                for (int i = 0; i < count; i++) {
                    to.set(INT, toOffset + i * toStride, from.get(INT, fromOffset + i * fromStride));
                }
            }
            case 8 -> {
                for (int i = 0; i < count; i++) {
                    to.set(LONG, toOffset + i * toStride, from.get(LONG, fromOffset + i * fromStride));
                }
            }
            default -> {
                for (int i = 0; i < count; i++) {
                    to.set(
                            ValueLayout.JAVA_BYTE,
                            toOffset + i * toStride,
                            from.get(ValueLayout.JAVA_BYTE, fromOffset + i * fromStride));
                }
            }
        }
    }

    /** Sets bytes to zero; fill() takes a slice, so the whole of large ranges only. */
    public static void zero(MemorySegment segment, long offset, long bytes) {
        long i = 0;
        for (; i + 8 <= bytes; i += 8) {
            segment.set(LONG, offset + i, 0L);
        }
        for (; i < bytes; i++) {
            segment.set(ValueLayout.JAVA_BYTE, offset + i, (byte) 0);
        }
    }
}
