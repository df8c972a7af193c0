package dev.rondo.convert.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * An object of a configuration file. It remembers which keys were asked for, so that {@link #done} can name one that
 * nobody knows; every error names file and place. For use by one thread.
 */
public final class ConfigObject {
    private static final long MAX_BYTES = 64 << 20;
    private static final int DEPTH = 16;
    private static final int MAX_STRING = 1 << 20;

    private final String file;
    private final String path;
    private final JsonNode node;
    private final TreeSet<String> known = new TreeSet<>();

    private ConfigObject(String file, String path, JsonNode node) {
        this.file = file;
        this.path = path;
        this.node = node;
    }

    /**
     * Reads a file that holds one object.
     *
     * @throws FormatException when it is not JSON, or no object
     * @throws InputException  when there is no such file, or it is larger than 64 MiB
     * @throws IOException     when it cannot be read
     */
    public static ConfigObject read(Path path) throws IOException {
        String file = String.valueOf(path.getFileName());
        return object(file, tree(path, file));
    }

    /** Whether a file holds an object; errors as {@link #read}. */
    public static boolean isObject(Path path) throws IOException {
        return tree(path, String.valueOf(path.getFileName())).isObject();
    }

    /** Reads a text that holds one object; errors as {@link #read}, with {@code file} as the name of the text. */
    public static ConfigObject parse(String file, String text) {
        return object(file, tree(file, text));
    }

    private static ConfigObject object(String file, JsonNode node) {
        if (!node.isObject()) {
            throw error(file, "configuration", "must be a JSON object", kind(node), "begin with {");
        }
        return new ConfigObject(file, "", node);
    }

    /** Reads a file that holds one list of texts; errors as {@link #read}. */
    public static List<String> readTexts(Path path, String subject) throws IOException {
        String file = String.valueOf(path.getFileName());
        return texts(file, subject, tree(path, file));
    }

    private static JsonNode tree(Path path, String file) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new InputException(
                    "configuration file", "must be an existing file", path.toString(), "check the path");
        }
        if (Files.size(path) > MAX_BYTES) {
            throw new InputException(
                    "configuration file " + StrictJson.quote(file),
                    "must have at most " + MAX_BYTES + " bytes",
                    Files.size(path) + " bytes",
                    "is this the right file?");
        }
        try {
            return tree(file, Files.readString(path));
        } catch (CharacterCodingException wrong) {
            throw error(file, "configuration", "must be valid UTF-8", "other bytes", "save it as UTF-8");
        }
    }

    private static JsonNode tree(String file, String text) {
        return StrictJson.tree(file, "configuration", text, DEPTH, MAX_STRING);
    }

    /** Whether the key is there; it counts as known. */
    public boolean has(String key) {
        known.add(key);
        return node.has(key);
    }

    /** Whether the key is there with a text; it counts as known. */
    public boolean isText(String key) {
        return has(key) && node.get(key).isTextual();
    }

    /** The text of a mandatory key. */
    public String text(String key) {
        return asText(key, required(key));
    }

    /** The text of an optional key. */
    public Optional<String> optionalText(String key) {
        return has(key) ? Optional.of(text(key)) : Optional.empty();
    }

    /** The texts of a mandatory key: a list. */
    public List<String> texts(String key) {
        return texts(file, place(key), required(key));
    }

    /** The texts of an optional key: a list, or one text; empty when the key is absent. */
    public List<String> textOrTexts(String key) {
        if (!has(key)) {
            return List.of();
        }
        JsonNode value = required(key);
        return value.isTextual() ? List.of(asText(key, value)) : texts(file, place(key), value);
    }

    /** The texts of an optional key that holds an object of texts; empty when the key is absent. */
    public Map<String, String> textMap(String key) {
        if (!has(key)) {
            return Map.of();
        }
        ConfigObject object = object(key);
        var map = new LinkedHashMap<String, String>();
        object.node.fieldNames().forEachRemaining(name -> map.put(name, object.text(name)));
        return map;
    }

    /** The truth value of a mandatory key. */
    public boolean flag(String key) {
        JsonNode value = required(key);
        if (!value.isBoolean()) {
            throw wrong(key, "must be true or false", value);
        }
        return value.booleanValue();
    }

    /** The truth value of an optional key. */
    public boolean flag(String key, boolean otherwise) {
        return has(key) ? flag(key) : otherwise;
    }

    /** The number of an optional key. */
    public double number(String key, double otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        JsonNode value = required(key);
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw wrong(key, "must be a number", value);
        }
        return value.doubleValue();
    }

    /** Whether the key is there with a number; it counts as known. */
    public boolean isNumber(String key) {
        return has(key) && node.get(key).isNumber();
    }

    /** The numbers of a mandatory key: a list, not empty. */
    public List<Double> numbers(String key) {
        JsonNode value = required(key);
        var numbers = new ArrayList<Double>();
        for (JsonNode item : value) {
            if (!value.isArray() || !item.isNumber() || !Double.isFinite(item.doubleValue())) {
                throw wrong(key, "must be a list of numbers", value);
            }
            numbers.add(item.doubleValue());
        }
        if (numbers.isEmpty()) {
            throw wrong(key, "must be a list of numbers, at least one", value);
        }
        return numbers;
    }

    /** The object of a mandatory key. */
    public ConfigObject object(String key) {
        JsonNode value = required(key);
        if (!value.isObject()) {
            throw wrong(key, "must be an object", value);
        }
        return new ConfigObject(file, place(key), value);
    }

    /** The objects of a mandatory key: a list, not empty. */
    public List<ConfigObject> objects(String key) {
        JsonNode value = required(key);
        var objects = new ArrayList<ConfigObject>();
        for (JsonNode item : value) {
            if (!value.isArray() || !item.isObject()) {
                throw wrong(key, "must be a list of objects", value);
            }
            objects.add(new ConfigObject(file, place(key) + "[" + objects.size() + "]", item));
        }
        if (objects.isEmpty()) {
            throw wrong(key, "must be a list of objects, at least one", value);
        }
        return objects;
    }

    /**
     * To be called when everything was asked for.
     *
     * @throws FormatException when there is a key that was not
     */
    public void done() {
        node.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw error(
                        file,
                        place(name),
                        "keys here are " + String.join(", ", known),
                        "unknown key " + StrictJson.quote(name),
                        "check the spelling, or whether the key goes with this architecture");
            }
        });
    }

    /** An error about the value of a key. */
    public FormatException error(String key, String rule, String got, String remedy) {
        return error(file, place(key), rule, got, remedy);
    }

    private JsonNode required(String key) {
        known.add(key);
        JsonNode value = node.get(key);
        if (value == null) {
            var keys = new ArrayList<String>();
            node.fieldNames().forEachRemaining(name -> keys.add(StrictJson.quote(name)));
            throw error(file, place(key), "is a mandatory key", "keys " + String.join(", ", keys), "add it");
        }
        return value;
    }

    private String asText(String key, JsonNode value) {
        if (!value.isTextual() || !StrictJson.wellFormed(value.textValue())) {
            throw wrong(key, "must be a text", value);
        }
        return value.textValue();
    }

    private static List<String> texts(String file, String place, JsonNode value) {
        var texts = new ArrayList<String>();
        for (JsonNode item : value) {
            if (!value.isArray() || !item.isTextual() || !StrictJson.wellFormed(item.textValue())) {
                throw error(file, place, "must be a list of texts", kind(item) + " at " + texts.size(), "quote it");
            }
            texts.add(item.textValue());
        }
        if (texts.isEmpty()) {
            throw error(file, place, "must be a list of texts, at least one", kind(value), "write [\"...\"]");
        }
        return texts;
    }

    private FormatException wrong(String key, String rule, JsonNode got) {
        return error(file, place(key), rule, kind(got) + " " + StrictJson.quote(got.toString()), "fix the value");
    }

    private static FormatException error(String file, String place, String rule, String got, String remedy) {
        return new FormatException(file, -1, place, rule, got, remedy, null);
    }

    private String place(String key) {
        String printable = StrictJson.quote(key);
        return path.isEmpty() ? "key " + printable : path + ", key " + printable;
    }

    private static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> node.isEmpty() ? "an empty list" : "a list";
            case BOOLEAN -> "a truth value";
            case NULL -> "null";
            case NUMBER -> "a number";
            case OBJECT -> "an object";
            case STRING -> "a text";
            case BINARY, MISSING, POJO -> "nothing";
        };
    }
}
