package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.convert.safetensors.SafetensorsFile;
import dev.rondo.convert.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights without a configuration: what is inferred is shown, and goes on only when it is confirmed or proven. */
class ConvertInferenceTest {
    private static final Path CASES = Path.of("../converters/src/test/resources/pytorch/cases");

    @TempDir
    Path folder;

    private Fixture rondo;
    private Path target;

    @BeforeEach
    void start() {
        rondo = new Fixture(folder);
        target = rondo.path("model.rondo");
    }

    @Test
    void isShownAndWaitsForAYes() throws IOException {
        Path source = CASES.resolve("lstm_1layer/model.safetensors");
        assertEquals(Main.NO, rondo.run("convert", source, "-o", target), () -> rondo.out + rondo.err);
        assertTrue(rondo.err.contains("--yes") && rondo.err.contains("--config"), rondo.err);
        assertFalse(Files.exists(target));
        String shown = rondo.out.substring(rondo.out.indexOf('{'));
        assertTrue(shown.contains("\"cell\" : \"lstm\""), shown);

        done("convert", source, "-o", target, "--yes");
        assertTrue(rondo.out.contains("unverified"), rondo.out);
        Files.delete(target);
        done("convert", source, "-o", target, "--config", Files.writeString(rondo.path("config.json"), shown));
    }

    @Test
    void isProvenByReferenceVectors() throws IOException {
        Path source = CASES.resolve("rnn_tanh/model.safetensors");
        Path io = io("rnn_tanh");
        assertEquals(Main.BAD_INPUT, rondo.run("convert", source, "-o", target, "--io", io));
        assertTrue(rondo.err.contains("--activation tanh"), rondo.err);
        assertEquals(Main.NO, rondo.run("convert", source, "-o", target, "--io", io, "--activation", "relu"));
        assertFalse(Files.exists(target));
        done("convert", source, "-o", target, "--io", io, "--activation", "tanh");
        done("verify", target);
    }

    @Test
    void isForSourcesThatNeedIt() throws IOException {
        assertEquals(
                Main.BAD_INPUT,
                rondo.run("convert", rondo.source(), "-o", target, "--config", rondo.config(), "--activation", "tanh"));
        assertTrue(rondo.err.contains("--activation"), rondo.err);
        assertFalse(Files.exists(target));
    }

    private Path io(String name) throws IOException {
        var writer = new SafetensorsWriter();
        try (SafetensorsFile file = SafetensorsFile.open(CASES.resolve(name).resolve("io.safetensors"))) {
            for (String tensor : List.of("in.x", "out.y", "out.h_n")) {
                var from = file.tensors().get(tensor);
                List<Integer> shape =
                        from.shape().stream().map(Math::toIntExact).toList();
                writer.tensor(tensor, from.dtype(), shape, from.data().toArray(ValueLayout.JAVA_BYTE));
            }
        }
        Path io = rondo.path("io.safetensors");
        writer.write(io);
        return io;
    }

    private void done(Object... args) {
        assertEquals(Main.DONE, rondo.run(args), () -> rondo.out + rondo.err);
    }
}
