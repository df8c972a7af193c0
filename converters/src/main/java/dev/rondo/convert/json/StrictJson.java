package dev.rondo.convert.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.error.FormatException;

/** Settings and messages shared by everything that reads JSON here. */
public final class StrictJson {
    /** Characters of a key at most. */
    public static final int MAX_NAME = 4096;

    private static final int SHOWN = 120;

    private StrictJson() {}

    /**
     * A factory of parsers for UTF-8 that refuse duplicate keys at every level, comments and other extensions, deep
     * nesting and long texts. Keys are not kept beyond the factory: use one factory per document.
     *
     * @param depth     levels of objects and arrays at most
     * @param maxString characters of a text at most
     */
    public static JsonFactory factory(int depth, int maxString) {
        return new JsonFactoryBuilder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(depth)
                        .maxStringLength(maxString)
                        .maxNameLength(MAX_NAME)
                        .maxNumberLength(64)
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .disable(JsonFactory.Feature.CHARSET_DETECTION) // a text in UTF-16 must not pass for another one
                .build();
    }

    /**
     * A text as a tree, with the limits of {@link #factory}; errors name line and column.
     *
     * @throws FormatException when it is not one JSON value
     */
    public static JsonNode tree(String file, String subject, String text, int depth, int maxString) {
        var mapper = new ObjectMapper(factory(depth, maxString)).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        try {
            return mapper.readTree(text);
        } catch (JsonProcessingException wrong) {
            var at = wrong.getLocation();
            String place = at == null ? "" : ", line " + at.getLineNr() + ", column " + at.getColumnNr();
            throw error(file, -1, subject + place, wrong);
        }
    }

    /**
     * What the parser found wrong, with its place.
     *
     * @param start offset in the file of the first byte the parser saw
     */
    public static FormatException error(String file, long start, String subject, JsonProcessingException wrong) {
        long at = wrong.getLocation() == null ? -1 : wrong.getLocation().getByteOffset();
        String message = wrong.getOriginalMessage() == null ? "" : wrong.getOriginalMessage();
        boolean duplicate = message.startsWith("Duplicate");
        return new FormatException(
                file,
                at < 0 ? -1 : start + at,
                subject,
                duplicate ? "an object must not hold the same key twice" : "must be plain JSON within its limits",
                clean(message),
                duplicate ? "one of the two would be lost; write the file anew" : "the file is damaged or not JSON",
                wrong);
    }

    /** The offset of the current token from the first byte the parser saw, for messages. */
    public static long offset(JsonParser parser) {
        return Math.max(0, parser.currentTokenLocation().getByteOffset());
    }

    /** The text in single quotes: at most 120 characters, what cannot be seen escaped. */
    public static String quote(String text) {
        return "'" + clean(text) + "'";
    }

    /** Whether the text can be written as UTF-8: every surrogate has its partner. */
    public static boolean wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (Character.charCount(text.codePointAt(i)) != 2) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    private static String clean(String text) {
        var out = new StringBuilder();
        int shown = 0;
        for (int i = 0; i < text.length() && shown < SHOWN; shown++) {
            int c = text.codePointAt(i);
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.SURROGATE,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR -> out.append(String.format("\\u%04X", c));
                default -> out.appendCodePoint(c);
            }
            i += Character.charCount(c);
        }
        return text.codePointCount(0, text.length()) > shown ? out.append("...").toString() : out.toString();
    }
}
