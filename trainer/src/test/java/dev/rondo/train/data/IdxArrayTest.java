package dev.rondo.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.train.SeededRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdxArrayTest {
    @TempDir
    Path folder;

    private Path file(String hex) throws IOException {
        return Files.write(folder.resolve("f.idx"), HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    /** The header of MNIST's images is 00000803, that of its labels 00000801. */
    @Test
    void theBytesAreThoseOfMnistsFormat() throws IOException {
        Path images = folder.resolve("images");
        new IdxArray(List.of(2, 1, 3), new byte[] {0, 1, 2, 127, -128, -1}).write(images);
        assertEquals(
                "00000803000000020000000100000003" + "0001027f80ff",
                HexFormat.of().formatHex(Files.readAllBytes(images)));
        IdxArray read = IdxArray.read(images);
        assertEquals(List.of(2, 1, 3), read.shape());
        assertEquals(2, read.count());
        assertEquals(128, read.at(1, 1));
        assertArrayEquals(new float[] {127 / 255f, 128 / 255f, 1}, read.scaled(1));
        Path labels = folder.resolve("labels");
        new IdxArray(List.of(3), new byte[] {7, 0, 9}).write(labels);
        assertEquals("0000080100000003070009", HexFormat.of().formatHex(Files.readAllBytes(labels)));
        assertEquals(9, IdxArray.read(labels).at(2, 0));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | begins with its dimensions",
                "000008 | begins with its dimensions",
                "00000801 0000 | begins with its dimensions",
                "00000d01 00000001 00000000 | got 00000d01",
                "00000800 | got 00000800",
                "00000809 | got 00000809",
                "1f8b0800 00000000 | a gzip file",
                "00000801 ffffffff | dimension -1",
                "00000803 7fffffff 7fffffff 7fffffff | 2^30 elements",
                "00000801 40000000 01 | 1073741824; got 1",
                "00000801 00000002 01 | as many elements as its dimensions say, 2; got 1",
                "00000801 00000001 0101 | as many elements as its dimensions say, 1; got more",
            })
    void whatIsNoSuchFileIsRefused(String hex, String part) throws IOException {
        Path file = file(hex);
        var wrong = assertThrows(FormatException.class, () -> IdxArray.read(file));
        assertTrue(wrong.getMessage().contains(part), wrong.getMessage());
        assertTrue(wrong.getMessage().contains("f.idx"), wrong.getMessage());
    }

    @Test
    void aFolderIsRefusedAndAMissingFileIsAnIoException() {
        assertThrows(FormatException.class, () -> IdxArray.read(folder));
        assertThrows(IOException.class, () -> IdxArray.read(folder.resolve("none")));
    }

    @Test
    void shapesThatSayAnotherNumberAreRefused() {
        assertThrows(InputException.class, () -> new IdxArray(List.of(2, 2), new byte[3]));
        assertThrows(InputException.class, () -> new IdxArray(List.of(), new byte[0]));
        assertThrows(InputException.class, () -> new IdxArray(List.of(-1, -1), new byte[1]));
        assertThrows(InputException.class, () -> new IdxArray(List.of(1 << 16, 1 << 16), new byte[0]));
    }

    @Test
    void arraysLargerThanABufferComeBack() throws IOException {
        byte[] elements = new byte[3 << 20];
        var random = new SeededRandom(1);
        for (int i = 0; i < elements.length; i++) {
            elements[i] = (byte) random.nextInt(256);
        }
        Path file = folder.resolve("large");
        new IdxArray(List.of(3, 1 << 20), elements).write(file);
        IdxArray read = IdxArray.read(file);
        for (int k = 0; k < 1 << 20; k += 997) {
            assertEquals(elements[(2 << 20) + k] & 0xFF, read.at(2, k));
        }
    }
}
