package dev.rondo.train.data;

import dev.rondo.error.InputException;
import java.util.ArrayList;
import java.util.List;

/**
 * Two texts of which line i of one is the translation of line i of the other.
 *
 * @param sources lines of the source
 * @param targets lines of the target, as many
 */
public record ParallelText(List<String> sources, List<String> targets) {
    /** @throws InputException when the numbers of lines differ */
    public ParallelText {
        sources = List.copyOf(sources);
        targets = List.copyOf(targets);
        check("source", sources.size(), "target", targets.size());
    }

    /**
     * The lines of two texts. A line ends with a line feed, or a carriage return and a line feed; what else Unicode calls a line break
     * is part of a line.
     *
     * @param sourceName for messages, for example the file's name
     * @param targetName likewise
     * @throws InputException when the numbers of lines differ, or there are none
     */
    public static ParallelText of(String sourceName, String source, String targetName, String target) {
        List<String> sources = lines(source);
        List<String> targets = lines(target);
        check(sourceName, sources.size(), targetName, targets.size());
        if (sources.isEmpty()) {
            throw new InputException(
                    "parallel texts " + sourceName + " and " + targetName,
                    "have at least one line each",
                    "none",
                    "are the files empty?");
        }
        return new ParallelText(sources, targets);
    }

    private static void check(String sourceName, int sources, String targetName, int targets) {
        if (sources != targets) {
            throw new InputException(
                    "parallel texts " + sourceName + " and " + targetName,
                    "have equal numbers of lines, for line i of one is the translation of line i of the other",
                    sources + " lines and " + targets + " lines",
                    "give files of one corpus, with nothing lost or added in either");
        }
    }

    private static List<String> lines(String text) {
        var lines = new ArrayList<String>();
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf('\n', start);
            int next = end < 0 ? text.length() : end + 1;
            end = end < 0 ? text.length() : end;
            lines.add(text.substring(start, end > start && text.charAt(end - 1) == '\r' ? end - 1 : end));
            start = next;
        }
        return lines;
    }

    /** The number of lines of each. */
    public int size() {
        return sources.size();
    }
}
