package dev.rondo.train;

import dev.rondo.format.ElementType;
import dev.rondo.plan.Operand;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An input of a function in training, row-major: filled before each step. */
public final class Feed {
    private final Operand operand;
    private final ElementType element;
    private final MemorySegment memory;

    Feed(Operand operand) {
        this.operand = operand;
        this.element = operand.type().element();
        this.memory = operand.segment();
    }

    /** The number of elements at the current sizes. */
    public int size() {
        return operand.count();
    }

    /** The dimensions at the current sizes. */
    public int[] shape() {
        return operand.shape();
    }

    /** Sets an element of any type; bool takes 0 as false. */
    public void set(int i, long value) {
        switch (element) {
            case F32 -> memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
            case F64 -> memory.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
            case I32 -> memory.setAtIndex(ValueLayout.JAVA_INT, i, Math.toIntExact(value));
            case I64 -> memory.setAtIndex(ValueLayout.JAVA_LONG, i, value);
            case BOOL -> memory.set(ValueLayout.JAVA_BYTE, i, (byte) (value == 0 ? 0 : 1));
        }
    }

    /** Sets an element of f32 or f64. */
    public void set(int i, double value) {
        switch (element) {
            case F32 -> memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
            case F64 -> memory.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
            case I32, I64, BOOL ->
                throw new IllegalArgumentException("input " + operand.name() + " holds " + element.text());
        }
    }

    /** Sets f32 elements from an index on. */
    public void set(int i, float[] values, int from, int count) {
        if (element != ElementType.F32) {
            throw new IllegalArgumentException("input " + operand.name() + " holds " + element.text());
        }
        MemorySegment.copy(values, from, memory, ValueLayout.JAVA_FLOAT, (long) i * Float.BYTES, count);
    }
}
