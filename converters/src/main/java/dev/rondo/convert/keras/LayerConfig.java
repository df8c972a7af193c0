package dev.rondo.convert.keras;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The configuration of one layer. It remembers which keys were asked for, so that {@link #done} can name one that
 * changes what the layer computes and that nobody knows; every error names layer and key.
 */
final class LayerConfig {
    /** Keys that matter in training only, or only name things. */
    private static final Set<String> IGNORED = Set.of(
            "name",
            "trainable",
            "dtype",
            "seed",
            "noise_shape",
            "rate",
            "stddev",
            "dropout",
            "recurrent_dropout",
            "unit_forget_bias",
            "unroll",
            "implementation",
            "momentum",
            "synchronized",
            "renorm_momentum",
            "use_cudnn",
            "flash_attention",
            "input_length",
            "batch_input_shape",
            "batch_shape",
            "build_config",
            "sparse",
            "ragged",
            "optional",
            "autocast",
            "l1",
            "l2",
            "fused",
            "virtual_batch_size",
            "adjustment");

    private static final int MAX_NAME = 256;
    private static final List<String> IGNORED_ENDS = List.of("_initializer", "_regularizer", "_constraint");

    private final String file;
    private final String className;
    private final JsonNode node;
    private final TreeSet<String> known = new TreeSet<>();

    LayerConfig(String file, String className, JsonNode node) {
        this.file = file;
        this.className = className;
        this.node = node;
        if (!node.isObject() && !(node.isArray() && ModelSpec.isModel(className))) {
            throw new FormatException(
                    file, -1, className, "has a configuration object", quoted(node), "save anew", null);
        }
    }

    String file() {
        return file;
    }

    String className() {
        return className;
    }

    /** The name of the layer. */
    String name() {
        JsonNode name = node.path("name");
        if (!name.isTextual()
                || name.textValue().isEmpty()
                || name.textValue().length() > MAX_NAME
                || !StrictJson.wellFormed(name.textValue())) {
            throw error("name", "must be a text of at most " + MAX_NAME + " characters", quoted(name));
        }
        return name.textValue();
    }

    /** The name of the layer, or another where it has none, as some nested models of old. */
    String nameOr(String otherwise) {
        return node.path("name").isMissingNode() ? otherwise : name();
    }

    /** What messages call the layer. */
    String subject() {
        return "layer " + StrictJson.quote(node.path("name").asText()) + " (" + StrictJson.quote(className) + ")";
    }

    /** Whether the key is there and not null; it counts as known. */
    boolean has(String key) {
        known.add(key);
        return node.hasNonNull(key);
    }

    /** The value, missing or null included. */
    JsonNode raw(String key) {
        known.add(key);
        return node.path(key);
    }

    boolean flag(String key, boolean otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        if (!node.get(key).isBoolean()) {
            throw error(key, "must be true or false", quoted(node.get(key)));
        }
        return node.get(key).booleanValue();
    }

    double number(String key, double otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        JsonNode value = node.get(key);
        if (!value.isNumber() || !Float.isFinite((float) value.doubleValue())) {
            throw error(key, "must be a number", quoted(value));
        }
        return value.doubleValue();
    }

    /** A whole number from 1 on. */
    int size(String key) {
        return positive(key, raw(key));
    }

    /** The only element of a list, or a number: what one-dimensional layers have; from 1 on. */
    int single(String key, int otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        JsonNode value = node.get(key);
        if (value.isArray() && value.size() == 1) {
            return positive(key, value.get(0));
        }
        return positive(key, value);
    }

    /** A list of whole numbers, or one. */
    List<Integer> numbers(String key) {
        JsonNode value = raw(key);
        var numbers = new ArrayList<Integer>();
        for (JsonNode item : value.isArray() ? value : List.of(value)) {
            if (!item.canConvertToInt() || !item.isIntegralNumber()) {
                throw error(key, "must be whole numbers", quoted(value));
            }
            numbers.add(item.intValue());
        }
        if (numbers.isEmpty()) {
            throw error(key, "must be whole numbers, at least one", quoted(value));
        }
        return numbers;
    }

    Optional<String> text(String key) {
        if (!has(key)) {
            return Optional.empty();
        }
        if (!node.get(key).isTextual()) {
            throw error(key, "must be a text", quoted(node.get(key)));
        }
        return Optional.of(node.get(key).textValue());
    }

    /** The layer inside this one. */
    LayerConfig inner(String key) {
        JsonNode layer = raw(key);
        return of(file, layer, subject() + ", key '" + key + "'");
    }

    /** A layer as it is written inside another: class name and configuration. */
    static LayerConfig of(String file, JsonNode layer, String where) {
        if (!layer.path("class_name").isTextual()) {
            throw new FormatException(
                    file, -1, where, "must be a layer with a class_name", quoted(layer), "save anew", null);
        }
        return new LayerConfig(file, layer.get("class_name").textValue(), layer.path("config"));
    }

    /** Requires that a key, if it is there, has one value, since no other is converted. */
    void only(String key, String value) {
        JsonNode found = raw(key);
        if (!found.isMissingNode()
                && !found.isNull()
                && !found.asText(found.toString()).equals(value)) {
            throw error(key, "is converted as " + value + " only", quoted(found));
        }
    }

    /**
     * To be called when everything was asked for.
     *
     * @throws FormatException when a key with a value was not
     */
    void done() {
        node.properties().forEach(entry -> {
            String key = entry.getKey();
            boolean ignored = known.contains(key)
                    || IGNORED.contains(key)
                    || IGNORED_ENDS.stream().anyMatch(key::endsWith)
                    || entry.getValue().isNull();
            if (!ignored) {
                throw error(key, "is no key that is converted", quoted(entry.getValue()));
            }
        });
    }

    /** An error about the value of a key. */
    FormatException error(String key, String rule, String got) {
        return new FormatException(
                file, -1, subject() + ", key " + StrictJson.quote(key), rule, got, "docs/keras.md lists what is", null);
    }

    /** An error about the layer. */
    FormatException refused(String rule, String got) {
        return new FormatException(file, -1, subject(), rule, got, "docs/keras.md lists what is converted", null);
    }

    private int positive(String key, JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 1) {
            throw error(key, "must be a whole number from 1 on", quoted(value));
        }
        return value.intValue();
    }

    static String quoted(JsonNode node) {
        return node.isMissingNode() ? "nothing" : StrictJson.quote(node.toString());
    }
}
