package dev.rondo.bench;

import dev.rondo.format.Encoding;

/** Something that several runtimes can do, on the same numbers, and how much it costs at least. */
sealed interface Work permits Cell, Sequence, Projection, Attention, Text {
    /** The seed of weights. */
    long SEED = 1;

    /** Of inputs: another one, or rows of weights would be inputs. */
    long INPUT_SEED = 100;

    /** Numbers that go in at each run. */
    int inputSize();

    /** Whether there is an implementation to open. */
    boolean runs(Contender contender);

    /** Makes a contender ready, with the weights that all of them get. */
    Runner open(Contender contender);

    /** After how many runs, from zero states on, the outputs are compared. */
    int checkedRuns();

    /** The outputs after {@link #checkedRuns}, computed in double precision with unrounded weights. */
    double[] expected();

    /** Operations of the matrix products of one run: two for a multiplication and an addition. */
    double flops();

    /** Bytes of weights that one run has to read at least once. */
    double bytes(Encoding encoding);

    /** Bytes of weights that lie there, and whose caches have to feed the run. */
    default double workingSet(Encoding encoding) {
        return bytes(encoding);
    }

    /** The floats to give in turn. */
    default Inputs inputs() {
        return new Inputs(inputSize(), INPUT_SEED);
    }

    /**
     * Reads what {@code toString} writes.
     *
     * @throws IllegalArgumentException for anything else
     */
    static Work parse(String text) {
        String[] parts = text.split("-");
        return switch (parts[0]) {
            case "projection" -> Projection.parse(text);
            case "attention" -> Attention.parse(text);
            case "text" -> Text.parse(text);
            default -> parts.length == 3 ? Sequence.parse(text) : Cell.parse(text);
        };
    }
}
