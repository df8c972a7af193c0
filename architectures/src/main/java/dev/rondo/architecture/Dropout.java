package dev.rondo.architecture;

import dev.rondo.error.InputException;

/**
 * The probabilities with which numbers are dropped while training.
 *
 * @param input   of the embedding
 * @param between layers
 * @param output  of the last layer
 */
public record Dropout(double input, double between, double output) {
    /** No dropout. */
    public static final Dropout NONE = new Dropout(0, 0, 0);

    /** @throws InputException when one is not in [0, 1) */
    public Dropout {
        check(input);
        check(between);
        check(output);
    }

    private static void check(double probability) {
        if (!(probability >= 0 && probability < 1)) {
            throw new InputException(
                    "setting dropout", "is at least 0 and below 1", "" + probability, "change the setting");
        }
    }
}
