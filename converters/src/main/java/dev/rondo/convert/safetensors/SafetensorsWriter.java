package dev.rondo.convert.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.InputException;
import dev.rondo.format.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects tensors, then writes a safetensors file. The same content gives the same bytes whatever the order of the
 * calls: wide elements come first, so that everything is aligned to its element, then names in order.
 */
public final class SafetensorsWriter {
    private record Item(String name, Dtype dtype, List<Long> shape, byte[] data) {}

    private static final Comparator<Item> ORDER =
            Comparator.comparingInt((Item i) -> -i.dtype().bits()).thenComparing(Item::name);

    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Map<String, Item> items = new LinkedHashMap<>();

    /** A writer that has collected nothing yet. */
    public SafetensorsWriter() {}

    /** Adds an entry of {@code __metadata__}; a key given twice keeps the later value. */
    public SafetensorsWriter metadata(String key, String value) {
        metadata.put(wellFormed("metadata key", key), wellFormed("metadata value", value));
        return this;
    }

    /** Adds an F32 tensor; the values are copied. */
    public SafetensorsWriter floats(String name, List<Integer> shape, float... values) {
        ByteBuffer data = buffer(4L * values.length);
        data.asFloatBuffer().put(values);
        return tensor(name, Dtype.F32, shape, data.array());
    }

    /** Adds an I64 tensor; the values are copied. */
    public SafetensorsWriter longs(String name, List<Integer> shape, long... values) {
        ByteBuffer data = buffer(8L * values.length);
        data.asLongBuffer().put(values);
        return tensor(name, Dtype.I64, shape, data.array());
    }

    /**
     * Adds a tensor of any dtype.
     *
     * @param data little endian, as many bytes as dtype and shape say; not copied
     * @throws InputException when the name is in use or the length wrong
     */
    public SafetensorsWriter tensor(String name, Dtype dtype, List<Integer> shape, byte[] data) {
        String subject = "tensor " + StrictJson.quote(wellFormed("tensor name", name));
        long bits = dtype.bits();
        for (int dim : shape) {
            if (dim < 0) {
                throw new InputException(subject, "dimensions must not be negative", shape.toString(), "fix the shape");
            }
            bits = Math.multiplyExact(bits, dim);
        }
        if (bits != 8L * data.length) {
            throw new InputException(
                    subject,
                    "dtype and shape must give the length of the data",
                    dtype + " of shape " + shape + " with " + data.length + " bytes",
                    "fix the shape");
        }
        var item = new Item(name, dtype, shape.stream().map(Integer::longValue).toList(), data);
        if (name.equals("__metadata__") || items.putIfAbsent(name, item) != null) {
            throw new InputException(
                    subject, "every tensor must have a name of its own", StrictJson.quote(name), "rename it");
        }
        return this;
    }

    /**
     * Writes the file: to a temporary one beside the target, which then takes its place at once. Nothing stays behind
     * when that fails.
     *
     * @throws IOException when the file cannot be written
     */
    public void write(Path path) throws IOException {
        List<Item> ordered = new ArrayList<>(items.values());
        ordered.sort(ORDER);
        byte[] header = header(ordered);
        AtomicFile.write(path, temporary -> {
            try (FileChannel out =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                writeFully(out, buffer(Long.BYTES).putLong(header.length).flip());
                writeFully(out, ByteBuffer.wrap(header));
                for (Item item : ordered) {
                    writeFully(out, ByteBuffer.wrap(item.data()));
                }
                out.force(true);
                return true;
            }
        });
    }

    /** JSON, padded with spaces so that the data begins at a multiple of 8 bytes. */
    private byte[] header(List<Item> ordered) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart("__metadata__");
                for (Map.Entry<String, String> entry : metadata.entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            long offset = 0;
            for (Item item : ordered) {
                json.writeObjectFieldStart(item.name());
                json.writeStringField("dtype", item.dtype().name());
                json.writeFieldName("shape");
                json.writeArray(
                        item.shape().stream().mapToLong(Long::longValue).toArray(),
                        0,
                        item.shape().size());
                json.writeFieldName("data_offsets");
                json.writeArray(new long[] {offset, offset + item.data().length}, 0, 2);
                json.writeEndObject();
                offset += item.data().length;
            }
            json.writeEndObject();
        }
        while (bytes.size() % Long.BYTES != 0) {
            bytes.write(' ');
        }
        return bytes.toByteArray();
    }

    private static ByteBuffer buffer(long size) {
        return ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void writeFully(FileChannel out, ByteBuffer data) throws IOException {
        while (data.hasRemaining()) {
            out.write(data);
        }
    }

    private static String wellFormed(String what, String text) {
        if (!StrictJson.wellFormed(text)) {
            throw new InputException(
                    what, "must be valid Unicode", StrictJson.quote(text), "the text was cut inside a character");
        }
        return text;
    }
}
