package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.train.Checkpoint;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.lm.LanguageModelTraining;
import dev.rondo.train.lm.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What cannot be trained is refused in one line, before anything is written. */
class TrainBadInputTest {
    @TempDir
    Path folder;

    private TrainingFixture training;
    private Fixture rondo;
    private Path model;

    @BeforeEach
    void start() throws IOException {
        training = new TrainingFixture(folder);
        rondo = training.rondo;
        model = rondo.path("model.rondo");
    }

    @AfterEach
    void nothingWasWritten() throws IOException {
        assertFalse(Files.isRegularFile(model));
        try (var files = Files.list(folder)) {
            List<String> left = files.map(f -> f.getFileName().toString())
                    .filter(f -> f.endsWith(".tmp") || f.endsWith(".svg"))
                    .toList();
            assertEquals(List.of(), left);
        }
    }

    private void refused(int code, String part) {
        assertEquals(Main.BAD_INPUT, code, () -> rondo.out + rondo.err);
        assertTrue(rondo.err.startsWith("rondo: "), rondo.err);
        assertEquals(1, rondo.err.lines().count(), rondo.err);
        assertTrue(rondo.err.contains(part), () -> part + " in " + rondo.err);
        assertFalse(rondo.err.contains("Exception"), rondo.err);
        assertEquals("", rondo.out);
    }

    private void refusedData(String part, Path data, Object... more) {
        var args = new ArrayList<Object>(List.of("train", "lm", "--data", data, "--out", model));
        args.addAll(List.of(more));
        refused(rondo.run(args.toArray()), part);
    }

    @ParameterizedTest
    @CsvSource({
        "--hidden, 0, hidden size",
        "--hidden, 65537, hidden size",
        "--hidden, x, --hidden",
        "--layers, 0, layers",
        "--layers, 65, layers",
        "--embedding, -1, embedding size",
        "--dropout, 1, dropout",
        "--dropout, -0.1, dropout",
        "--dropout, NaN, dropout",
        "--dropout-input, 1.5, dropout",
        "--batch, 0, batch size",
        "--batch, 3, 'multiple of the 2 shards'",
        "--steps, 0, steps of a sequence",
        "--shards, 0, shards",
        "--shards, 65, shards",
        "--threads, 0, --threads",
        "--threads, 65, --threads",
        "--epochs, 0, epochs",
        "--max-steps, -1, steps",
        "--evaluate-every, -1, steps between evaluations",
        "--patience, -1, patience",
        "--learning-rate, 0, learning rate",
        "--learning-rate, -1, learning rate",
        "--learning-rate, NaN, learning rate",
        "--learning-rate, Infinity, learning rate",
        "--weight-decay, -1, weight decay",
        "--weight-decay, 1, weight decay",
        "--l1, -1, l1",
        "--l2, Infinity, l2",
        "--warm-up, -1, warm-up",
        "--clip-norm, -1, clip norm",
        "--clip-norm, NaN, clip norm",
        "--clip-value, 0, clip value",
        "--schedule-factor, 2, schedule floor",
        "--validation-fraction, 0, validation share",
        "--validation-fraction, 1, validation share",
        "--validation-fraction, NaN, validation share",
        "--vocabulary-size, 1, vocabulary size",
        "--vocabulary-size, -1, vocabulary size",
        "--min-count, 0, minimal count",
        "--forget-bias, NaN, forget bias",
        "--forget-bias, 1e39, forget bias",
        "--random-state, -1, deviation of initial states",
        "--random-state, 1e300, deviation of initial states",
        "--seed, x, --seed",
        "--cell, rnn, '[elman, gru, lstm]'",
        "--optimizer, lion, '[adagrad, adam, adamw, momentum, nesterov, rmsprop, sgd]'",
        "--schedule, linear, '[constant, cosine, exponential, plateau, step]'",
        "--init, zero, '[he, orthogonal, xavier]'",
        "--unit, bytes, '[characters, words]'",
        "--dtype, f64, '[bf16, f16, f32, int8]'",
        "--momentum, 0.9, '--momentum: belongs to momentum, nesterov, rmsprop; got adamw'",
        "--schedule-every, 2, '--schedule-every: belongs to step, plateau; got cosine'"
    })
    void valuesOutOfRangeAreNamed(String option, String value, String part) {
        refused(rondo.run("train", "lm", "--data", training.data, "--out", model, option, value), part);
    }

