package dev.rondo.bench;

import dev.rondo.format.Encoding;
import java.util.List;

/** A whole sequence through a layer in one call, batch 1, from zero states on: x [1,T,I] to y [1,T,H]. */
record Sequence(Cell cell, int steps) implements Work {
    /** The sequences of {@link Table}. */
    static final List<Sequence> ALL =
            List.of(new Sequence(Cell.parse("lstm-256x256"), 64), new Sequence(Cell.parse("lstm-512x256"), 64));

    @Override
    public int inputSize() {
        return steps * cell.inputSize();
    }

    @Override
    public boolean runs(Contender contender) {
        return switch (contender) {
            case RONDO_F32, RONDO_F16, RONDO_BF16, RONDO_INT8, ORT_F32 -> true;
            case ORT_INT8 -> cell.kind() == Cell.Kind.LSTM;
            case C, RTNEURAL, TORCH, DJL -> false;
        };
    }

    @Override
    public Runner open(Contender contender) {
        CellWeights weights = CellWeights.random(cell, SEED);
        Engine engine = contender.isRondo()
                ? RondoCell.sequence(weights, contender.encoding(), steps)
                : OnnxCell.sequence(weights, contender == Contender.ORT_INT8, steps);
        return new InThread(engine, inputs());
    }

    @Override
    public int checkedRuns() {
        return 1;
    }

    @Override
    public double[] expected() {
        var reference = new CellReference(CellWeights.random(cell, SEED));
        float[] x = inputs().next();
        int size = cell.hiddenSize();
        var y = new double[steps * size];
        for (int t = 0; t < steps; t++) {
            System.arraycopy(reference.step(x, t * cell.inputSize()), 0, y, t * size, size);
        }
        return y;
    }

    @Override
    public double flops() {
        return steps * cell.flops();
    }

    /** W once, U at each step. */
    @Override
    public double bytes(Encoding encoding) {
        return (double) encoding.byteSize() * cell.rows() * (cell.inputSize() + (double) steps * cell.hiddenSize());
    }

    @Override
    public double workingSet(Encoding encoding) {
        return cell.bytes(encoding);
    }

    /**
     * Reads {@code lstm-256x256-t64}.
     *
     * @throws IllegalArgumentException for anything else
     */
    static Sequence parse(String text) {
        int end = text.lastIndexOf("-t");
        if (end < 0) {
            throw new IllegalArgumentException(
                    "sequence: has the form CELL-tSTEPS; got '" + text + "'; for example lstm-256x256-t64");
        }
        return new Sequence(Cell.parse(text.substring(0, end)), Integer.parseInt(text.substring(end + 2)));
    }

    @Override
    public String toString() {
        return cell + "-t" + steps;
    }
}
