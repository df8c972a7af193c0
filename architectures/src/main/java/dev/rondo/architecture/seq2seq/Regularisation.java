package dev.rondo.architecture.seq2seq;

import dev.rondo.error.InputException;

/**
 * What keeps training from learning by heart. Dropouts of a place have a mask of their own at each; those inside the
 * decoder's recurrence (between its layers, and of a readout that is fed back) have one for all steps of a row (Gal and
 * Ghahramani 2016).
 *
 * @param input     dropout of the embeddings of source and target
 * @param between   of what goes from one recurrent layer to the next
 * @param memory    of the encoder's memory
 * @param output    of the readout
 * @param recurrent of the matrices from states to gates, the same at every step (DropConnect, Merity et al. 2018)
 * @param smoothing of labels: the share of each target's weight that all tokens get alike (Szegedy et al. 2016)
 */
public record Regularisation(
        double input, double between, double memory, double output, double recurrent, double smoothing) {
    /** None. */
    public static final Regularisation NONE = new Regularisation(0, 0, 0, 0, 0, 0);

    /** @throws InputException when one is not in [0, 1) */
    public Regularisation {
        check("dropout of the input", input);
        check("dropout between layers", between);
        check("dropout of the memory", memory);
        check("dropout of the output", output);
        check("recurrent dropout", recurrent);
        check("label smoothing", smoothing);
    }

    private static void check(String what, double probability) {
        if (!(probability >= 0 && probability < 1)) {
            throw new InputException(
                    "setting " + what, "is at least 0 and below 1", "" + probability, "change the setting");
        }
    }
}
