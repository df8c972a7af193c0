package dev.rondo.convert.onnx.graph;

import java.util.List;
import java.util.function.IntUnaryOperator;

/** The elements of a constant, row-major: floats, or whole numbers (bool is 0 and 1). */
interface Elements {
    double real(int index);

    long integer(int index);

    static Elements of(float[] values) {
        return new Elements() {
            @Override
            public double real(int index) {
                return values[index];
            }

            /** As {@code Cast} has it: toward zero, saturating, NaN is 0. */
            @Override
            public long integer(int index) {
                return (long) values[index];
            }
        };
    }

    /** The same, of an array that whoever asks for all of them may keep. */
    static Elements handed(float[] values) {
        return new Elements() {
            @Override
            public double real(int index) {
                return values[index];
            }

            @Override
            public long integer(int index) {
                return (long) values[index];
            }

            @Override
            public float[] floats(int count) {
                return values;
            }
        };
    }

    static Elements of(long[] values) {
        return new Elements() {
            @Override
            public double real(int index) {
                return values[index];
            }

            @Override
            public long integer(int index) {
                return values[index];
            }
        };
    }

    /** The elements at other places; -1 stands for zero. */
    static Elements mapped(Elements source, IntUnaryOperator from) {
        return new Elements() {
            @Override
            public double real(int index) {
                int at = from.applyAsInt(index);
                return at < 0 ? 0 : source.real(at);
            }

            @Override
            public long integer(int index) {
                int at = from.applyAsInt(index);
                return at < 0 ? 0 : source.integer(at);
            }
        };
    }

    default float[] floats(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) real(i);
        }
        return values;
    }

    default long[] longs(int count) {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = integer(i);
        }
        return values;
    }

    /** Steps between neighbours along each axis of a row-major shape. */
    static int[] strides(List<Integer> shape) {
        int[] strides = new int[shape.size()];
        int step = 1;
        for (int i = shape.size() - 1; i >= 0; i--) {
            strides[i] = step;
            step *= shape.get(i);
        }
        return strides;
    }

    /** From an index of a row-major shape to {@code base} plus a step of each axis. */
    static IntUnaryOperator strided(List<Integer> shape, int base, int... steps) {
        int[] sizes = shape.stream().mapToInt(Integer::intValue).toArray();
        return index -> {
            int at = base;
            int rest = index;
            for (int d = sizes.length - 1; d >= 0; d--) {
                at += rest % sizes[d] * steps[d];
                rest /= sizes[d];
            }
            return at;
        };
    }
}
