package dev.rondo.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** Collects the content of a file, then writes it atomically. */
public final class RondoFileWriter {
    /** A writer that has collected nothing yet. */
    public RondoFileWriter() {
    }

    public RondoFileWriter metadata(String key, String value) {
        throw new UnsupportedOperationException("being written");
    }

    public RondoFileWriter text(TextPipeline text) {
        throw new UnsupportedOperationException("being written");
    }

    public RondoFileWriter function(FunctionDef function) {
        throw new UnsupportedOperationException("being written");
    }

    public RondoFileWriter reference(ReferenceCase reference) {
        throw new UnsupportedOperationException("being written");
    }

    public RondoFileWriter tensor(String name, Encoding encoding, Layout layout, List<Integer> shape,
            Supplier<float[]> values) {
        throw new UnsupportedOperationException("being written");
    }

    public RondoFileWriter tensor(String name, TensorData values) {
        throw new UnsupportedOperationException("being written");
    }

    public void write(Path path) throws IOException {
        throw new UnsupportedOperationException("being written");
    }
}
