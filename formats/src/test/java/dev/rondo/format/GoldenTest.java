package dev.rondo.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Version 1 is frozen: today's reader reads the committed file, today's writer writes it byte for byte. */
class GoldenTest {
    @TempDir
    static Path folder;

    private static Path golden;

    @BeforeAll
    static void unpack() throws IOException {
        String regenerate = System.getProperty("rondo.golden");
        if (regenerate != null) {
            Golden.write(Path.of(regenerate));
            golden = Path.of(regenerate);
            return;
        }
        golden = folder.resolve("v1.rondo");
        try (InputStream in = GoldenTest.class.getResourceAsStream("/golden/v1.rondo")) {
            Files.copy(in, golden);
        }
    }

    @Test
    void theWriterReproducesItByteForByte() throws IOException {
        Path written = folder.resolve("written.rondo");
        Golden.write(written);
        assertArrayEquals(Files.readAllBytes(golden), Files.readAllBytes(written));
    }

    @Test
    void theReaderReadsItToKnownValues() throws IOException {
        try (RondoFile mapped = RondoFile.map(golden);
                RondoFile loaded = RondoFile.load(golden)) {
            check(mapped);
            check(loaded);
        }
    }

    private static void check(RondoFile file) {
        assertEquals(1, file.version());
        assertEquals(List.of("task", "licence"), List.copyOf(file.metadata().keySet()));
        assertEquals(
                "text with a\nline break, \u00e9 and \ud834\udd1e",
                file.metadata().get("licence"));
        assertEquals(Golden.texts(), file.texts());
        assertEquals(Golden.functions(), file.functions());
        assertEquals(
                List.copyOf(Golden.attributes().keySet()),
                List.copyOf(
                        file.functions().getFirst().nodes().get(1).attributes().keySet()));
        checkTensors(file.tensors());
        assertEquals(2, file.references().size());
        for (int i = 0; i < 2; i++) {
            Contents.assertSame(Golden.references().get(i), file.references().get(i));
        }
    }

    /** The golden matrix in int8 of a range; the largest of a row is exact, the other three are given. */
    private static float[] int8(int max, int first, int second, int ninth) {
        float scale0 = 3.5f / max;
        float scale1 = 0.1f / max;
        float scale2 = 1000f / max;
        float scale3 = 65504f / max;
        return new float[] {
            first * scale0,
            second * scale0,
            max * scale0,
            0,
            0,
            max * scale1,
            0,
            ninth * scale2,
            -max * scale2,
            max * scale3,
            0,
            0
        };
    }

    private static void checkTensors(Map<String, Tensor> tensors) {
        assertEquals(
                List.of(
                        "f32.rows",
                        "f32.panels",
                        "f16.rows",
                        "f16.panels",
                        "bf16.rows",
                        "bf16.panels",
                        "int8.rows",
                        "int8.panels",
                        "f32.scalar",
                        "f64",
                        "i32",
                        "i64",
                        "bool",
                        "empty"),
                List.copyOf(tensors.keySet()));
        float[] f16 = {1, -2, 3.5f, 0, -0f, 0x1.998p-4f, 0x1.064p-10f, 100, -1000, 65504, 0, -7};
        float[] bf16 = {1, -2, 3.5f, 0, -0f, 0x1.9ap-4f, 0x1.06p-10f, 100, -1000, 65536, 0x1.58p-27f, -7};
        float[] int8 = int8(127, 36, -73, 13);
        float[] int8Panels = int8(63, 18, -36, 6);
        Map<String, float[]> expected = Map.of("f32", Golden.VALUES, "f16", f16, "bf16", bf16, "int8", int8);
        expected.forEach((encoding, values) -> {
            for (String layout : List.of("rows", "panels")) {
                Tensor tensor = tensors.get(encoding + "." + layout);
                assertEquals(Golden.MATRIX, tensor.shape());
                assertEquals(layout.equals("rows") ? new Layout.Rows() : new Layout.Panels(2), tensor.layout());
                for (int i = 0; i < 12; i++) {
                    // == and not equals: int8 has no negative zero
                    float value = tensor.name().equals("int8.panels") ? int8Panels[i] : values[i];
                    assertTrue(value == tensor.toFloats()[i], tensor.name() + " element " + i);
                }
            }
        });
        Golden.constants().forEach((name, values) -> {
            Tensor tensor = tensors.get(name);
            assertEquals(Encoding.of(values.element()), tensor.encoding());
            assertEquals(values.shape(), tensor.shape());
            assertEquals(-1, tensor.data().mismatch(values.data()), name);
        });
        assertArrayEquals(new float[] {1, 0, 1}, tensors.get("bool").toFloats());
        assertEquals(0, tensors.get("empty").parameterCount());
    }
}
