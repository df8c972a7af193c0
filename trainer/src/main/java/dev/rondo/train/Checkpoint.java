package dev.rondo.train;

import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.format.Encoding;
import dev.rondo.format.RondoFile;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.Tensor;
import dev.rondo.format.TensorData;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A training run at one moment: all that it needs to go on as if it had never stopped. In memory, or in a file in the
 * container of models, with the task {@code checkpoint} and without functions. Immutable.
 *
 * @param entries what it was: the task's description, settings, progress
 * @param tensors by name: {@code param/}, {@code best/}, {@code slot/NAME/} and a parameter, {@code state/SHARD/} and a
 *                state; f32, copies of their own
 */
public record Checkpoint(Map<String, String> entries, Map<String, TensorData> tensors) {
    /** The value of the metadata key {@code task}. */
    public static final String TASK = "checkpoint";

    /** Keeps the order. */
    public Checkpoint {
        entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }

    /**
     * Writes a file, whole or not at all.
     *
     * @throws IOException when it cannot be written
     */
    public void write(Path path) throws IOException {
        var writer = new RondoFileWriter();
        writer.metadata("task", TASK);
        entries.forEach(writer::metadata);
        tensors.forEach(writer::tensor);
        writer.write(path);
    }

    /**
     * Reads a file.
     *
     * @throws FormatException when it is damaged or no checkpoint
     * @throws IOException     when it cannot be read
     */
    public static Checkpoint read(Path path) throws IOException {
        try (RondoFile file = RondoFile.load(path)) {
            var entries = new LinkedHashMap<>(file.metadata());
            String task = entries.remove("task");
            if (!TASK.equals(task)) {
                throw new FormatException(
                        "checkpoint " + path,
                        "is a file that training has saved to go on from",
                        task == null ? "a file without a task" : "a file of the task " + task,
                        "name the checkpoint, not the model");
            }
            var tensors = new LinkedHashMap<String, TensorData>();
            for (Tensor tensor : file.tensors().values()) {
                if (tensor.encoding() != Encoding.F32) {
                    throw new FormatException(
                            "checkpoint " + path,
                            "holds f32",
                            tensor.encoding().text() + " in " + tensor.name(),
                            "use another checkpoint");
                }
                tensors.put(tensor.name(), TensorData.ofFloats(tensor.shape(), tensor.toFloats()));
            }
            return new Checkpoint(entries, tensors);
        }
    }

    /**
     * Checks that entries are what they were.
     *
     * @throws InputException when one differs; it names the first
     */
    public void require(Map<String, String> now) {
        now.forEach((key, value) -> {
            String then = entries.get(key);
            if (!value.equals(then)) {
                throw new InputException(
                        "checkpoint, " + key,
                        "is the same as when it was saved, " + (then == null ? "unset" : then),
                        value,
                        "go on with the same data and settings, or train anew");
            }
        });
    }

    /** Copies a tensor out. */
    void read(String name, MemorySegment to) {
        TensorData tensor = tensors.get(name);
        if (tensor == null || tensor.data().byteSize() != to.byteSize()) {
            throw new FormatException(
                    "checkpoint",
                    "holds the tensor " + name + " of " + to.byteSize() / Float.BYTES + " elements",
                    tensor == null ? "none" : "shape " + tensor.shape(),
                    "use the checkpoint of this very run");
        }
        to.copyFrom(tensor.data());
    }

    /** A copy of f32 memory. */
    static TensorData copy(List<Integer> shape, MemorySegment from) {
        return TensorData.ofFloats(shape, from.toArray(ValueLayout.JAVA_FLOAT));
    }
}
