package dev.rondo.convert.draft;

import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.Packing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What an encoding costs in accuracy. */
public final class EncodingError {
    private EncodingError() {}

    /**
     * The largest error of an element, relative to the largest element of its row (of the whole tensor when it is a
     * vector); 0 for f32. Measured by encoding and decoding, so it is what the file really holds.
     *
     * @throws FormatException when a finite value does not survive as a finite one
     */
    public static double worst(String name, float[] values, int rows, Encoding encoding, Layout layout) {
        if (encoding == Encoding.F32 || values.length == 0) {
            return 0;
        }
        int columns = values.length / rows;
        float[] row = new float[columns];
        // One row at a time: what an element loses depends on the kind of layout alone, not on its gates.
        Layout one = layout instanceof Layout.Rows ? layout : new Layout.Panels(1);
        double worst = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = arena.allocate(Packing.byteSize(encoding, one, 1, columns), 64);
            for (int r = 0; r < rows; r++) {
                System.arraycopy(values, r * columns, row, 0, columns);
                Packing.pack(row, 1, columns, encoding, one, packed);
                float[] decoded = Packing.unpack(packed, encoding, one, 1, columns);
                worst = Math.max(worst, worstOfRow(name, encoding, row, decoded));
            }
        } catch (FormatException notFinite) {
            throw notFinite.subject().startsWith("tensor") ? notFinite : notFinite.within(subject(name));
        }
        return worst;
    }

    private static double worstOfRow(String name, Encoding encoding, float[] values, float[] decoded) {
        double largest = 0;
        double error = 0;
        for (int i = 0; i < values.length; i++) {
            if (Float.isFinite(values[i]) && !Float.isFinite(decoded[i])) {
                throw new FormatException(
                        subject(name),
                        "values must fit the range of " + encoding.text(),
                        Float.toString(values[i]),
                        "choose bf16 or f32");
            }
            if (Float.isFinite(values[i])) {
                largest = Math.max(largest, Math.abs(values[i]));
                error = Math.max(error, Math.abs((double) decoded[i] - values[i]));
            }
        }
        return error == 0 ? 0 : error / largest;
    }

    private static String subject(String name) {
        return "tensor " + StrictJson.quote(name);
    }
}
