package dev.rondo.train.tagging;

import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Tagged sentences.
 *
 * @param sentences at least one
 */
public record TaggedCorpus(List<TaggedSentence> sentences) {
    static final int MOST_COLUMNS = 100;
    /** What is longer is no sentence: an empty line is missing. */
    private static final int MOST_TOKENS = 1 << 16;

    private static final int MOST_CHARACTERS = 1000;

    /** @throws InputException when there are no sentences */
    public TaggedCorpus {
        sentences = List.copyOf(sentences);
        if (sentences.isEmpty()) {
            throw new InputException("tagged text", "has sentences", "none", "is the file empty?");
        }
    }

    /**
     * Reads a text. Lines end with a line feed, or a carriage return and a line feed.
     *
     * @param name for messages, for example the file's name
     * @throws FormatException naming the line, when one has too few columns, an empty token or tag, or breaks another rule of the
     *                         format
     */
    public static TaggedCorpus read(String name, String text, TaggedFormat format) {
        var reader = new Reader(name, format);
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf('\n', start);
            int next = end < 0 ? text.length() : end + 1;
            end = end < 0 ? text.length() : end;
            reader.line(text.substring(start, end > start && text.charAt(end - 1) == '\r' ? end - 1 : end));
            start = next;
        }
        reader.endSentence();
        if (reader.sentences.isEmpty()) {
            throw new FormatException(name, "has tagged sentences", "none", "is it the right file?");
        }
        return new TaggedCorpus(reader.sentences);
    }

    /** How many tokens there are. */
    public long tokens() {
        return sentences.stream().mapToLong(s -> s.tokens().size()).sum();
    }

    /** Every tag once, in the order of their text. */
    public List<String> tags() {
        var tags = new TreeSet<String>();
        sentences.forEach(s -> tags.addAll(s.tags()));
        return List.copyOf(tags);
    }

    /** The sentence that is being read. */
    private static final class Reader {
        private final String name;
        private final TaggedFormat format;
        private final List<TaggedSentence> sentences = new ArrayList<>();
        private final List<String> tokens = new ArrayList<>();
        private final List<String> tags = new ArrayList<>();
        private long line;

        Reader(String name, TaggedFormat format) {
            this.name = name;
            this.format = format;
        }

        void line(String text) {
            line++;
            if (text.isBlank()) {
                endSentence();
                return;
            }
            switch (format) {
                case TaggedFormat.Conllu(int form, int tag) -> conllu(text, form, tag);
                case TaggedFormat.Columns(int token, int tag) -> {
                    String[] columns = text.split("\t", MOST_COLUMNS + 1);
                    if (columns.length < Math.max(token, tag)) {
                        throw wrong("has " + Math.max(token, tag) + " columns divided by tabs", columns.length + "");
                    }
                    add(columns[token - 1], columns[tag - 1]);
                }
            }
        }

        private void conllu(String text, int form, int tag) {
            if (text.charAt(0) == '#') {
                return;
            }
            String[] columns = text.split("\t", TaggedFormat.CONLLU_COLUMNS + 1);
            if (columns.length != TaggedFormat.CONLLU_COLUMNS) {
                throw wrong("has the ten columns of CoNLL-U, divided by tabs", columns.length + "");
            }
            String id = columns[0];
            if (isSpan(id)) {
                return;
            }
            if (!id.equals(Integer.toString(tokens.size() + 1))) {
                throw wrong(
                        "has the number of its word, " + (tokens.size() + 1)
                                + ", or of several, or of none, in its first " + "column",
                        quoted(id));
            }
            add(columns[form - 1], columns[tag - 1]);
        }

        /** Whether an id is that of several words, or of one that is not there. */
        private static boolean isSpan(String id) {
            int middle = Math.max(id.indexOf('-'), id.indexOf('.'));
            return middle > 0
                    && middle < id.length() - 1
                    && id.chars().allMatch(c -> c == id.charAt(middle) || c >= '0' && c <= '9')
                    && id.indexOf(id.charAt(middle)) == id.lastIndexOf(id.charAt(middle));
        }

        private void add(String token, String tag) {
            for (String text : List.of(token, tag)) {
                if (text.isBlank() || text.length() > MOST_CHARACTERS) {
                    throw wrong(
                            "has a token and a tag of 1 to " + MOST_CHARACTERS + " characters",
                            text.isBlank() ? "none" : text.length() + " characters");
                }
            }
            if (tokens.size() == MOST_TOKENS) {
                throw wrong("belongs to a sentence of at most " + MOST_TOKENS + " tokens", "more");
            }
            tokens.add(token);
            tags.add(tag);
        }

        void endSentence() {
            if (!tokens.isEmpty()) {
                sentences.add(new TaggedSentence(tokens, tags));
                tokens.clear();
                tags.clear();
            }
        }

        private static String quoted(String text) {
            return "'" + (text.length() > 20 ? text.substring(0, 20) + "..." : text) + "'";
        }

        private FormatException wrong(String rule, String got) {
            return new FormatException(
                    name + ", line " + line, rule, got, "correct the line, or name the format and columns that it has");
        }
    }
}
