package dev.rondo.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The annotated bytes in docs/format.md are what the writer writes. */
class FormatDocTest {
    private static final Pattern LINE = Pattern.compile(" {4}([0-9a-f]{4}) {2}((?:[0-9a-f]{2} )+) +.*");

    @TempDir
    Path folder;

    @Test
    void theHexdumpIsTrue() throws IOException {
        Path written = folder.resolve("small.rondo");
        new RondoFileWriter()
                .metadata("task", "lm")
                .tensor("w", Encoding.F32, new Layout.Rows(), List.of(2), () -> new float[] {1, -2})
                .write(written);
        byte[] expected = Files.readAllBytes(written);
        byte[] documented = new byte[expected.length]; // what the document leaves out is zero
        int lines = 0;
        for (String line : Files.readAllLines(Path.of("..", "docs", "format.md"))) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                byte[] bytes = HexFormat.of().parseHex(matcher.group(2).replace(" ", ""));
                System.arraycopy(bytes, 0, documented, Integer.parseInt(matcher.group(1), 16), bytes.length);
                lines++;
            }
        }
        assertTrue(lines > 10, lines + " lines of bytes found");
        assertEquals(HexFormat.of().formatHex(expected), HexFormat.of().formatHex(documented));
    }
}
