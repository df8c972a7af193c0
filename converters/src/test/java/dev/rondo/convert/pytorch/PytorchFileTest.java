package dev.rondo.convert.pytorch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.safetensors.SafetensorsFile;
import dev.rondo.convert.safetensors.SafetensorsTensor;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.error.RondoException;
import dev.rondo.format.Encoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints that PyTorch wrote. */
class PytorchFileTest {
    private static final Path RESOURCES = Path.of("src/test/resources/dev/rondo/convert/pytorch");
    private static final Path FIXTURES = Path.of("../../shared/fixtures");

    /** Types that are present, but not read as numbers. */
    private static final Set<String> UNREADABLE = Set.of("uint16", "complex64", "float8");

    @TempDir
    Path folder;

    /** Strided, expanded and scalar views, all types, three ways of writing. */
    @ParameterizedTest
    @ValueSource(strings = {"tensors.pt", "tensors_protocol4.pt", "tensors_legacy.pt"})
    void everyViewReadsAsPytorchReadsIt(String name) throws IOException {
        try (PytorchFile file = PytorchFile.open(RESOURCES.resolve(name));
                SafetensorsFile expected = SafetensorsFile.open(RESOURCES.resolve("expected.safetensors"))) {
            PytorchFile.StateDict dict = file.stateDict(Optional.empty());
            assertEquals(".", dict.path());
            var names = new TreeSet<>(dict.tensors().keySet());
            names.removeAll(UNREADABLE);
            var wanted = new TreeSet<>(expected.tensors().keySet());
            wanted.removeAll(UNREADABLE);
            assertEquals(wanted, names);
            for (String tensor : names) {
                assertSame(expected.tensors().get(tensor), dict.tensors().get(tensor));
            }
        }
    }

    @Test
    void typesAreKeptOrKnownNotToBeFloats() throws IOException {
        try (PytorchFile file = PytorchFile.open(RESOURCES.resolve("tensors.pt"))) {
            Map<String, SourceTensor> tensors = file.stateDict(Optional.empty()).tensors();
            assertEquals(Optional.of(Encoding.F32), tensors.get("double").kept());
            assertEquals(Optional.of(Encoding.F16), tensors.get("half").kept());
            assertEquals(Optional.of(Encoding.BF16), tensors.get("bfloat").kept());
            for (String name : List.of("int64", "bool", "uint16", "complex64", "float8")) {
                assertEquals(Optional.empty(), tensors.get(name).kept(), name);
            }
            assertEquals("float8_e4m3fn", tensors.get("float8").dtype());
            FormatException error = assertThrows(
                    FormatException.class,
                    () -> tensors.get("complex64").values().read(0, new float[1], 0, 1));
            assertTrue(error.getMessage().contains("complex64"), error.getMessage());
        }
    }

    /** Tied weights are equal whatever they are called; equal numbers elsewhere are not. */
    @Test
    void viewsOfOneStorageAreEqual() throws IOException {
        try (PytorchFile file = PytorchFile.open(RESOURCES.resolve("tensors.pt"))) {
            Map<String, SourceTensor> tensors = file.stateDict(Optional.empty()).tensors();
            assertEquals(tensors.get("encoder.weight"), tensors.get("decoder.weight"));
            assertEquals(
                    tensors.get("encoder.weight").hashCode(),
                    tensors.get("decoder.weight").hashCode());
            assertNotEquals(tensors.get("sliced"), tensors.get("column"));
            assertNotEquals(tensors.get("int64"), tensors.get("int32"));
        }
    }

    @Test
    void anyPartOfATensorReads() throws IOException {
        try (PytorchFile file = PytorchFile.open(RESOURCES.resolve("tensors.pt"))) {
            SourceTensor tensor = file.stateDict(Optional.empty()).tensors().get("permuted");
            float[] whole = floats(tensor);
            for (int first = 0; first <= whole.length; first++) {
                for (int count = 0; count <= whole.length - first; count++) {
                    float[] part = new float[count + 1];
                    tensor.values().read(first, part, 1, count);
                    for (int i = 0; i < count; i++) {
                        assertEquals(whole[first + i], part[1 + i]);
                    }
                }
            }
            assertThrows(IndexOutOfBoundsException.class, () -> tensor.values().read(1, whole, 0, whole.length));
        }
    }

    /** Optimizer, random state, losses, sets and bytes stand around the weights. */
    @Test
    void theStateDictIsFoundInATrainingCheckpoint() throws IOException {
        try (PytorchFile file = PytorchFile.open(RESOURCES.resolve("training.pt"))) {
            PytorchFile.StateDict dict = file.stateDict(Optional.empty());
            assertEquals("model", dict.path());
            assertEquals(
                    Set.of("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"),
                    dict.tensors().keySet());
        }
    }

    @Test
    void severalStateDictsAreAnErrorThatListsThem() throws IOException {
        try (PytorchFile file = PytorchFile.open(RESOURCES.resolve("two_models.pt"))) {
            FormatException error = assertThrows(FormatException.class, () -> file.stateDict(Optional.empty()));
            for (String word : List.of("'model' (4 tensors)", "'teacher.ema' (4 tensors)", "--state-dict PATH")) {
                assertTrue(error.getMessage().contains(word), error.getMessage());
            }
            assertEquals(4, file.stateDict(Optional.of("teacher.ema")).tensors().size());
            InputException unknown =
                    assertThrows(InputException.class, () -> file.stateDict(Optional.of("optimizer.state")));
            assertTrue(unknown.getMessage().contains("'teacher.ema'"), unknown.getMessage());
        }
    }

