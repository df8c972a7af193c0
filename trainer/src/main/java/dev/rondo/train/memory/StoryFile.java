package dev.rondo.train.memory;

import dev.rondo.error.FormatException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Stories in the format of bAbI (Weston et al. 2015): numbered lines, a story begins anew with line 1; a line with tabs is a
 * question, its answer, and the numbers of the lines it follows from.
 *
 * <pre>
 * 1 Mary moved to the bathroom.
 * 2 John went to the hallway.
 * 3 Where is Mary?&#9;bathroom&#9;1
 * </pre>
 */
public final class StoryFile {
    private static final int MAX_LINE = 1 << 14;
    private static final int MAX_SENTENCES = 1 << 16;

    private StoryFile() {}

    /**
     * The questions of a text, in order.
     *
     * @param name of the text, for messages
     * @throws FormatException when a line is none of the format; it names the line
     */
    public static List<StoryQuestion> read(String name, String text) {
        var questions = new ArrayList<StoryQuestion>();
        var story = new ArrayList<String>();
        Map<Integer, Integer> numbers = new HashMap<>();
        int last = 0;
        int line = 0;
        for (String raw : text.split("\r?\n", -1)) {
            line++;
            String subject = name + ", line " + line;
            if (raw.isBlank()) {
                continue;
            }
            if (raw.length() > MAX_LINE) {
                throw new FormatException(
                        subject, "has at most " + MAX_LINE + " characters", "" + raw.length(), "divide it");
            }
            int space = raw.indexOf(' ');
            String digits = space < 0 ? "" : raw.substring(0, space);
            int number = digits.matches("[0-9]{1,6}") ? Integer.parseInt(digits) : 0;
            if (number != 1 && number != last + 1 || number == 0) {
                throw new FormatException(
                        subject,
                        "begins with the number " + (last + 1) + ", or 1 for a new story, and a space",
                        "'" + shown(raw) + "'",
                        "number the lines of each story");
            }
            if (number == 1) {
                story.clear();
                numbers.clear();
            }
            last = number;
            String rest = raw.substring(space + 1).strip();
            if (rest.isEmpty() || story.size() >= MAX_SENTENCES) {
                throw new FormatException(
                        subject,
                        "has words after its number, and at most " + MAX_SENTENCES + " sentences before it",
                        "'" + shown(raw) + "'",
                        "remove it");
            }
            if (rest.indexOf('\t') < 0) {
                numbers.put(number, story.size());
                story.add(rest);
            } else {
                questions.add(question(subject, rest, story, numbers));
            }
        }
        if (questions.isEmpty()) {
            throw new FormatException(
                    name, "has questions: question, tab, answer, tab, numbers", "none", "is it another kind of file?");
        }
        return questions;
    }

    private static StoryQuestion question(
            String subject, String rest, List<String> story, Map<Integer, Integer> numbers) {
        String[] parts = rest.split("\t", -1);
        String answer = parts[1].strip();
        if (parts.length > 3 || parts[0].isBlank() || answer.isEmpty() || answer.contains(" ")) {
            throw new FormatException(
                    subject,
                    "is a question, a tab, an answer of one word, and perhaps a tab and numbers",
                    "'" + shown(rest) + "'",
                    "correct it");
        }
        var supporting = new ArrayList<Integer>();
        if (parts.length == 3 && !parts[2].isBlank()) {
            for (String part : parts[2].strip().split("[ ,]+")) {
                Integer sentence = part.matches("[0-9]{1,6}") ? numbers.get(Integer.parseInt(part)) : null;
                if (sentence == null) {
                    throw new FormatException(
                            subject,
                            "names lines of its story that are sentences before it",
                            "'" + shown(part) + "'",
                            "correct the number");
                }
                supporting.add(sentence);
            }
        }
        return new StoryQuestion(story, parts[0].strip(), answer, supporting);
    }

    private static String shown(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }
}
