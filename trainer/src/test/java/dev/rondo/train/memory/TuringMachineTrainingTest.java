package dev.rondo.train.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Call;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.architecture.memory.TuringMachine;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.train.Clipping;
import dev.rondo.train.Optimizer;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.StepReport;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tiny Turing machines learn to copy, and their files do. */
class TuringMachineTrainingTest {
    private static final CopyProblem PROBLEM = new CopyProblem(2);

    @TempDir
    Path folder;

    private static TuringMachineSettings settings(int maxLength, int epochs) {
        var machine = new TuringMachine(
                PROBLEM.inputs(), PROBLEM.bits(), TuringMachine.Controller.FEED_FORWARD, 16, 8, 6, 1, 1, 1);
        TrainingSettings training =
                TrainingSettings.of(Optimizer.adam(), 0.01, epochs, 1).withClipping(new Clipping.GlobalNorm(10));
        return new TuringMachineSettings(machine, PROBLEM, maxLength, maxLength, 16, 8, 50, training);
    }

    @Test
    void aSequenceIsVectorsAndAMark() {
        float[] x = PROBLEM.sequence(3, new SeededRandom(1));
        assertEquals(4 * 3, x.length);
        for (int t = 0; t < 4; t++) {
            assertEquals(t == 3 ? 1 : 0, x[t * 3 + 2]);
            for (int bit = 0; bit < 2; bit++) {
                assertTrue(x[t * 3 + bit] == 0 || t < 3 && x[t * 3 + bit] == 1);
            }
        }
        assertEquals(7, CopyProblem.steps(3));
        assertThrows(InputException.class, () -> new CopyProblem(0));
    }

    /** The written file copies in steps of a session. */
    @Test
    void theFileCopies() throws IOException {
        Path out = folder.resolve("copy.rondo");
        TrainingResult result =
                TuringMachineTraining.run(settings(2, 10), out, Optional.empty(), TrainingListener.SILENT);
        assertTrue(result.best().quality() > 95, result.best().toString());
        int wrong = 0;
        try (Model model = Model.open(out)) {
            Session session = model.session();
            Call step = session.call("step");
            for (int sequence = 0; sequence < 50; sequence++) {
                float[] x = PROBLEM.sequence(2, SeededRandom.of(99, sequence));
                session.call("start").run();
                for (int t = 0; t < CopyProblem.steps(2); t++) {
                    for (int i = 0; i < 3; i++) {
                        step.input("x").set(i, t <= 2 ? (double) x[t * 3 + i] : 0.0);
                    }
                    step.run();
                    for (int bit = 0; t > 2 && bit < 2; bit++) {
                        wrong += step.output("y").get(bit) > 0 == x[(t - 3) * 3 + bit] > 0 ? 0 : 1;
                    }
                }
            }
        }
        assertTrue(wrong < 20, wrong + " of 200 bits");
    }

    @Test
    void aStoppedRunGoesOn() throws IOException {
        TuringMachineSettings settings = settings(2, 2);
        Path whole = folder.resolve("whole.rondo");
        TuringMachineTraining.run(settings, whole, Optional.empty(), TrainingListener.SILENT);
        Path checkpoint = folder.resolve("checkpoint");
        Path parts = folder.resolve("parts.rondo");
        var stop = new TrainingListener() {
            private long steps;

            @Override
            public void step(StepReport report) {
                steps = report.step();
            }

            @Override
            public boolean stopRequested() {
                return steps == 70;
            }
        };
        TuringMachineTraining.run(settings, parts, Optional.of(checkpoint), stop);
        TuringMachineTraining.resume(checkpoint, parts, 1, TrainingListener.SILENT);
        assertArrayEquals(Files.readAllBytes(whole), Files.readAllBytes(parts));
        assertThrows(
                FormatException.class,
                () -> MemoryNetworkTraining.resume(
                        checkpoint, new StoryTexts("1 a?\tb\n", ""), parts, 1, TrainingListener.SILENT));
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        TuringMachineSettings good = settings(2, 1);
        assertThrows(
                InputException.class,
                () -> new TuringMachineSettings(good.machine(), new CopyProblem(3), 2, 3, 4, 8, 50, good.training()));
        assertThrows(
                InputException.class,
                () -> new TuringMachineSettings(good.machine(), PROBLEM, 0, 3, 4, 8, 50, good.training()));
        assertThrows(
                InputException.class,
                () -> new TuringMachineSettings(good.machine(), PROBLEM, 2, 3, 4, 0, 50, good.training()));
    }
}
