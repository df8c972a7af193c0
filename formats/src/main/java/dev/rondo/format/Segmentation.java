package dev.rondo.format;

/** How a text is cut into tokens. */
public enum Segmentation {
    /** Every Unicode code point is a token. */
    CHARACTERS(1),
    /** Tokens are what white space separates. */
    WORDS(2),
    /**
     * Words as above, each cut into code points with {@code </w>} appended to its last one, which are then joined by the
     * merges, the earliest in the list first (Sennrich et al. 2016, algorithm 1). What the vocabulary lacks is taken apart again.
     */
    BYTE_PAIRS(3);

    private final int code;

    Segmentation(int code) {
        this.code = code;
    }

    /** The number that stands for this in the file. */
    int code() {
        return code;
    }
}
