package dev.rondo.train.network;

import dev.rondo.error.InputException;
import java.util.List;

/**
 * Which column of a table: its number, from 1, or its name. A table has a header, its first row, if and only if its columns are named.
 */
public record Column(String text) {
    boolean isNumber() {
        return text.matches("[0-9]{1,6}");
    }

    /** Its place, from 0. */
    int place(String file, List<String> header) {
        if (isNumber()) {
            int number = Integer.parseInt(text);
            if (number < 1) {
                throw new InputException("column", "is counted from 1", text, "count from 1");
            }
            return number - 1;
        }
        int place = header.indexOf(text);
        if (place < 0) {
            throw new InputException(
                    file + ", line 1",
                    "names the columns, for columns are asked for by name",
                    "no '" + text + "' in " + (header.size() > 20 ? header.subList(0, 20) + " and more" : header),
                    "check the name, or give the column's number");
        }
        if (header.lastIndexOf(text) != place) {
            throw new InputException(
                    file + ", line 1",
                    "names each column that is read once",
                    "'" + text + "' twice",
                    "give one of them another name");
        }
        return place;
    }

    /** Whether there is a header: all are named, or none. */
    static boolean haveNames(List<Column> columns) {
        long named = columns.stream().filter(c -> !c.isNumber()).count();
        if (named != 0 && named != columns.size()) {
            throw new InputException(
                    "columns", "are all names or all numbers", columns.toString(), "use one way for all of them");
        }
        return named > 0;
    }

    @Override
    public String toString() {
        return text;
    }
}
