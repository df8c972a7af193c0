package dev.rondo.format;

import dev.rondo.error.FormatException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The checked content of an open {@code .rondo} file. Immutable; any thread may read and close it. The memory of tensors
 * and reference vectors belongs to this object.
 */
public final class RondoFile implements AutoCloseable {
    private static final long READ_CHUNK = 1L << 24;

    private final Path path;
    private final Arena arena;
    private final MemorySegment all;
    private final Content content;
    private final AtomicBoolean closed = new AtomicBoolean();

    private RondoFile(Path path, Arena arena, MemorySegment all, Content content) {
        this.path = path;
        this.arena = arena;
        this.all = all;
        this.content = content;
    }

    /**
     * Opens a file in place: nothing is copied, and processes that map the same file share its pages. Checks all
     * structure and the CRC of every section but tensor data; {@link #load} checks that too.
     *
     * <p>While the file is open nobody may shorten it or write into it: replace it by renaming a new file over it, as
     * {@link RondoFileWriter#write} does. Reading memory of a file that became shorter ends in an {@link InternalError}.
     *
     * @throws FormatException when the file breaks a rule of the format
     * @throws IOException     when it cannot be read
     */
    public static RondoFile map(Path path) throws IOException {
        return open(path, false);
    }

    /**
     * Opens a private copy in native memory, and checks every CRC. What happens to the file afterwards does not matter.
     *
     * @throws FormatException when the file breaks a rule of the format
     * @throws IOException     when it cannot be read or there is not enough memory
     */
    public static RondoFile load(Path path) throws IOException {
        return open(path, true);
    }

    /** The file as it was opened. */
    public Path path() {
        return path;
    }

    /** The version of the format. */
    public int version() {
        return content.version();
    }

    /** Free entries, in the order of the file. */
    public Map<String, String> metadata() {
        return content.metadata();
    }

    /** The text pipelines, in the order of the file. */
    public List<TextPipeline> texts() {
        return content.texts();
    }

    /** The functions, each after those it refers to. */
    public List<FunctionDef> functions() {
        return content.functions();
    }

    /** The tensors by name, in the order of the file. */
    public Map<String, Tensor> tensors() {
        return content.tensors();
    }

    /** The reference cases, in the order of the file. */
    public List<ReferenceCase> references() {
        return content.references();
    }

    /** The n-grams, where the file has them. Their memory belongs to this object. */
    public Optional<NgramTable> ngrams() {
        return content.ngrams();
    }

    /**
     * Brings every page of a mapped file into memory; does nothing to a copy. The system may take pages away again.
     *
     * @throws IllegalStateException when the file has been closed
     */
    public void touch() {
        if (all.isMapped()) {
            all.load();
        }
    }

    /**
     * Frees the memory. Later access to tensor data throws IllegalStateException, also in other threads. Closing twice
     * does nothing.
     *
     * @throws IllegalStateException while another thread hands the memory to an input or output channel; try again then
     */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try {
                arena.close();
            } catch (IllegalStateException e) {
                closed.set(false);
                throw e;
            }
        }
    }

    /** Whether the memory is still there; it may be gone the moment after. Allocates nothing. */
    public boolean isOpen() {
        return arena.scope().isAlive();
    }

    private static RondoFile open(Path path, boolean copied) throws IOException {
        checkRegular(path);
        Arena arena = Arena.ofShared();
        boolean opened = false;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            String file = path.toString();
            long size = channel.size();
            // The header says whether size is worth mapping or allocating.
            Header header = Header.read(file, head(channel), size);
            MemorySegment all = copied
                    ? copy(path, channel, size, arena)
                    : channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
            RondoFile result = new RondoFile(path, arena, all, Content.read(file, all.asReadOnly(), header, copied));
            opened = true;
            return result;
        } finally {
            if (!opened) {
                arena.close();
            }
        }
    }

    /** A pipe would block for ever, a device would have no size. */
    private static void checkRegular(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        if (!Files.isRegularFile(path)) {
            throw new FormatException(
                    path.toString(),
                    -1,
                    "file",
                    "must be a regular file",
                    Files.isDirectory(path) ? "a directory" : "a device or pipe",
                    "copy the content to a file",
                    null);
        }
    }

    private static ByteBuffer head(FileChannel channel) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(Header.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int read;
        do {
            read = channel.read(head, head.position());
        } while (read >= 0 && head.hasRemaining());
        return head;
    }

    private static MemorySegment copy(Path path, FileChannel channel, long size, Arena arena) throws IOException {
        MemorySegment copy = allocate(path, size, arena);
        for (long done = 0; done < size; ) {
            ByteBuffer chunk =
                    copy.asSlice(done, Math.min(READ_CHUNK, size - done)).asByteBuffer();
            int read = channel.read(chunk, done);
            if (read < 0) {
                throw new FormatException(
                        path.toString(),
                        done,
                        "file",
                        "must not become shorter while it is read",
                        done + " bytes of " + size,
                        "replace files by renaming",
                        null);
            }
            done += read;
        }
        return copy;
    }

    private static MemorySegment allocate(Path path, long size, Arena arena) throws IOException {
        try {
            return arena.allocate(size, Shapes.ALIGNMENT);
        } catch (OutOfMemoryError e) {
            throw new IOException(
                    path + ": needs " + size + " bytes of native memory; got " + e.getMessage()
                            + "; raise -XX:MaxDirectMemorySize or map the file instead",
                    e);
        }
    }
}
