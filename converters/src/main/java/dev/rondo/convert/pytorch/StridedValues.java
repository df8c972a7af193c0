package dev.rondo.convert.pytorch;

import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The elements of a tensor in row-major order, whatever its strides. Two of the same view of the same storage are
 * equal: so weights tied in the source are known to be.
 *
 * @param data the storage, in the mapped file
 * @param swap whether it is big-endian
 */
record StridedValues(String name, TorchTensor tensor, MemorySegment data, boolean swap) implements SourceTensor.Values {
    @Override
    public void read(long first, float[] to, int at, int count) {
        if (!tensor.dtype().isReadable()) {
            throw new FormatException(
                    subject(),
                    "must have a type that can be read as f32",
                    tensor.dtype().text(),
                    "convert it to float32, float16 or bfloat16 before saving");
        }
        Objects.checkFromIndexSize(first, count, tensor.elements());
        if (count == 0) {
            return;
        }
        if (tensor.isContiguous()) {
            read(tensor.offset() + first, 1, to, at, count);
            return;
        }
        int rank = tensor.shape().size();
        long[] index = new long[rank];
        long rest = first;
        for (int d = rank - 1; d >= 0; d--) {
            index[d] = rest % tensor.shape().get(d);
            rest /= tensor.shape().get(d);
        }
        long row = tensor.shape().getLast();
        long step = tensor.strides().getLast();
        for (int done = 0; done < count; ) {
            int run = (int) Math.min(count - done, row - index[rank - 1]);
            read(place(index), step, to, at + done, run);
            done += run;
            index[rank - 1] += run;
            carry(index);
        }
    }

    private long place(long[] index) {
        long place = tensor.offset();
        for (int d = 0; d < index.length; d++) {
            place += index[d] * tensor.strides().get(d);
        }
        return place;
    }

    private void carry(long[] index) {
        for (int d = index.length - 1; d > 0 && index[d] == tensor.shape().get(d); d--) {
            index[d] = 0;
            index[d - 1]++;
        }
    }

    private void read(long first, long step, float[] to, int at, int count) {
        tensor.dtype().read(data, swap, first, step, to, at, count);
        if (tensor.dtype() == TorchDtype.FLOAT64) {
            requireNarrow(first, step, to, at, count);
        }
    }

    /** A number that f32 cannot hold is an error, not infinity. */
    private void requireNarrow(long first, long step, float[] to, int at, int count) {
        for (int i = 0; i < count; i++) {
            if (Float.isInfinite(to[at + i])) {
                double value = Double.longBitsToDouble(TorchDtype.i64(data, swap, first + i * step));
                if (Double.isFinite(value)) {
                    throw new FormatException(
                            subject(),
                            "float64 must fit f32, whose largest number is " + Float.MAX_VALUE,
                            Double.toString(value),
                            "scale the weights");
                }
            }
        }
    }

    private String subject() {
        return "tensor " + StrictJson.quote(name);
    }

    /** The name is not part of it. */
    @Override
    public boolean equals(Object other) {
        return other instanceof StridedValues that
                && tensor.equals(that.tensor)
                && data.equals(that.data)
                && swap == that.swap;
    }

    @Override
    public int hashCode() {
        return Objects.hash(tensor, data, swap);
    }
}
