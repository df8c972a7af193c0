package dev.rondo.convert.statedict;

import dev.rondo.architecture.Cell;
import dev.rondo.convert.draft.DraftWeights;
import dev.rondo.convert.draft.GateOrder;
import dev.rondo.convert.draft.Pieces;
import dev.rondo.convert.draft.Pieces.Piece;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.error.ShapeException;
import dev.rondo.format.Encoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Collects the tensors of the file to be written. What is made of the same pieces in the same way is stored once: tied
 * weights stay tied. For one conversion.
 */
public final class WeightCollector {
    private static final int CHUNK = 1 << 14;

    /** Columns of a matrix, from the first. */
    record Columns(int from, int count) {}

    /** What makes two stored tensors the same. */
    private record Content(List<Piece> pieces, List<Integer> shape) {}

    /** How the gates of a recurrent layer stand in its source. */
    public record Gates(Cell cell, GateOrder order) {
        /** Of the cell. */
        public int count() {
            return cell.gates();
        }

        /** Whether a gate's weights change their sign: z of the other convention, as 1 - σ(a) = σ(-a). */
        boolean negates(int gate) {
            return order.updateReplaces() && gate == 1;
        }
    }

    private final DraftWeights weights;
    private final Map<Content, String> names = new HashMap<>();

    /** Puts what it collects into {@code weights}. */
    public WeightCollector(DraftWeights weights) {
        this.weights = weights;
    }

    /** A tensor as it is. Returns the name under which it is stored. */
    String whole(String name, SourceTensor source) {
        var pieces = List.of(new Piece(source, 0, 0, elements(source), false, false));
        return store(name, pieces, ints(source), source.kept().orElseThrow());
    }

