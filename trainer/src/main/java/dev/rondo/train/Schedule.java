package dev.rondo.train;

import dev.rondo.train.rule.Settings;

/** How the learning rate changes while a run goes on: a factor of its peak. */
public sealed interface Schedule {
    /**
     * The factor, in (0, 1].
     *
     * @param epoch      epochs done, fractions included, warm-up not counted
     * @param epochs     of the whole run, warm-up not counted
     * @param reductions how often {@link Plateau} has seen no progress
     */
    double factor(double epoch, double epochs, int reductions);

    /** Always 1. */
    record Constant() implements Schedule {
        @Override
        public double factor(double epoch, double epochs, int reductions) {
            return 1;
        }
    }

    /** {@code factor^⌊epoch / every⌋}. */
    record Step(int every, double factor) implements Schedule {
        public Step {
            Settings.require(every >= 1, "schedule step", "is at least one epoch", every);
            checkFactor(factor);
        }

        @Override
        public double factor(double epoch, double epochs, int reductions) {
            return StrictMath.pow(factor, Math.floor(epoch / every));
        }
    }

    /** {@code factor^epoch}, smoothly. */
    record Exponential(double factor) implements Schedule {
        public Exponential {
            checkFactor(factor);
        }

        @Override
        public double factor(double epoch, double epochs, int reductions) {
            return StrictMath.pow(factor, epoch);
        }
    }

    /** {@code floor + (1 − floor) (1 + cos(π epoch / epochs)) / 2} (Loshchilov and Hutter 2017, without restarts). */
    record Cosine(double floor) implements Schedule {
        public Cosine {
            Settings.require(floor >= 0 && floor <= 1, "schedule floor", "lies in [0, 1]", floor);
        }

        @Override
        public double factor(double epoch, double epochs, int reductions) {
            double part = Math.min(1, epoch / epochs);
            return floor + (1 - floor) * (1 + StrictMath.cos(Math.PI * part)) / 2;
        }
    }

    /** {@code factor^reductions}: one reduction each time {@code patience} evaluations in a row brought no lower loss. */
    record Plateau(double factor, int patience) implements Schedule {
        public Plateau {
            checkFactor(factor);
            Settings.require(patience >= 1, "schedule patience", "is at least one evaluation", patience);
        }

        @Override
        public double factor(double epoch, double epochs, int reductions) {
            return StrictMath.pow(factor, reductions);
        }
    }

    private static void checkFactor(double factor) {
        Settings.require(factor > 0 && factor <= 1, "schedule factor", "is above 0 and at most 1", factor);
    }
}
