package dev.rondo.kernel;

import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.Packing;
import dev.rondo.format.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * A weight matrix W [N, K] where it lies, in the file or packed at run time: N = {@code rows} outputs, K = {@code columns} inputs.
 *
 * <p>With {@link Layout.Panels} the rows are G = {@link #groups()} gates of H = {@link #groupSize()} rows each, and a product writes a row of
 * outputs in <em>panel order</em>: [block][gate][16], {@link #paddedRows()} elements, zero weights where H is no multiple of 16. With one
 * group, and with {@link Layout.Rows}, that is the natural order (followed by the padding).
 *
 * <p>Owns nothing: the segment must stay alive while kernels use it.
 *
 * @param data the memory, from its first byte, native
 * @param encoding F32, F16, BF16 or INT8
 * @param layout where element (row, column) lies; see {@link Packing}
 * @param rows N
 * @param columns K
 */
public record Weights(MemorySegment data, Encoding encoding, Layout layout, int rows, int columns) {

    /** Rows of a panel. */
    public static final int PANEL = 16;

    /** Checks that the memory is native and large enough. */
    public Weights {
        long needed = Packing.byteSize(encoding, layout, rows, columns);
        if (!data.isNative() || data.byteSize() < needed) {
            throw new IllegalArgumentException("weights: need native memory of " + needed + " bytes; got "
                    + data.byteSize() + (data.isNative() ? " bytes" : " bytes on the heap"));
        }
    }

    /** The matrix that a tensor of a file holds: rows = its first dimension, columns = the product of the rest. */
    public static Weights of(Tensor tensor) {
        return new Weights(tensor.data(), tensor.encoding(), tensor.layout(), tensor.rows(), tensor.columns());
    }

    /** G: number of gates side by side; 1 for rows. */
    public int groups() {
        return layout.groups();
    }

    /** Whether the layout is panels. */
    public boolean panels() {
        return layout instanceof Layout.Panels;
    }

    /** H: rows of one gate. */
    public int groupSize() {
        return rows / groups();
    }

    /** Blocks of 16 rows per gate, the last one possibly partial. */
    public int blocks() {
        return (groupSize() + PANEL - 1) / PANEL;
    }

    /** Elements of an output row in panel order: groups &middot; blocks &middot; 16. */
    public int paddedRows() {
        return groups() * blocks() * PANEL;
    }
}
