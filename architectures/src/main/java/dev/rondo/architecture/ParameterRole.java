package dev.rondo.architecture;

import dev.rondo.format.Layout;

/** What a parameter of a recurrent model is for. It decides how the parameter begins and how a file lays it out. */
public enum ParameterRole {
    /** The row of each token [V,E]. */
    EMBEDDING,
    /** From inputs to gates [G*H,I]. */
    WEIGHT_INPUT,
    /** From the state to gates [G*H,P]. */
    WEIGHT_HIDDEN,
    /** Of the gates [G*H]. */
    BIAS,
    /** d of a GRU's reset product [H]. */
    HIDDEN_BIAS,
    /** Of an LSTM's i, f and o [3,H]. */
    PEEPHOLES,
    /** From units to the state [P,H]. */
    PROJECTION,
    /** From the last layer to scores [V,P]. */
    OUTPUT,
    /** Of the scores [V]. */
    OUTPUT_BIAS;

    /**
     * The layout that the kernels of a step want.
     *
     * @param tied whether the output is the embedding, of which rows are gathered
     */
    public Layout layout(Cell cell, boolean tied) {
        return switch (this) {
            case WEIGHT_INPUT, WEIGHT_HIDDEN -> new Layout.Panels(cell.gates());
            case PROJECTION -> new Layout.Panels(1);
            case OUTPUT -> tied ? new Layout.Rows() : new Layout.Panels(1);
            case EMBEDDING, BIAS, HIDDEN_BIAS, PEEPHOLES, OUTPUT_BIAS -> new Layout.Rows();
        };
    }

    /** Whether it is a matrix, which files may store with fewer bits; vectors stay f32. */
    public boolean isMatrix() {
        return switch (this) {
            case EMBEDDING, WEIGHT_INPUT, WEIGHT_HIDDEN, PROJECTION, OUTPUT -> true;
            case BIAS, HIDDEN_BIAS, PEEPHOLES, OUTPUT_BIAS -> false;
        };
    }
}
