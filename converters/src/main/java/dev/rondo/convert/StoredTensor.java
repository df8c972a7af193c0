package dev.rondo.convert;

import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import java.util.List;

/**
 * A tensor of the file to be written, put together from pieces of source tensors.
 *
 * @param name     in the file
 * @param pieces   in order; what none of them covers is zero
 * @param shape    row-major
 * @param encoding in the file
 * @param layout   in the file
 */
record StoredTensor(String name, List<Piece> pieces, List<Integer> shape, Encoding encoding, Layout layout) {
    private static final int CHUNK = 8192;

    /**
     * Elements {@code from} to {@code from + count - 1} of a source, from element {@code to} on.
     *
     * @param negate with the opposite sign
     * @param add    added to what earlier pieces put there (in f32), else copied
     */
    record Piece(SourceTensor source, long from, int to, int count, boolean negate, boolean add) {}

    StoredTensor {
        pieces = List.copyOf(pieces);
        shape = List.copyOf(shape);
    }

    /** The names of the sources, in order, each once. */
    List<String> sources() {
        return pieces.stream().map(p -> p.source().name()).distinct().toList();
    }

    int rows() {
        return shape.isEmpty() ? 1 : shape.getFirst();
    }

    int elements() {
        return shape.stream().reduce(1, Math::multiplyExact);
    }

    /** All values, row-major: a new array that nobody else holds. */
    float[] values() {
        float[] values = new float[elements()];
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
