package dev.rondo.convert.keras;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
        var mapper = new ObjectMapper(StrictJson.factory(DEPTH, MAX_BYTES))
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        try {
            JsonNode node = mapper.readTree(text);
            if (!node.isObject()) {
                throw error(file, subject, "must be a JSON object", node.getNodeType() + "");
            }
            return node;
        } catch (JsonProcessingException wrong) {
            throw StrictJson.error(file, -1, subject, wrong);
        }
    }

    private static FormatException error(String file, String subject, String rule, String got) {
        return new FormatException(file, -1, subject, rule, got, "save the model again with Keras", null);
    }
}
