package dev.rondo.convert.pytorch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.convert.Conversion;
import dev.rondo.convert.ConversionReport;
import dev.rondo.convert.ConversionRequest;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One model as a checkpoint and as safetensors becomes one file. */
class PytorchConversionTest {
    private static final Path RESOURCES = Path.of("src/test/resources/dev/rondo/convert/pytorch");

    @TempDir
    Path folder;

    private Path output;

    @BeforeEach
    void configurations() throws IOException {
        output = folder.resolve("out.rondo");
        config("one.json", "embedding.weight");
        config("tied.json", "decoder.weight");
    }

    private void config(String name, String output) throws IOException {
        Files.writeString(folder.resolve(name), """
            {
              "architecture": "language-model",
              "cell": "lstm",
              "parameters": "pytorch",
              "recurrent": "rnn",
              "embedding": "embedding.weight",
              "output": {"weight": "%s", "bias": "decoder.bias"},
              "vocabulary": ["a", "b", "c", "d", "e"],
              "segmentation": "characters"
            }
            """.formatted(output));
    }

    /** Tied weights are stored once, whichever of their names the configuration gives; the other counts as used. */
    @Test
    void aCheckpointBecomesWhatItsSafetensorsBecome() throws IOException {
        byte[] wanted = data(convert("language_model.safetensors", "one.json"));
        for (String config : List.of("one.json", "tied.json")) {
            ConversionReport report =
                    Conversion.convert(request("language_model.pt", config).withStateDict("model"));
            assertEquals("model", report.interpretation().get("state_dict"));
            assertTrue(report.interpretation().get("output").startsWith("tied to the embedding"));
            assertEquals(
                    1,
                    report.tensors().stream()
                            .filter(t -> t.shape().equals(List.of(5, 4)))
                            .count());
            assertArrayEquals(wanted, data(report));
        }
    }

    @Test
    void whatIsNotClearWritesNothing() {
        FormatException ambiguous = assertThrows(FormatException.class, () -> convert("language_model.pt", "one.json"));
        assertTrue(ambiguous.getMessage().contains("'ema'"), ambiguous.getMessage());
        InputException misplaced = assertThrows(
                InputException.class,
                () -> Conversion.convert(
                        request("language_model.safetensors", "one.json").withStateDict("model")));
        assertTrue(misplaced.getMessage().contains("--state-dict"), misplaced.getMessage());
        assertFalse(Files.exists(output));
    }

    private ConversionReport convert(String source, String config) throws IOException {
        return Conversion.convert(request(source, config));
    }

    private ConversionRequest request(String source, String config) {
        return ConversionRequest.of(RESOURCES.resolve(source), output).withConfig(folder.resolve(config));
    }

    /** The end of the file, where the weights lie. */
    private byte[] data(ConversionReport report) throws IOException {
        byte[] bytes = Files.readAllBytes(report.output());
        int floats = report.tensors().stream()
                .mapToInt(t -> t.shape().stream().reduce(1, (a, b) -> a * b))
                .sum();
        return Arrays.copyOfRange(bytes, bytes.length - Float.BYTES * floats, bytes.length);
    }
}
