package dev.rondo.architecture;

/** What a parameter of a recurrent model is for. It decides how the parameter begins and how a file lays it out. */
public enum ParameterRole {
    /** The row of each token [V,E]; perhaps the matrix of the output as well. */
    EMBEDDING,
    /** From inputs to gates [G*H,I]. */
    WEIGHT_INPUT,
    /** From the state to gates [G*H,P]. */
    WEIGHT_HIDDEN,
    /** Of gates [G*H], or of a linear map [O]. */
    BIAS,
    /** d of a GRU's reset product [H]. */
    HIDDEN_BIAS,
    /** Of an LSTM's i, f and o [3,H]. */
    PEEPHOLES,
    /** From units to the state [P,H]. */
    PROJECTION,
    /** A linear map [O,I] between other layers. */
    LINEAR,
    /** Of a convolution [O,J,I]. */
    CONVOLUTION,
    /** v of additive attention [A]. */
    VECTOR,
    /** Of a normalisation [C]; begins at 1. */
    GAIN,
    /** What is known of data [C], a mean or a scale: set once, not trained. */
    STATISTIC,
    /** From the last layer to scores [V,P]. */
    OUTPUT,
    /** Of the scores [V]. */
    OUTPUT_BIAS;

    /** Whether it is a matrix, which files may store with fewer bits; vectors stay f32. */
    public boolean isMatrix() {
        return switch (this) {
            case EMBEDDING, WEIGHT_INPUT, WEIGHT_HIDDEN, PROJECTION, LINEAR, CONVOLUTION, OUTPUT -> true;
            case BIAS, HIDDEN_BIAS, PEEPHOLES, VECTOR, GAIN, STATISTIC, OUTPUT_BIAS -> false;
        };
    }
}
