package dev.rondo.train.seq2seq;

import dev.rondo.error.InputException;

/**
 * Scheduled sampling (Bengio et al. 2015): how often a step of the decoder reads its own best guess in training and not the
 * target's token. The share rises linearly from 0 to its largest over some epochs, and stays there.
 *
 * @param share  the largest; 0 is teacher forcing
 * @param epochs until then; 0 for the largest from the first step on
 */
public record ScheduledSampling(double share, int epochs) {
    /** Only the target's tokens are read. */
    public static final ScheduledSampling NONE = new ScheduledSampling(0, 0);

    /** @throws InputException when a number is out of range */
    public ScheduledSampling {
        if (!(share >= 0 && share <= 1) || epochs < 0) {
            throw new InputException(
                    "setting scheduled sampling",
                    "is a share from 0 to 1, and not negative epochs",
                    share + " and " + epochs,
                    "change the setting");
        }
    }

    boolean isUsed() {
        return share > 0;
    }

    /** The share at a time, in epochs done. */
    double at(double epoch) {
        return epochs == 0 ? share : share * Math.min(1, epoch / epochs);
    }
}
