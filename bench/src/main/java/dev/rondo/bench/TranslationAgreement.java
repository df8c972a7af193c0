package dev.rondo.bench;

import dev.rondo.search.StepFunction;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** Whether two runtimes compute the same translation model, whatever a search does with its hypotheses. */
final class TranslationAgreement {
    private static final int STEPS = 12;

    private TranslationAgreement() {}

    /**
     * Walks both along one random path of tokens, regroupings and finished sentences, and compares scores and attention at
     * each step.
     *
     * @return the greatest difference
     */
    static double worstError(TranslationNetwork a, TranslationNetwork b, int[][] sources, int beamSize, long seed) {
        a.read(sources);
        b.read(sources);
        StepFunction left = a.steps();
        StepFunction right = b.steps();
        left.begin(sources.length);
        right.begin(sources.length);
        var random = new Random(seed);
        double worst = 0;
        for (int step = 0; step < STEPS; step++) {
            int[] tokens = random.ints(left.rows(), 0, left.vocabularySize()).toArray();
            left.step(tokens);
            right.step(tokens);
            worst = Math.max(worst, difference(left, right));
            if (left.sentences() > 1 && step % 4 == 3) {
                int gone = random.nextInt(left.sentences());
                int count = left.sentences() - 1;
                var kept = new int[count];
                for (int i = 0; i < count; i++) {
                    kept[i] = i < gone ? i : i + 1;
                }
                left.keep(kept, count);
                right.keep(kept, count);
            }
            int width = step == 0 ? beamSize : 1 + random.nextInt(beamSize);
            var parents = new int[left.sentences() * width];
            for (int i = 0; i < parents.length; i++) {
                parents[i] = i / width * left.width() + random.nextInt(left.width());
            }
            left.regroup(width, parents);
            right.regroup(width, parents);
        }
        return worst;
    }

    /** The scores after these tokens. */
    static float[] scores(TranslationNetwork network, int[] source, int... tokens) {
        network.read(new int[][] {source});
        StepFunction steps = network.steps();
        steps.begin(1);
        for (int token : tokens) {
            steps.step(new int[] {token});
        }
        return steps.scores()
                .asSlice(0, (long) steps.vocabularySize() * Float.BYTES)
                .toArray(ValueLayout.JAVA_FLOAT);
    }

    /** The greatest, relative to scores beyond 1. */
    static double difference(float[] a, float[] b) {
        if (a.length != b.length) {
            throw new IllegalStateException(a.length + " scores and " + b.length);
        }
        double worst = 0;
        for (int i = 0; i < a.length; i++) {
            worst = worse(worst, Math.abs((double) a[i] - b[i]) / Math.max(1, Math.abs(a[i])));
        }
        return worst;
    }

    private static double difference(StepFunction a, StepFunction b) {
        double worst = 0;
        for (long i = 0; i < (long) a.rows() * a.vocabularySize(); i++) {
            float x = a.scores().getAtIndex(ValueLayout.JAVA_FLOAT, i);
            float y = b.scores().getAtIndex(ValueLayout.JAVA_FLOAT, i);
            worst = worse(worst, Math.abs((double) x - y) / Math.max(1, Math.abs(x)));
        }
        if (a.attentionSize() != b.attentionSize()) {
            throw new IllegalStateException("attention over " + a.attentionSize() + " and " + b.attentionSize());
        }
        for (long i = 0; i < (long) a.rows() * a.attentionSize(); i++) {
            float x = a.attention().getAtIndex(ValueLayout.JAVA_FLOAT, i);
            float y = b.attention().getAtIndex(ValueLayout.JAVA_FLOAT, i);
            worst = worse(worst, Math.abs((double) x - y));
        }
        return worst;
    }

    /** NaN is the worst. */
    private static double worse(double a, double b) {
        return b <= a ? a : b;
    }
}
