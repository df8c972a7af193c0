package dev.rondo.train.synthetic;

import dev.rondo.error.FormatException;
import dev.rondo.train.text.SettingsText;
import java.util.LinkedHashMap;
import java.util.Map;

/** The settings of synthetic problems as texts. */
final class SyntheticSettingsText {
    private SyntheticSettingsText() {}

    /** All but the number of threads, which changes nothing. */
    static Map<String, String> write(SyntheticSettings s) {
        var text = new LinkedHashMap<String, String>();
        text.put(
                "problem",
                switch (s.problem()) {
                    case AddingProblem(int steps) -> SettingsText.call("adding", steps);
                    case CopyMemory(int delay) -> SettingsText.call("copy", delay);
                    case BracketNesting(int steps, int depth) -> SettingsText.call("brackets", steps, depth);
                });
        text.put("cell", SettingsText.cell(s.cell()));
        text.put("hidden_size", "" + s.hiddenSize());
        text.put("memory", "" + s.memory());
        text.put("shortest", "" + s.shortest());
        text.put("batch_size", "" + s.batchSize());
        text.put("batches", "" + s.batches());
        text.put("tests", "" + s.tests());
        SettingsText.put(text, s.training());
        return SettingsText.keyed(text);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws FormatException when something is missing or wrong
     */
    static SyntheticSettings read(Map<String, String> entries, int threads) {
        var text = new SettingsText(entries, "synthetic problem");
        try {
            double[] sizes = text.arguments("problem");
            SequenceProblem problem = switch (text.text("problem").replaceFirst("\\(.*", "")) {
                case "adding" -> new AddingProblem((int) sizes[0]);
                case "copy" -> new CopyMemory((int) sizes[0]);
                case "brackets" -> new BracketNesting((int) sizes[0], (int) sizes[1]);
                default -> throw text.wrong("problem", text.text("problem"));
            };
            return new SyntheticSettings(
                    problem,
                    text.cell("cell"),
                    text.integer("hidden_size"),
                    text.integer("memory"),
                    text.integer("shortest"),
                    text.integer("batch_size"),
                    Long.parseLong(text.text("batches")),
                    text.integer("tests"),
                    text.training(threads));
        } catch (IllegalArgumentException | IndexOutOfBoundsException wrong) {
            throw text.wrong("settings", String.valueOf(wrong.getMessage()));
        }
    }
}
