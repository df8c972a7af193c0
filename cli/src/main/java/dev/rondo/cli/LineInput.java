package dev.rondo.cli;

import dev.rondo.error.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Lines of UTF-8 as they come: as many at once as there are, but none is waited for once one is there. */
final class LineInput {
    private static final int MAX_CHARACTERS = 1 << 20;

    private final BufferedReader reader;
    private long lines;

    LineInput(InputStream in) {
        this.reader = new BufferedReader(
                new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder())); // refuses what is no UTF-8
    }

    /** The next lines, at most so many; none at the end. */
    List<String> next(int most) throws IOException {
        var next = new ArrayList<String>();
        while (next.size() < most && (next.isEmpty() || reader.ready())) {
            String line = line();
            if (line == null) {
                break;
            }
            next.add(line);
        }
        return next;
    }

    private String line() throws IOException {
        lines++;
        var line = new StringBuilder();
        try {
            for (int c = reader.read(); c != '\n'; c = reader.read()) {
                if (c < 0) {
                    return line.isEmpty() ? null : line.toString();
                }
                if (line.length() == MAX_CHARACTERS) {
                    throw new InputException(
                            "standard input, line " + lines,
                            "has at most " + MAX_CHARACTERS + " characters",
                            "more",
                            "give a sentence a line");
                }
                line.append((char) c);
            }
        } catch (CharacterCodingException wrong) {
            throw new InputException(
                    "standard input, near line " + lines,
                    "is text in UTF-8",
                    "bytes that are none",
                    "convert it",
                    wrong);
        }
        int last = line.length() - 1;
        if (last >= 0 && line.charAt(last) == '\r') {
            line.setLength(last);
        }
        return line.toString();
    }
}
