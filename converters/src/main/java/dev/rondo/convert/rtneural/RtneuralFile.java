package dev.rondo.convert.rtneural;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * Reads a JSON file of RTNeural. It is read token by token: on the heap are its numbers, as floats, and nothing else.
 * Every key is known, or it says which is not.
 */
public final class RtneuralFile {
    private static final long MAX_BYTES = 64 << 20;
    private static final int DEPTH = 12;
    private static final int MAX_LAYERS = 4096;
    private static final int MAX_WEIGHTS = 16;
    private static final int MAX_TENSORS = 1 << 16;

    /** What the file holds. */
    public sealed interface Content {
        /** A list of layers. */
        record Model(int inputSize, List<RtneuralLayer> layers) implements Content {}

        /** Tensors by name: the state dict of a PyTorch model. */
        record Weights(Map<String, SourceTensor> tensors) implements Content {}
    }

    private final String file;
    private final JsonParser parser;

    private RtneuralFile(String file, JsonParser parser) {
        this.file = file;
        this.parser = parser;
    }

    /**
     * Reads all.
     *
     * @throws FormatException when it is not such a file, or larger than 64 MiB
     */
    public static Content read(Path path) throws IOException {
        String file = String.valueOf(path.getFileName());
        if (Files.size(path) > MAX_BYTES) {
            throw new FormatException(
                    file,
                    -1,
                    "RTNeural file",
                    "must have at most " + MAX_BYTES + " bytes",
                    Files.size(path) + " bytes",
                    "save large weights as safetensors",
                    null);
        }
        try (InputStream in = Files.newInputStream(path);
                JsonParser parser =
                        StrictJson.factory(DEPTH, StrictJson.MAX_NAME).createParser(in)) {
            return new RtneuralFile(file, parser).content();
        } catch (JsonProcessingException wrong) {
            throw StrictJson.error(file, 0, "RTNeural file", wrong);
        }
    }

