package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A translation model proves itself: encode once, then step for each token of the target. */
class ConvertTranslationTest {
    private static final Path CASE =
            Path.of("../converters/src/test/resources/pytorch/cases/attn_seq2seq_luong_general");

    private static final Path CONFIG = Path.of("../samples/configs/translation-luong.json");

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
    void isVerifiedAgainstItsReferenceVectors() {
        assertEquals(Main.DONE, convert(CONFIG), () -> rondo.out + rondo.err);
        assertEquals(Main.DONE, rondo.run("verify", target), () -> rondo.out + rondo.err);
        for (String output : new String[] {"encode, output memory", "encode, output c1", "step, output attention"}) {
            assertTrue(rondo.out.contains("function " + output + ": worst error"), rondo.out);
        }
        assertEquals(Main.DONE, rondo.run("verify", target, "--function", "step", "--kernel", "plain"));
        assertFalse(rondo.out.contains("encode"), rondo.out);
        assertEquals(Main.NO, rondo.run("verify", target, "--atol", "0", "--rtol", "0"));
        assertEquals(Main.DONE, rondo.run("inspect", target), () -> rondo.out + rondo.err);
        assertTrue(rondo.out.contains("translation"), rondo.out);
    }

    /** What the vectors do not confirm is written, but not called verified. */
    @Test
    void aWrongConfigurationIsSeen() throws IOException {
        Path config = Files.writeString(
                rondo.path("config.json"),
                Files.readString(CONFIG).replace("[\"context\", \"state\"]", "[\"state\", \"context\"]"));
        assertEquals(Main.NO, convert(config), () -> rondo.out + rondo.err);
        assertTrue(rondo.out.contains("OVER"), rondo.out);
    }

    private int convert(Path config) {
        return rondo.run(
                "convert",
                CASE.resolve("model.safetensors"),
                "-o",
                target,
                "--config",
                config,
                "--io",
                CASE.resolve("io.safetensors"));
    }
}
