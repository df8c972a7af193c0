package dev.rondo.convert;

import dev.rondo.convert.safetensors.Dtype;
import dev.rondo.convert.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Random tensors by name, as a safetensors file and as plain arrays for the expected values. */
final class TinySource {
    /** Row-major values with their shape. */
    record Array(List<Integer> shape, float[] values) {
        double at(int... index) {
            int at = 0;
            for (int i = 0; i < index.length; i++) {
                at = at * shape.get(i) + index[i];
            }
            return values[at];
        }
    }

    private final SplittableRandom random;
    final Map<String, Array> arrays = new LinkedHashMap<>();
    private final Map<String, long[]> longs = new LinkedHashMap<>();

    TinySource(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Adds a tensor with values between -1 and 1, multiples of 1/64: exact in every float type. */
    TinySource with(String name, Integer... shape) {
        float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(-64, 65) / 64f;
        }
        arrays.put(name, new Array(List.of(shape), values));
        return this;
    }

    /** Adds a vector of whole numbers, I64. */
    TinySource withLongs(String name, long... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values[i];
        }
        arrays.put(name, new Array(List.of(values.length), floats));
        longs.put(name, values);
        return this;
    }

    Array get(String name) {
        return arrays.get(name);
    }

    void write(Path path) throws IOException {
        write(path, Dtype.F32);
    }

    /** As F32, F16, BF16 or F64. */
    void write(Path path, Dtype dtype) throws IOException {
        var writer = new SafetensorsWriter();
        arrays.forEach((name, array) -> {
            if (longs.containsKey(name)) {
                writer.longs(name, array.shape(), longs.get(name));
            } else {
                writer.tensor(name, dtype, array.shape(), bytes(array.values(), dtype));
            }
        });
        writer.write(path);
    }

    private static byte[] bytes(float[] values, Dtype dtype) {
        ByteBuffer out = ByteBuffer.allocate(values.length * dtype.bits() / 8).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            switch (dtype) {
                case F32 -> out.putFloat(value);
                case F64 -> out.putDouble(value);
                case F16 -> out.putShort(Float.floatToFloat16(value));
                case BF16 -> out.putShort((short) (Float.floatToIntBits(value) >>> 16));
                default -> throw new AssertionError(dtype);
            }
        }
        return out.array();
    }
}
