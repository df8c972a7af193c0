package dev.rondo.bench;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Finds the largest outputs of each row of another engine, in falling order: its own outputs. */
final class TopEngine implements Engine {
    private final RondoEngine engine;
    private final int columns;
    private final int count;
    private final float[] values;
    private final int[] ids;

    TopEngine(RondoEngine engine, int rows, int columns, int count) {
        this.engine = engine;
        this.columns = columns;
        this.count = count;
        this.values = new float[rows * count];
        this.ids = new int[rows * count];
    }

    @Override
    public float run(float[] x) {
        engine.run(x);
        MemorySegment memory = engine.memory();
        Arrays.fill(values, Float.NEGATIVE_INFINITY);
        for (int m = 0; m < values.length / count; m++) {
            top(memory, m);
        }
        return values[0];
    }

    /** One look at each value: few are larger than the least that is kept. */
    private void top(MemorySegment memory, int row) {
        int first = row * count;
        int last = first + count - 1;
        long start = 4L * row * columns;
        float least = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < columns; i++) {
            float value = memory.get(ValueLayout.JAVA_FLOAT, start + 4L * i);
            if (value > least) {
                int at = last;
                for (; at > first && values[at - 1] < value; at--) {
                    values[at] = values[at - 1];
                    ids[at] = ids[at - 1];
                }
                values[at] = value;
                ids[at] = i;
                least = values[last];
            }
        }
    }

    @Override
    public float[] outputs() {
        return values.clone();
    }

    @Override
    public void reset() {
        engine.reset();
    }

    @Override
    public void close() {
        engine.close();
    }
}
