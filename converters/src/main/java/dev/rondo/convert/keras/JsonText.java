package dev.rondo.convert.keras;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;

/** The configuration of a model as JSON, bounded. */
final class JsonText {
    /** Bytes of a configuration at most; a layer takes about two thousand. */
    static final int MAX_BYTES = 8 << 20;

    private static final int DEPTH = 128;

    private JsonText() {}

    /** The object that a text holds. */
    static JsonNode object(String file, String subject, String text) {
        if (text.length() > MAX_BYTES) {
            throw error(file, subject, "has at most " + MAX_BYTES + " characters", text.length() + " characters");
        }
        JsonNode node = StrictJson.tree(file, subject, text, DEPTH, MAX_BYTES);
        if (!node.isObject()) {
            throw error(file, subject, "must be a JSON object", node.getNodeType() + "");
        }
        return node;
    }

    private static FormatException error(String file, String subject, String rule, String got) {
        return new FormatException(file, -1, subject, rule, got, "save the model again with Keras", null);
    }
}
