package dev.rondo.train.synthetic;

import dev.rondo.train.SeededRandom;
import dev.rondo.train.Shard;
import java.util.Arrays;

/**
 * How well a network answers new sequences.
 *
 * @param answers how many there were
 * @param loss    mean squared error, or cross-entropy in nats
 * @param quality right answers in 100
 */
record SequenceScores(long answers, double loss, double quality) {
    /**
     * Scores sequences as they are drawn.
     *
     * @param answer {@link SequenceNetwork#answer} with room for {@code rows} sequences
     */
    static SequenceScores of(SequenceProblem problem, Shard answer, int rows, int sequences, SeededRandom random) {
        double loss = 0;
        long right = 0;
        long count = 0;
        for (int done = 0; done < sequences; ) {
            int next = Math.min(rows, sequences - done);
            float[] targets = draw(problem, answer, next, random).targets();
            answer.run();
            float[] y = answer.floats("y");
            for (int i = 0; i < targets.length; i++) {
                float[] given = Arrays.copyOfRange(y, i * problem.outputSize(), (i + 1) * problem.outputSize());
                loss += loss(problem, given, targets[i]);
                right += problem.isRight(decision(problem, given), targets[i]) ? 1 : 0;
            }
            count += targets.length;
            done += next;
        }
        return new SequenceScores(count, loss / count, 100.0 * right / count);
    }

    /** Fills input x with new sequences. */
    static SequenceBatch draw(SequenceProblem problem, Shard shard, int rows, SeededRandom random) {
        var made = new SequenceBatch(problem, rows);
        made.draw(random);
        shard.size("B", rows);
        shard.size("T", problem.steps());
        made.copyInputs(shard.input("x"));
        return made;
    }

    private static double loss(SequenceProblem problem, float[] answer, float target) {
        if (!problem.readsSymbols()) {
            return (answer[0] - target) * (double) (answer[0] - target);
        }
        double largest = answer[(int) decision(problem, answer)];
        double sum = 0;
        for (float logit : answer) {
            sum += Math.exp(logit - largest);
        }
        return Math.log(sum) + largest - answer[(int) target];
    }

    /** The number, or the class with the largest logit. */
    private static float decision(SequenceProblem problem, float[] answer) {
        if (!problem.readsSymbols()) {
            return answer[0];
        }
        int best = 0;
        for (int k = 1; k < answer.length; k++) {
            best = answer[k] > answer[best] ? k : best;
        }
        return best;
    }
}