    /** The name of one of these that has the same values: PyTorch writes tied weights under both their names. */
    Optional<String> tied(SourceTensor tensor, Map<String, SourceTensor> stored) {
        return stored.entrySet().stream()
                .filter(entry -> isSame(entry.getValue(), tensor))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Whether two tensors hold the same bits. */
    private static boolean isSame(SourceTensor a, SourceTensor b) {
        if (!a.shape().equals(b.shape()) || !a.kept().equals(b.kept())) {
            return false;
        }
        long elements = elements(a);
        float[] x = new float[CHUNK];
        float[] y = new float[CHUNK];
        for (long at = 0; at < elements; at += CHUNK) {
            int count = (int) Math.min(CHUNK, elements - at);
            a.values().read(at, x, 0, count);
            b.values().read(at, y, 0, count);
            if (!Arrays.equals(x, 0, count, y, 0, count)) {
                return false;
            }
        }
        return true;
    }

    /** Some columns of a matrix [N, K], side by side in this order. */
    String columns(String name, SourceTensor source, List<Columns> columns) {
        int rows = Math.toIntExact(source.shape().getFirst());
        var pieces = new ArrayList<Piece>();
        addRows(pieces, source, 0, 0, rows, columns, false);
        int width = columns.stream().mapToInt(Columns::count).sum();
        return store(name, pieces, List.of(rows, width), source.kept().orElseThrow());
    }

    /** Some rows of a matrix [N, K], or numbers of a vector [N]. */
    String rows(String name, SourceTensor source, int first, int count) {
        boolean matrix = source.shape().size() == 2;
        int wide = matrix ? Math.toIntExact(source.shape().get(1)) : 1;
        var piece = new Piece(source, (long) first * wide, 0, Math.multiplyExact(count, wide), false, false);
        return store(
                name,
                List.of(piece),
                matrix ? List.of(count, wide) : List.of(count),
                matrix ? source.kept().orElseThrow() : Encoding.F32);
    }

    private static void addRows(
            List<Piece> pieces,
            SourceTensor source,
            long fromRow,
            int toRow,
            int rows,
            List<Columns> columns,
            boolean negate) {
        long wide = source.shape().get(1);
        int width = columns.stream().mapToInt(Columns::count).sum();
        for (int row = 0; row < rows; row++) {
            int to = (toRow + row) * width;
            for (Columns part : columns) {
                pieces.add(new Piece(source, (fromRow + row) * wide + part.from(), to, part.count(), negate, false));
                to += part.count();
            }
        }
    }

    /**
     * A matrix [G*H, K] whose gates are brought into order.
     *
     * @param columns all of them, in the order in which they are wanted; empty for that of the source
     */
    String gateMatrix(String name, Gates gates, SourceTensor source, List<Columns> columns) {
        var pieces = new ArrayList<Piece>();
        if (columns.isEmpty()) {
            addGates(pieces, gates, source, elements(source) / gates.count(), gates.count());
        } else {
            int hidden = Math.toIntExact(source.shape().getFirst() / gates.count());
            for (int gate = 0; gate < gates.count(); gate++) {
                long from = (long) gates.order().blocks().get(gate) * hidden;
                addRows(pieces, source, from, gate * hidden, hidden, columns, gates.negates(gate));
            }
        }
        return store(name, pieces, ints(source), source.kept().orElseThrow());
    }

    /**
     * A vector [G*H]: the sum of {@code whole}, and for the gates before the last also of {@code split}.
     *
     * @return empty when there is nothing to sum
     */
    Optional<String> bias(String name, Gates gates, List<SourceTensor> whole, List<SourceTensor> split, int hidden) {
        if (whole.isEmpty() && split.isEmpty()) {
            return Optional.empty();
        }
        var pieces = new ArrayList<Piece>();
        whole.forEach(source -> addGates(pieces, gates, source, hidden, gates.count()));
        split.forEach(source -> addGates(pieces, gates, source, hidden, gates.count() - 1));
        return Optional.of(vector(name, pieces, List.of(gates.count() * hidden)));
    }

    /** A vector [H]: the sum of the last gate's blocks of {@code gated} [G*H] and of all of {@code plain} [H]. */
    Optional<String> lastGateBias(
            String name, Gates gates, List<SourceTensor> gated, List<SourceTensor> plain, int hidden) {
        if (gated.isEmpty() && plain.isEmpty()) {
            return Optional.empty();
        }
        var pieces = new ArrayList<Piece>();
        long last = (long) gates.order().blocks().getLast() * hidden;
        gated.forEach(source -> pieces.add(new Piece(source, last, 0, hidden, false, !pieces.isEmpty())));
        plain.forEach(source -> pieces.add(new Piece(source, 0, 0, hidden, false, !pieces.isEmpty())));
        return Optional.of(vector(name, pieces, List.of(hidden)));
    }

    /** The sum of vectors [n]; empty when there are none. */
    Optional<String> sum(String name, List<SourceTensor> sources, int n) {
        if (sources.isEmpty()) {
            return Optional.empty();
        }
        var pieces = new ArrayList<Piece>();
        sources.forEach(source -> pieces.add(new Piece(source, 0, 0, n, false, !pieces.isEmpty())));
        return Optional.of(vector(name, pieces, List.of(n)));
    }

    /** Vectors [n] one below the other; empty when there are none. */
    Optional<String> stack(String name, List<SourceTensor> sources, int n) {
        if (sources.isEmpty()) {
            return Optional.empty();
        }
        var pieces = new ArrayList<Piece>();
        sources.forEach(source -> pieces.add(new Piece(source, 0, pieces.size() * n, n, false, false)));
        return Optional.of(vector(name, pieces, List.of(sources.size(), n)));
    }

    /** What {@code change} makes of all values of a tensor. */
    String changed(String name, SourceTensor source, List<Integer> shape, UnaryOperator<float[]> change) {
        int elements = elements(source);
        weights.floats(
                name,
                List.of(source.name()),
                shape,
                source.kept().orElseThrow(),
                () -> change.apply(values(source, elements)));
        return name;
    }

    /** A vector of values that are known already. */
    String computed(String name, List<SourceTensor> sources, float[] values) {
        List<String> from = sources.stream().map(SourceTensor::name).toList();
        weights.floats(name, from, List.of(values.length), Encoding.F32, values::clone);
        return name;
    }

    /** All elements of a tensor that is no larger than an array. */
    static float[] values(SourceTensor source, int elements) {
        float[] values = new float[elements];
        source.values().read(0, values, 0, elements);
        return values;
    }

    /** The first {@code gates} gates, each {@code block} elements, from their place in the source to their own. */
    private static void addGates(List<Piece> pieces, Gates gates, SourceTensor source, int block, int count) {
        boolean add = !pieces.isEmpty();
        for (int gate = 0; gate < count; gate++) {
            long from = (long) gates.order().blocks().get(gate) * block;
            pieces.add(new Piece(source, from, gate * block, block, gates.negates(gate), add));
        }
    }

    private String vector(String name, List<Piece> pieces, List<Integer> shape) {
        return store(name, pieces, shape, Encoding.F32);
    }

    private String store(String name, List<Piece> pieces, List<Integer> shape, Encoding kept) {
        String known = names.putIfAbsent(new Content(List.copyOf(pieces), shape), name);
        if (known != null) {
            return known;
        }
        var values = new Pieces(pieces, shape.stream().reduce(1, Math::multiplyExact));
        weights.floats(name, values.sources(), shape, kept, values);
        return name;
    }

    private static List<Integer> ints(SourceTensor source) {
        return source.shape().stream().map(Math::toIntExact).toList();
    }

    static int elements(SourceTensor source) {
        long elements = 1;
        for (long dim : source.shape()) {
            elements *= dim; // fits: the source has checked it
        }
        if (elements > Integer.MAX_VALUE - 8) {
            throw new ShapeException(
                    source.subject(),
                    "must have at most " + (Integer.MAX_VALUE - 8) + " elements",
                    "shape " + source.shape(),
                    "split the tensor");
        }
        return (int) elements;
    }
}
