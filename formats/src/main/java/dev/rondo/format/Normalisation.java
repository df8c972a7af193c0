package dev.rondo.format;

/** What happens to a text before it is cut into tokens. Lower case is that of the root locale. */
public enum Normalisation {
    NONE(0),
    NFC(1),
    NFKC(2),
    LOWERCASE(3),
    NFC_LOWERCASE(4);

    private final int code;

    Normalisation(int code) {
        this.code = code;
    }

    /** The number that stands for this in the file. */
    int code() {
        return code;
    }
}
