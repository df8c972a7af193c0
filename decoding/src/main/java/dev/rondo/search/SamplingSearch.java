package dev.rondo.search;

import dev.rondo.decode.Sampler;
import dev.rondo.decode.Sampling;
import dev.rondo.error.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One token after the other, as a {@link Sampling} picks them; with {@link Sampling#GREEDY} the likeliest always, which is a
 * beam search with a beam of one. Scores of results are those of the model, however tokens were picked; its prefix and
 * its own tokens are what repetition costs.
 */
public final class SamplingSearch implements Search {
    private static final long SAMPLE = 0x9e3779b97f4a7c15L;

    private final StepFunction steps;
    private final Sampling sampling;
    private final int samples;
    private final RowScores scores;
    private final AttentionRows attention = new AttentionRows();
    private final Rules rules;
    private final Lattice lattice;
    private final float[] logits;
    private Draft[] drafts = {};
    private int[] tokens = {};
    private int[] rows = {};
    private int[] kept = {};

    /** One text of one sentence. */
    private static final class Draft {
        Sampler sampler;
        int sentence;
        int sample;
        int node;
        double logProb;
        boolean ended;
        boolean done;
    }

    /**
     * A search over a function, which it steps and regroups alone.
     *
     * @param end     the token that ends a sequence; -1 when there is none
     * @param samples how many texts of each sentence, drawn independently; sample 0 of a sentence has the seed plus its number
     * @throws InputException when a token of the constraints is not of the function's vocabulary
     */
    public SamplingSearch(StepFunction steps, int end, Sampling sampling, int samples, Constraints constraints) {
        if (samples < 1 || samples > 1 << 16) {
            throw new InputException("samples", "lie between 1 and 65536", "" + samples, "1 is usual");
        }
        this.steps = steps;
        this.sampling = sampling;
        this.samples = samples;
        this.scores = new RowScores(steps);
        this.rules = new Rules(constraints, steps.vocabularySize(), end);
        this.lattice = new Lattice(false);
        this.logits = new float[steps.vocabularySize()];
    }

    /** The likeliest token always. */
    public static SamplingSearch greedy(StepFunction steps, int end, Constraints constraints) {
        return new SamplingSearch(steps, end, Sampling.GREEDY, 1, constraints);
    }

    @Override
    public List<List<Hypothesis>> run(List<Sentence> sentences, TokenListener listener) {
        rules.check(sentences);
        int count = sentences.size();
        begin(sentences);
        while (count > 0) {
            steps.step(tokens);
            scores.take(steps);
            attention.take(steps);
            for (int i = 0; i < count * samples; i++) {
                Draft draft = drafts[i];
                if (!draft.done) {
                    pick(draft, i, sentences.get(draft.sentence));
                    tell(draft, listener);
                }
            }
            count = keep(count);
            for (int i = 0; i < count * samples; i++) {
                tokens[i] = drafts[i].done ? 0 : lattice.token(drafts[i].node);
            }
        }
        return results(sentences.size());
    }

    private void begin(List<Sentence> sentences) {
        int count = sentences.size();
        int before = drafts.length;
        if (before < count * samples) {
            drafts = Arrays.copyOf(drafts, count * samples);
            for (int i = before; i < drafts.length; i++) {
                drafts[i] = new Draft();
            }
            tokens = new int[count * samples];
            rows = new int[count * samples];
            kept = new int[count];
        }
        lattice.clear();
        for (int i = 0; i < count * samples; i++) {
            Draft draft = drafts[i];
            draft.sentence = i / samples;
            draft.sample = i % samples;
            draft.node = Lattice.ROOT;
            draft.logProb = 0;
            draft.ended = false;
            draft.done = false;
            Sentence sentence = sentences.get(draft.sentence);
            long seed = sampling.seed() + sentence.numberAt(draft.sentence) + draft.sample * SAMPLE;
            draft.sampler = new Sampler(sampling.withSeed(seed), logits.length);
            draft.sampler.read(sentence.begin());
            tokens[i] = sentence.begin();
            rows[i] = i / samples;
        }
        if (count > 0) {
            steps.begin(count);
            if (samples > 1) {
                steps.regroup(samples, rows);
            }
        }
    }

    private void pick(Draft draft, int row, Sentence sentence) {
        int length = lattice.length(draft.node);
        scores.copy(row, logits);
        scores.open(row);
        rules.apply(scores, lattice, draft.node, sentence, rules.least(sentence));
        // Refuses what is no number, before it could be taken for what constraints forbid.
        scores.findMaxima();
        boolean biased = sentence.bias() > 0 && length < sentence.prefixLength();
        boolean any = false;
        for (int i = 0; i < logits.length; i++) {
            float score = scores.get(i);
            // Logits as they are, for a penalty that depends on their sign; without what is forbidden.
            if (biased || score == Float.NEGATIVE_INFINITY) {
                logits[i] = score;
            }
            any |= score > Float.NEGATIVE_INFINITY;
        }
        if (!any) {
            // The constraints leave nothing.
            draft.done = true;
            draft.node = Lattice.ROOT;
            return;
        }
        int token = draft.sampler.pick(logits);
        draft.sampler.read(token);
        float score = scores.get(token);
        draft.node = lattice.add(draft.node, token, score, attention, row);
        draft.logProb += score;
        draft.ended = token == rules.end();
        draft.done = draft.ended || length + 1 == rules.greatest(sentence);
    }

    private void tell(Draft draft, TokenListener listener) {
        if (draft.sample == 0 && !draft.ended && draft.node != Lattice.ROOT) {
            int length = lattice.length(draft.node);
            boolean goesOn = listener.token(draft.sentence, length, lattice.token(draft.node), draft.logProb);
            draft.done |= !goesOn;
        }
    }

    /** Drops sentences whose texts are all done; how many are left. */
    private int keep(int count) {
        int left = 0;
        for (int i = 0; i < count; i++) {
            boolean done = true;
            for (int j = 0; j < samples; j++) {
                done &= drafts[i * samples + j].done;
            }
            if (!done) {
                for (int j = 0; j < samples; j++) {
                    Draft draft = drafts[i * samples + j];
                    drafts[i * samples + j] = drafts[left * samples + j];
                    drafts[left * samples + j] = draft;
                }
                kept[left++] = i;
            }
        }
        if (left > 0 && left < count) {
            steps.keep(kept, left);
        }
        return left;
    }

    private List<List<Hypothesis>> results(int count) {
        var results = new ArrayList<List<Hypothesis>>(count);
        for (int i = 0; i < count; i++) {
            results.add(new ArrayList<>());
        }
        for (int i = 0; i < count * samples; i++) {
            Draft draft = drafts[i];
            if (draft.node != Lattice.ROOT) {
                results.get(draft.sentence)
                        .add(lattice.hypothesis(draft.node, draft.ended, draft.logProb, draft.logProb));
            }
        }
        results.replaceAll(List::copyOf);
        return results;
    }
}