    @Test
    void aStateDictAmongOtherThingsHasToBeNamed() throws IOException {
        try (PytorchFile file = PytorchFile.open(RESOURCES.resolve("mixed.pt"))) {
            FormatException error = assertThrows(FormatException.class, () -> file.stateDict(Optional.empty()));
            assertTrue(error.getMessage().contains("'.' (1 tensors)"), error.getMessage());
            assertEquals(
                    Set.of("weight"), file.stateDict(Optional.of(".")).tensors().keySet());
        }
    }

    @Test
    void archivesWithoutChecksumsRead() throws IOException {
        try (PytorchFile file = PytorchFile.open(RESOURCES.resolve("without_crc.pt"))) {
            assertArrayEquals(
                    new float[] {1, 1, 1, 1, 1, 1},
                    floats(file.stateDict(Optional.empty()).tensors().get("weight")));
        }
    }

    @Test
    void aWholeModuleIsRefusedWithAdvice() {
        FormatException error = assertThrows(
                FormatException.class,
                () -> PytorchFile.open(RESOURCES.resolve("module.pt")).close());
        for (String word : List.of("'torch.nn.modules.rnn.LSTM'", "state_dict()", "ONNX")) {
            assertTrue(error.getMessage().contains(word), error.getMessage());
        }
    }

    @Test
    void closingTwiceIsAllowedAndReadingAfterwardsIsNot() throws IOException {
        PytorchFile file = PytorchFile.open(RESOURCES.resolve("tensors.pt"));
        SourceTensor tensor = file.stateDict(Optional.empty()).tensors().get("plain");
        file.close();
        file.close();
        assertThrows(IllegalStateException.class, () -> floats(tensor));
        assertThrows(
                InputException.class,
                () -> PytorchFile.open(folder.resolve("none.pt")).close());
    }

    /** Each fixture was saved in both formats. */
    @Test
    void fixturesReadAsTheirSafetensors() throws IOException {
        Path cases = fixtures("pytorch");
        try (Stream<Path> all = Files.list(cases)) {
            for (Path directory : all.filter(d -> Files.exists(d.resolve("model.safetensors")))
                    .sorted()
                    .toList()) {
                try (PytorchFile file = PytorchFile.open(directory.resolve("model.pt"));
                        SafetensorsFile expected = SafetensorsFile.open(directory.resolve("model.safetensors"))) {
                    PytorchFile.StateDict dict = file.stateDict(Optional.empty());
                    assertEquals(".", dict.path());
                    for (SourceTensor tensor : dict.tensors().values()) {
                        // Only safetensors drops the second name of tied weights.
                        assertTrue(
                                expected.tensors().containsKey(tensor.name())
                                        || expected.tensors().keySet().stream()
                                                .anyMatch(name -> tensor.equals(
                                                        dict.tensors().get(name))),
                                directory + " " + tensor.name());
                    }
                    for (SafetensorsTensor tensor : expected.tensors().values()) {
                        assertSame(tensor, dict.tensors().get(tensor.name()));
                    }
                }
            }
        }
    }

    @Test
    void theNestedFixtureIsFound() throws IOException {
        try (PytorchFile file = PytorchFile.open(fixtures("pytorch").resolve("nested_checkpoint/model.pt"))) {
            PytorchFile.StateDict dict = file.stateDict(Optional.empty());
            assertEquals("model_state_dict", dict.path());
            assertEquals(List.of(27L, 5L), dict.tensors().get("weight_ih_l0").shape());
            assertEquals(4, dict.tensors().size());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "pt_os_system, posix.system",
        "pt_builtins_eval_nested, __builtin__.",
        "pt_deflate_bomb, stored as they are",
        "pt_huge_declared_size, must end before the directory",
        "pt_truncated, must end with its directory",
        "pt_zip_evil_path, ../evil.txt",
    })
    void badFixturesAreRefused(String name, String word) {
        Path file = fixtures("bad").resolve(name).resolve("model.pt");
        RondoException error =
                assertThrows(RondoException.class, () -> PytorchFile.open(file).stateDict(Optional.empty()));
        assertTrue(error.getMessage().contains(word), error.getMessage());
        assertTrue(error.getMessage().contains("model.pt"), error.getMessage());
    }

    private static Path fixtures(String path) {
        Path fixtures = FIXTURES.resolve(path);
        Assumptions.assumeTrue(Files.isDirectory(fixtures), "the fixtures of ../shared are absent");
        return fixtures;
    }

    private static void assertSame(SafetensorsTensor expected, SourceTensor got) {
        assertEquals(expected.shape(), got.shape(), got.name());
        assertArrayEquals(expected.toFloats(), floats(got), got.name());
    }

    private static float[] floats(SourceTensor tensor) {
        float[] values =
                new float[(int) tensor.shape().stream().mapToLong(n -> n).reduce(1, (a, b) -> a * b)];
        tensor.values().read(0, values, 0, values.length);
        return values;
    }
}
