package dev.rondo.convert.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every file that breaks the specification is refused, and the error names what is wrong. */
class SafetensorsAttackTest {
    private static final int FUZZ_CASES = 2_000;

    @TempDir
    Path folder;

    /** Files made for this project by hand; see the descriptions there. */
    @ParameterizedTest
    @CsvSource({
        "duplicate_keys, same key twice",
        "header_2pow62, at most 100000000 bytes",
        "offset_beyond, within the",
        "overlap, must not overlap",
        "truncated, within the",
        "wrong_dtype, F33"
    })
    void brokenFixturesAreRefused(String name, String named) throws IOException {
        try (InputStream in = getClass().getResourceAsStream("/bad/" + name + ".safetensors")) {
            refused(in.readAllBytes(), named);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        ''|                                                                                  begin with '{'
        ' {}'|                                                                               begin with '{'
        '[]'|                                                                                begin with '{'
        '{'|                                                                               must end with
        '{}x'|                                                                             only spaces may follow
        '{}{}'|                                                                              only spaces may follow
        '{"a":1}'|                                                                           must be an object
        '{"a":{}}'|                                                                          dtype, shape and two
        '{"a":{"dtype":"F32","shape":[1]}}'|                                                 dtype, shape and two
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}'|                              dtype, shape and two
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}'|                          at most 2 numbers
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"path":"/etc/passwd"}}'|       'path'
        '{"a":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}}'|                            'f32'
        '{"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}}'|                                must be a text
        '{"a":{"dtype":"F32","shape":{},"data_offsets":[0,4]}}'|                             must be an array
        '{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}'|                          whole numbers
        '{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}'|                          whole numbers
        '{"a":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}}'|                          plain JSON
        '{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}'|                           between 0 and 2^63-1
        '{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}'|          between 0 and 2^63-1
        '{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}'|        fit 63 bits
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}'|                            begin before end
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,9223372036854775807]}}'|          within the 4 bytes
        '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}'|                            length of its data
        '{"a":{"dtype":"F4","shape":[7],"data_offsets":[0,4]}}'|                             whole bytes
        '{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}'|                             to its end
        '{"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}'|                             without a hole
        '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}'|hole
        '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}'|overlap
        '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}'|overlap
        '{"a":{"dtype":"U8","shape":[4],"shape":[4],"data_offsets":[0,4]}}'|                 same key twice
        '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"\\u0061":{}}'|                same key twice
        '{"__metadata__":{"k":"1","k":"2"}}'|                                                same key twice
        '{"__metadata__":{},"__metadata__":{}}'|                                             same key twice
        '{"__metadata__":{"k":1}}'|                                                          must be a text
        '{"__metadata__":{"k":null}}'|                                                       must be a text
        '{"__metadata__":[]}'|                                                               object of texts
        '{"__metadata__":{"k":"\\ud800"}}'|                                                  valid Unicode
        '{"\\ud800":{}}'|                                                                   plain JSON
        '{"\\udfff":{}}'|                                                                  plain JSON
        '{"a":{"dtype":"U8","shape":[04],"data_offsets":[0,4]}}'|                            plain JSON
        '{/* */}'|                                                                           plain JSON
        '{"a":{"dtype":"U8","shape":[NaN],"data_offsets":[0,4]}}'|                           plain JSON
        """)
    void brokenHeadersAreRefused(String header, String named) throws IOException {
        refused(file(unquote(header).getBytes(StandardCharsets.UTF_8), 4), named);
    }

    @Test
    void headersThatAreNotUtf8AreRefused() throws IOException {
        byte[] header = "{\"__metadata__\":{\"k\":\"?\"}}".getBytes(StandardCharsets.ISO_8859_1);
        header[22] = (byte) 0xFF;
        FormatException error = refused(file(header, 0), "valid UTF-8");
        assertEquals(8 + 22, error.offset());
        refused(file("{\"a\":{}}".getBytes(StandardCharsets.UTF_16LE), 0), "only spaces");
        refused(file("{}\n".getBytes(StandardCharsets.UTF_8), 0), "only spaces");
        refused(file("{}\0\0".getBytes(StandardCharsets.UTF_8), 0), "only spaces");
    }

    @Test
    void shortFilesAndFalseLengthsAreRefused() throws IOException {
        refused(new byte[0], "at least 8 bytes");
        refused(new byte[7], "at least 8 bytes");
        refused(new byte[9], "at least 8 bytes");
        refused(new byte[10], "begin with '{'");
        byte[] valid = file("{}".getBytes(StandardCharsets.UTF_8), 0);
        for (long length : new long[] {3, 100_000_000, 100_000_001, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
            ByteBuffer.wrap(valid).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
            FormatException error =
                    refused(valid, length == 3 || length == 100_000_000 ? "within the file" : "at most 100000000");
            assertTrue(error.getMessage().contains(Long.toUnsignedString(length)), error.getMessage());
        }
    }

    @Test
    void deepLongAndLargeHeadersEndInAnError() throws IOException {
        refused(
                file(("{\"a\":" + "[".repeat(1_000_000) + "}").getBytes(StandardCharsets.UTF_8), 0),
                "must be an object");
        refused(
                file(("{\"a\":" + "{\"dtype\":".repeat(100_000) + "}").getBytes(StandardCharsets.UTF_8), 0),
                "must be a text");
        refused(file(("{\"" + "n".repeat(1_000_000) + "\":{}}").getBytes(StandardCharsets.UTF_8), 0), "limits");
        refused(
                file(
                        ("{\"__metadata__\":{\"k\":\"" + "v".repeat(20_000_000) + "\"}}")
                                .getBytes(StandardCharsets.UTF_8),
                        0),
                "limits");
        String ones = "1,".repeat(1_000_000) + "1";
        refused(
                file(
                        ("{\"a\":{\"dtype\":\"U8\",\"shape\":[" + ones + "],\"data_offsets\":[0,1]}}")
                                .getBytes(StandardCharsets.UTF_8),
                        1),
                "at most 64 numbers");
        refused(
                file(
                        ("{\"a\":{\"dtype\":\"U8\",\"shape\":[" + "9".repeat(1_000_000) + "}")
                                .getBytes(StandardCharsets.UTF_8),
                        1),
                "limits");
    }

    /** Headers that would fill the memory with names of nothing. */
    @Test
    void headersOfManyNamesEndInAnError() throws IOException {
        var tensors = new StringBuilder("{");
        for (int i = 0; i < 300_000; i++) {
            tensors.append("\"").append(i).append("\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},");
        }
        tensors.setCharAt(tensors.length() - 1, '}');
        refused(file(tensors.toString().getBytes(StandardCharsets.UTF_8), 0), "names and metadata");
        var metadata = new StringBuilder("{\"__metadata__\":{");
        for (int i = 0; i < 3; i++) {
            metadata.append("\"")
                    .append(i)
                    .append("\":\"")
                    .append("v".repeat(16_000_000))
                    .append("\",");
        }
        metadata.setCharAt(metadata.length() - 1, '}');
        refused(file(metadata.append('}').toString().getBytes(StandardCharsets.UTF_8), 0), "names and metadata");
    }

    /** Messages stay short and printable whatever the file holds. */
    @Test
    void messagesAreCleaned() throws IOException {
        String name = "\\u001b[31m\\u202e" + "x".repeat(3000);
        String message = refused(
                        file(("{\"" + name + "\":1}").getBytes(StandardCharsets.UTF_8), 0), "must be an object")
                .getMessage();
        assertTrue(message.length() < 500, message);
        assertTrue(message.chars().allMatch(c -> c >= ' '), message);
        assertTrue(message.contains("\\u001B") && message.contains("\\u202E"), message);
    }

    /** Whatever the bytes: a file that opens and reads, or a FormatException; nothing else, and soon. */
    @Test
    void mutatedFilesOpenOrAreRefused() throws IOException {
        Path path = folder.resolve("fuzz.safetensors");
        new SafetensorsWriter()
                .metadata("format", "pt")
                .floats("w", List.of(2, 3), 1, 2, 3, 4, 5, 6)
                .longs("ids", List.of(2), 1, 2)
                .tensor("h", Dtype.F16, List.of(2, 2), new byte[8])
                .tensor("u", Dtype.U8, List.of(5), new byte[5])
                .write(path);
        byte[] valid = Files.readAllBytes(path);
        var random = new SplittableRandom(20261121);
        int opened = 0;
        for (int i = 0; i < FUZZ_CASES; i++) {
            byte[] mutant = mutate(valid, random);
            Files.write(path, mutant);
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                for (SafetensorsTensor tensor : file.tensors().values()) {
                    if (tensor.dtype().isFloat() || tensor.dtype().isInteger()) {
                        assertEquals(tensor.elements(), tensor.toFloats().length);
                    }
                }
                opened++;
            } catch (FormatException refused) {
                assertEquals("fuzz.safetensors", refused.file());
            } catch (RuntimeException | Error leaked) {
                throw new AssertionError("case " + i + ": " + Arrays.toString(mutant), leaked);
            }
        }
        assertTrue(opened > FUZZ_CASES / 50 && opened < FUZZ_CASES / 2, opened + " of " + FUZZ_CASES + " opened");
    }

    private static byte[] mutate(byte[] valid, SplittableRandom random) {
        byte[] bytes = valid.clone();
        int headerEnd =
                8 + (int) ByteBuffer.wrap(valid).order(ByteOrder.LITTLE_ENDIAN).getLong();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            int at = random.nextInt(bytes.length);
            int inHeader = Math.min(8 + random.nextInt(headerEnd - 8), bytes.length - 1);
            switch (random.nextInt(9)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[inHeader] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes[inHeader] = (byte) "{}[]\",:0123456789-eE \\\0".charAt(random.nextInt(22));
                case 3 -> bytes = Arrays.copyOf(bytes, Math.max(1, bytes.length - 1 - random.nextInt(64)));
                case 4 -> bytes = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(64));
                case 5 -> {
                    int length = random.nextInt(32);
                    int from = random.nextInt(Math.max(1, bytes.length - length));
                    int to = random.nextInt(Math.max(1, bytes.length - length));
                    System.arraycopy(
                            bytes.clone(), from, bytes, to, Math.min(length, bytes.length - Math.max(from, to)));
                }
                case 6 -> bytes[random.nextInt(Math.min(8, bytes.length))] = (byte) random.nextInt(256);
                case 7 -> {
                    for (int i = inHeader; i < bytes.length && i < headerEnd; i++) {
                        if (bytes[i] >= '0' && bytes[i] <= '9') {
                            bytes[i] = (byte) ('0' + random.nextInt(10));
                            break;
                        }
                    }
                }
                default -> bytes[at] = (byte) random.nextInt(256);
            }
        }
        return bytes;
    }

    private FormatException refused(byte[] bytes, String named) throws IOException {
        Path path = Files.write(folder.resolve("bad.safetensors"), bytes);
        FormatException error = assertThrows(
                FormatException.class, () -> SafetensorsFile.open(path).close());
        assertTrue(error.getMessage().contains(named), error.getMessage());
        assertTrue(error.getMessage().contains("bad.safetensors"), error.getMessage());
        return error;
    }

    private static byte[] file(byte[] header, int dataSize) {
        return ByteBuffer.allocate(8 + header.length + dataSize)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header)
                .array();
    }

    /** The cases stand in single quotes so that spaces at their ends are seen. */
    private static String unquote(String quoted) {
        return quoted.substring(1, quoted.length() - 1);
    }
}
