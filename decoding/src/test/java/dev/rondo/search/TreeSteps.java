package dev.rondo.search;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Steps through a {@link TreeModel}: each row's state is its history. */
class TreeSteps implements StepFunction {
    private final TreeModel model;
    private final int begin;
    private MemorySegment scores = MemorySegment.NULL;
    private MemorySegment attention = MemorySegment.NULL;
    private List<int[]> histories = new ArrayList<>();
    private List<Integer> identities = new ArrayList<>();
    private int sentences;
    private int width;
    int calls;

    /** @param begin the token that is no part of a history */
    TreeSteps(TreeModel model, int begin) {
        this.model = model;
        this.begin = begin;
    }

    @Override
    public int vocabularySize() {
        return model.size;
    }

    @Override
    public void begin(int count) {
        histories = new ArrayList<>();
        identities = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            histories.add(null);
            identities.add(i);
        }
        sentences = count;
        width = 1;
    }

    /** Makes a sentence another one than its place says. */
    void identify(int place, int sentence) {
        identities.set(place, sentence);
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
        calls++;
        int rows = rows();
        if (scores.byteSize() < 4L * rows * model.size) {
            scores = Arena.ofAuto().allocate(4L * rows * model.size, 64);
        }
        if (attention.byteSize() < 4L * rows * model.positions) {
            attention = Arena.ofAuto().allocate(4L * rows * model.positions, 64);
        }
        for (int i = 0; i < rows; i++) {
            int[] before = histories.get(i);
            int[] history;
            if (before == null) {
                if (tokens[i] != begin) {
                    throw new AssertionError("begins with " + tokens[i]);
                }
                history = new int[0];
            } else {
                history = Arrays.copyOf(before, before.length + 1);
                history[before.length] = tokens[i];
            }
            histories.set(i, history);
            int sentence = identities.get(i / width);
            MemorySegment.copy(
                    model.logProbs(sentence, history),
                    0,
                    scores,
                    ValueLayout.JAVA_FLOAT,
                    4L * i * model.size,
                    model.size);
            MemorySegment.copy(
                    model.attention(sentence, history),
                    0,
                    attention,
                    ValueLayout.JAVA_FLOAT,
                    4L * i * model.positions,
                    model.positions);
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
    public int attentionSize() {
        return model.positions;
    }

    @Override
    public MemorySegment attention() {
        return model.positions == 0 ? null : attention;
    }

    @Override
    public void regroup(int size, int[] parents) {
        var next = new ArrayList<int[]>();
        for (int i = 0; i < sentences * size; i++) {
            if (parents[i] / width != i / size) {
                throw new AssertionError("row of another sentence");
            }
            next.add(histories.get(parents[i]));
        }
        histories = next;
        width = size;
    }

    @Override
    public void keep(int[] kept, int count) {
        var rows = new ArrayList<int[]>();
        var names = new ArrayList<Integer>();
        for (int i = 0; i < count; i++) {
            names.add(identities.get(kept[i]));
            rows.addAll(histories.subList(kept[i] * width, (kept[i] + 1) * width));
        }
        histories = rows;
        identities = names;
        sentences = count;
    }
}
