package dev.rondo.convert.pytorch;

import dev.rondo.error.FormatException;
import java.util.List;

/**
 * A tensor as a checkpoint describes it: a view of a storage, whose data is not looked at. Every element lies in the
 * storage.
 *
 * @param offset  of the first element, in elements
 * @param strides from one index to the next, in elements; 0 where it is expanded
 */
record TorchTensor(TorchStorage storage, TorchDtype dtype, long offset, List<Long> shape, List<Long> strides) {
    /**
     * Elements more than this a tensor may have only when its storage holds as many: an expanded tensor costs nothing
     * in the file, but all of it in memory.
     */
    private static final long MAX_EXPANDED = 1 << 24;

    private static final int MAX_RANK = 64;
    private static final String SUBJECT = "tensor in pickle";
    private static final String REMEDY = "the file is damaged; save it anew";

    /**
     * @throws FormatException when an element lies outside of the storage, or the whole is too large
     */
    TorchTensor {
        shape = List.copyOf(shape);
        strides = List.copyOf(strides);
        if (shape.size() > MAX_RANK || shape.size() != strides.size()) {
            throw new FormatException(
                    SUBJECT,
                    "has at most " + MAX_RANK + " dimensions and a stride for each",
                    shape.size() + " dimensions, " + strides.size() + " strides",
                    REMEDY);
        }
        long held = storage.bytes() / dtype.bytes();
        try {
            long elements = 1;
            long last = offset;
            boolean negative = offset < 0;
            for (int i = 0; i < shape.size(); i++) {
                negative |= shape.get(i) < 0 || strides.get(i) < 0;
                elements = Math.multiplyExact(elements, shape.get(i));
                last = Math.addExact(last, Math.multiplyExact(shape.get(i) - 1, strides.get(i)));
            }
            if (negative || elements > 0 && last >= held) {
                throw outside(storage, held, offset, shape, strides);
            }
            if (elements > held && elements > MAX_EXPANDED) {
                throw new FormatException(
                        SUBJECT,
                        "expanded to more than its storage holds must have at most " + MAX_EXPANDED + " elements",
                        "shape " + shape + " of a storage of " + held,
                        "call contiguous() before saving");
            }
        } catch (ArithmeticException overflow) {
            throw outside(storage, held, offset, shape, strides);
        }
    }

    private static FormatException outside(
            TorchStorage storage, long held, long offset, List<Long> shape, List<Long> strides) {
        return new FormatException(
                SUBJECT,
                "must lie within its storage " + storage.quotedKey() + " of " + held + " elements",
                "offset " + offset + ", shape " + shape + ", strides " + strides,
                REMEDY);
    }

    long elements() {
        long elements = 1;
        for (long dim : shape) {
            elements *= dim; // fits, as the constructor has checked
        }
        return elements;
    }

    /** Whether elements follow one another in the storage in row-major order. */
    boolean isContiguous() {
        long expected = 1;
        for (int i = shape.size() - 1; i >= 0; i--) {
            if (shape.get(i) != 1 && strides.get(i) != expected) {
                return false;
            }
            expected *= shape.get(i);
        }
        return true;
    }
}