    private Content content() throws IOException {
        require(parser.nextToken() == JsonToken.START_OBJECT, "file", "must be a JSON object", "begin with {");
        var tensors = new LinkedHashMap<String, SourceTensor>();
        List<RtneuralLayer> layers = null;
        OptionalInt inputSize = OptionalInt.empty();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            parser.nextToken();
            switch (key) {
                case "in_shape" -> inputSize = OptionalInt.of(lastSize(key));
                case "layers" -> layers = layers();
                default -> {
                    if (layers != null || inputSize.isPresent()) {
                        throw unknown("file", key, "in_shape, layers");
                    }
                    require(tensors.size() < MAX_TENSORS, "file", "must hold at most " + MAX_TENSORS + " tensors", "");
                    String subject = "tensor " + StrictJson.quote(key);
                    require(
                            parser.currentToken() != JsonToken.START_OBJECT,
                            subject,
                            "must be numbers in lists, since there is no in_shape before it",
                            "a state dict in JSON holds its tensors on the first level");
                    tensors.put(key, tensor(subject).named(key));
                }
            }
        }
        require(parser.nextToken() == null, "file", "must end after its object", "is it one model?");
        if (layers == null && inputSize.isEmpty()) {
            require(!tensors.isEmpty(), "file", "must hold layers, or tensors by name", "is it a model?");
            return new Content.Weights(tensors);
        }
        if (!tensors.isEmpty()) {
            throw unknown("file", tensors.keySet().iterator().next(), "in_shape, layers");
        }
        require(layers != null && inputSize.isPresent(), "file", "must hold in_shape and layers", "is it complete?");
        return new Content.Model(inputSize.getAsInt(), layers);
    }

    private List<RtneuralLayer> layers() throws IOException {
        require(parser.currentToken() == JsonToken.START_ARRAY, "layers", "must be a list", "check the file");
        var layers = new ArrayList<RtneuralLayer>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            String subject = "layers[" + layers.size() + "]";
            require(layers.size() < MAX_LAYERS, subject, "at most " + MAX_LAYERS + " layers", "split the model");
            require(parser.currentToken() == JsonToken.START_OBJECT, subject, "must be an object", "check the file");
            layers.add(layer(layers.size(), subject));
        }
        require(!layers.isEmpty(), "layers", "must not be empty", "is it a model?");
        return layers;
    }

    private RtneuralLayer layer(int index, String subject) throws IOException {
        String type = null;
        String activation = "";
        int size = 0;
        var weights = new ArrayList<JsonTensor>();
        var sizes = new TreeMap<String, Integer>();
        OptionalDouble epsilon = OptionalDouble.empty();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            String place = subject + ", key '" + StrictJson.quote(key).replace("'", "") + "'";
            parser.nextToken();
            switch (key) {
                case "type" -> type = text(place);
                case "activation" -> activation = text(place);
                case "shape" -> size = lastSize(place);
                case "weights" -> weights.addAll(weights(place));
                case "kernel_size", "dilation", "groups" -> sizes.put(key, lastSize(place));
                case "epsilon" -> epsilon = OptionalDouble.of(number(place));
                // Layers that no model here can have are refused with their name, not with their keys.
                default -> {
                    require(
                            type != null && !RtneuralImport.KNOWN.contains(type),
                            place,
                            "keys here are type, activation, shape, weights, kernel_size, dilation, groups, epsilon",
                            "an option that nobody knows could change what the layer computes");
                    parser.skipChildren();
                }
            }
        }
        require(type != null, subject, "must say its type", "is the file complete?");
        if (!RtneuralImport.KNOWN.contains(type)) {
            throw new FormatException(
                    file,
                    -1,
                    subject,
                    "type must be one of " + RtneuralImport.KNOWN,
                    StrictJson.quote(type),
                    type.endsWith("2d")
                            ? "layers over two axes are not converted; export the model to ONNX"
                            : "export the model to ONNX or Keras",
                    null);
        }
        require(size > 0, subject, "must say its shape", "is the file complete?");
        return new RtneuralLayer(
                index,
                type,
                activation,
                size,
                weights,
                size(sizes, "kernel_size"),
                size(sizes, "dilation"),
                size(sizes, "groups"),
                epsilon);
    }

    private static OptionalInt size(Map<String, Integer> sizes, String key) {
        return sizes.containsKey(key) ? OptionalInt.of(sizes.get(key)) : OptionalInt.empty();
    }

    private List<JsonTensor> weights(String subject) throws IOException {
        require(parser.currentToken() == JsonToken.START_ARRAY, subject, "must be a list of tensors", "check the file");
        var weights = new ArrayList<JsonTensor>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            require(weights.size() < MAX_WEIGHTS, subject, "must hold at most " + MAX_WEIGHTS + " tensors", "");
            weights.add(tensor(subject + "[" + weights.size() + "]"));
        }
        return weights;
    }

    private String text(String subject) throws IOException {
        require(parser.currentToken() == JsonToken.VALUE_STRING, subject, "must be a text", "check the file");
        return parser.getText();
    }

    /** A size, or the last of a list of sizes whose others may be null. */
    private int lastSize(String subject) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            return size(subject);
        }
        int last = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            last = parser.currentToken() == JsonToken.VALUE_NULL ? 0 : size(subject);
        }
        require(last > 0, subject, "must end with a size", "the number of channels must be known");
        return last;
    }

    private int size(String subject) throws IOException {
        boolean fits = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() == JsonParser.NumberType.INT
                && parser.getIntValue() > 0
                && parser.getIntValue() <= 1 << 24;
        require(fits, subject, "must be a whole number from 1 to 2^24", "check the file");
        return parser.getIntValue();
    }

    /** Numbers in lists, all of one length on each level. */
    private JsonTensor tensor(String subject) throws IOException {
        var shape = new ArrayList<Integer>();
        var values = new Floats();
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            list(subject, shape, 0, values);
        } else {
            values.add((float) number(subject));
        }
        return new JsonTensor(List.copyOf(shape), values.trimmed());
    }

    private void list(String subject, List<Integer> shape, int level, Floats values) throws IOException {
        boolean first = shape.size() == level;
        if (first) {
            shape.add(-1);
        }
        int count = 0;
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            boolean leaf = token != JsonToken.START_ARRAY;
            boolean deepest = shape.size() == level + 1;
            // What stands on a level is decided by its first element: a number or a list.
            require(
                    first && count == 0 || leaf == deepest,
                    subject,
                    "must have lists of equal depth",
                    "some are deeper than others; is it a tensor?");
            if (leaf) {
                values.add((float) number(subject));
            } else {
                list(subject, shape, level + 1, values);
            }
            count++;
        }
        if (first) {
            shape.set(level, count);
        }
        require(
                count > 0 && shape.get(level) == count,
                subject,
                "must have lists of equal length, at least 1",
                "one has " + count + ", others " + shape.get(level));
    }

    private double number(String subject) throws IOException {
        JsonToken token = parser.currentToken();
        require(token != null && token.isNumeric(), subject, "must hold numbers", "NaN, null and texts are none");
        double value = parser.getDoubleValue();
        require(Float.isFinite((float) value), subject, "numbers must fit f32", "scale the weights");
        return value;
    }

    private FormatException unknown(String subject, String key, String known) {
        return new FormatException(
                file,
                StrictJson.offset(parser),
                subject,
                "keys here are " + known,
                StrictJson.quote(key),
                "an option that nobody knows could change what the model computes; remove it if it does not",
                null);
    }

    private void require(boolean holds, String subject, String rule, String remedy) throws IOException {
        if (!holds) {
            JsonToken token = parser.currentToken();
            String got = token == null
                    ? "the end"
                    : token.isScalarValue()
                            ? StrictJson.quote(parser.getText())
                            : token.toString().toLowerCase(Locale.ROOT).replace('_', ' ');
            throw new FormatException(file, StrictJson.offset(parser), subject, rule, got, remedy, null);
        }
    }

    /** A list of floats that grows. */
    private static final class Floats {
        private float[] values = new float[16];
        private int count;

        void add(float value) {
            if (count == values.length) {
                values = Arrays.copyOf(values, count + (count >> 1));
            }
            values[count++] = value;
        }

        float[] trimmed() {
            return Arrays.copyOf(values, count);
        }
    }
}
