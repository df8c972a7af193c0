package dev.rondo.convert.safetensors;

import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An open safetensors file, wholly checked when it is opened: the header's length, its JSON, dtypes, shapes and
 * offsets, which must cover the data without hole or overlap. Tensor data stays in the mapped file, so heap use depends
 * on the header only. The file must not be shortened while it is open.
 */
public final class SafetensorsFile implements Closeable {
    /** Bytes of the header at most, as the reference implementation has it. */
    public static final long MAX_HEADER = 100_000_000;

    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Arena arena;
    private final Map<String, String> metadata;
    private final Map<String, SafetensorsTensor> tensors;

    private SafetensorsFile(Arena arena, Map<String, String> metadata, Map<String, SafetensorsTensor> tensors) {
        this.arena = arena;
        this.metadata = metadata;
        this.tensors = tensors;
    }

    /**
     * Maps and checks a file. Close it to unmap it; any thread may.
     *
     * @throws FormatException when the file breaks a rule of the format: it names the rule, the value and the byte
     * @throws InputException  when there is no such file, or it is a folder
     * @throws IOException     when the file cannot be read
     */
    public static SafetensorsFile open(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new InputException("safetensors file", "must be an existing file", path.toString(), "check the path");
        }
        String file = String.valueOf(path.getFileName());
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return read(file, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena), arena);
        } catch (NoSuchFileException gone) {
            arena.close();
            throw new InputException(
                    "safetensors file", "must be an existing file", path.toString(), "check the path", gone);
        } catch (IOException | RuntimeException | Error failed) {
            arena.close();
            throw failed;
        }
    }

    private static SafetensorsFile read(String file, MemorySegment bytes, Arena arena) {
        long size = bytes.byteSize();
        if (size < Long.BYTES + 2) {
            throw header(file, 0, "the file must hold at least 8 bytes of header length and {}", size + " bytes");
        }
        long length = bytes.get(LENGTH, 0);
        if (length < 0 || length > MAX_HEADER) {
            throw header(
                    file,
                    0,
                    "length must be at most " + MAX_HEADER + " bytes",
                    Long.toUnsignedString(length) + " in a file of " + size + " bytes");
        }
        if (length > size - Long.BYTES) {
            throw header(file, 0, "must end within the file", length + " bytes of header in a file of " + size);
        }
        HeaderReader header = HeaderReader.read(file, bytes.asSlice(Long.BYTES, length), size - Long.BYTES - length);
        MemorySegment data = bytes.asSlice(Long.BYTES + length);
        var tensors = new LinkedHashMap<String, SafetensorsTensor>();
        for (HeaderReader.Entry e : header.entries()) {
            tensors.put(
                    e.name(),
                    new SafetensorsTensor(
                            e.name(), e.dtype(), e.shape(), data.asSlice(e.begin(), e.end() - e.begin())));
        }
        return new SafetensorsFile(
                arena, Collections.unmodifiableMap(header.metadata()), Collections.unmodifiableMap(tensors));
    }

    /** {@code __metadata__} in the order of the file; empty when the file has none. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** The tensors by name, in the order of their data. */
    public Map<String, SafetensorsTensor> tensors() {
        return tensors;
    }

    /** Unmaps the file; a second call does nothing. Reading a tensor afterwards is an IllegalStateException. */
    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private static FormatException header(String file, long offset, String rule, String got) {
        return new FormatException(
                file, offset, "safetensors header", rule, got, "the file is cut or not a safetensors file", null);
    }
}
