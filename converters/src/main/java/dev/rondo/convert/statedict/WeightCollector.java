package dev.rondo.convert.statedict;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.ParameterRole;
import dev.rondo.convert.draft.EncodingChoice;
import dev.rondo.convert.draft.GateOrder;
import dev.rondo.convert.draft.Pieces;
import dev.rondo.convert.draft.Pieces.Piece;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.draft.StoredTensor;
import dev.rondo.error.ShapeException;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Collects the tensors of the file to be written. What is made of the same pieces in the same way is stored once: tied
 * weights stay tied. For one conversion.
 */
final class WeightCollector {
    /** What makes two stored tensors the same. */
    private record Content(List<Piece> pieces, List<Integer> shape, Encoding encoding, Layout layout) {}

    private final Cell cell;
    private final GateOrder order;
    private final EncodingChoice choice;
    private final Set<String> matrices = new LinkedHashSet<>();
    private final List<StoredTensor> tensors = new ArrayList<>();
    private final Map<Content, String> names = new HashMap<>();

    WeightCollector(Cell cell, GateOrder order, EncodingChoice choice) {
        this.cell = cell;
        this.order = order;
        this.choice = choice;
    }

    List<StoredTensor> tensors() {
        return List.copyOf(tensors);
    }

    /** A matrix as it is. Returns the name under which it is stored. */
    String matrix(String name, ParameterRole role, SourceTensor source, boolean tied) {
        var pieces = List.of(new Piece(source, 0, 0, elements(source), false, false));
        return store(name, pieces, ints(source), encoding(name, source), role.layout(cell, tied));
    }

    /** A matrix [G*H, K] whose gates are brought into order, stored as panels of G gates. */
    String gateMatrix(String name, SourceTensor source) {
        var pieces = new ArrayList<Piece>();
        addGates(pieces, source, elements(source) / cell.gates(), cell.gates());
        return store(
                name, pieces, ints(source), encoding(name, source), ParameterRole.WEIGHT_INPUT.layout(cell, false));
    }

    /**
     * A vector [G*H]: the sum of {@code whole}, and for the gates before the last also of {@code split}.
     *
     * @return empty when there is nothing to sum
     */
    Optional<String> bias(String name, List<SourceTensor> whole, List<SourceTensor> split, int hidden) {
        if (whole.isEmpty() && split.isEmpty()) {
            return Optional.empty();
        }
        var pieces = new ArrayList<Piece>();
        whole.forEach(source -> addGates(pieces, source, hidden, cell.gates()));
        split.forEach(source -> addGates(pieces, source, hidden, cell.gates() - 1));
        return Optional.of(vector(name, pieces, List.of(cell.gates() * hidden)));
    }

    /** A vector [H]: the sum of the last gate's blocks of {@code gated} [G*H] and of all of {@code plain} [H]. */
    Optional<String> lastGateBias(String name, List<SourceTensor> gated, List<SourceTensor> plain, int hidden) {
        if (gated.isEmpty() && plain.isEmpty()) {
            return Optional.empty();
        }
        var pieces = new ArrayList<Piece>();
        long last = (long) order.blocks().getLast() * hidden;
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

    /** The first {@code gates} gates, each {@code block} elements, from their place in the source to their own. */
    private void addGates(List<Piece> pieces, SourceTensor source, int block, int gates) {
        boolean add = !pieces.isEmpty();
        for (int gate = 0; gate < gates; gate++) {
            long from = (long) order.blocks().get(gate) * block;
            pieces.add(new Piece(source, from, gate * block, block, isNegated(gate), add));
        }
    }

    /** The other convention of z: 1 - σ(a) = σ(-a). */
    private boolean isNegated(int gate) {
        return order.updateReplaces() && gate == 1;
    }

    private String vector(String name, List<Piece> pieces, List<Integer> shape) {
        return store(name, pieces, shape, Encoding.F32, ParameterRole.BIAS.layout(cell, false));
    }

    private String store(String name, List<Piece> pieces, List<Integer> shape, Encoding encoding, Layout layout) {
        String known = names.putIfAbsent(new Content(List.copyOf(pieces), shape, encoding, layout), name);
        if (known != null) {
            return known;
        }
        var values = new Pieces(pieces, shape.stream().reduce(1, Math::multiplyExact));
        tensors.add(new StoredTensor.Floats(name, values.sources(), shape, encoding, layout, values));
        return name;
    }

    private Encoding encoding(String name, SourceTensor source) {
        matrices.add(name);
        return choice.of(name, source.kept().orElseThrow());
    }

    /** Requires that every choice was of a matrix. */
    void checkChoice() {
        choice.check(matrices);
    }

    private static List<Integer> ints(SourceTensor source) {
        return source.shape().stream().map(Math::toIntExact).toList();
    }

    private static int elements(SourceTensor source) {
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
