package dev.rondo.train.lm;

import dev.rondo.architecture.Dropout;
import dev.rondo.error.FormatException;
import dev.rondo.format.Encoding;
import dev.rondo.format.Segmentation;
import dev.rondo.train.text.SettingsText;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The settings of language models as texts. */
final class LanguageModelSettingsText {
    private LanguageModelSettingsText() {}

    /** All but the number of threads, which changes nothing. */
    static Map<String, String> write(LanguageModelSettings s) {
        var text = new LinkedHashMap<String, String>();
        text.put("unit", SettingsText.word(s.unit()));
        text.put("vocabulary_size", "" + s.vocabularySize());
        text.put("min_count", "" + s.minCount());
        text.put("validation_share", "" + s.validationShare());
        text.put("network", s.network().orElse(""));
        text.put("cell", SettingsText.cell(s.cell()));
        text.put("embedding_size", "" + s.embeddingSize());
        text.put("hidden_size", "" + s.hiddenSize());
        text.put("num_layers", "" + s.numLayers());
        text.put("tied", "" + s.tied());
        text.put(
                "dropout",
                SettingsText.call(
                        "dropout",
                        s.dropout().input(),
                        s.dropout().between(),
                        s.dropout().output()));
        text.put("initialisation", SettingsText.initialisation(s.initialisation()));
        text.put("forget_bias", "" + s.forgetBias());
        text.put("initial_state_deviation", "" + s.initialStateDeviation());
        text.put("batch_size", "" + s.batchSize());
        text.put("steps", "" + s.steps());
        text.put("encoding", s.encoding().text());
        SettingsText.put(text, s.training());
        return SettingsText.keyed(text);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws FormatException when something is missing or wrong
     */
    static LanguageModelSettings read(Map<String, String> entries, int threads) {
        var text = new SettingsText(entries, "language model");
        try {
            return settings(text, threads);
        } catch (IllegalArgumentException | IndexOutOfBoundsException wrong) {
            throw text.wrong("settings", String.valueOf(wrong.getMessage()));
        }
    }

    private static LanguageModelSettings settings(SettingsText text, int threads) {
        double[] dropout = text.arguments("dropout");
        return new LanguageModelSettings(
                text.constant("unit", Segmentation.class),
                text.integer("vocabulary_size"),
                text.integer("min_count"),
                text.number("validation_share"),
                Optional.of(text.text("network")).filter(network -> !network.isEmpty()),
                text.cell("cell"),
                text.integer("embedding_size"),
                text.integer("hidden_size"),
                text.integer("num_layers"),
                text.flag("tied"),
                new Dropout(dropout[0], dropout[1], dropout[2]),
                text.initialisation("initialisation"),
                text.number("forget_bias"),
                text.number("initial_state_deviation"),
                text.integer("batch_size"),
                text.integer("steps"),
                Encoding.parse(text.text("encoding")),
                text.training(threads));
    }
}
