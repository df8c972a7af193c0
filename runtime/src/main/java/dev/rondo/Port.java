package dev.rondo;

import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.plan.Operand;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * An input or output of a {@link Call}: dense row-major elements in native memory that belongs to the session. Values
 * are written and read in place; nothing is copied twice. Valid as long as its call; for the session's thread only.
 */
public final class Port {
    private final Operand operand;
    private final ElementType element;
    private final MemorySegment memory;

    /**
     * For copies, of an f32 port that fits: those of a segment begin with a pattern switch, for which a young JVM takes ten
     * milliseconds. Else null.
     */
    private final FloatBuffer floats;

    Port(Operand operand) {
        this.operand = operand;
        this.element = operand.type().element();
        this.memory = operand.segment();
        this.floats = element == ElementType.F32 && memory.byteSize() <= Integer.MAX_VALUE
                ? memory.asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer()
                : null;
    }

    /** The name in the function. */
    public String name() {
        return operand.name();
    }

    public ElementType element() {
        return element;
    }

    /** The dimensions at the session's current sizes. */
    public int[] shape() {
        return operand.shape();
    }

    /** The number of elements at the session's current sizes. */
    public int size() {
        return operand.count();
    }

    /** The memory at capacity, for callers that fill or read it themselves in the platform's byte order. */
    public MemorySegment segment() {
        return memory;
    }

    /** Sets an integer element of i32, i64 or bool, or an f32 or f64 one. */
    public void set(int index, long value) {
        switch (element) {
            case I32 -> {
                if (value != (int) value) {
                    throw wrong("holds 32-bit integers", "" + value);
                }
                memory.set(ValueLayout.JAVA_INT_UNALIGNED, offset(index), (int) value);
            }
            case I64 -> memory.set(ValueLayout.JAVA_LONG_UNALIGNED, offset(index), value);
            case BOOL -> memory.set(ValueLayout.JAVA_BYTE, offset(index), (byte) (value == 0 ? 0 : 1));
            case F32, F64 -> set(index, (double) value);
        }
    }

    /** Sets an f32 or f64 element. */
    public void set(int index, double value) {
        switch (element) {
            case F32 -> memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, offset(index), (float) value);
            case F64 -> memory.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, offset(index), value);
            case I32, I64, BOOL -> throw wrong("holds " + element.text(), "a floating-point number");
        }
    }

    /** An element of any type as a floating-point number. */
    public double get(int index) {
        return switch (element) {
            case F32 -> memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, offset(index));
            case F64 -> memory.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, offset(index));
            case I32, I64, BOOL -> getLong(index);
        };
    }

    /** An element of i32, i64 or bool. */
    public long getLong(int index) {
        return switch (element) {
            case I32 -> memory.get(ValueLayout.JAVA_INT_UNALIGNED, offset(index));
            case I64 -> memory.get(ValueLayout.JAVA_LONG_UNALIGNED, offset(index));
            case BOOL -> memory.get(ValueLayout.JAVA_BYTE, offset(index));
            case F32, F64 -> throw wrong("holds " + element.text(), "a request for an integer");
        };
    }

    private long offset(int index) {
        int count = operand.count();
        if (index < 0 || index >= count) {
            throw new InputException(
                    "index into '" + operand.name() + "' " + operand.type(),
                    "lies between 0 and " + (count - 1),
                    "" + index,
                    "set the session's sizes before its values");
        }
        return (long) index * element.byteSize();
    }

    /** A copy of all elements. */
    byte[] bytes() {
        return memory.asSlice(0, operand.byteSize()).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Fills all elements. */
    void bytes(byte[] values) {
        MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_BYTE, 0, values.length);
    }

    /** Fills all elements of an f32 port. */
    public void copyFrom(float[] values) {
        require(ElementType.F32, values.length);
        if (floats != null) {
            floats.put(0, values);
        } else {
            MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, values.length);
        }
    }

    /** Fills all elements of an i32 port. */
    public void copyFrom(int[] values) {
        require(ElementType.I32, values.length);
        MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_INT, 0, values.length);
    }

    /** Fills all elements of an i64 port. */
    public void copyFrom(long[] values) {
        require(ElementType.I64, values.length);
        MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_LONG, 0, values.length);
    }

    /** Copies all elements of an f32 port into an array of at least that length. */
    public void copyTo(float[] target) {
        if (target.length < size()) {
            throw wrong("holds " + size() + " elements", "an array of " + target.length);
        }
        require(ElementType.F32, size());
        if (floats != null) {
            floats.get(0, target, 0, size());
        } else {
            MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, 0, target, 0, size());
        }
    }

    /** All elements of an f32 port in a new array. */
    public float[] toFloats() {
        var values = new float[size()];
        copyTo(values);
        return values;
    }

    /** All elements of an i32, i64 or bool port in a new array. */
    public long[] toLongs() {
        var values = new long[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = getLong(i);
        }
        return values;
    }

    private void require(ElementType wanted, int length) {
        if (element != wanted) {
            throw wrong("holds " + element.text(), wanted.text() + " values");
        }
        if (length != size()) {
            throw wrong("holds " + size() + " elements at the current sizes", length + " values");
        }
    }

    private InputException wrong(String rule, String got) {
        return new InputException(
                "'" + operand.name() + "' " + operand.type(), rule, got, "set the session's sizes before its values");
    }
}
