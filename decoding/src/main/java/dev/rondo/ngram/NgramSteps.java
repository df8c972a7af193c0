package dev.rondo.ngram;

import dev.rondo.search.StepFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A model of n-grams as a search walks it: to continue texts, or beside a translator (shallow fusion). It begins with a context
 * of nothing; the begin token that a search feeds first makes it that of a sentence. Scores are log-probabilities, minus
 * infinity for begin and padding. For one thread.
 */
public final class NgramSteps implements StepFunction {
    private static final int ALIGNMENT = 64;

    private final NgramModel model;
    private int sentences;
    private int width = 1;
    private NgramContext[] contexts = {};
    /** Takes turns with the others when rows change places. */
    private NgramContext[] spare = {};

    private MemorySegment scores = MemorySegment.NULL;

    /** A walker of a model, which it shares with others. */
    public NgramSteps(NgramModel model) {
        this.model = model;
    }

    @Override
    public int vocabularySize() {
        return model.size();
    }

    @Override
    public void begin(int count) {
        sentences = count;
        width = 1;
        reserve(count);
        for (int row = 0; row < count; row++) {
            contexts[row].clear();
        }
    }

    @Override
    public int sentences() {
        return sentences;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public void step(int[] tokens) {
        int rows = rows();
        for (int row = 0; row < rows; row++) {
            model.advance(contexts[row], tokens[row]);
            model.logProbs(contexts[row], scores, (long) row * model.size());
        }
    }

    @Override
    public MemorySegment scores() {
        return scores;
    }

    @Override
    public boolean scored() {
        return true;
    }

    @Override
    public void regroup(int size, int[] parents) {
        int rows = sentences * size;
        reserve(rows);
        for (int row = 0; row < rows; row++) {
            spare[row].copyFrom(contexts[parents[row]]);
        }
        swap();
        width = size;
    }

    @Override
    public void keep(int[] kept, int count) {
        for (int row = 0; row < count * width; row++) {
            spare[row].copyFrom(contexts[kept[row / width] * width + row % width]);
        }
        swap();
        sentences = count;
    }

    private void swap() {
        NgramContext[] before = contexts;
        contexts = spare;
        spare = before;
    }

    private void reserve(int rows) {
        int before = contexts.length;
        if (rows <= before) {
            return;
        }
        int room = Math.max(rows, 2 * before);
        contexts = Arrays.copyOf(contexts, room);
        spare = Arrays.copyOf(spare, room);
        for (int row = before; row < room; row++) {
            contexts[row] = model.context();
            spare[row] = model.context();
        }
        scores = Arena.ofAuto().allocate((long) room * model.size() * Float.BYTES, ALIGNMENT);
    }
}
