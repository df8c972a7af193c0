package dev.rondo.search;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The weights of the last step's attention, a row per hypothesis; no positions where a model does not attend. */
final class AttentionRows {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private MemorySegment memory;
    private int size;

    void take(StepFunction steps) {
        memory = steps.attention();
        size = memory == null ? 0 : steps.attentionSize();
    }

    int size() {
        return size;
    }

    float get(int row, int position) {
        return memory.get(F32, 4L * ((long) row * size + position));
    }

    /** The source position with the greatest weight, the first of equals; -1 without positions. */
    int argMax(int row) {
        int best = -1;
        float greatest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < size; i++) {
            float weight = get(row, i);
            if (weight > greatest) {
                greatest = weight;
                best = i;
            }
        }
        return best;
    }

    void copyTo(int row, float[] target, int at) {
        for (int i = 0; i < size; i++) {
            target[at + i] = get(row, i);
        }
    }
}
