package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network of another framework goes on with its training here, whatever its tensors are called. */
class FineTuneConvertedTest {
    private static final Path TAGGER = Path.of("../converters/src/test/resources/pytorch/cases/tagger_spelled");
    private static final String NETWORK = "embedding(4) characters(embedding(3) parallel(conv(5, 3) relu pool(max) |"
            + " gru(2, bidirectional) pool(ends))) lstm(4, bidirectional)";
    private static final String SENTENCES = "the\tDET\ncat\tNOUN\nsleeps\tVERB\n\nthe\tDET\ndogs\tNOUN\nrun\tVERB\n";

    @TempDir
    Path folder;

    private Fixture rondo;
    private Path converted;
    private Path trained;

    @BeforeEach
    void convert() {
        rondo = new Fixture(folder);
        converted = rondo.path("converted.rondo");
        trained = rondo.path("trained.rondo");
        Object[] args = {
            "convert",
            TAGGER.resolve("model.safetensors"),
            "--config",
            TAGGER.resolve("config.json"),
            "-o",
            converted,
            "--dtype",
            "f32"
        };
        assertEquals(Main.DONE, rondo.run(args), () -> rondo.err);
    }

    private int train(Object network, Object rate) throws IOException {
        Path data = rondo.write("tags.tsv", SENTENCES);
        return rondo.run(
                "train",
                "tag",
                "--crf",
                "--data",
                data,
                "--valid",
                data,
                "--from",
                converted,
                "--network",
                network,
                "--learning-rate",
                rate,
                "--epochs",
                30,
                "--batch",
                2,
                "--warm-up",
                0,
                "--threads",
                1,
                "--dtype",
                "f32",
                "--no-curve",
                "--out",
                trained);
    }

    private String tags(Path model) {
        assertEquals(Main.DONE, rondo.runOn("the cat sleeps dogs run\n", "tag", model, "--scores"), () -> rondo.err);
        return rondo.out;
    }

    @Test
    void beginsAsItWasWithItsChain() throws IOException {
        assertEquals(Main.DONE, train(NETWORK, 1e-12), () -> rondo.err);
        assertEquals(tags(converted), tags(trained));
    }

    @Test
    void learns() throws IOException {
        assertEquals(Main.DONE, train(NETWORK, 0.05), () -> rondo.err);
        assertEquals(Main.DONE, rondo.runOn("the cat sleeps\nthe dogs run\n", "tag", trained), () -> rondo.err);
        assertEquals("the_DET cat_NOUN sleeps_VERB\nthe_DET dogs_NOUN run_VERB\n", rondo.out);
    }

    @Test
    void anotherNetworkIsRefused() throws IOException {
        assertEquals(Main.BAD_INPUT, train("embedding(4) lstm(4, bidirectional)", 0.05));
        assertTrue(rondo.err.contains("is missing") && rondo.err.lines().count() == 1, rondo.err);
    }
}
