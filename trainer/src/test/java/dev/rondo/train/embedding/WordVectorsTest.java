package dev.rondo.train.embedding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.error.RondoException;
import dev.rondo.train.SeededRandom;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as word2vec and GloVe write them ({@code src/test/scripts/word_vectors.py}), and what is wrong with others. */
class WordVectorsTest {
    private static final Set<String> WORDS = Set.of("the", "König", "漢字", "missing");

    @TempDir
    Path folder;

    private Path fixture(String name) throws IOException {
        try (InputStream in = WordVectorsTest.class.getResourceAsStream("/word-vectors/" + name)) {
            return Files.write(folder.resolve(name), in.readAllBytes());
        }
    }

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("vectors"), content);
    }

    @ParameterizedTest
    @CsvSource({"word2vec.txt, WORD2VEC_TEXT, 5", "word2vec.bin, WORD2VEC_BINARY, 5", "glove.txt, GLOVE_TEXT, 6"})
    void theVectorsOfTheWordsWantedAreThoseOfTheFile(String name, VectorFormat format, long words) throws IOException {
        Path file = fixture(name);
        assertEquals(format, VectorFormat.of(file));
        WordVectors vectors = WordVectors.read(file, WORDS);
        assertEquals(4, vectors.size());
        assertEquals(words, vectors.wordsInFile());
        assertEquals(3, vectors.count());
        assertArrayEquals(
                new float[] {0.418f, 0.25f, -0.41242f, 0.1217f},
                vectors.vector("the").orElseThrow());
        assertArrayEquals(
                new float[] {-1.5f, 2.25f, 0, 1e-5f}, vectors.vector("König").orElseThrow());
        assertArrayEquals(
                new float[] {3, -3.25f, 100, -0.125f}, vectors.vector("漢字").orElseThrow());
        assertEquals(Optional.empty(), vectors.vector("missing"));
        assertEquals(Optional.empty(), vectors.vector("Rome"), "not wanted, so not kept");
    }

    @Test
    void wordsOfGloveMayHaveSpaces() throws IOException {
        WordVectors vectors = WordVectors.read(fixture("glove.txt"), Set.of("at name@domain.com"));
        assertArrayEquals(
                new float[] {0.5f, 0.25f, -1, 2},
                vectors.vector("at name@domain.com").orElseThrow());
    }

    @Test
    void ofAWordTwiceTheFirstVectorCounts() throws IOException {
        assertArrayEquals(
                new float[] {1, 2},
                WordVectors.read(file("a 1 2\na 3 4\n"), Set.of("a"))
                        .vector("a")
                        .orElseThrow());
    }

    @Test
    void lineEndsOfWindowsAndALastLineWithoutOneAreRead() throws IOException {
        WordVectors vectors = WordVectors.read(file("2 2\r\na 1 2 \r\nb 3 -4e-1"), Set.of("a", "b"));
        assertArrayEquals(new float[] {3, -0.4f}, vectors.vector("b").orElseThrow());
        assertEquals(2, vectors.count());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // what is in the file | the line that the error names | a part of it
                "a 1 2\\nb 3\\n | line 2 | a word and 2 numbers",
                "a 1 2\\nb 3 4 5\\n | line 2 | 'b 3' before 2 numbers",
                "a 1 2\\nb 3 x\\n | line 2 | 'x'",
                "a 1 2\\nb 3 NaN\\n | line 2 | 'NaN'",
                "a 1 2\\nb 3 1e99\\n | line 2 | '1e99'",
                "a 1 2\\nb 3 0x1p3\\n | line 2 | '0x1p3'",
                "a 1 2\\nb  4\\n | line 2 | ''",
                "a 1 2\\n\\nb 3 4\\n | line 2 | an empty line",
                "a\\n | line 1 | 1 to 65536 numbers; got 0",
                "2 2\\na 1 2\\n | line 2 | as many as the first line says, 2; got 1",
                "1 2\\na 1 2\\nb 3 4\\n | line 3 | as many as the first line says, 1; got 2",
                "2 0\\na\\nb\\n | line 1 | 1 to 65536 numbers; got 0",
                "2 99999999\\na\\nb\\n | line 1 | 1 to 65536 numbers",
                "'' | vectors | an empty file",
            })
    void damagedTextIsRefusedWithItsLine(String content, String line, String part) throws IOException {
        Path file = file(content.translateEscapes());
        var wrong = assertThrows(FormatException.class, () -> WordVectors.read(file, Set.of("a", "b")));
        assertTrue(wrong.getMessage().contains(line), wrong.getMessage());
        assertTrue(wrong.getMessage().contains(part), wrong.getMessage());
        assertTrue(wrong.getMessage().contains(file.toString()), wrong.getMessage());
    }

    @Test
    void textThatIsNoUtf8IsRefused() throws IOException {
        Path file = Files.write(folder.resolve("latin"), "K\u00f6nig 1 2\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThrows(FormatException.class, () -> WordVectors.read(file, Set.of()));
    }

    /** Some published binaries have such words; nobody can ask for them. */
    @Test
    void wordsOfBinariesThatAreNoUtf8AreSkipped() throws IOException {
        byte[] bytes = Files.readAllBytes(fixture("word2vec.bin"));
        bytes[new String(bytes, StandardCharsets.ISO_8859_1).indexOf("the")] = (byte) 0xFF;
        Path file = Files.write(folder.resolve("other.bin"), bytes);
        WordVectors vectors = WordVectors.read(file, VectorFormat.WORD2VEC_BINARY, WORDS);
        assertEquals(2, vectors.count());
    }

    @Test
    void aBinaryThatEndsEarlyOrLateIsRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(fixture("word2vec.bin"));
        for (int length = 4; length < bytes.length - 1; length++) {
            Path file = Files.write(folder.resolve("cut.bin"), java.util.Arrays.copyOf(bytes, length));
            var wrong = assertThrows(
                    FormatException.class, () -> WordVectors.read(file, VectorFormat.WORD2VEC_BINARY, WORDS));
            assertTrue(wrong.getMessage().contains("as many as the first line says, 5"), wrong.getMessage());
        }
        Path longer = Files.write(folder.resolve("long.bin"), java.util.Arrays.copyOf(bytes, bytes.length + 3));
        assertThrows(FormatException.class, () -> WordVectors.read(longer, VectorFormat.WORD2VEC_BINARY, WORDS));
    }

    @Test
    void noFileMakesThemNeedMuchMemory() throws IOException {
        // A word without an end: as long as the longest line and not longer.
        byte[] bytes = new byte[VectorBytes.MAX_LINE + 100];
        java.util.Arrays.fill(bytes, (byte) 'a');
        Path endless = Files.write(folder.resolve("endless"), bytes);
        assertThrows(FormatException.class, () -> WordVectors.read(endless, Set.of()));

        var many = new HashSet<String>();
        for (int i = 0; i < 10_000; i++) {
            many.add("w" + i);
        }
        Path wide = file("999999999 65536\nw1 ");
        assertThrows(InputException.class, () -> WordVectors.read(wide, VectorFormat.WORD2VEC_BINARY, many));
    }

    @Test
    void aFolderIsRefused() {
        assertThrows(FormatException.class, () -> WordVectors.read(folder, Set.of()));
    }

    /** Whatever happens to the bytes, vectors come out or one error of ours. */
    @ParameterizedTest
    @EnumSource(VectorFormat.class)
    void damagedBytesGiveVectorsOrOneClearError(VectorFormat format) throws IOException {
        String name = switch (format) {
            case WORD2VEC_TEXT -> "word2vec.txt";
            case WORD2VEC_BINARY -> "word2vec.bin";
            case GLOVE_TEXT -> "glove.txt";
        };
        byte[] good = Files.readAllBytes(fixture(name));
        var random = new SeededRandom(format.ordinal());
        int refused = 0;
        for (int round = 0; round < 1000; round++) {
            byte[] bad = good.clone();
            for (int hit = random.nextInt(4); hit >= 0; hit--) {
                int at = random.nextInt(bad.length);
                bad[at] = random.nextInt(2) == 0 ? (byte) random.nextInt(256) : good[random.nextInt(good.length)];
            }
            Path file = Files.write(folder.resolve("fuzz"), bad);
            try {
                VectorFormat seen = round % 2 == 0 ? format : VectorFormat.of(file);
                WordVectors.read(file, seen, WORDS);
            } catch (RondoException known) {
                refused++;
            }
        }
        assertTrue(refused > 50, refused + " of 1000 were refused");
    }

    @ParameterizedTest
    @ValueSource(strings = {"word2vec.txt", "word2vec.bin", "glove.txt"})
    void aFileThatIsNotThereIsAnIoException(String name) {
        assertThrows(IOException.class, () -> WordVectors.read(folder.resolve(name), WORDS));
    }
}
