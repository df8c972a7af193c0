package dev.rondo.graph;

import dev.rondo.error.FormatException;

/** Takes graph text apart into words, quoted names, symbols and literals, from front to back. */
final class GraphTextLexer {
    private static final int MAX_LENGTH = 1 << 22;
    private static final int MAX_NAME = 512;
    private static final int MAX_LITERAL = 4096;

    private final String text;
    private int at;

    GraphTextLexer(String text) {
        this.text = text;
        if (text.length() > MAX_LENGTH) {
            throw wrong(0, "has at most " + MAX_LENGTH + " characters", text.length() + " characters");
        }
    }

    /** Where reading goes on; {@link #back} returns there. */
    int mark() {
        return at;
    }

    /** Reads again from a place where it was before. */
    void back(int mark) {
        at = mark;
    }

    /** The text up to the comma or bracket that ends an argument. */
    String raw() {
        int start = here();
        int depth = 0;
        while (at < text.length() && at - start <= MAX_LITERAL) {
            char c = text.charAt(at);
            if (c == '"') {
                name("a name");
                continue;
            }
            boolean closes = c == ')' || c == ']';
            if (depth == 0 && (closes || c == ',') || c == '#' || c == '{' || c == '}') {
                break;
            }
            depth += c == '(' || c == '[' ? 1 : closes ? -1 : 0;
            at++;
        }
        String raw = text.substring(start, at).strip();
        if (raw.isEmpty() || depth != 0 || raw.length() > MAX_LITERAL) {
            throw wrong(
                    start, "a literal of at most " + MAX_LITERAL + " characters", raw.isEmpty() ? found() : quote(raw));
        }
        return raw;
    }

    /** A word, or anything in quotes. */
    String name(String what) {
        int start = here();
        String name = peek() == '"' ? quoted() : word();
        if (name.isEmpty() || name.length() > MAX_NAME) {
            String got = name.isEmpty() ? found() : quote(name);
            throw wrong(start, "expects " + what + " of at most " + MAX_NAME + " characters", got);
        }
        return name;
    }

    private String word() {
        int start = here();
        while (at < text.length() && GraphText.isWordCharacter(text.charAt(at))) {
            // An arrow that follows a name at once is not part of it.
            if (text.startsWith("->", at)) {
                break;
            }
            at++;
        }
        return text.substring(start, at);
    }

    private String quoted() {
        int start = here();
        var out = new StringBuilder();
        for (at = start + 1; at < text.length() && out.length() <= MAX_NAME; at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return out.toString();
            }
            if (c == '\n') {
                break;
            }
            out.append(c == '\\' ? escaped() : c);
        }
        throw wrong(
                start, "a name in quotes ends on its line, within " + MAX_NAME + " characters", quote(out.toString()));
    }

    /** The character that a backslash stands before; leaves the position on its last character. */
    private char escaped() {
        int start = at;
        at++;
        if (text.startsWith("u", at) && at + 5 <= text.length()) {
            String digits = text.substring(at + 1, at + 5);
            if (digits.matches("[0-9a-fA-F]{4}")) {
                at += 4;
                return (char) Integer.parseInt(digits, 16);
            }
        }
        if (text.startsWith("\"", at) || text.startsWith("\\", at)) {
            return text.charAt(at);
        }
        throw wrong(start, "a backslash stands before \", \\ or uXXXX", found());
    }

    /** Takes the word when a name follows it: {@code state h: ...}, but not {@code state = add(a, b)}. */
    boolean takeKeyword(String keyword) {
        int mark = at;
        if (takeWord(keyword) && (peek() == '"' || GraphText.isWordCharacter(peek()))) {
            return true;
        }
        at = mark;
        return false;
    }

    boolean takeWord(String wanted) {
        int mark = here();
        if (word().equals(wanted)) {
            return true;
        }
        at = mark;
        return false;
    }

    boolean take(char c) {
        if (peek() != c) {
            return false;
        }
        at++;
        return true;
    }

    boolean take(String symbol) {
        if (!text.startsWith(symbol, here())) {
            return false;
        }
        at += symbol.length();
        return true;
    }

    void expect(char c) {
        if (!take(c)) {
            throw wrong(at, "expects '" + c + "'", found());
        }
    }

    /** The next character that is neither white space nor comment; 0 at the end. */
    char peek() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                at++;
            } else {
                return c;
            }
        }
        return 0;
    }

    /** Where the next piece begins. */
    int here() {
        peek();
        return at;
    }

    String found() {
        return at >= text.length()
                ? "the end of the text"
                : quote(text.substring(at, Math.min(text.length(), at + 20)));
    }

    static String quote(String piece) {
        String line = piece.lines().findFirst().orElse("");
        return "'" + (line.length() > 60 ? line.substring(0, 60) + "..." : line) + "'";
    }

    FormatException wrong(int offset, String rule, String got) {
        return new FormatException(place(offset), rule, got, "docs/decisions/0002-graph-language.md has the grammar");
    }

    String place(int offset) {
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < offset; i++) {
            if (text.charAt(i) == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        return "graph text line " + line + " column " + (offset - lineStart + 1);
    }
}
