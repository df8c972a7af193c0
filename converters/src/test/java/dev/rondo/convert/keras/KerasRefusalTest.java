package dev.rondo.convert.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.convert.Conversion;
import dev.rondo.convert.ConversionReport;
import dev.rondo.convert.ConversionRequest;
import dev.rondo.convert.safetensors.SafetensorsFile;
import dev.rondo.convert.safetensors.SafetensorsWriter;
import dev.rondo.error.InputException;
import dev.rondo.error.RondoException;
import dev.rondo.format.Encoding;
import dev.rondo.verify.Verification;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What would change the meaning of a model, and is not converted, is named: the layer, and the key. */
class KerasRefusalTest {
    private static final Path CASES = Path.of("src", "test", "resources", "keras");
    private static final Path CASE = CASES.resolve("masked_sequential");

    @TempDir
    Path temp;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"class_name\": \"LSTM\"| \"class_name\": \"FancyLSTM\"| 'one'| FancyLSTM",
                "\"class_name\": \"Dense\"| \"class_name\": \"Lambda\"| 'dense'| Lambda",
                "\"units\": 5| \"units\": 5, \"zeta\": 3| 'one'| zeta",
                "\"units\": 5| \"units\": 6| 'one'| kernel",
                "\"units\": 5| \"units\": 2000000000| 'one'| overflow",
                "\"units\": 5| \"units\": -5| 'one'| units",
                "\"mask_zero\": true| \"mask_zero\": 1| 'emb'| mask_zero",
                "\"recurrent_activation\": \"sigmoid\"| \"zeta\": null| 'one'| recurrent_activation",
                "\"renorm\": false| \"renorm\": true| 'bn'| renorm",
                "\"activation\": \"relu\"| \"activation\": \"sparsemax\"| 'dense'| sparsemax",
                "\"activation\": \"relu\"| \"activation\": {\"class_name\": \"Mine\"}| 'dense'| activation",
                "\"float32\"}, \"registered_name\": null}, \"input_dim\"| \"int8_from_float32\"}}, \"input_dim\"|"
                        + " dtype| int8",
                "null}, \"registered_name\": null, \"build| null}, \"registered_name\": \"my>Layer\", \"build|"
                        + " registered| my>Layer",
                "\"class_name\": \"Sequential\"| \"class_name\": \"MyModel\"| model| MyModel",
                "\"sparse\": false| \"sparse\": true| 'ids'| sparse",
                "\"name\": \"two\"| \"name\": \"one\"| 'one'| twice"
            })
    void changedConfiguration(String from, String to, String layer, String key) throws IOException {
        var error = assertThrows(RondoException.class, () -> convert(changed(from.strip(), to.strip()), List.of()));
        assertTrue(error.getMessage().contains(layer), error.getMessage());
        assertTrue(error.getMessage().contains(key), error.getMessage());
        assertFalse(Files.exists(temp.resolve("out.rondo")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "-9", "[0, 1]"})
    void aNewAxisHasItsPlace(String axis) throws IOException {
        String key = "\"name\": \"expand_dims\", \"axis\": ";
        Path file = changed(CASES.resolve("merges"), key + "-1", key + axis);
        var error = assertThrows(RondoException.class, () -> convert(file, List.of()));
        assertTrue(error.getMessage().contains("is one place for a new axis"), error.getMessage());
    }

    @Test
    void keysOfTrainingDoNotMatter() throws IOException {
        convert(changed("\"recurrent_dropout\": 0.0", "\"recurrent_dropout\": 0.5"), List.of());
        assertTrue(Files.exists(temp.resolve("out.rondo")));
    }

    @Test
    void everyWeightIsUsed() throws IOException {
        Path file = changed("\"use_bias\": true", "\"use_bias\": false");
        var error = assertThrows(RondoException.class, () -> convert(file, List.of()));
        assertTrue(error.getMessage().contains("layers/lstm/cell/vars/2"), error.getMessage());
        ConversionReport report = convert(file, List.of("layers/*/vars/*"));
        assertTrue(
                report.unused().contains("layers/lstm/cell/vars/2"),
                report.unused().toString());
    }

    @Test
    void configurationGoesWithWeightsOnly() throws IOException {
        Path config = Files.writeString(temp.resolve("config.json"), "{}");
        for (String own : List.of("model.keras", "model.h5")) {
            var request = ConversionRequest.of(CASE.resolve(own), temp.resolve("out.rondo"))
                    .withConfig(config);
            assertEquals(
                    "--config",
                    assertThrows(InputException.class, () -> Conversion.convert(request))
                            .subject());
        }
        var request = ConversionRequest.of(CASE.resolve("model.weights.h5"), temp.resolve("out.rondo"));
        assertEquals(
                "--config",
                assertThrows(InputException.class, () -> Conversion.convert(request))
                        .subject());
        var empty = request.withConfig(config);
        assertThrows(RondoException.class, () -> Conversion.convert(empty));
    }

    @Test
    void theThreeFilesAreOneModel() throws IOException {
        var texts = new ArrayList<String>();
        for (String file : List.of("model.keras", "model.h5", "model.weights.h5")) {
            texts.add(KerasCase.of(CASE).convert(file, temp).functions().toString());
        }
        assertEquals(texts.get(0), texts.get(1));
        assertEquals(texts.get(0), texts.get(2));
    }

    @Test
    void matricesTakeFewerBits() throws IOException {
        Conversion.convert(ConversionRequest.of(CASE.resolve("model.keras"), temp.resolve("out.rondo"))
                .withDtype(Encoding.BF16)
                .withIo(
                        List.of(new ConversionRequest.Io(Optional.of("predict"), reference())),
                        new ConversionRequest.Tolerance(0.05, 0)));
        try (Model model = Model.load(temp.resolve("out.rondo"))) {
            Verification rough =
                    Verification.of(model, Model.Kernel.BEST, model.references().getFirst());
            assertTrue(rough.holds(), rough.toString());
            assertTrue(rough.outputs().getFirst().absolute() > 1e-5, rough.toString());
        }
    }

    /** The reference vectors of the case under the name that the model gives its only output. */
    private Path reference() throws IOException {
        var writer = new SafetensorsWriter();
        try (SafetensorsFile file = SafetensorsFile.open(CASE.resolve("io.safetensors"))) {
            for (var tensor : file.tensors().values()) {
                writer.tensor(
                        tensor.name().replace("out.y0", "out.y"),
                        tensor.dtype(),
                        tensor.shape().stream().map(Math::toIntExact).toList(),
                        tensor.data().toArray(ValueLayout.JAVA_BYTE));
            }
            writer.write(temp.resolve("io.safetensors"));
        }
        return temp.resolve("io.safetensors");
    }

    @Test
    void decisionsAreWrittenDown() throws IOException {
        var said = KerasCase.of(CASE).convert("model.keras", temp).interpretation();
        assertTrue(said.get("keras").startsWith("3."), said.toString());
        assertTrue(said.get("one").contains("gates in the source i, f, c, o"), said.toString());
        assertTrue(said.get("one").contains("masked steps keep the state"), said.toString());
        assertTrue(said.get("two").contains("reset before"), said.toString());
        assertTrue(said.get("two").contains("go_backwards"), said.toString());
        assertTrue(said.get("drop").contains("nothing at inference"), said.toString());
        assertTrue(said.get("bn").contains("folded"), said.toString());
    }

    private ConversionReport convert(Path file, List<String> unused) throws IOException {
        return Conversion.convert(
                ConversionRequest.of(file, temp.resolve("out.rondo")).withAllowUnused(unused));
    }

    /** The archive of the case with the first of a text in its configuration replaced. */
    private Path changed(String from, String to) throws IOException {
        return changed(CASE, from, to);
    }

    private Path changed(Path model, String from, String to) throws IOException {
        Path file = temp.resolve("model.keras");
        try (ZipFile zip = new ZipFile(model.resolve("model.keras").toFile());
                var out = new ZipOutputStream(Files.newOutputStream(file))) {
            for (ZipEntry entry : zip.stream().toList()) {
                byte[] bytes = zip.getInputStream(entry).readAllBytes();
                if (entry.getName().equals("config.json")) {
                    String text = new String(bytes, StandardCharsets.UTF_8);
                    int at = text.indexOf(from);
                    assertTrue(at >= 0, from);
                    bytes = (text.substring(0, at) + to + text.substring(at + from.length()))
                            .getBytes(StandardCharsets.UTF_8);
                }
                out.putNextEntry(new ZipEntry(entry.getName()));
                out.write(bytes);
            }
        }
        return file;
    }
}
