package dev.rondo.convert.keras;

import dev.rondo.convert.draft.SourceTensor;

/** Weights in the order of elements that the catalogue wants. Keras keeps inputs before outputs. */
final class WeightArrays {
    private WeightArrays() {}

    /** All values as they are. */
    static float[] all(SourceTensor source) {
        float[] values = new float[elements(source)];
        source.values().read(0, values, 0, values.length);
        return values;
    }

    static int elements(SourceTensor source) {
        long product = 1;
        for (long dim : source.shape()) {
            product = Math.multiplyExact(product, dim);
        }
        return Math.toIntExact(product);
    }

    /** [rows, columns] to [columns, rows], a row of the source at a time. */
    static float[] transposed(SourceTensor source, int rows, int columns) {
        return transposed(source, rows, columns, new int[] {0});
    }

    /**
     * The same, with the columns of the source in equal blocks.
     *
     * @param blocks for each block of rows of the result, which block of columns it is
     */
    static float[] transposed(SourceTensor source, int rows, int columns, int[] blocks) {
        float[] values = new float[Math.multiplyExact(rows, columns)];
        float[] row = new float[columns];
        int block = columns / blocks.length;
        for (int r = 0; r < rows; r++) {
            source.values().read((long) r * columns, row, 0, columns);
            for (int b = 0; b < blocks.length; b++) {
                for (int i = 0; i < block; i++) {
                    values[(b * block + i) * rows + r] = row[blocks[b] * block + i];
                }
            }
        }
        return values;
    }

    /** A vector with its blocks in another order. */
    static float[] arranged(float[] values, int from, int[] blocks, int block) {
        float[] arranged = new float[blocks.length * block];
        for (int b = 0; b < blocks.length; b++) {
            System.arraycopy(values, from + blocks[b] * block, arranged, b * block, block);
        }
        return arranged;
    }
}