    @Test
    void valuesThatDoNotFitEachOtherAreNamed() throws IOException {
        refused(training.train(model, "--freeze", "nothing.*"), "frozen parameters");
        refused(training.train(model, "--tie"), "tied to the embedding");
        refused(training.train(model, "--clip-norm", 1, "--clip-value", 1), "--clip-norm and --clip-value: exclude");
        refused(training.train(model, "--curve", rondo.path("c.svg"), "--no-curve"), "--curve and --no-curve: exclude");
        refused(
                training.train(model, "--valid", training.data, "--validation-fraction", 0.1),
                "--valid and --validation-fraction: exclude");
        refused(training.train(model, "--optimizer", "adam", "--weight-decay", 0.1), "--weight-decay: belongs to sgd");
        refused(training.train(model, "--optimizer", "momentum", "--momentum", 1), "momentum");
        refused(training.train(model, "--schedule", "constant", "--schedule-factor", 1), "--schedule-factor: belongs");
        refused(training.train(model, "--schedule", "step", "--schedule-every", 0), "schedule step");
        refused(training.train(model, "--schedule", "plateau", "--schedule-every", 0), "schedule patience");
    }

    @Test
    void aBidirectionalLanguageModelIsRefusedWithTheReason() {
        refused(training.train(model, "--bidirectional"), "would see the very token it has to predict");
    }

    @Test
    void aKindOfModelIsAskedFor() {
        refused(rondo.run("train"), "Missing kind of model");
        refused(rondo.run("train", "lm", "--out", model), "--data");
        refused(rondo.run("train", "lm", "--data", training.data), "--out");
    }

    @Test
    void dataThatCannotBeUsedIsNamed() throws IOException {
        refusedData("missing.txt: must exist", rondo.path("missing.txt"));
        refusedData("a folder", folder);
        refusedData("an empty file", rondo.write("empty.txt", ""));
        refusedData("at least one batch of 64 x 128 tokens", rondo.write("short.txt", "a few words".repeat(99)));
        refusedData("validation text: has a token to predict", rondo.write("one.txt", "a"));
        byte[] noise = new byte[5000];
        new SplittableRandom(1).nextBytes(noise);
        refusedData("is a text in UTF-8", Files.write(rondo.path("noise.bin"), noise));
        refusedData("text", rondo.write("white.txt", " \n".repeat(20_000)), "--unit", "words");
    }

    @Test
    void validationDataThatCannotBeUsedIsNamed() throws IOException {
        refused(training.train(model, "--valid", rondo.path("missing.txt")), "missing.txt: must exist");
        refused(training.train(model, "--valid", rondo.write("empty.txt", "")), "validation text");
        refused(
                training.train(model, "--valid", Files.write(rondo.path("latin.txt"), new byte[] {(byte) 0xe9, 'a'})),
                "UTF-8");
    }

