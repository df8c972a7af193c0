package dev.rondo.convert.draft;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** The files of a source: open until the model is written, since tensors are read one by one as it is. */
public final class OpenFiles implements Closeable {
    private final Deque<Closeable> files = new ArrayDeque<>();

    /** None yet. */
    public OpenFiles() {}

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
