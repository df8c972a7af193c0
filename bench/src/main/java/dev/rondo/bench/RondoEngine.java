package dev.rondo.bench;

import dev.rondo.Call;
import dev.rondo.Model;
import dev.rondo.Port;
import dev.rondo.Session;
import dev.rondo.format.Encoding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Rondo as a user meets it: a model file, opened, one call run again and again. */
final class RondoEngine implements Engine {
    private final Path file;
    private final Model model;
    private final Session session;
    private final Call step;
    private final Port x;
    private final Port h;

    private RondoEngine(Path file, Model model) {
        this.file = file;
        this.model = model;
        this.session = model.session();
        this.step = session.call("step");
        this.x = step.input("x");
        this.h = step.output("h_next");
    }

    static RondoEngine open(CellWeights weights, Encoding encoding) {
        try {
            Path file = Files.createTempFile("bench", ".rondo");
            RondoCell.write(file, weights, encoding);
            return new RondoEngine(file, Model.open(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Which kernels run. */
    String kernels() {
        return session.kernels();
    }

    @Override
    public float step(float[] values) {
        x.copyFrom(values);
        step.run();
        return (float) h.get(0);
    }

    @Override
    public float[] hidden() {
        return h.toFloats();
    }

    @Override
    public void reset() {
        session.reset();
    }

    @Override
    public void close() {
        model.close();
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
