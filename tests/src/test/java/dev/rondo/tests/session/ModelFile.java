package dev.rondo.tests.session;

import dev.rondo.Model;
import dev.rondo.Port;
import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.TensorData;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.graph.GraphTextParser;
import dev.rondo.tests.oracle.NdArray;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Writes functions and weights to a model file, and moves arrays in and out of ports. */
public final class ModelFile {
    /** How a float tensor lies in the file. */
    public record Storage(Encoding encoding, Layout layout) {
        public static final Storage PLAIN = new Storage(Encoding.F32, new Layout.Rows());
    }

    private final Map<String, Function> functions = new LinkedHashMap<>();
    private final Map<String, NdArray> weights = new LinkedHashMap<>();
    private final Map<String, Storage> storage = new HashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    /** The functions of graph text, in its order. */
    public static ModelFile of(String text) {
        var file = new ModelFile();
        GraphTextParser.parse(text).forEach(file::function);
        return file;
    }

    /** Adds a function after the bodies of its scans. */
    public ModelFile function(Function function) {
        function.bodies().forEach(body -> functions.putIfAbsent(body.name(), body));
        functions.putIfAbsent(function.name(), function);
        return this;
    }

    public ModelFile weight(String name, NdArray value) {
        weights.put(name, value);
        return this;
    }

    public ModelFile store(String name, Storage how) {
        storage.put(name, how);
        return this;
    }

    public ModelFile metadata(String key, String value) {
        metadata.put(key, value);
        return this;
    }

    /** Gives every f32 weight that is not there yet values around {@code scale / sqrt(columns)}. */
    public ModelFile randomWeights(long seed, double scale) {
        var random = new Random(seed);
        var seen = new LinkedHashSet<>(functions.values());
        for (Function function : seen) {
            function.weights()
                    .forEach(w -> weights.computeIfAbsent(w.tensorName(), name -> {
                        Integer[] shape = w.type().dims().stream()
                                .map(d -> (int) d.fixed())
                                .toArray(Integer[]::new);
                        int columns = shape.length < 2 ? 1 : shape[shape.length - 1];
                        return NdArray.random(random, scale / Math.sqrt(columns), shape);
                    }));
        }
        return this;
    }

    public Function function(String name) {
        return functions.get(name);
    }

    public Map<String, NdArray> weights() {
        return weights;
    }

    public Path write(Path path) {
        var writer = new RondoFileWriter();
        metadata.forEach(writer::metadata);
        functions.values().forEach(f -> writer.function(FunctionCodec.encode(f)));
        weights.forEach((name, weight) -> {
            if (weight.element() == ElementType.F32) {
                Storage how = storage.getOrDefault(name, Storage.PLAIN);
                writer.tensor(name, how.encoding(), how.layout(), weight.shape(), () -> floats(weight));
            } else {
                writer.tensor(name, data(weight));
            }
        });
        try {
            writer.write(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return path;
    }

    /** Writes to a temporary file and loads it; nothing stays behind. */
    public Model load() {
        try {
            Path path = Files.createTempFile("model", ".rondo");
            try {
                return Model.load(write(path));
            } finally {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The weights as the file holds them: what narrow encodings decode to. */
    public Map<String, NdArray> decoded(Model model) {
        var decoded = new HashMap<String, NdArray>();
        weights.forEach((name, weight) -> decoded.put(
                name,
                weight.element() == ElementType.F32
                        ? array(weight.shape(), model.tensors().get(name).toFloats())
                        : weight));
        return decoded;
    }

    /** An f32 array of given elements. */
    public static NdArray array(List<Integer> shape, float... values) {
        var doubles = new double[values.length];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = values[i];
        }
        return NdArray.f32(shape, doubles);
    }

    /** Copies an array into a port of its shape. */
    public static void fill(Port port, NdArray value) {
        List<Integer> shape = shape(port);
        if (!shape.equals(value.shape())) {
            throw new IllegalArgumentException(port.name() + " has shape " + shape + ", given " + value.shape());
        }
        for (int i = 0; i < value.values().length; i++) {
            switch (value.element()) {
                case F32, F64 -> port.set(i, value.values()[i]);
                case I32, I64, BOOL -> port.set(i, (long) value.values()[i]);
            }
        }
    }

    public static NdArray read(Port port) {
        var values = new double[port.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = port.get(i);
        }
        return new NdArray(port.element(), shape(port), values);
    }

    private static List<Integer> shape(Port port) {
        return Arrays.stream(port.shape()).boxed().toList();
    }

    public static float[] floats(NdArray array) {
        var floats = new float[array.values().length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) array.values()[i];
        }
        return floats;
    }

    private static TensorData data(NdArray array) {
        double[] values = array.values();
        return switch (array.element()) {
            case F32 -> TensorData.ofFloats(array.shape(), floats(array));
            case F64 -> TensorData.ofDoubles(array.shape(), values);
            case I32 ->
                TensorData.ofInts(
                        array.shape(),
                        Arrays.stream(values).mapToInt(v -> (int) v).toArray());
            case I64 ->
                TensorData.ofLongs(
                        array.shape(),
                        Arrays.stream(values).mapToLong(v -> (long) v).toArray());
            case BOOL -> throw new IllegalArgumentException("no test stores flags");
        };
    }
}
