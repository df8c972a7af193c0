package dev.rondo.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TranslationTest {
    private static final RandomTranslationModel SMALL = new RandomTranslationModel(50, 12, 20);
    private static final int[][] SOURCES = {{5, 6, 7, 8, 9, 2}, {10, 11, 2}, {40, 41, 42, 43, 2}, {12, 2}};

    @TempDir
    private Path folder;

    @Test
    void onnxRuntimeComputesTheSameThroughAllThatASearchDoes() throws IOException {
        Path file = folder.resolve("model.rondo");
        SMALL.write(file, Stream.of("a", "b"));
        var limits = new TranslationNetwork.Limits(SOURCES.length, 3, 6);
        try (Model model = Model.open(file);
                var ours = new RondoTranslation(model, limits);
                var theirs = new OrtTranslation(new OnnxTranslation(TranslationWeights.of(model)), limits, 1)) {
            for (long seed = 1; seed <= 3; seed++) {
                double error = TranslationAgreement.worstError(ours, theirs, SOURCES, 3, seed);
                assertTrue(error < 1e-5, "error " + error);
            }
        }
    }
}
