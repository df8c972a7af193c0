package dev.rondo.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rondo.error.InputException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A number of a training's JSON that a search wants to be as high or as low as possible.
 *
 * @param key   in the JSON
 * @param lower whether lower is better
 */
record Measure(String key, boolean lower) {
    private static final String LOSS = "validation_loss";
    private static final Pattern LOWER = Pattern.compile("(?i).*(loss|nats|perplexity|error|rmse|mae).*");

    /** What its name says of it: a loss, a perplexity or an error is better when it is lower. */
    static Measure named(String key) {
        return new Measure(key, LOWER.matcher(key).matches());
    }

    /** The validation's quality, where there is one, else its loss. */
    static Measure usual(JsonNode result) {
        JsonNode quality = result.get("quality");
        if (quality != null && quality.isTextual()) {
            return named(quality.textValue());
        }
        return named(LOSS);
    }

    /** The score that more is better of; empty when the number is none. */
    Optional<Double> score(JsonNode result) {
        JsonNode value = result.get(key);
        if (value == null) {
            throw new InputException(
                    "--measure", "is among what the training prints as JSON", key, "name one of " + keys(result));
        }
        double number = value.isNumber() ? value.doubleValue() : Double.NaN;
        return Double.isFinite(number) ? Optional.of(of(number)) : Optional.empty();
    }

    private static List<String> keys(JsonNode result) {
        return result.properties().stream()
                .filter(p -> p.getValue().isNumber())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** A number's score, a score's number. */
    double of(double number) {
        return lower ? -number : number;
    }
}
