package dev.rondo.decode;

import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import java.util.Arrays;

/**
 * Picks tokens as a {@link Sampling} says. It holds the place in the random sequence, so each text being generated has
 * its own; not for several threads. A pick allocates nothing.
 *
 * <p>Weights are computed with {@link StrictMath}, whose results are the same on every machine and do not change as the
 * JVM warms up.
 */
public final class Sampler {
    private final Sampling sampling;
    private final SplitMix64 random;
    private final double[] weights;
    /** Token ids; a heap with the heaviest first, from which the kept ones move to the end. */
    private final int[] heap;
    /** Which tokens the text has, and the logits with what that costs; null without a penalty. */
    private final boolean[] read;

    private final float[] penalised;

    /**
     * A sampler at the beginning of its sequence.
     *
     * @param size the number of logits, V
     */
    public Sampler(Sampling sampling, int size) {
        if (size < 1) {
            throw new ShapeException(
                    "sampler", "chooses among at least one token", "" + size, "give the vocabulary's size");
        }
        this.sampling = sampling;
        this.random = new SplitMix64(sampling.seed());
        this.weights = new double[size];
        this.heap = new int[size];
        boolean penalises = sampling.repetitionPenalty() != 1;
        this.read = penalises ? new boolean[size] : null;
        this.penalised = penalises ? new float[size] : null;
    }

    public Sampling sampling() {
        return sampling;
    }

    /** Begins another text, in which nothing is read: the sequence of that seed instead of the sampling's. */
    public void restart(long seed) {
        random.state = seed;
        if (read != null) {
            Arrays.fill(read, false);
        }
    }

    /** The text has this token: from now on the repetition penalty applies to it. */
    public void read(int token) {
        if (read != null && token >= 0 && token < read.length) {
            read[token] = true;
        }
    }

    /**
     * The next token, which is not yet read. Only a draw moves the random sequence on: with temperature 0 nothing is drawn.
     *
     * @param logits [V], unnormalised log-probabilities; negative infinity forbids a token; not changed
     * @throws ShapeException when there are not as many logits as the sampler was made for
     * @throws InputException when one is NaN or positive infinity, or all are negative infinity
     */
    public int pick(float[] logits) {
        int best = argMax(logits);
        if (penalised == null) {
            return draw(logits, best);
        }
        penalise(logits);
        return draw(penalised, argMax(penalised));
    }

    private int draw(float[] logits, int best) {
        if (sampling.temperature() == 0) {
            return best;
        }
        double total = weigh(logits, logits[best]);
        if (sampling.topK() == 0 && sampling.topP() == 1 && sampling.minP() == 0) {
            return drawAny(total, best);
        }
        return drawKept(total);
    }

    private void penalise(float[] logits) {
        double penalty = sampling.repetitionPenalty();
        for (int i = 0; i < logits.length; i++) {
            float x = logits[i];
            penalised[i] = read[i] ? (float) (x > 0 ? x / penalty : x * penalty) : x;
        }
    }

    /** The likeliest token, the first of equals; checks the logits on the way. */
    private int argMax(float[] logits) {
        if (logits.length != weights.length) {
            throw new ShapeException(
                    "logits",
                    "are " + weights.length + ", one per token",
                    "" + logits.length,
                    "use the model's own size");
        }
        int best = -1;
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < logits.length; i++) {
            float x = logits[i];
            if (!(x < Float.POSITIVE_INFINITY)) {
                throw wrong("are numbers below infinity", x + " for token " + i);
            }
            if (x > max) {
                max = x;
                best = i;
            }
        }
        if (best < 0) {
            throw wrong("allow at least one token", "negative infinity for all");
        }
        return best;
    }

    private static InputException wrong(String rule, String got) {
        return new InputException(
                "logits", rule, got, "the model's weights or its state hold such values: verify the model");
    }

    /** Fills the weights, relative to the heaviest so that none overflows; the sum. */
    private double weigh(float[] logits, float max) {
        double total = 0;
        for (int i = 0; i < logits.length; i++) {
            weights[i] = StrictMath.exp(((double) logits[i] - max) / sampling.temperature());
            total += weights[i];
        }
        return total;
    }

    private int drawAny(double total, int best) {
        double left = random.nextDouble() * total;
        for (int i = 0; i < weights.length; i++) {
            left -= weights[i];
            if (left < 0) {
                return i;
            }
        }
        return best; // rounding only
    }

    private int drawKept(double total) {
        int size = weights.length;
        for (int i = 0; i < size; i++) {
            heap[i] = i;
        }
        for (int i = size / 2 - 1; i >= 0; i--) {
            siftDown(i, size);
        }
        int k = sampling.topK() == 0 ? size : Math.min(sampling.topK(), size);
        double enough = sampling.topK() == 0 ? sampling.topP() * total : Double.POSITIVE_INFINITY;
        double mass = 0;
        int kept = 0;
        while (kept < k && mass < enough && weights[heap[0]] > 0) {
            mass += pop(size - kept);
            kept++;
        }
        if (sampling.topK() != 0 && sampling.topP() < 1) {
            double share = sampling.topP() * mass;
            mass = 0;
            kept = 0;
            while (mass < share) {
                kept++;
                mass += weights[heap[size - kept]];
            }
        }
        if (sampling.minP() > 0) {
            // The heaviest has the weight 1.
            int enoughWeight = 1;
            mass = 1;
            while (enoughWeight < kept && weights[heap[size - enoughWeight - 1]] >= sampling.minP()) {
                enoughWeight++;
                mass += weights[heap[size - enoughWeight]];
            }
            kept = enoughWeight;
        }
        double left = random.nextDouble() * mass;
        for (int i = 1; i < kept; i++) {
            int token = heap[size - i];
            left -= weights[token];
            if (left < 0) {
                return token;
            }
        }
        return heap[size - kept];
    }

    /** Moves the heaviest token of a heap to its end; its weight. */
    private double pop(int size) {
        int top = heap[0];
        heap[0] = heap[size - 1];
        heap[size - 1] = top;
        siftDown(0, size - 1);
        return weights[top];
    }

    private void siftDown(int start, int size) {
        int token = heap[start];
        int at = start;
        for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
            if (child + 1 < size && before(heap[child + 1], heap[child])) {
                child++;
            }
            if (!before(heap[child], token)) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = token;
    }

    /** Heavier first, of equals the lower id. */
    private boolean before(int a, int b) {
        return weights[a] > weights[b] || weights[a] == weights[b] && a < b;
    }
}
