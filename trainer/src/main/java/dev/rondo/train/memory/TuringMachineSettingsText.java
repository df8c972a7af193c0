package dev.rondo.train.memory;

import dev.rondo.architecture.memory.TuringMachine;
import dev.rondo.train.text.SettingsText;
import java.util.LinkedHashMap;
import java.util.Map;

/** The settings of Turing machines as texts. */
final class TuringMachineSettingsText {
    private TuringMachineSettingsText() {}

    /** All but the number of threads, which changes nothing. */
    static Map<String, String> write(TuringMachineSettings s) {
        var text = new LinkedHashMap<String, String>();
        text.put("bits", "" + s.problem().bits());
        text.put("controller", SettingsText.word(s.machine().controller()));
        text.put("controller_size", "" + s.machine().controllerSize());
        text.put("rows", "" + s.machine().rows());
        text.put("columns", "" + s.machine().columns());
        text.put("read_heads", "" + s.machine().readHeads());
        text.put("write_heads", "" + s.machine().writeHeads());
        text.put("shift", "" + s.machine().shift());
        text.put("max_length", "" + s.maxLength());
        text.put("test_length", "" + s.testLength());
        text.put("test_sequences", "" + s.testSequences());
        text.put("batch_size", "" + s.batchSize());
        text.put("batches", "" + s.batches());
        SettingsText.put(text, s.training());
        return SettingsText.keyed(text);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws dev.rondo.error.FormatException when something is missing or wrong
     */
    static TuringMachineSettings read(Map<String, String> entries, int threads) {
        var text = new SettingsText(entries, "Turing machine");
        try {
            var problem = new CopyProblem(text.integer("bits"));
            var machine = new TuringMachine(
                    problem.inputs(),
                    problem.bits(),
                    text.constant("controller", TuringMachine.Controller.class),
                    text.integer("controller_size"),
                    text.integer("rows"),
                    text.integer("columns"),
                    text.integer("read_heads"),
                    text.integer("write_heads"),
                    text.integer("shift"));
            return new TuringMachineSettings(
                    machine,
                    problem,
                    text.integer("max_length"),
                    text.integer("test_length"),
                    text.integer("test_sequences"),
                    text.integer("batch_size"),
                    text.integer("batches"),
                    text.training(threads));
        } catch (IllegalArgumentException | IndexOutOfBoundsException wrong) {
            throw text.wrong("settings", String.valueOf(wrong.getMessage()));
        }
    }
}
