package dev.rondo.search;

import dev.rondo.error.InputException;

/** When a beam search of a sentence ends, beside its greatest length and its last living hypothesis. */
public sealed interface Stopping {
    /**
     * When no living hypothesis can overtake any of the n best: its log-probability only falls, so divided by the greatest
     * penalty that it can come to, it bounds its score. The n best are those of {@link #NEVER}.
     */
    Stopping DECIDED = new Decided();

    /** Not before. */
    Stopping NEVER = new Never();

    /**
     * When {@code patience * beamSize} hypotheses are finished, and the n best are full, whatever may come: faster and not exact.
     * Patience 1 is the usual first-come rule (Kasai et al. 2022). Of diverse groups each waits for {@code patience} times its own
     * size, of alternatives each for that of its own beam.
     */
    record Patience(double patience) implements Stopping {
        public Patience {
            if (!(patience > 0 && patience <= 1000)) {
                throw new InputException("patience", "is above 0 and at most 1000", "" + patience, "1 is usual");
            }
        }
    }

    /** See {@link #DECIDED}. */
    record Decided() implements Stopping {}

    /** See {@link #NEVER}. */
    record Never() implements Stopping {}
}
