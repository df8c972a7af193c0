package dev.rondo.train.synthetic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.architecture.Cell;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Function;
import dev.rondo.train.Initialisation;
import dev.rondo.train.Optimizer;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyntheticTrainingTest {
    @TempDir
    Path folder;

    private static SyntheticSettings settings(SequenceProblem problem, Cell cell, int epochs) {
        var training = TrainingSettings.of(Optimizer.adam(), 0.02, epochs, 3);
        return new SyntheticSettings(problem, cell, 24, problem.steps(), problem.fewestSteps(), 16, 50, 100, training);
    }

    private TrainingResult train(SyntheticSettings settings, Path out) throws IOException {
        return SyntheticTraining.run(settings, out, Optional.empty(), TrainingListener.SILENT);
    }

    /** What the file answers is what was evaluated. */
    @Test
    void aNetworkThatCopiesAnswersFromItsFileAsInTraining() throws IOException {
        var problem = new BracketNesting(20, 2);
        Path out = folder.resolve("brackets.rondo");
        TrainingResult result = train(settings(problem, new Cell.Gru(true), 8), out);
        assertTrue(result.best().quality() > problem.baseline().quality() + 2, result.toString());
        float[] inputs = new float[20];
        float[] targets = new float[20];
        int right = 0;
        try (Model model = Model.load(out)) {
            Call call = model.session(Capacity.of("T", 20)).call("sequence");
            call.input("lengths").set(0, 20);
            for (int i = 0; i < 100; i++) {
                problem.draw(SeededRandom.of(77, i), inputs, targets);
                for (int t = 0; t < 20; t++) {
                    call.input("tokens").set(t, (int) inputs[t]);
                }
                call.run();
                long[] tags = call.output("tags").toLongs();
                for (int t = 0; t < 20; t++) {
                    right += tags[t] == (long) targets[t] ? 1 : 0;
                }
            }
        }
        assertEquals(result.best().quality(), right / 20.0, 4);
    }

    @Test
    void aRunThatWasStoppedGoesOnToTheSameFile() throws IOException {
        SyntheticSettings settings = settings(new CopyMemory(3), new Cell.Lstm(), 2);
        Path whole = folder.resolve("whole.rondo");
        train(settings, whole);
        Path out = folder.resolve("out.rondo");
        Path checkpoint = folder.resolve("checkpoint");
        int[] left = {30};
        SyntheticTraining.run(settings, out, Optional.of(checkpoint), new TrainingListener() {
            @Override
            public boolean stopRequested() {
                return --left[0] == 0;
            }
        });
        assertFalse(Files.exists(out));
        SyntheticTraining.resume(checkpoint, out, 1, TrainingListener.SILENT);
        assertArrayEquals(Files.readAllBytes(whole), Files.readAllBytes(out));
    }

    /** h_t = λ Q h_(t−1) + W x_t, Q orthogonal: the gradient by h goes back as λ^ℓ, it vanishes or explodes. */
    @Test
    void theGradientOfALinearNetworkGoesBackAsThePowerOfItsSpectrum() {
        for (double lambda : new double[] {0.9, 1, 1.1}) {
            var settings = settings(new AddingProblem(40), new Cell.Elman(Activation.IDENTITY), 1);
            var network = new SequenceNetwork(settings.problem(), settings.cell(), settings.hiddenSize());
            Function function = network.nudged();
            ParameterStore parameters = ParameterStore.of(function, List.of());
            network.initialise(parameters, 1, 9);
            parameters.initialise("layer0.weight_hidden", new Initialisation.Orthogonal(), 1, 9);
            float[] scaled = parameters.get("layer0.weight_hidden");
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] *= (float) lambda;
            }
            parameters.set("layer0.weight_hidden", scaled);
            double[] norms = GradientDistance.norms(settings, function, parameters);
            for (int distance = 0; distance < 40; distance++) {
                assertEquals(1, norms[distance] / Math.pow(lambda, distance), 1e-4, lambda + " at " + distance);
            }
        }
    }

    /** Biases for memory keep the gradient of gated cells alive where that of an Elman network vanishes. */
    @Test
    void gatesKeepTheGradientAliveAndTrainingChangesIt() throws IOException {
        Path out = folder.resolve("out.rondo");
        double[] last = new double[2];
        int i = 0;
        for (Cell cell : List.of(new Cell.Elman(Activation.TANH), new Cell.Lstm())) {
            train(settings(new AddingProblem(60), cell, 1), out);
            GradientDistance distance = GradientDistance.of(out);
            assertEquals(60, distance.before().length);
            assertEquals(1, distance.before()[0]);
            assertEquals(1, distance.after()[0]);
            assertFalse(Arrays.equals(distance.before(), distance.after()));
            last[i++] = distance.before()[59];
        }
        assertTrue(last[1] > 10 * last[0], last[0] + " and " + last[1]);
    }

    @Test
    void gradientsAreOfSyntheticModelsOnly() throws IOException {
        Path other = folder.resolve("other.rondo");
        new RondoFileWriter().metadata("task", "language-model").write(other);
        assertThrows(FormatException.class, () -> GradientDistance.of(other));
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThrows(InputException.class, () -> new AddingProblem(1));
        assertThrows(InputException.class, () -> new CopyMemory(0));
        assertThrows(InputException.class, () -> new BracketNesting(10, 0));
        var training = TrainingSettings.of(Optimizer.adam(), 0.02, 1, 3);
        assertThrows(
                InputException.class,
                () -> SyntheticSettings.of(new AddingProblem(1 << 20), new Cell.Lstm(), 512, 32, 1, training));
        assertThrows(
                InputException.class,
                () -> new SyntheticSettings(new AddingProblem(9), new Cell.Lstm(), 4, 9, 10, 4, 1, 1, training));
    }
}
