package dev.rondo.train.network;

import dev.rondo.error.InputException;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows of a table in a text: a line each, with columns between tabs, or between commas where cells may be quoted and a quoted one
 * may hold commas, line breaks and doubled quotes (RFC 4180). Blank lines are no rows. One thread at a time.
 */
final class TableReader {
    private static final int MAX_CHARACTERS = 1 << 20;

    private final String file;
    private final String text;
    private final char separator;
    private final boolean quotes;
    private final List<String> cells = new ArrayList<>();
    private int at;
    private int nextLine = 1;
    private int line;

    private TableReader(String file, String text, char separator, boolean quotes) {
        this.file = file;
        this.text = text;
        this.separator = separator;
        this.quotes = quotes;
    }

    /** @param file its name, for messages; one that ends in {@code .csv} has commas and quotes, others have tabs */
    static TableReader of(String file, String text) {
        boolean commas = file.endsWith(".csv");
        return new TableReader(file, text, commas ? ',' : '\t', commas);
    }

    /** Goes to the next row; false at the end. */
    boolean next() {
        do {
            if (at >= text.length()) {
                return false;
            }
            row();
        } while (cells.size() == 1 && cells.getFirst().isBlank());
        return true;
    }

    private void row() {
        cells.clear();
        line = nextLine;
        int start = at;
        boolean more = true;
        while (more) {
            more = cell();
            if (at - start > MAX_CHARACTERS) {
                throw wrong("has at most " + MAX_CHARACTERS + " characters", "more", "check its end");
            }
        }
    }

    /** Reads a cell with what ends it; whether another one follows in this row. */
    private boolean cell() {
        if (quotes && at < text.length() && text.charAt(at) == '"') {
            return quoted();
        }
        int start = at;
        while (at < text.length() && text.charAt(at) != separator && text.charAt(at) != '\n') {
            at++;
        }
        boolean lineEnds = at == text.length() || text.charAt(at) == '\n';
        int end = lineEnds && at > start && text.charAt(at - 1) == '\r' ? at - 1 : at;
        cells.add(text.substring(start, end));
        return end();
    }

    private boolean quoted() {
        var cell = new StringBuilder();
        at++;
        while (true) {
            int quote = text.indexOf('"', at);
            if (quote < 0) {
                throw wrong("ends each quoted cell with a quote", "none", "add it, or double quotes inside a cell");
            }
            cell.append(text, at, quote);
            nextLine += (int)
                    text.substring(at, quote).chars().filter(c -> c == '\n').count();
            at = quote + 1;
            if (at == text.length() || text.charAt(at) != '"') {
                break;
            }
            cell.append('"');
            at++;
        }
        if (at < text.length() && text.charAt(at) == '\r') {
            at++;
        }
        if (at < text.length() && text.charAt(at) != separator && text.charAt(at) != '\n') {
            throw wrong(
                    "has a comma or a line's end after a quoted cell", "'" + text.charAt(at) + "'", "double quotes");
        }
        cells.add(cell.toString());
        return end();
    }

    /** Goes over what ends a cell. */
    private boolean end() {
        if (at == text.length()) {
            return false;
        }
        boolean lineEnds = text.charAt(at) == '\n';
        nextLine += lineEnds ? 1 : 0;
        at++;
        return !lineEnds;
    }

    /** The line on which the row begins, from 1. */
    int line() {
        return line;
    }

    List<String> cells() {
        return cells;
    }

    /** A cell of this row, from 0. */
    String cell(int column) {
        if (column >= cells.size()) {
            throw wrong(
                    "has a column " + (column + 1) + ", for columns stand between "
                            + (separator == ',' ? "commas" : "tabs"),
                    cells.size() + (cells.size() == 1 ? " column" : " columns"),
                    "give every row all columns");
        }
        return cells.get(column);
    }

    /** A number of this row. */
    float number(int column) {
        String cell = cell(column).strip();
        float value = Float.NaN;
        // Java takes 1f and 0x1p3, too, which no table means.
        if (cell.matches("[-+]?[0-9.]+([eE][-+]?[0-9]+)?")) {
            try {
                value = Float.parseFloat(cell);
            } catch (NumberFormatException ignored) {
                // More than one point: as for any other text.
            }
        }
        if (!Float.isFinite(value)) {
            String shown = cell.length() > 40 ? cell.substring(0, 40) + "..." : cell;
            throw wrong(
                    "has a number in column " + (column + 1),
                    cell.isEmpty() ? "nothing" : "'" + shown + "'",
                    "give numbers like 1.5 or 2e-3, or leave the column out; columns are named where a table has a"
                            + " header");
        }
        return value;
    }

    InputException wrong(String rule, String got, String remedy) {
        return new InputException(file + ", line " + line, rule, got, remedy);
    }
}
