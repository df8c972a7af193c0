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
    private static final int MOST_TEXTS = 1 << 20;

    /** Draw n of a seed is the first one of {@code seed + n * DRAW}: a sampler's sequence is that of SplitMix64. */
    private static final long DRAW = 0x9e3779b97f4a7c15L;

    /** Between the seeds of samples; another number, else a sample would draw what the one before draws a token later. */
    private static final long SAMPLE = 0xd1342543de82ef95L;

    private final StepFunction steps;
    private final Sampling sampling;
    /** One for all: what it knows of a text is the text's length and tokens. */
    private final Sampler sampler;

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
        long seed;
        int sentence;
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
        this.sampler = new Sampler(sampling, logits.length);
    }

    /** The likeliest token always. */
    public static SamplingSearch greedy(StepFunction steps, int end, Constraints constraints) {
        return new SamplingSearch(steps, end, Sampling.GREEDY, 1, constraints);
    }

    @Override
    public List<List<Hypothesis>> run(List<Sentence> sentences, TokenListener listener) {
        rules.check(sentences);
        int count = sentences.size();
        if ((long) count * samples > MOST_TEXTS) {
            throw new InputException(
                    "sentences times samples",
                    "are at most " + MOST_TEXTS + " in one call",
                    count + " times " + samples,
                    "search for fewer sentences at once");
        }
        begin(sentences);
        while (count > 0) {
            steps.step(tokens);
            scores.take(steps);
            attention.take(steps);
            for (int i = 0; i < count; i++) {
                advance(i * samples, sentences, listener);
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
            draft.node = Lattice.ROOT;
            draft.logProb = 0;
            draft.ended = false;
            draft.done = false;
            Sentence sentence = sentences.get(draft.sentence);
            draft.seed = sampling.seed() + sentence.numberAt(draft.sentence) + i % samples * SAMPLE;
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

    /** Picks the next tokens of a sentence's texts, and tells of the first that goes on. */
    private void advance(int first, List<Sentence> sentences, TokenListener listener) {
        Draft lead = null;
        for (int i = first; i < first + samples; i++) {
            Draft draft = drafts[i];
            if (!draft.done) {
                pick(draft, i, sentences.get(draft.sentence));
                boolean longer = !draft.ended && draft.node != Lattice.ROOT;
                lead = lead == null && longer ? draft : lead;
            }
        }
        if (lead == null) {
            return;
        }
        int length = lattice.length(lead.node);
        if (!listener.token(lead.sentence, length, lattice.token(lead.node), lead.logProb)) {
            for (int i = first; i < first + samples; i++) {
                drafts[i].done = true;
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
        prepare(draft, sentence, length);
        int token = sampler.pick(logits);
        float score = scores.get(token);
        draft.node = lattice.add(draft.node, token, score, attention, row);
        draft.logProb += score;
        draft.ended = token == rules.end();
        draft.done = draft.ended || length + 1 == rules.greatest(sentence);
    }

    /** Makes the sampler that of a text, where it stands. */
    private void prepare(Draft draft, Sentence sentence, int length) {
        sampler.restart(draft.seed + length * DRAW);
        if (sampling.repetitionPenalty() != 1) {
            sampler.read(sentence.begin());
            for (int node = draft.node; node != Lattice.ROOT; node = lattice.parent(node)) {
                sampler.read(lattice.token(node));
            }
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
