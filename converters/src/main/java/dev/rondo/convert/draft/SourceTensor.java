package dev.rondo.convert.draft;

import dev.rondo.convert.json.StrictJson;
import dev.rondo.convert.safetensors.Dtype;
import dev.rondo.convert.safetensors.SafetensorsTensor;
import dev.rondo.error.FormatException;
import dev.rondo.format.Encoding;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A tensor of the model that is converted. Two are equal when they read the same numbers of the same place, whatever
 * they are called: weights that are tied in the source.
 *
 * @param name   in the source
 * @param shape  row-major
 * @param dtype  as the source names it
 * @param kept   the encoding that keeps its values (of f64: f32); empty when it holds no floating-point numbers
 * @param values reads elements as floats
 */
public record SourceTensor(String name, List<Long> shape, String dtype, Optional<Encoding> kept, Values values) {
    private static final ValueLayout.OfDouble F64 =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Reads elements {@code first} to {@code first + count - 1} into {@code to}, from index {@code at} on. */
    public interface Values {
        void read(long first, float[] to, int at, int count);
    }

    public static SourceTensor of(SafetensorsTensor tensor) {
        Optional<Encoding> kept = switch (tensor.dtype()) {
            case F32, F64 -> Optional.of(Encoding.F32);
            case F16 -> Optional.of(Encoding.F16);
            case BF16 -> Optional.of(Encoding.BF16);
            case BOOL, U8, I8, I16, U16, I32, U32, I64, U64 -> Optional.empty();
            case C64, F8_E5M2, F8_E4M3, F8_E5M2FNUZ, F8_E4M3FNUZ, F8_E8M0, F6_E2M3, F6_E3M2, F4 -> Optional.empty();
        };
        return new SourceTensor(
                tensor.name(),
                tensor.shape(),
                tensor.dtype().name(),
                kept,
                tensor.dtype() == Dtype.F64
                        ? (first, to, at, count) -> narrow(tensor, first, to, at, count)
                        : tensor::readFloats);
    }

    /** f64 as f32; a number that f32 cannot hold is an error, not infinity. */
    private static void narrow(SafetensorsTensor tensor, long first, float[] to, int at, int count) {
        tensor.readFloats(first, to, at, count);
        for (int i = 0; i < count; i++) {
            if (Float.isInfinite(to[at + i])) {
                double value = tensor.data().get(F64, Double.BYTES * (first + i));
                if (Double.isFinite(value)) {
                    throw new FormatException(
                            "tensor " + StrictJson.quote(tensor.name()),
                            "F64 must fit f32, whose largest number is " + Float.MAX_VALUE,
                            value + " at " + (first + i),
                            "scale the weights");
                }
            }
        }
    }

    /** The name is not part of it. */
    @Override
    public boolean equals(Object other) {
        return other instanceof SourceTensor that
                && shape.equals(that.shape)
                && dtype.equals(that.dtype)
                && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return Objects.hash(shape, dtype, values);
    }

    public String subject() {
        return "tensor " + StrictJson.quote(name);
    }
}
