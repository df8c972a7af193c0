package dev.rondo.convert.draft;

import java.util.List;
import java.util.function.Supplier;

/**
 * A tensor put together from pieces of source tensors, row-major.
 *
 * @param pieces   in order; what none of them covers is zero
 * @param elements of the whole
 */
public record Pieces(List<Piece> pieces, int elements) implements Supplier<float[]> {
    private static final int CHUNK = 8192;

    /**
     * Elements {@code from} to {@code from + count - 1} of a source, from element {@code to} on.
     *
     * @param negate with the opposite sign
     * @param add    added to what earlier pieces put there (in f32), else copied
     */
    public record Piece(SourceTensor source, long from, int to, int count, boolean negate, boolean add) {}

    public Pieces {
        pieces = List.copyOf(pieces);
    }

    /** The names of the sources, in order, each once. */
    public List<String> sources() {
        return pieces.stream().map(p -> p.source().name()).distinct().toList();
    }

    /** All values: a new array that nobody else holds. */
    @Override
    public float[] get() {
        float[] values = new float[elements];
        float[] chunk = new float[CHUNK];
        for (Piece piece : pieces) {
            for (int done = 0; done < piece.count(); done += CHUNK) {
                int count = Math.min(CHUNK, piece.count() - done);
                int at = piece.to() + done;
                if (!piece.negate() && !piece.add()) {
                    piece.source().values().read(piece.from() + done, values, at, count);
                    continue;
                }
                piece.source().values().read(piece.from() + done, chunk, 0, count);
                for (int i = 0; i < count; i++) {
                    float value = piece.negate() ? -chunk[i] : chunk[i];
                    values[at + i] = piece.add() ? values[at + i] + value : value;
                }
            }
        }
        return values;
    }
}
