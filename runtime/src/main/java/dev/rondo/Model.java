package dev.rondo;

import dev.rondo.error.StateException;
import dev.rondo.format.NgramTable;
import dev.rondo.format.ReferenceCase;
import dev.rondo.format.RondoFile;
import dev.rondo.format.Tensor;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.plan.Constants;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An open model: named functions over weights that lie in a mapped file. Immutable and shared by threads; what changes
 * from call to call lives in a {@link Session}.
 *
 * <pre>{@code
 * try (Model model = Model.open(Path.of("model.rondo"))) {
 *     Call step = model.session().call("step");
 *     step.input("token").set(0, 17);
 *     step.run();
 *     float[] logits = step.output("logits").toFloats();
 * }
 * }</pre>
 *
 * <p>Closing while a step runs is safe: the step throws {@link StateException}, and the JVM may have interrupted its
 * thread ({@link Thread#interrupted} clears that). A model that is forgotten is closed when it becomes unreachable.
 */
public final class Model implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final RondoFile file;
    private final Constants constants;
    private final Map<String, Function> functions;
    private final List<String> dimensionNames;
    private final Cleaner.Cleanable closing;

    private Model(RondoFile file) {
        this.file = file;
        this.constants = new Constants(file.tensors());
        this.functions = Collections.unmodifiableMap(FunctionCodec.decode(file.functions(), constants.types()));
        var names = new LinkedHashSet<String>();
        for (Function function : functions.values()) {
            names.addAll(function.dimensionNames());
        }
        this.dimensionNames = List.copyOf(names);
        // The action must not refer to the model, or the model could never become unreachable.
        this.closing = CLEANER.register(this, new Closing(file));
    }

    private record Closing(RondoFile file) implements Runnable {
        @Override
        public void run() {
            file.close();
        }
    }

    /**
     * Opens a model file in place, mapped read-only: nothing is copied, processes share the pages, and only the structure
     * is checked, not every weight's checksum. The file must not be shortened or overwritten while it is open; replace it
     * by renaming a new file over it.
     *
     * @throws IOException when the file cannot be read
     * @throws dev.rondo.error.RondoException when it is not a valid model
     */
    public static Model open(Path path) throws IOException {
        return of(RondoFile.map(path));
    }

    /** Opens a private copy and verifies every checksum; the file may change afterwards. Otherwise like {@link #open}. */
    public static Model load(Path path) throws IOException {
        return of(RondoFile.load(path));
    }

    /**
     * Reads all pages of a mapped file now, so that no later step waits for the disk: advises the system, then touches
     * one byte a page. The system may take them away again when memory is short.
     *
     * @return this model
     * @throws StateException when the model has been closed
     */
    public Model touch() {
        try {
            file.touch();
            if (!isOpen()) {
                throw new IllegalStateException();
            }
            return this;
        } catch (IllegalStateException closed) {
            throw new StateException("model", "is open", "a closed one", "touch it before it is closed", closed);
        }
    }

    private static Model of(RondoFile file) {
        try {
            return new Model(file);
        } catch (RuntimeException | Error invalid) {
            file.close();
            throw invalid;
        }
    }

    /** The functions by name, in the order of the file, bodies of scans included. */
    public Map<String, Function> functions() {
        return functions;
    }

    /**
     * The function of that name.
     *
     * @throws StateException when there is none
     */
    public Function function(String name) {
        Function function = functions.get(name);
        if (function == null) {
            throw new StateException(
                    "function '" + name + "'",
                    "the model has functions "
                            + functions.keySet().stream().sorted().toList(),
                    "'" + name + "'",
                    "call one of them");
        }
        return function;
    }

    /** What the file says about itself: task, source, converter. */
    public Map<String, String> metadata() {
        return file.metadata();
    }

    /** How text becomes ids and back. */
    public List<TextPipeline> texts() {
        return file.texts();
    }

    /** Inputs and outputs that the source framework computed, to verify the model with. */
    public List<ReferenceCase> references() {
        return file.references();
    }

    /** The weights, in the order of the file. They belong to this model and die with it. */
    public Map<String, Tensor> tensors() {
        return file.tensors();
    }

    /** The n-grams, where the file has them. They belong to this model and die with it. */
    public Optional<NgramTable> ngrams() {
        return file.ngrams();
    }

    /** A session for single steps: every dimension has capacity 1. */
    public Session session() {
        return session(Capacity.ONE);
    }

    /** A session with the fastest kernels of this machine. */
    public Session session(Capacity capacity) {
        return session(capacity, Kernel.BEST);
    }

    /** A session with the kernels that the caller wants: plain ones for comparison. */
    public Session session(Capacity capacity, Kernel kernel) {
        return new Session(this, capacity, kernel);
    }

    /** Which kernels a session runs. */
    public enum Kernel {
        /** The fastest that this machine and JVM allow. */
        BEST,
        /** The plain loops, which need no vector module and are slower. */
        PLAIN,
        /**
         * Plain loops from the first call on, while a thread beside compiles the fastest kernels; each function then goes
         * over to them between two runs. What a run computes then depends, by rounding, on when it runs:
         * {@link Call#kernels} tells.
         */
        WARMING
    }

    /** Unmaps the file. Steps that still run throw; sessions stay usable for nothing but their own state. Idempotent. */
    @Override
    public void close() {
        closing.clean();
    }

    boolean isOpen() {
        return file.isOpen();
    }

    Constants constants() {
        return constants;
    }

    /** The dimension names of all functions. */
    List<String> dimensionNames() {
        return dimensionNames;
    }
}
