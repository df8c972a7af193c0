package dev.rondo.bench;

import java.util.List;
import java.util.Locale;

/** A recurrent cell to measure: one step, batch 1, x [1,I] and h [1,H]. */
record Cell(Kind kind, int inputSize, int hiddenSize) {
    enum Kind {
        LSTM(4),
        /** With the reset gate after the hidden product, as PyTorch and cuDNN have it. */
        GRU(3);

        private final int gates;

        Kind(int gates) {
            this.gates = gates;
        }
    }

    /** The cells of {@link Table}. */
    static final List<Cell> ALL = List.of(
            new Cell(Kind.LSTM, 1, 40),
            new Cell(Kind.LSTM, 64, 64),
            new Cell(Kind.LSTM, 128, 128),
            new Cell(Kind.LSTM, 256, 256),
            new Cell(Kind.LSTM, 512, 512),
            new Cell(Kind.GRU, 128, 128),
            new Cell(Kind.GRU, 256, 256));

    int gates() {
        return kind.gates;
    }

    /** Rows of the weight matrices: G*H. */
    int rows() {
        return gates() * hiddenSize;
    }

    /**
     * Reads what {@link #toString} writes: {@code lstm-256x256}, input size first.
     *
     * @throws IllegalArgumentException for anything else
     */
    static Cell parse(String text) {
        String[] parts = text.split("[-x]");
        if (parts.length != 3) {
            throw new IllegalArgumentException(
                    "cell: has the form KIND-INPUTxHIDDEN; got '" + text + "'; for example lstm-256x256");
        }
        return new Cell(
                Kind.valueOf(parts[0].toUpperCase(Locale.ROOT)),
                Integer.parseInt(parts[1]),
                Integer.parseInt(parts[2]));
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT) + "-" + inputSize + "x" + hiddenSize;
    }
}
