package dev.rondo.convert.draft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.convert.safetensors.SafetensorsWriter;
import dev.rondo.error.RondoException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models in several files: index and files must agree, and no name leaves the folder. */
class SafetensorsShardsTest {
    @TempDir
    Path folder;

    private Path model;

    @BeforeEach
    void write() throws IOException {
        model = Files.createDirectory(folder.resolve("model"));
        new SafetensorsWriter()
                .floats("a", List.of(2), 1, 2)
                .floats("b", List.of(1), 3)
                .write(model.resolve("1.safetensors"));
        new SafetensorsWriter().floats("c", List.of(1), 4).write(model.resolve("2.safetensors"));
        new SafetensorsWriter().floats("a", List.of(1), 5).write(model.resolve("3.safetensors"));
        Files.copy(model.resolve("2.safetensors"), folder.resolve("2.safetensors"));
    }

    @Test
    void tensorsOfAllFilesAreOneModel() throws IOException {
        try (OpenFiles files = new OpenFiles()) {
            Map<String, SourceTensor> tensors = SafetensorsShards.open(
                    index("{\"metadata\": {\"total_size\": 16}, \"weight_map\": {\"a\": \"1.safetensors\","
                            + " \"b\": \"1.safetensors\", \"c\": \"2.safetensors\"}}"),
                    files);
            assertEquals(Set.of("a", "b", "c"), tensors.keySet());
            float[] values = new float[4];
            tensors.get("a").values().read(0, values, 0, 2);
            tensors.get("b").values().read(0, values, 2, 1);
            tensors.get("c").values().read(0, values, 3, 1);
            assertEquals("[1.0, 2.0, 3.0, 4.0]", Arrays.toString(values));
            assertEquals(
                    List.of("1.safetensors", "2.safetensors"),
                    files.parts().stream().map(p -> p.getFileName().toString()).toList());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        {"weight_map": {"a": "1.safetensors", "c": "2.safetensors"}}|                            'b' of '1.safetensors'
        {"weight_map": {"a": "1.safetensors", "b": "1.safetensors", "d": "2.safetensors"}}|      'd', which is not in
        {"weight_map": {"a": "1.safetensors", "b": "2.safetensors"}}|                            which it says lies in
        {"weight_map": {"a": "3.safetensors", "b": "1.safetensors"}}|                            'a' of '1.safetensors'
        {"weight_map": {"a": "1.safetensors", "a": "3.safetensors"}}|                            same key twice
        {"weight_map": {"c": "4.safetensors"}}|                                                  which is not there
        {"weight_map": {"c": "../2.safetensors"}}|                                               its own folder
        {"weight_map": {"c": "/2.safetensors"}}|                                                 its own folder
        {"weight_map": {"c": "..\\\\2.safetensors"}}|                                            its own folder
        {"weight_map": {"c": ".."}}|                                                             its own folder
        {"weight_map": {"c": ""}}|                                                               its own folder
        {"weight_map": {"c": "\\u0000"}}|                                                        its own folder
        {"weight_map": {"c": 2}}|                                                                must be a text
        {"weight_map": {}}|                                                                      1 to 1024 files
        {"weight_map": []}|                                                                      must be an object
        {"metadata": {}}|                                                                        1 to 1024 files
        {"weight_map": {"c": "2.safetensors"}, "code": "x"}|                                     unknown key 'code'
        []|                                                                                      JSON object
        {"weight_map": {"c": "model.safetensors.index.json"}}|                                   safetensors header
        """)
    void whatDoesNotAgreeIsRefused(String index, String named) throws IOException {
        refused(index, named);
    }

    @Test
    void linksOutOfTheFolderAreRefused() throws IOException {
        link(model.resolve("4.safetensors"), Path.of("../2.safetensors"));
        refused("{\"weight_map\": {\"c\": \"4.safetensors\"}}", "a link to another");
    }

    /** As download caches have it: index and files are links to a folder that holds them all. */
    @Test
    void linksToWhereTheIndexLiesAreFollowed() throws IOException {
        index("{\"weight_map\": {\"c\": \"2.safetensors\"}}");
        Path snapshot = Files.createDirectory(folder.resolve("snapshot"));
        Path index = link(
                snapshot.resolve("model.safetensors.index.json"), Path.of("../model/model.safetensors.index.json"));
        link(snapshot.resolve("2.safetensors"), Path.of("../model/2.safetensors"));
        try (OpenFiles files = new OpenFiles()) {
            assertEquals(Set.of("c"), SafetensorsShards.open(index, files).keySet());
        }
    }

    private static Path link(Path link, Path target) throws IOException {
        try {
            return Files.createSymbolicLink(link, target);
        } catch (UnsupportedOperationException | FileSystemException none) {
            return Assumptions.abort("no symbolic links here: " + none);
        }
    }

    private Path index(String json) throws IOException {
        return Files.writeString(model.resolve("model.safetensors.index.json"), json);
    }

    private void refused(String json, String named) throws IOException {
        Path index = index(json);
        try (OpenFiles files = new OpenFiles()) {
            String message = assertThrows(RondoException.class, () -> SafetensorsShards.open(index, files))
                    .getMessage();
            assertTrue(message.contains(named), message);
        }
    }
}
