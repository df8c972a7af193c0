package dev.rondo.train.network;

import dev.rondo.error.InputException;
import dev.rondo.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/** Reads texts with their classes. */
public final class LabelledTexts {
    private LabelledTexts() {}

    /**
     * A table with a text and its class in each row: columns between tabs; between commas, with quotes, where the file's name ends in
     * {@code .csv}.
     *
     * @param file its name, for messages
     * @throws InputException when there is no row, or one lacks a column, a class or a text; it names the line
     */
    public static List<LabelledText> table(String file, String content, Column label, Column text) {
        TableReader table = TableReader.of(file, content);
        List<String> header = List.of();
        if (Column.haveNames(List.of(label, text)) && table.next()) {
            header = List.copyOf(table.cells());
        }
        int labelAt = label.place(file, header);
        int textAt = text.place(file, header);
        if (labelAt == textAt) {
            throw new InputException(
                    "columns", "of class and text are two", label + " for both", "name the column of each");
        }
        var samples = new ArrayList<LabelledText>();
        while (table.next()) {
            String name = table.cell(labelAt).strip();
            if (name.isEmpty()) {
                throw table.wrong("has a class in column " + (labelAt + 1), "nothing", "name it, or drop the row");
            }
            String words = table.cell(textAt);
            if (isBlank(words)) {
                throw table.wrong("has a text in column " + (textAt + 1), "nothing", "add it, or drop the row");
            }
            samples.add(new LabelledText(words, name));
        }
        return present(file, samples);
    }

    /**
     * A text on each line, all of one class. Blank lines are left out.
     *
     * @throws InputException when there is no text
     */
    public static List<LabelledText> lines(String file, String content, String label) {
        List<LabelledText> samples = content.lines()
                .filter(line -> !isBlank(line))
                .map(line -> new LabelledText(line, label))
                .toList();
        return present(file, samples);
    }

    private static boolean isBlank(String text) {
        return text.chars().allMatch(c -> Tokenizer.isSpace((char) c));
    }

    private static List<LabelledText> present(String file, List<LabelledText> samples) {
        if (samples.isEmpty()) {
            throw new InputException("data " + file, "has a text with its class", "none", "is the file empty?");
        }
        return samples;
    }
}
