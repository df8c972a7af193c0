package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.format.RondoFile;
import dev.rondo.train.data.IdxArray;
import dev.rondo.train.synthetic.DigitImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainSyntheticCommandTest {
    private static final Map<String, String> USUAL = Map.of(
            "--length", "12", "--hidden", "8", "--batch", "4", "--batches", "10", "--epochs", "2", "--tests", "20");

    @TempDir
    Path folder;

    private Fixture rondo;

    @BeforeEach
    void start() {
        rondo = new Fixture(folder);
    }

    /** A short training; options given replace those that are usual here. */
    private int train(Path out, String... more) {
        List<String> given = List.of(more);
        var args = new ArrayList<Object>(List.of("train", "synthetic", "--out", out, "--threads", "1"));
        USUAL.forEach((option, value) -> {
            if (!given.contains(option)) {
                args.addAll(List.of(option, value));
            }
        });
        args.addAll(given);
        return rondo.run(args.toArray());
    }

    @ParameterizedTest
    @CsvSource({"adding, elman", "adding, gru", "copy, lstm", "brackets, gru"})
    void everyTaskTrainsWithItsMeasures(String task, String cell) throws IOException {
        Path out = rondo.path("m.rondo");
        assertEquals(Main.DONE, train(out, "--task", task, "--cell", cell, "--shortest", "5"), () -> rondo.err);
        assertTrue(rondo.out.contains("accuracy"), rondo.out);
        assertEquals(task.equals("adding"), rondo.out.contains("squared error per sum"), rondo.out);
        assertFalse(rondo.err.contains("perplexity") && task.equals("adding"), rondo.err);
        assertTrue(Files.readString(rondo.path("m.svg")).contains("accuracy"));
        assertEquals(Main.DONE, rondo.run("inspect", out), () -> rondo.err);
        assertTrue(rondo.out.contains("synthetic"), rondo.out);
    }

    @Test
    void gradientsOfThreeCellsAreDrawnBeforeAndAfterTraining() throws IOException {
        Path elman = rondo.path("elman.rondo");
        Path lstm = rondo.path("lstm.rondo");
        Path chart = rondo.path("gradients.svg");
        assertEquals(Main.DONE, train(elman, "--cell", "elman"), () -> rondo.err);
        assertEquals(Main.DONE, train(lstm, "--cell", "lstm"), () -> rondo.err);
        assertEquals(
                Main.DONE,
                train(
                        rondo.path("gru.rondo"),
                        "--cell",
                        "gru",
                        "--gradients",
                        chart.toString(),
                        "--gradients-with",
                        elman.toString(),
                        lstm.toString()),
                () -> rondo.err);
        String svg = Files.readString(chart);
        for (String cell : List.of("elman, tanh", "lstm", "gru")) {
            for (String when : List.of("untrained", "trained")) {
                assertTrue(svg.contains(cell + ", " + when), cell + ", " + when);
                assertTrue(rondo.out.contains(cell + ", " + when + ": 1 back"), rondo.out);
            }
        }
    }

    @Test
    void gradientsThatCannotBeDrawnAreRefusedBeforeTraining() throws IOException {
        Path elman = rondo.path("elman.rondo");
        Path out = rondo.path("m.rondo");
        String chart = rondo.path("gradients.svg").toString();
        assertEquals(Main.DONE, train(elman), () -> rondo.err);
        String none = rondo.write("none.rondo", "no model").toString();
        assertEquals(Main.BAD_INPUT, train(out, "--gradients", chart, "--gradients-with", none));
        assertEquals(1, rondo.err.lines().count(), rondo.err);
        assertEquals(Main.BAD_INPUT, train(out, "--gradients-with", elman.toString()));
        assertTrue(rondo.err.contains("belongs to --gradients"), rondo.err);
        assertEquals(Main.BAD_INPUT, train(out, "--gradients", elman.toString(), "--gradients-with", elman.toString()));
        assertTrue(rondo.err.contains("another file"), rondo.err);
        assertFalse(Files.exists(out));
        // Two models of one cell, told apart by their files.
        assertEquals(
                Main.DONE, train(out, "--gradients", chart, "--gradients-with", elman.toString()), () -> rondo.err);
        assertTrue(Files.readString(Path.of(chart)).contains("of elman.rondo, trained"));
        // What a program reads is one object, whatever is drawn.
        assertEquals(Main.DONE, train(out, "--gradients", chart, "--json"), () -> rondo.err);
        assertTrue(rondo.out.stripTrailing().endsWith("}"), rondo.out);
    }

    @ParameterizedTest
    @CsvSource({
        "--task, chess, adding",
        "--cell, transformer, elman",
        "--length, 1, setting length",
        "--depth, 3, belongs to brackets",
        "--shortest, 99, shortest sequence",
        "--memory, 0, memory",
        "--batch, 0, batch size",
        "--tests, 0, test sequences",
    })
    void whatDoesNotFitIsRefusedBeforeTraining(String option, String value, String part) {
        Path out = rondo.path("m.rondo");
        assertEquals(Main.BAD_INPUT, train(out, option, value));
        assertTrue(rondo.err.startsWith("rondo: ") && rondo.err.contains(part), rondo.err);
        assertEquals(1, rondo.err.lines().count(), rondo.err);
        assertFalse(Files.exists(out));
    }

    @Test
    void imagesOfDigitsAreWrittenAsMnistHasThem() throws IOException {
        Path images = rondo.path("images.idx");
        Path labels = rondo.path("labels.idx");
        assertEquals(
                Main.DONE,
                rondo.run(
                        "sample",
                        "digits",
                        "--count",
                        30,
                        "--size",
                        12,
                        "--seed",
                        5,
                        "--images",
                        images,
                        "--labels",
                        labels),
                () -> rondo.err);
        var digits = new DigitImages(12, 5);
        IdxArray read = IdxArray.read(images);
        assertEquals(List.of(30, 12, 12), read.shape());
        assertEquals(digits.image(29)[70] & 0xFF, read.at(29, 70));
        assertEquals(digits.label(29), IdxArray.read(labels).at(29, 0));
        assertEquals(
                Main.BAD_INPUT, rondo.run("sample", "digits", "--size", 5, "--images", images, "--labels", labels));
        assertEquals(
                Main.BAD_INPUT, rondo.run("sample", "digits", "--count", 0, "--images", images, "--labels", labels));
        assertEquals(Main.BAD_INPUT, rondo.run("sample", "digits", "--images", images, "--labels", images));
    }

    /** A language model goes on from another one; network options belong to the beginning. */
    @Test
    void aLanguageModelGoesOnFromAnother() throws IOException {
        Path text = rondo.write("text", "the cat sees the dog and the dog hears the cat. ".repeat(20));
        Path first = rondo.path("first.rondo");
        Path second = rondo.path("second.rondo");
        List<Object> common = List.of("train", "lm", "--data", text, "--batch", 4, "--steps", 8, "--threads", 1);
        var begin = new ArrayList<>(common);
        begin.addAll(List.of("--out", first, "--hidden", 8, "--embedding", 4, "--epochs", 1, "--warm-up", 1));
        assertEquals(Main.DONE, rondo.run(begin.toArray()), () -> rondo.err);
        var on = new ArrayList<>(common);
        on.addAll(List.of("--out", second, "--from", first, "--freeze", "layer0.*", "--max-steps", 3, "--warm-up", 1));
        assertEquals(Main.DONE, rondo.run(on.toArray()), () -> rondo.err);
        try (var a = RondoFile.load(first);
                var b = RondoFile.load(second)) {
            assertArrayEquals(
                    a.tensors().get("layer0.bias").toFloats(),
                    b.tensors().get("layer0.bias").toFloats());
        }
        on.addAll(List.of("--hidden", 8));
        assertEquals(Main.BAD_INPUT, rondo.run(on.toArray()));
        assertTrue(rondo.err.contains("--hidden: is not given with --from"), rondo.err);
    }
}
