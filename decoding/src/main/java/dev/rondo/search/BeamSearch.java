package dev.rondo.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Beam search: in each step the best continuations of a sentence's hypotheses go on. A hypothesis is ordered by its
 * log-probability, of equals the one whose parent was better, then the lower token; penalties rank what is finished.
 *
 * <pre>{@code
 * var search = new BeamSearch(SessionSteps.of(model.session(Capacity.of("B", 5))), end, BeamOptions.of(5));
 * Hypothesis best = search.run(Sentence.of(begin)).getFirst();
 * }</pre>
 */
public final class BeamSearch implements Search {
    private final StepFunction steps;
    private final Workspace work;
    private final Regrouping regrouping = new Regrouping();
    private SentenceSearch[] active = {};
    private int[] kept = {};

    /**
     * A search over a function, which it steps and regroups alone.
     *
     * @param end the token that ends a sequence; -1 when there is none
     * @throws dev.rondo.error.InputException when a token of the constraints is not of the function's vocabulary
     */
    public BeamSearch(StepFunction steps, int end, BeamOptions options) {
        this.steps = steps;
        this.work = new Workspace(steps, end, options);
    }

    public BeamOptions options() {
        return work.options;
    }

    @Override
    public List<List<Hypothesis>> run(List<Sentence> sentences, TokenListener listener) {
        check(sentences);
        var results = new ArrayList<List<Hypothesis>>(sentences.size());
        int count = begin(sentences);
        for (int i = 0; i < count; i++) {
            results.add(List.of());
        }
        while (count > 0) {
            steps.step(regrouping.tokens());
            work.scores.take(steps);
            work.attention.take(steps);
            work.check();
            int width = steps.width();
            for (int i = 0; i < count; i++) {
                active[i].advance(i * width);
            }
            int left = settle(count, listener, results);
            if (left > 0) {
                if (left < count) {
                    steps.keep(kept, left);
                }
                regrouping.apply(steps, active, left, work.lattice);
            }
            count = left;
        }
        return results;
    }

    private void check(List<Sentence> sentences) {
        work.rules.check(sentences);
        for (Sentence sentence : sentences) {
            work.check(sentence);
        }
    }

    private int begin(List<Sentence> sentences) {
        int count = sentences.size();
        if (active.length < count) {
            int before = active.length;
            active = Arrays.copyOf(active, count);
            for (int i = before; i < count; i++) {
                active[i] = new SentenceSearch(work);
            }
            kept = new int[count];
        }
        work.lattice.clear();
        for (int i = 0; i < count; i++) {
            active[i].begin(sentences.get(i), i);
            work.penalties.reserve(active[i].greatest());
            regrouping.begin(sentences.get(i), i, count);
        }
        if (count > 0) {
            steps.begin(count);
        }
        return count;
    }

    /** Hands over results of what is done and moves the others together; how many are left. */
    private int settle(int count, TokenListener listener, List<List<Hypothesis>> results) {
        int left = 0;
        for (int i = 0; i < count; i++) {
            SentenceSearch sentence = active[i];
            boolean goesOn = sentence.tell(listener);
            if (sentence.settle(!goesOn)) {
                results.set(sentence.index(), sentence.results());
            } else {
                active[i] = active[left];
                active[left] = sentence;
                kept[left++] = i;
            }
        }
        return left;
    }
}
