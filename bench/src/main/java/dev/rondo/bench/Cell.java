package dev.rondo.bench;

import dev.rondo.format.Encoding;
import java.util.List;
import java.util.Locale;

/** A recurrent cell to measure: one step, batch 1, x [1,I] and h [1,H]. */
record Cell(Kind kind, int inputSize, int hiddenSize) implements Work {
    private static final int CHECKED = 50;

    enum Kind {
        LSTM(4),
        /** With the reset gate after the hidden product, as PyTorch and cuDNN have it. */
        GRU(3),
        /** With tanh. */
        ELMAN(1);

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
            new Cell(Kind.LSTM, 1024, 1024),
            new Cell(Kind.GRU, 64, 64),
            new Cell(Kind.GRU, 128, 128),
            new Cell(Kind.GRU, 256, 256),
            new Cell(Kind.GRU, 512, 512),
            new Cell(Kind.ELMAN, 128, 128),
            new Cell(Kind.ELMAN, 512, 512));

    int gates() {
        return kind.gates;
    }

    /** Rows of the weight matrices: G*H. */
    int rows() {
        return gates() * hiddenSize;
    }

    @Override
    public boolean runs(Contender contender) {
        return switch (contender) {
            case RONDO_F32, RONDO_F16, RONDO_BF16, RONDO_INT8, ORT_F32 -> true;
            case ORT_INT8 -> kind == Kind.LSTM;
            case C, RTNEURAL -> kind == Kind.LSTM && PeerProgram.of(contender).isPresent();
            case TORCH, DJL -> PeerProgram.of(contender).isPresent();
        };
    }

    @Override
    public Runner open(Contender contender) {
        CellWeights weights = CellWeights.random(this, SEED);
        return switch (contender) {
            case RONDO_F32, RONDO_F16, RONDO_BF16, RONDO_INT8 ->
                new InThread(RondoCell.step(weights, contender.encoding()), inputs());
            case ORT_F32 -> new InThread(OnnxCell.step(weights, false), inputs());
            case ORT_INT8 -> new InThread(OnnxCell.step(weights, true), inputs());
            case C, RTNEURAL, TORCH, DJL ->
                Subprocess.open(PeerProgram.of(contender).orElseThrow(), weights, inputs());
        };
    }

    @Override
    public int checkedRuns() {
        return CHECKED;
    }

    @Override
    public double[] expected() {
        var reference = new CellReference(CellWeights.random(this, SEED));
        Inputs inputs = inputs();
        double[] h = {};
        for (int t = 0; t < CHECKED; t++) {
            h = reference.step(inputs.next(), 0);
        }
        return h;
    }

    @Override
    public double flops() {
        return 2.0 * rows() * (inputSize + hiddenSize);
    }

    @Override
    public double bytes(Encoding encoding) {
        return (double) encoding.byteSize() * rows() * (inputSize + hiddenSize);
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
