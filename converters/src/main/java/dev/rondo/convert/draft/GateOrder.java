package dev.rondo.convert.draft;

import dev.rondo.architecture.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where the gates stand in the rows of a source's weights and biases, and which convention z has.
 *
 * @param blocks         for each gate in the order of {@link dev.rondo.graph.Recurrent}, the index of its block of rows
 * @param updateReplaces whether z of a GRU multiplies the candidate (Chung 2014, Bahdanau 2015) and not, as here, the
 *                       old state (Cho 2014)
 */
public record GateOrder(List<Integer> blocks, boolean updateReplaces) {
    public GateOrder {
        blocks = List.copyOf(blocks);
    }

    /** The order of {@link Cell#gateLetters}. */
    public static GateOrder canonical(Cell cell) {
        var blocks = new ArrayList<Integer>();
        for (int i = 0; i < cell.gates(); i++) {
            blocks.add(i);
        }
        return new GateOrder(blocks, false);
    }

    /**
     * Reads the letters of the blocks from first to last: i, f, g (or c), o of an LSTM, r, z, n (or h) of a GRU; an
     * {@code "ifco"} has the candidate third, an {@code "iofc"} last.
     *
     * @return empty when they are not each gate once
     */
    public static Optional<GateOrder> parse(String letters, Cell cell) {
        String gates = cell.gateLetters();
        String read = switch (cell) {
            case Cell.Elman _ -> letters;
            case Cell.Lstm() -> letters.replace('c', 'g');
            case Cell.Gru _ -> letters.replace('h', 'n');
        };
        if (read.length() != gates.length()) {
            return Optional.empty();
        }
        var blocks = new ArrayList<Integer>();
        for (char gate : gates.toCharArray()) {
            if (read.indexOf(gate) < 0) {
                return Optional.empty();
            }
            blocks.add(read.indexOf(gate));
        }
        return Optional.of(new GateOrder(blocks, false));
    }

    /** The same blocks with the other convention of z. */
    public GateOrder withUpdateReplaces(boolean replaces) {
        return new GateOrder(blocks, replaces);
    }

    /** The letters from first to last block. */
    public String text(Cell cell) {
        char[] letters = new char[blocks.size()];
        for (int gate = 0; gate < letters.length; gate++) {
            letters[blocks.get(gate)] = cell.gateLetters().charAt(gate);
        }
        return new String(letters);
    }
}