    @Test
    void aPlaceThatCannotBeWrittenIsFoundBeforeTraining() throws Exception {
        refused(
                training.train(rondo.path("missing").resolve("m.rondo")),
                "--out: must be a file in a folder that exists");
        refused(training.train(folder), "--out: must be a file in a folder that exists");
        refused(training.train(rondo.path("x".repeat(300) + ".rondo")), "name too long");
        Path pipe = rondo.path("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        refused(training.train(pipe), "a device or pipe");
        refused(training.train(model, "--curve", rondo.path("missing").resolve("c.svg")), "--curve: must be a file");
        refused(
                training.train(model, "--checkpoint", rondo.path("missing").resolve("c")),
                "--checkpoint: must be a file");
        refused(training.train(training.data), "--out: must be another file");
        refused(training.train(model, "--curve", training.data), "--curve: must be another file");
        refused(training.train(model, "--curve", model), "--curve: must be another file");
        refused(training.train(model, "--checkpoint", model), "--checkpoint: must be another file");
        assertEquals(TrainingFixture.TEXT, Files.readString(training.data));
        Path locked = Files.createDirectory(rondo.path("locked"));
        Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-xr-xr-x"));
        if (!Files.isWritable(locked)) { // the superuser may write everywhere
            refused(training.train(locked.resolve("m.rondo")), "access denied");
        }
    }

    @Test
    void onlyACheckpointOfTheSameRunIsResumed() throws IOException {
        refused(resume(), "model.checkpoint: must exist");
        Path checkpoint = rondo.write("model.checkpoint", "no checkpoint");
        refused(resume(), "model.checkpoint");
        Files.write(checkpoint, new byte[0]);
        refused(resume(), "model.checkpoint");
        Files.delete(checkpoint);
        // A model is of the same format, and no checkpoint.
        Files.move(rondo.languageModel(), checkpoint, StandardCopyOption.REPLACE_EXISTING);
        refused(resume(), "name the checkpoint, not the model");
        assertTrue(Files.exists(checkpoint));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9, 100, 400, -9, -200, -3000})
    void aDamagedCheckpointIsRefused(int place) throws IOException {
        byte[] bytes = Files.readAllBytes(checkpoint());
        bytes[place < 0 ? bytes.length + place : place] ^= 0x20;
        Files.write(rondo.path("model.checkpoint"), bytes);
        refused(resume(), "model.checkpoint");
    }

    @Test
    void aCutCheckpointIsRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(checkpoint());
        Files.write(rondo.path("model.checkpoint"), Arrays.copyOf(bytes, bytes.length * 2 / 3));
        refused(resume(), "model.checkpoint");
    }

    @ParameterizedTest
    @CsvSource({"settings.unit, ''", "settings.cell, gru", "progress.step, x", "settings.penalty, ()"})
    void aCheckpointThatSaysNonsenseIsRefused(String key, String value) throws IOException {
        Path path = checkpoint();
        Checkpoint read = Checkpoint.read(path);
        var entries = new HashMap<>(read.entries());
        assertTrue(entries.put(key, value) != null);
        new Checkpoint(entries, read.tensors()).write(path);
        refused(resume(), "checkpoint");
    }

    @Test
    void aRunResumesOnItsOwnDataAndSettings() throws IOException {
        checkpoint();
        refused(resume("--hidden", 16), "--hidden: is not given with --resume");
        refused(resume("--seed", 2), "--seed: is not given with --resume");
        Path other = rondo.write("other.txt", TrainingFixture.TEXT.replace("cat", "cow"));
        refused(
                rondo.run("train", "lm", "--data", other, "--out", model, "--resume"),
                "go on with the same data and settings");
    }

    private int resume(Object... more) {
        var args = new ArrayList<Object>(List.of("train", "lm", "--data", training.data, "--out", model, "--resume"));
        args.addAll(List.of(more));
        return rondo.run(args.toArray());
    }

    /** That of a run which stopped after its first epoch. */
    private Path checkpoint() throws IOException {
        Path checkpoint = rondo.path("model.checkpoint");
        var command = new TrainLanguageModelCommand();
        List<String> args =
                training.command(model).stream().skip(2).map(Object::toString).toList();
        new CommandLine(command).parseArgs(args.toArray(String[]::new));
        LanguageModelTraining.run(
                command.settings(),
                Texts.of(TrainingFixture.TEXT),
                model,
                Optional.of(checkpoint),
                new TrainingListener() {
                    @Override
                    public boolean stopRequested() {
                        return true;
                    }
                });
        return checkpoint;
    }
}
