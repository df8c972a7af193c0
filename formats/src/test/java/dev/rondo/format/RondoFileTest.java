package dev.rondo.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RondoFileTest {
    @TempDir
    Path folder;

    private Path path;

    private interface Opening {
        RondoFile open(Path path) throws IOException;
    }

    private static final List<Opening> BOTH = List.of(RondoFile::map, RondoFile::load);

    @BeforeEach
    void write() throws IOException {
        path = folder.resolve("golden.rondo");
        Golden.write(path);
    }

    @Test
    void closingTwiceDoesNothing() throws IOException {
        for (Opening opening : BOTH) {
            RondoFile file = opening.open(path);
            file.close();
            file.close();
            assertEquals(14, file.tensors().size()); // what lies on the heap stays
        }
    }

    @Test
    void touchingBringsEveryPageIntoMemory() throws IOException {
        Assumptions.assumeTrue(Files.exists(Path.of("/proc/self/smaps")), "only Linux tells");
        int count = 1 << 20;
        new RondoFileWriter()
                .tensor("w", Encoding.F32, new Layout.Rows(), List.of(count), () -> new float[count])
                .write(path);
        RondoFile file = RondoFile.map(path);
        try (file) {
            assertTrue(resident() < count * 3L, "not all of a mapped file is read");
            file.touch();
            assertTrue(resident() >= count * 4L, "all of it is there");
        }
        assertThrows(IllegalStateException.class, file::touch);
        try (RondoFile copy = RondoFile.load(path)) {
            copy.touch();
        }
    }

    /** Bytes of the mapped file that are in this process's memory. */
    private long resident() throws IOException {
        String name = path.toRealPath().toString();
        long bytes = 0;
        boolean mine = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            String[] words = line.split(" +");
            if (words[0].contains("-")) {
                mine = words[words.length - 1].equals(name);
            } else if (mine && words[0].equals("Rss:")) {
                bytes += Long.parseLong(words[1]) * 1024;
            }
        }
        return bytes;
    }

    @Test
    void dataOfAClosedFileCannotBeRead() throws IOException {
        for (Opening opening : BOTH) {
            RondoFile file = opening.open(path);
            Tensor tensor = file.tensors().get("f32.rows");
            TensorData values = file.references().getFirst().inputs().get("x");
            file.close();
            assertThrows(IllegalStateException.class, tensor::toFloats);
            assertThrows(IllegalStateException.class, () -> values.value(0));
        }
    }

    @Test
    void anotherThreadMayReadAndClose() throws Exception {
        for (Opening opening : BOTH) {
            RondoFile file = opening.open(path);
            Thread other = Thread.ofPlatform().start(() -> {
                assertEquals(1, file.tensors().get("f32.rows").toFloats()[0]);
                file.close();
            });
            other.join();
            assertThrows(
                    IllegalStateException.class,
                    () -> file.tensors().get("f32.rows").toFloats());
        }
    }

    @Test
    void closingWaitsForItsTurnWhileAChannelHoldsTheMemory() throws Exception {
        Path large = folder.resolve("large.rondo");
        int bytes = 1 << 20; // more than a pipe holds, so the write below blocks half way
        new RondoFileWriter()
                .tensor("w", TensorData.ofBooleans(List.of(bytes), new boolean[bytes]))
                .write(large);
        RondoFile file = RondoFile.map(large);
        Pipe pipe = Pipe.open();
        Thread writer = Thread.ofPlatform().start(() -> {
            try (Pipe.SinkChannel sink = pipe.sink()) {
                sink.write(file.tensors().get("w").data().asByteBuffer());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try (Pipe.SourceChannel source = pipe.source()) {
            assertEquals(1, source.read(ByteBuffer.allocate(1))); // the write has begun
            assertThrows(IllegalStateException.class, file::close);
            assertEquals(bytes, file.tensors().get("w").toFloats().length); // still open
            ByteBuffer rest = ByteBuffer.allocate(bytes);
            int read;
            do {
                read = source.read(rest);
            } while (read >= 0 && rest.hasRemaining());
        }
        writer.join();
        file.close();
        assertThrows(IllegalStateException.class, () -> file.tensors().get("w").toFloats());
    }

    @Test
    void dataCannotBeWritten() throws IOException {
        for (Opening opening : BOTH) {
            try (RondoFile file = opening.open(path)) {
                MemorySegment data = file.tensors().get("f32.rows").data();
                assertThrows(IllegalArgumentException.class, () -> data.set(LittleEndian.F32, 0, 1));
                MemorySegment values =
                        file.references().getFirst().inputs().get("x").data();
                assertThrows(IllegalArgumentException.class, () -> values.set(LittleEndian.F32, 0, 1));
            }
        }
    }

    @Test
    void contentCannotBeChanged() throws IOException {
        try (RondoFile file = RondoFile.map(path)) {
            assertThrows(
                    UnsupportedOperationException.class, () -> file.metadata().put("a", "b"));
            assertThrows(
                    UnsupportedOperationException.class, () -> file.tensors().clear());
            assertThrows(
                    UnsupportedOperationException.class, () -> file.functions().clear());
            assertThrows(UnsupportedOperationException.class, () -> file.texts().clear());
            assertThrows(
                    UnsupportedOperationException.class, () -> file.references().clear());
        }
    }

    @Test
    void aLoadedFileDoesNotCareWhatHappensToThePath() throws IOException {
        try (RondoFile file = RondoFile.load(path)) {
            Files.write(path, new byte[3]);
            assertEquals(3.5f, file.tensors().get("f32.rows").toFloats()[2]);
        }
    }

    @Test
    void theMappingIsFreedWhenAFileIsClosedOrRefused() throws IOException {
        Path maps = Path.of("/proc/self/maps");
        Assumptions.assumeTrue(Files.isReadable(maps), "only Linux lists the mappings of a process");
        RondoFile file = RondoFile.map(path);
        assertTrue(Files.readString(maps).contains(path.toRealPath().toString()));
        file.close();
        assertFalse(Files.readString(maps).contains(path.toRealPath().toString()));
        RawFile raw = RawFile.valid();
        int texts = raw.start(RawFile.TEXTS);
        Path broken = Files.write(
                folder.resolve("broken.rondo"),
                raw.damage(b -> b.put(texts, (byte) 9)).bytes());
        assertThrows(FormatException.class, () -> RondoFile.map(broken));
        assertFalse(Files.readString(maps).contains(broken.toRealPath().toString()));
    }

    @Test
    void whatIsNoFile() throws IOException {
        for (Opening opening : BOTH) {
            assertThrows(NoSuchFileException.class, () -> opening.open(folder.resolve("none")));
            FormatException error = assertThrows(FormatException.class, () -> opening.open(folder));
            assertTrue(error.getMessage().contains("must be a regular file; got a directory"), error.getMessage());
            assertEquals(folder.toString(), error.file());
        }
    }

    @Test
    void thePathIsKept() throws IOException {
        try (RondoFile file = RondoFile.map(path)) {
            assertEquals(path, file.path());
        }
    }
}
