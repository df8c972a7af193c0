package dev.rondo.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The checked content of an open file. */
public final class RondoFile implements AutoCloseable {
    private RondoFile() {
    }

    public static RondoFile map(Path path) throws IOException {
        throw new UnsupportedOperationException("being written");
    }

    public static RondoFile load(Path path) throws IOException {
        throw new UnsupportedOperationException("being written");
    }

    public Path path() {
        throw new UnsupportedOperationException("being written");
    }

    public int version() {
        throw new UnsupportedOperationException("being written");
    }

    public Map<String, String> metadata() {
        throw new UnsupportedOperationException("being written");
    }

    public List<TextPipeline> texts() {
        throw new UnsupportedOperationException("being written");
    }

    public List<FunctionDef> functions() {
        throw new UnsupportedOperationException("being written");
    }

    public Map<String, Tensor> tensors() {
        throw new UnsupportedOperationException("being written");
    }

    public List<ReferenceCase> references() {
        throw new UnsupportedOperationException("being written");
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException("being written");
    }
}
