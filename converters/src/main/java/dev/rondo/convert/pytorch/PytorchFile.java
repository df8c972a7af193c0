package dev.rondo.convert.pytorch;

import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;

/**
 * An open PyTorch checkpoint: what {@code torch.save} writes, as a zip archive or in the format before it. Structure is
 * checked when it is opened; data stays in the mapped file. The file must not be shortened while it is open.
 */
public final class PytorchFile implements Closeable {
    /**
     * The tensors that a model is made of.
     *
     * @param path    where in the checkpoint they lie; {@code .} for the whole
     * @param tensors by name, in order
     */
    public record StateDict(String path, Map<String, SourceTensor> tensors) {}

    private final Arena arena;
    private final Checkpoint checkpoint;

    private PytorchFile(Arena arena, Checkpoint checkpoint) {
        this.arena = arena;
        this.checkpoint = checkpoint;
    }

    /**
     * Maps and reads a file; runs nothing of what is in it. Close it to unmap it.
     *
     * @throws FormatException when it breaks a rule of the format, or names anything but tensors, dictionaries, lists,
     *                         numbers and texts
     * @throws InputException  when there is no such file
     * @throws IOException     when the file cannot be read
     */
    public static PytorchFile open(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new InputException("PyTorch file", "must be an existing file", path.toString(), "check the path");
        }
        String file = String.valueOf(path.getFileName());
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return new PytorchFile(arena, Checkpoint.read(file, bytes));
        } catch (IOException | RuntimeException | Error failed) {
            arena.close();
            throw failed;
        }
    }

    /**
     * The state dict of the checkpoint.
     *
     * @param path where it lies, as {@code model.encoder}, or {@code .} for the whole; empty when there is only one
     * @throws FormatException when there is none, or several and no path says which
     * @throws InputException  when there is none at that path
     */
    public StateDict stateDict(Optional<String> path) {
        return checkpoint.stateDict(path);
    }

    /** Unmaps the file; a second call does nothing. Reading a tensor afterwards is an IllegalStateException. */
    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
