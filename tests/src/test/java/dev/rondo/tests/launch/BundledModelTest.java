package dev.rondo.tests.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.decode.Sampling;
import dev.rondo.tests.session.Places;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The model of README's first command is small and has learnt what its results say. */
class BundledModelTest {
    private static final Path FILE = Places.root().resolve("samples/models/shakespeare.rondo");

    @Test
    void isSmallAndWrites() throws IOException {
        assertTrue(Files.size(FILE) <= 2_500_000, Files.size(FILE) + " bytes");
        try (Model model = Model.load(FILE)) {
            var text = new StringBuilder();
            int tokens = LanguageModel.of(model).generate("ROMEO:", 100, Sampling.of(7), piece -> {
                text.append(piece);
                return true;
            });
            assertEquals(100, tokens);
            assertEquals(100, text.length());
        }
    }

    @Test
    void knowsTheLanguage() throws IOException {
        try (Model model = Model.open(FILE)) {
            LanguageModel lm = LanguageModel.of(model);
            double line =
                    lm.score("\nWhat shall I say to thee, my noble lord?\n").crossEntropy();
            double shuffled =
                    lm.score("\nordl elbon ym ,eeht ot yas I llahs tahW?\n").crossEntropy();
            assertTrue(line < 1.9 && shuffled > 3, line + " and " + shuffled);
        }
    }

    @Test
    void reachesItsLossOnTextItHasNotSeen() throws IOException {
        Path file = Places.shared("data/shakespeare/input.txt");
        Assumptions.assumeTrue(Files.isRegularFile(file), "the text of ../shared is absent");
        String text = Files.readString(file);
        try (Model model = Model.open(FILE)) {
            String unseen = text.substring(text.length() - text.length() / 10);
            double loss = LanguageModel.of(model).score(unseen).crossEntropy();
            assertTrue(loss <= 1.47, loss + " nats per character");
        }
    }
}
