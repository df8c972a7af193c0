package dev.rondo.bench;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Port;
import dev.rondo.Session;
import dev.rondo.format.RondoFileWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Rondo as a user meets it: a model file, opened, one call run again and again. */
final class RondoEngine implements Engine {
    /** To delete at the end; null in a sibling. */
    private final Path file;

    private final Model model;
    private final String function;
    private final Capacity capacity;
    private final Session session;
    private final Map<String, float[]> given;
    private final Call call;
    private final Port x;
    private final Port out;

    private RondoEngine(Path file, Model model, String function, Capacity capacity, Map<String, float[]> given) {
        this.file = file;
        this.model = model;
        this.function = function;
        this.capacity = capacity;
        this.session = model.session(capacity);
        this.given = given;
        this.call = session.call(function);
        this.x = call.input(call.function().inputs().getFirst().name());
        this.out = call.output(call.function().outputs().getFirst().name());
        reset();
    }

    /**
     * Writes the model to a file that goes with the engine, and opens that.
     *
     * @param function has one input; its first output is read
     * @param given states that do not begin at zero
     */
    static RondoEngine open(RondoFileWriter writer, String function, Capacity capacity, Map<String, float[]> given) {
        try {
            Path file = Files.createTempFile("bench", ".rondo");
            writer.write(file);
            return open(file, function, capacity, given);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens a model file, which goes with the engine. */
    static RondoEngine open(Path file, String function, Capacity capacity, Map<String, float[]> given)
            throws IOException {
        return new RondoEngine(file, Model.open(file), function, capacity, given);
    }

    @Override
    public float run(float[] values) {
        x.copyFrom(values);
        call.run();
        return (float) out.get(0);
    }

    /** Another session of the same model, for the calling thread; ends with this engine. */
    RondoEngine sibling() {
        return new RondoEngine(null, model, function, capacity, given);
    }

    @Override
    public float[] outputs() {
        return out.toFloats();
    }

    @Override
    public void reset() {
        session.reset();
        given.forEach(session::state);
    }

    @Override
    public void close() {
        if (file == null) {
            return;
        }
        model.close();
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
