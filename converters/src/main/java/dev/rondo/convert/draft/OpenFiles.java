package dev.rondo.convert.draft;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The files of a source: open until the model is written, since tensors are read one by one as it is. */
public final class OpenFiles implements Closeable {
    private final Deque<Closeable> files = new ArrayDeque<>();
    private final Set<Path> parts = new LinkedHashSet<>();

    /** None yet. */
    public OpenFiles() {}

    /** Notes a file beside the source that holds some of its weights. */
    public void part(Path file) {
        parts.add(file);
    }

    /** The files beside the source, each once, in the order in which they were met. */
    public List<Path> parts() {
        return List.copyOf(parts);
    }

    /** Closes a file with the others; returns it. */
    public <T extends Closeable> T add(T file) {
        files.push(file);
        return file;
    }

    /** Closes all, the last one first. */
    @Override
    public void close() throws IOException {
        IOException first = null;
        while (!files.isEmpty()) {
            try {
                files.pop().close();
            } catch (IOException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
