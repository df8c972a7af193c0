package dev.rondo.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import dev.rondo.error.StateException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RondoFileWriterTest {
    private static final Layout ROWS = new Layout.Rows();

    @TempDir
    Path folder;

    @Test
    void anEmptyFileIsAFile() throws IOException {
        Path path = folder.resolve("empty.rondo");
        new RondoFileWriter().write(path);
        assertEquals(0, Files.size(path) % 64);
        try (RondoFile file = RondoFile.load(path)) {
            assertEquals(Map.of(), file.metadata());
            assertEquals(List.of(), file.texts());
            assertEquals(List.of(), file.functions());
            assertEquals(Map.of(), file.tensors());
            assertEquals(List.of(), file.references());
        }
    }

    @Test
    void valuesAreAskedForOnceAndOnlyWhileWriting() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        RondoFileWriter writer = new RondoFileWriter().tensor("w", Encoding.F32, ROWS, List.of(2), () -> {
            asked.incrementAndGet();
            return new float[] {1, 2};
        });
        assertEquals(0, asked.get());
        writer.write(folder.resolve("once.rondo"));
        assertEquals(1, asked.get());
    }

    @Test
    void writesOnce() throws IOException {
        RondoFileWriter writer = new RondoFileWriter();
        writer.write(folder.resolve("a.rondo"));
        assertThrows(StateException.class, () -> writer.write(folder.resolve("b.rondo")));
        assertEquals(List.of("a.rondo"), files());
    }

    @Test
    void replacesTheOldFile() throws IOException {
        Path path = folder.resolve("m.rondo");
        Files.writeString(path, "old");
        new RondoFileWriter().metadata("k", "v").write(path);
        try (RondoFile file = RondoFile.map(path)) {
            assertEquals("v", file.metadata().get("k"));
            new RondoFileWriter().metadata("k", "w").write(path); // the mapped file lives on
            assertEquals(List.of("m.rondo"), files());
        }
        try (RondoFile file = RondoFile.map(path)) {
            assertEquals("w", file.metadata().get("k"));
        }
    }

    @Test
    void aFailureLeavesTheOldFileAndNothingElse() throws IOException {
        Path path = folder.resolve("m.rondo");
        Files.writeString(path, "old");
        RondoFileWriter wrongCount =
                new RondoFileWriter().tensor("w", Encoding.F32, ROWS, List.of(2, 2), () -> new float[3]);
        FormatException count = assertThrows(FormatException.class, () -> wrongCount.write(path));
        assertEquals("tensor 'w'", count.subject());
        assertEquals(path.toString(), count.file());
        assertTrue(count.getMessage().contains("needs as many values as its shape says, 4; got 3 values"));

        RondoFileWriter infinite = new RondoFileWriter()
                .tensor("w", Encoding.INT8, ROWS, List.of(1, 1), () -> new float[] {Float.POSITIVE_INFINITY});
        assertEquals(
                "tensor 'w', int8 row 0",
                assertThrows(FormatException.class, () -> infinite.write(path)).subject());

        RondoFileWriter broken = new RondoFileWriter().tensor("w", Encoding.F32, ROWS, List.of(1), () -> {
            throw new IllegalArgumentException("no values");
        });
        assertThrows(IllegalArgumentException.class, () -> broken.write(path));
        assertEquals("old", Files.readString(path));
        assertEquals(List.of("m.rondo"), files());
    }

    @Test
    void aFolderThatIsNotThere() {
        Path path = folder.resolve("no/such/folder.rondo");
        assertThrows(NoSuchFileException.class, () -> new RondoFileWriter().write(path));
    }

    @Test
    void namesAreUnique() {
        RondoFileWriter writer = new RondoFileWriter().metadata("k", "v");
        assertRule("must be unique", () -> writer.metadata("k", "w"));
        writer.text(Golden.texts().getFirst());
        assertRule("must be unique", () -> writer.text(Golden.texts().getFirst()));
        writer.function(Golden.functions().getFirst());
        assertRule("must be unique", () -> writer.function(Golden.functions().getFirst()));
        writer.reference(Golden.references().getFirst());
        assertRule("must be unique", () -> writer.reference(Golden.references().getFirst()));
        writer.tensor("w", TensorData.ofInts(List.of(1), 1));
        assertRule("must be unique", () -> writer.tensor("w", TensorData.ofInts(List.of(1), 1)));
        assertRule("must be unique", () -> writer.tensor("w", Encoding.F32, ROWS, List.of(), () -> new float[1]));
    }

    @Test
    void tensorsThatCannotBeStored() {
        RondoFileWriter writer = new RondoFileWriter();
        assertRule(
                "floats are stored as f32, f16, bf16 or int8",
                () -> writer.tensor("w", Encoding.I32, ROWS, List.of(1), () -> new float[1]));
        assertRule(
                "panels hold f32, f16, bf16 or int8 of rank 2 or more",
                () -> writer.tensor("w", Encoding.F32, new Layout.Panels(1), List.of(4), () -> new float[4]));
        assertRule(
                "the groups of panels must divide dimension 0",
                () -> writer.tensor("w", Encoding.F32, new Layout.Panels(3), List.of(4, 1), () -> new float[4]));
        assertRule(
                "rank must be at most 8",
                () -> writer.tensor("w", Encoding.F32, ROWS, List.of(1, 1, 1, 1, 1, 1, 1, 1, 1), () -> new float[1]));
        assertRule("printable", () -> writer.tensor("\n", TensorData.ofInts(List.of(1), 1)));
        assertRule("must be valid Unicode", () -> writer.metadata("k", "\ud834"));
    }

    @Test
    void graphsAreCheckedLikeTheReaderDoes() {
        FunctionDef all = Golden.functions().get(1);
        Path path = folder.resolve("m.rondo");
        FormatException missing = assertThrows(
                FormatException.class, () -> new RondoFileWriter().function(all).write(path));
        assertEquals("function 'all', node 0 ('Scan'), attribute 'body'", missing.subject());
        FunctionDef step = Golden.functions().getFirst();
        FormatException tensor = assertThrows(
                FormatException.class,
                () -> new RondoFileWriter().function(step).write(path));
        assertEquals("function 'step', node 0 ('Linear'), input", tensor.subject());
        FormatException reference = assertThrows(
                FormatException.class,
                () -> new RondoFileWriter()
                        .reference(Golden.references().getFirst())
                        .write(path));
        assertEquals("reference case 'steps'", reference.subject());
        assertEquals(List.of(), files());
    }

    @Test
    void valuesMayLieOnTheHeap() throws IOException {
        Path path = folder.resolve("heap.rondo");
        TensorData values = new TensorData(ElementType.F32, List.of(2), MemorySegment.ofArray(new float[] {3, 4}));
        new RondoFileWriter().tensor("w", values).write(path);
        try (RondoFile file = RondoFile.load(path)) {
            assertArrayEquals(new float[] {3, 4}, file.tensors().get("w").toFloats());
        }
    }

    private static void assertRule(String rule, Runnable body) {
        FormatException error = assertThrows(FormatException.class, body::run);
        assertTrue(error.rule().contains(rule), error.getMessage());
    }

    private List<String> files() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
