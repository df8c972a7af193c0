package dev.rondo.train;

import dev.rondo.train.rule.Settings;

/**
 * The learning rate of each step: it rises linearly to its peak over the first steps, then follows a schedule.
 *
 * @param peak   the largest
 * @param warmUp steps until then; step s of them has {@code peak · s / warmUp}
 */
public record LearningRate(double peak, long warmUp, Schedule schedule) {
    /** @throws dev.rondo.error.InputException when a number is out of range */
    public LearningRate {
        Settings.require(peak > 0 && peak < Double.POSITIVE_INFINITY, "learning rate", "is above 0", peak);
        Settings.require(warmUp >= 0, "warm-up", "is not negative", warmUp);
    }

    /** The same in all steps. */
    public static LearningRate constant(double rate) {
        return new LearningRate(rate, 0, new Schedule.Constant());
    }

    /**
     * The rate of one step.
     *
     * @param step          the first is 1
     * @param steps         of the whole run
     * @param stepsPerEpoch to count epochs
     * @param reductions    of {@link Schedule.Plateau}
     */
    public double at(long step, long steps, long stepsPerEpoch, int reductions) {
        if (step <= warmUp) {
            return peak * step / warmUp;
        }
        double epochs = (double) stepsPerEpoch;
        return peak * schedule.factor((step - 1 - warmUp) / epochs, Math.max(1, steps - warmUp) / epochs, reductions);
    }
}
