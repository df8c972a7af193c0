package dev.rondo.plan;

import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.kernel.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Checked i32 indices of an operand of i32 or i64. */
public final class Indices {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final Operand index;
    private final String subject;
    private final MemorySegment checked;
    private final View view;

    /** @param subject what takes indices, for messages; made once, as a check allocates nothing */
    public Indices(Operand index, String subject, Arena arena) {
        this.index = index;
        this.subject = subject;
        boolean narrow = index.type.element() == ElementType.I32;
        this.checked =
                narrow ? index.segment : Operand.memory(arena, "indices " + index.name, index.segment.byteSize() / 2);
        this.view = new View(checked, 0, 0, 1, Integer.BYTES);
    }

    /** i32 [count, 1], once checked. */
    public View view() {
        return view;
    }

    /** Takes over the number of indices. */
    public void resize() {
        view.window(index.count(), 1);
    }

    /** Refuses indices outside 0 to size-1 before anything is read with them. */
    public void check(int size) {
        int count = view.rows;
        if (index.type.element() == ElementType.I32) {
            for (int i = 0; i < count; i++) {
                int value = index.segment.get(INT, i * 4L);
                if (value < 0 || value >= size) {
                    throw outside(value, i, size);
                }
            }
        } else {
            for (int i = 0; i < count; i++) {
                long value = index.segment.get(LONG, i * 8L);
                if (value < 0 || value >= size) {
                    throw outside(value, i, size);
                }
                checked.set(INT, i * 4L, (int) value);
            }
        }
    }

    /** Index i, once checked. */
    public int get(int i) {
        return checked.get(INT, i * 4L);
    }

    private InputException outside(long value, int i, int size) {
        return new InputException(
                subject,
                "index '" + index.name + "' lies between 0 and " + (size - 1),
                value + " at position " + i,
                "check the vocabulary and the ids");
    }
}
