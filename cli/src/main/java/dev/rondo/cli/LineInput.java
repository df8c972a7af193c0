package dev.rondo.cli;

import dev.rondo.error.InputException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Lines of UTF-8 as they come: as many at once as there are, but none is waited for once one is there. */
final class LineInput {
    private static final int MAX_CHARACTERS = 1 << 20;
    private static final int MAX_BYTES_OF_CHARACTER = 4;

    private final InputStream in;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long lines;

    LineInput(InputStream in) {
        this.in = new BufferedInputStream(in);
    }

    /** The next lines, at most so many; none at the end. */
    List<String> next(int most) throws IOException {
        var next = new ArrayList<String>();
        while (next.size() < most && (next.isEmpty() || in.available() > 0)) {
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
        bytes.reset();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                // What lies between the last line feed and the end.
                return bytes.size() == 0 ? null : text();
            }
            if (bytes.size() == MAX_BYTES_OF_CHARACTER * MAX_CHARACTERS) {
                throw tooLong();
            }
            bytes.write(b);
        }
        String line = text();
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }

    /** Decoded line by line: so the one that is no text can be named. */
    private String text() {
        try {
            String line = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
            if (line.length() > MAX_CHARACTERS) {
                throw tooLong();
            }
            return lines == 1 ? TextFile.withoutMark(line) : line;
        } catch (CharacterCodingException wrong) {
            throw new InputException(
                    "standard input, line " + lines, "is text in UTF-8", "bytes that are none", "convert it", wrong);
        }
    }

    private InputException tooLong() {
        return new InputException(
                "standard input, line " + lines,
                "has at most " + MAX_CHARACTERS + " characters",
                "more",
                "give a sentence a line");
    }
}
