package dev.rondo.train.memory;

import dev.rondo.architecture.memory.Tying;
import dev.rondo.train.text.SettingsText;
import java.util.LinkedHashMap;
import java.util.Map;

/** The settings of memory networks as texts. */
final class MemoryNetworkSettingsText {
    private MemoryNetworkSettingsText() {}

    /** All but the number of threads, which changes nothing. */
    static Map<String, String> write(MemoryNetworkSettings s) {
        var text = new LinkedHashMap<String, String>();
        text.put("size", "" + s.size());
        text.put("sentences", "" + s.sentences());
        text.put("hops", "" + s.hops());
        text.put("tying", SettingsText.word(s.tying()));
        text.put("encoding", SettingsText.word(s.encoding()));
        text.put("temporal", "" + s.temporal());
        text.put("memory_noise", "" + s.noise());
        text.put("linear_epochs", "" + s.linearEpochs());
        text.put("batch_size", "" + s.batchSize());
        SettingsText.put(text, s.training());
        return SettingsText.keyed(text);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws dev.rondo.error.FormatException when something is missing or wrong
     */
    static MemoryNetworkSettings read(Map<String, String> entries, int threads) {
        var text = new SettingsText(entries, "memory network");
        try {
            return new MemoryNetworkSettings(
                    text.integer("size"),
                    text.integer("sentences"),
                    text.integer("hops"),
                    text.constant("tying", Tying.class),
                    text.constant("encoding", MemoryNetworkSettings.Encoding.class),
                    text.flag("temporal"),
                    text.number("memory_noise"),
                    text.integer("linear_epochs"),
                    text.integer("batch_size"),
                    text.training(threads));
        } catch (IllegalArgumentException | IndexOutOfBoundsException wrong) {
            throw text.wrong("settings", String.valueOf(wrong.getMessage()));
        }
    }
}
