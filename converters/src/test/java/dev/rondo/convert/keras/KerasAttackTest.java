package dev.rondo.convert.keras;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.convert.Conversion;
import dev.rondo.convert.ConversionRequest;
import dev.rondo.error.FormatException;
import dev.rondo.error.RondoException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken and malicious files end in one exception of ours, soon, and nothing is written. */
class KerasAttackTest {
    private static final Path CASE = Path.of("src", "test", "resources", "keras", "masked_sequential");
    private static final Path SHARED = Path.of("..", "..", "shared", "fixtures", "bad", "keras_h5_truncated");

    @TempDir
    Path temp;

    @Test
    void sharedTruncatedFile() throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(SHARED), "the bad files of ../shared are absent");
        try (var files = Files.list(SHARED)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".h5")).toList()) {
                var error = assertThrows(FormatException.class, () -> convert(file));
                assertTrue(error.getMessage().contains("valid HDF5 file"), error.getMessage());
            }
        }
    }

    @Test
    void everyBeginningOfAnHdf5File() throws IOException {
        byte[] whole = Files.readAllBytes(CASE.resolve("model.h5"));
        Path file = temp.resolve("cut.h5");
        for (int length = 8; length < whole.length; length += 1 + length / 23) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThrows(RondoException.class, () -> convert(file));
        }
    }

    @Test
    void changedBytesOfAnHdf5File() throws IOException {
        changed(Files.readAllBytes(CASE.resolve("model.h5")), "model.h5", 300);
    }

    @Test
    void changedBytesOfAnArchive() throws IOException {
        changed(Files.readAllBytes(CASE.resolve("model.keras")), "model.keras", 200);
    }

    /** Some changes do no harm, such as one of a weight: what they must not do is end in anything else. */
    private void changed(byte[] whole, String name, int rounds) throws IOException {
        var random = new Random(5);
        Path file = temp.resolve(name);
        for (int round = 0; round < rounds; round++) {
            byte[] bytes = whole.clone();
            int count = 1 + random.nextInt(4);
            for (int i = 0; i < count; i++) {
                // The structure of the file lies more at its beginning.
                int at = random.nextInt(1 + random.nextInt(bytes.length));
                bytes[at] = (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(3) - 1);
            }
            Files.write(file, bytes);
            assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
                try {
                    convert(file);
                } catch (RondoException expected) {
                    assertFalse(expected.getMessage().isEmpty());
                }
            });
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "masked_sequential",
                "multi_head",
                "attention_masked",
                "nested_and_shared",
                "convolutions",
                "rnn_of_cells",
                "merges",
                "shapes",
                "states_and_backwards"
            })
    void changedValuesOfAConfiguration(String name) throws IOException {
        Map<String, byte[]> entries = entries(CASE.resolveSibling(name));
        byte[] config = entries.get("config.json");
        var mapper = new ObjectMapper();
        var random = new Random(3);
        Path file = temp.resolve("model.keras");
        for (int round = 0; round < 40; round++) {
            JsonNode tree = mapper.readTree(config);
            List<ContainerNode<?>> all = new ArrayList<>();
            collect(tree, all);
            change(all.get(random.nextInt(all.size())), VALUES.get(random.nextInt(VALUES.size())), random);
            entries.put("config.json", mapper.writeValueAsBytes(tree));
            Files.write(file, archive(entries));
            try {
                convert(file);
            } catch (RondoException expected) {
                assertFalse(expected.getMessage().isEmpty());
            }
        }
    }

    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "-1",
            "0",
            "3",
            "2147483647",
            "1e99",
            "0.5",
            "\"x\"",
            "[]",
            "{}",
            "[1]",
            "[0,-7]",
            "[null]");

    private static void collect(JsonNode node, List<ContainerNode<?>> all) {
        if (node instanceof ContainerNode<?> container && !container.isEmpty()) {
            all.add(container);
            node.forEach(item -> collect(item, all));
        }
    }

    private static void change(ContainerNode<?> node, String value, Random random) throws IOException {
        JsonNode changed = new ObjectMapper().readTree(value);
        switch (node) {
            case ArrayNode array -> array.set(random.nextInt(array.size()), changed);
            case ObjectNode object -> {
                var names = new ArrayList<String>();
                object.fieldNames().forEachRemaining(names::add);
                object.set(names.get(random.nextInt(names.size())), changed);
            }
            default -> throw new AssertionError(node);
        }
    }

    @Test
    void bombInAnArchive() throws IOException {
        Map<String, byte[]> entries = entries(CASE);
        entries.put("model.weights.h5", new byte[64 << 20]);
        refused(entries, "model.weights.h5");
    }

    @Test
    void otherEntries() throws IOException {
        Map<String, byte[]> entries = entries(CASE);
        entries.put("../evil", new byte[3]);
        refused(entries, "../evil");
        entries = entries(CASE);
        entries.remove("config.json");
        refused(entries, "config.json");
    }

    @Test
    void deepAndDoubledConfiguration() throws IOException {
        Map<String, byte[]> entries = entries(CASE);
        entries.put("config.json", "[".repeat(100_000).getBytes());
        refused(entries, "config.json");
        entries.put("config.json", "{\"class_name\":\"Sequential\",\"class_name\":\"Functional\"}".getBytes());
        refused(entries, "same key twice");
    }

    private void refused(Map<String, byte[]> entries, String named) throws IOException {
        Path file = temp.resolve("model.keras");
        Files.write(file, archive(entries));
        var error = assertThrows(RondoException.class, () -> convert(file));
        assertTrue(error.getMessage().contains(named), error.getMessage());
        assertFalse(Files.exists(temp.resolve("out.rondo")));
    }

    private void convert(Path file) throws IOException {
        Conversion.convert(ConversionRequest.of(file, temp.resolve("out.rondo")));
    }

    private static Map<String, byte[]> entries(Path folder) throws IOException {
        var entries = new LinkedHashMap<String, byte[]>();
        try (ZipFile zip = new ZipFile(folder.resolve("model.keras").toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        }
        return entries;
    }

    private static byte[] archive(Map<String, byte[]> entries) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
            }
        }
        return bytes.toByteArray();
    }
}
