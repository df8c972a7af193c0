package dev.rondo.train.network;

import dev.rondo.error.FormatException;
import dev.rondo.format.Encoding;
import dev.rondo.format.Segmentation;
import dev.rondo.train.text.SettingsText;
import java.util.LinkedHashMap;
import java.util.Map;

/** The settings of networks as texts. */
final class NetworkTrainingSettingsText {
    private NetworkTrainingSettingsText() {}

    /** All but the number of threads, which changes nothing. */
    static Map<String, String> write(NetworkTrainingSettings s) {
        var text = new LinkedHashMap<String, String>();
        text.put("network", s.network());
        text.put("unit", SettingsText.word(s.units().unit()));
        text.put("lowercase", "" + s.units().lowercase());
        text.put("vocabulary_size", "" + s.units().vocabularySize());
        text.put("min_count", "" + s.units().minCount());
        text.put("max_length", "" + s.units().maxLength());
        text.put("unknown_dropout", "" + s.units().unknownDropout());
        text.put("scaling", SettingsText.word(s.scaling()));
        text.put("objective", SettingsText.word(s.objective().kind()));
        text.put("smoothing", "" + s.objective().smoothing());
        text.put("balanced", "" + s.objective().balanced());
        text.put("judge", SettingsText.word(s.judge()));
        text.put("batch_size", "" + s.batchSize());
        text.put("encoding", s.encoding().text());
        SettingsText.put(text, s.training());
        return SettingsText.keyed(text);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws FormatException when something is missing or wrong
     */
    static NetworkTrainingSettings read(Map<String, String> entries, int threads) {
        var text = new SettingsText(entries, "network of layers");
        try {
            return new NetworkTrainingSettings(
                    text.text("network"),
                    new TextUnits(
                            text.constant("unit", Segmentation.class),
                            text.flag("lowercase"),
                            text.integer("vocabulary_size"),
                            text.integer("min_count"),
                            text.integer("max_length"),
                            text.number("unknown_dropout")),
                    text.constant("scaling", NumberScaling.class),
                    new ObjectiveSettings(
                            text.constant("objective", ObjectiveSettings.Kind.class),
                            text.number("smoothing"),
                            text.flag("balanced")),
                    text.constant("judge", NetworkTrainingSettings.Judge.class),
                    text.integer("batch_size"),
                    Encoding.parse(text.text("encoding")),
                    text.training(threads));
        } catch (IllegalArgumentException | IndexOutOfBoundsException wrong) {
            throw text.wrong("settings", String.valueOf(wrong.getMessage()));
        }
    }
}
