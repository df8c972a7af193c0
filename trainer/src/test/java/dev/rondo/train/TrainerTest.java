package dev.rondo.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.error.StateException;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
    private static TrainingSettings settings(int epochs) {
        return TrainingSettings.of(new Optimizer.Sgd(0.9, false), 0.02, epochs, 1);
    }

    private static TrainingSettings settings(int epochs, long evaluateEvery, int patience, Schedule schedule) {
        return new TrainingSettings(
                Optimizer.sgd(),
                new LearningRate(0.05, 0, schedule),
                Penalty.NONE,
                new Clipping.None(),
                epochs,
                0,
                evaluateEvery,
                patience,
                1,
                List.of(),
                1,
                1,
                1);
    }

    private static float[] trained(Trainer trainer) {
        return new float[] {
            trainer.parameters().get("slope")[0], trainer.parameters().get("intercept")[0]
        };
    }

    private static TrainingResult quietly(Trainer trainer) throws IOException {
        return trainer.train(Optional.empty(), TrainingListener.SILENT);
    }

    @Test
    void fullBatchMiniBatchAndABatchOfOneFindTheLine() throws IOException {
        for (int batch : new int[] {20, 7, 1}) {
            try (var trainer = new Trainer(Line.exact(batch), settings(batch == 1 ? 60 : 600))) {
                quietly(trainer);
                assertArrayEquals(new float[] {3, -1}, trained(trainer), 0.02f, "batch of " + batch);
            }
        }
    }

    /** loss = mean (y − t)², so from zero the gradient is −2 mean(t x) and −2 mean(t). */
    @Test
    void theGradientIsThatOfTheMeanOverAllShards() {
        for (int shards : new int[] {1, 2, 3}) {
            Line line = new Line(6, 6, 1, i -> new float[] {i, 2 * i});
            var store = ParameterStore.of(line.function(), List.of());
            try (Workers workers = Workers.of(2)) {
                var run = new GradientRun(line.function(), store, line.capacity(), shards, Model.Kernel.BEST, workers);
                line.batches().fill(0, 0, run.shards());
                GradientRun.Outcome outcome = run.run();
                assertEquals(6, outcome.count());
                assertEquals(4 * 55 / 6.0, outcome.loss(), 1e-4);
            }
            assertEquals(-4 * 55 / 6.0, store.gradient("slope").get(ValueLayout.JAVA_FLOAT, 0), 1e-4);
            assertEquals(-10, store.gradient("intercept").get(ValueLayout.JAVA_FLOAT, 0), 1e-4);
        }
    }

    @Test
    void aFrozenParameterStays() throws IOException {
        var frozen = new TrainingSettings(
                Optimizer.adamW(0.1),
                LearningRate.constant(0.1),
                new Penalty(0.1, 0.1),
                new Clipping.None(),
                5,
                0,
                0,
                0,
                1,
                List.of("inter*"),
                1,
                1,
                1);
        try (var trainer = new Trainer(Line.exact(20), frozen)) {
            trainer.parameters().set("intercept", new float[] {5});
            assertEquals(1, trainer.parameters().frozenCount());
            quietly(trainer);
            // The best parameters are those of the first evaluation or later: each has the frozen value of its time.
            assertEquals(5, trained(trainer)[1]);
            assertTrue(trained(trainer)[0] != 0);
        }
        assertThrows(
                InputException.class, () -> ParameterStore.of(Line.exact(20).function(), List.of("nothing")));
    }

    /** Hears all, and stops after a step. */
    private static final class Recorder implements TrainingListener {
        final List<EvaluationReport> evaluations = new ArrayList<>();
        final List<StepReport> steps = new ArrayList<>();
        final List<String> restored = new ArrayList<>();
        private final long stopAfter;

        Recorder(long stopAfter) {
            this.stopAfter = stopAfter;
        }

        @Override
        public void step(StepReport report) {
            steps.add(report);
        }

        @Override
        public void evaluated(EvaluationReport report) {
            evaluations.add(report);
        }

        @Override
        public void restored(String reason, long step) {
            restored.add(reason + " -> " + step);
        }

        @Override
        public boolean stopRequested() {
            return steps.size() == stopAfter;
        }
    }

    @Test
    void aRunThatIsStoppedGoesOnBitForBit(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("checkpoint");
        float[] whole;
        try (var trainer = new Trainer(Line.exact(7), settings(10))) {
            quietly(trainer);
            whole = trained(trainer);
        }
        try (var trainer = new Trainer(Line.exact(7), settings(10))) {
            TrainingResult result = trainer.train(Optional.of(file), new Recorder(13));
            assertEquals(TrainingResult.Ending.STOPPED, result.ending());
            assertEquals(13, result.steps());
        }
        try (var trainer = new Trainer(Line.exact(7), settings(10))) {
            trainer.resume(Checkpoint.read(file));
            var recorder = new Recorder(-1);
            assertEquals(30, trainer.train(Optional.empty(), recorder).steps());
            assertEquals(14, recorder.steps.getFirst().step());
            assertArrayEquals(whole, trained(trainer));
        }
    }

    @Test
    void aCheckpointOfAnotherRunIsRefused(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("checkpoint");
        try (var trainer = new Trainer(Line.exact(7), settings(10))) {
            trainer.checkpoint().write(file);
        }
        Checkpoint checkpoint = Checkpoint.read(file);
        try (var trainer = new Trainer(Line.exact(7), settings(11))) {
            var refused = assertThrows(InputException.class, () -> trainer.resume(checkpoint));
            assertTrue(refused.getMessage().contains("training.steps"), refused.getMessage());
        }
        Path text = folder.resolve("text");
        Files.writeString(text, "no checkpoint");
        assertThrows(FormatException.class, () -> Checkpoint.read(text));
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 70] ^= 1;
        Files.write(file, bytes);
        assertThrows(FormatException.class, () -> Checkpoint.read(file));
    }

    /** A task whose validation losses are given. */
    private record Judged(Line line, List<Evaluation> evaluations) implements TrainingTask {
        @Override
        public Function function() {
            return line.function();
        }

        @Override
        public Map<String, Integer> capacity() {
            return line.capacity();
        }

        @Override
        public BatchSource batches() {
            return line.batches();
        }

        @Override
        public void initialise(ParameterStore parameters, long seed) {
            line.initialise(parameters, seed);
        }

        @Override
        public Evaluation evaluate(ParameterStore parameters, double trainingLoss) {
            return evaluations.removeFirst();
        }
    }

    private static Judged judged(Double... losses) {
        return judged(Stream.of(losses).map(Evaluation::ofLoss).toArray(Evaluation[]::new));
    }

    private static Judged judged(Evaluation... evaluations) {
        return new Judged(Line.exact(20), new ArrayList<>(List.of(evaluations)));
    }

    private static TrainingSettings averaging(int count) {
        TrainingSettings s = settings(4, 1, 0, new Schedule.Constant());
        return new TrainingSettings(
                s.optimizer(),
                s.learningRate(),
                s.gradient(),
                s.epochs(),
                s.maxSteps(),
                s.evaluateEvery(),
                s.patience(),
                count,
                s.frozen(),
                s.shards(),
                s.threads(),
                s.seed());
    }

    /** The parameters after each evaluation. */
    private static List<float[]> history(TrainingSettings settings, Double... losses) throws IOException {
        var history = new ArrayList<float[]>();
        try (var trainer = new Trainer(judged(losses), settings)) {
            trainer.train(Optional.empty(), new TrainingListener() {
                @Override
                public void evaluated(EvaluationReport report) {
                    history.add(trained(trainer));
                }
            });
        }
        return history;
    }

    @Test
    void theMeanOfTheBestParametersIsTakenWhereItIsBetter() throws IOException {
        Double[] losses = {5.0, 3.0, 4.0, 2.0, 1.5};
        List<float[]> each = history(averaging(1), losses);
        try (var trainer = new Trainer(judged(losses), averaging(3))) {
            TrainingResult result = trainer.train(Optional.empty(), TrainingListener.SILENT);
            assertEquals(3, result.averaged());
            assertEquals(1.5, result.bestLoss());
            assertEquals(4, result.bestStep());
            float[] mean = trained(trainer);
            for (int i = 0; i < mean.length; i++) {
                double expected = ((double) each.get(3)[i] + each.get(1)[i] + each.get(2)[i]) / 3;
                assertEquals(expected, mean[i], 1e-6);
            }
        }
    }

    @Test
    void aMeanThatIsWorseIsLeft() throws IOException {
        Double[] losses = {5.0, 3.0, 4.0, 2.0, 2.0};
        List<float[]> each = history(averaging(1), losses);
        try (var trainer = new Trainer(judged(losses), averaging(2))) {
            TrainingResult result = trainer.train(Optional.empty(), TrainingListener.SILENT);
            assertEquals(1, result.averaged());
            assertEquals(2.0, result.bestLoss());
            assertArrayEquals(each.get(3), trained(trainer));
        }
    }

    @Test
    void ofQualityMoreIsBetter() throws IOException {
        Judged task = judged(Evaluation.ofQuality(1, 10), Evaluation.ofQuality(2, 30), Evaluation.ofQuality(0.5, 20));
        var recorder = new Recorder(-1);
        try (var trainer = new Trainer(task, settings(3, 1, 0, new Schedule.Constant()))) {
            TrainingResult result = trainer.train(Optional.empty(), recorder);
            assertEquals(2, result.bestStep());
            assertEquals(30, result.best().quality());
            assertEquals(2, result.bestLoss());
            assertEquals(20, result.last().quality());
        }
        assertEquals(
                List.of(true, true, false),
                recorder.evaluations.stream().map(EvaluationReport::isBest).toList());
    }

    @Test
    void ofEqualQualityTheLowerLossIsBetter() throws IOException {
        Judged task = judged(
                Evaluation.ofQuality(3, 50),
                Evaluation.ofQuality(1, 50),
                Evaluation.ofQuality(2, 50),
                Evaluation.ofQuality(0.5, 40),
                Evaluation.ofQuality(1, 50));
        var recorder = new Recorder(-1);
        try (var trainer = new Trainer(task, settings(5, 1, 0, new Schedule.Constant()))) {
            TrainingResult result = trainer.train(Optional.empty(), recorder);
            assertEquals(2, result.bestStep());
            assertEquals(50, result.best().quality());
            assertEquals(1, result.bestLoss());
        }
        assertEquals(
                List.of(true, true, false, false, false),
                recorder.evaluations.stream().map(EvaluationReport::isBest).toList());
    }

    @Test
    void patienceEndsTheRunAndTheBestParametersAreKept() throws IOException {
        var recorder = new Recorder(-1);
        float[] best;
        try (var trainer = new Trainer(judged(5.0, 4.0), settings(2, 1, 0, new Schedule.Constant()))) {
            quietly(trainer);
            best = trained(trainer);
        }
        try (var trainer = new Trainer(judged(5.0, 4.0, 4.0, 4.5, 1.0), settings(9, 1, 2, new Schedule.Constant()))) {
            TrainingResult result = trainer.train(Optional.empty(), recorder);
            assertEquals(TrainingResult.Ending.PATIENCE, result.ending());
            assertEquals(4, result.steps());
            assertEquals(4.0, result.bestLoss());
            assertEquals(2, result.bestStep());
            assertEquals(4.5, result.finalLoss());
            assertArrayEquals(best, trained(trainer));
        }
        assertEquals(
                List.of(true, true, false, false),
                recorder.evaluations.stream().map(EvaluationReport::isBest).toList());
    }

    @Test
    void plateauLowersTheRateAfterEvaluationsWithoutProgress() throws IOException {
        var recorder = new Recorder(-1);
        var settings = settings(7, 1, 0, new Schedule.Plateau(0.5, 2));
        try (var trainer = new Trainer(judged(5.0, 5.0, 5.0, 5.0, 5.0, 4.0, 3.0), settings)) {
            trainer.train(Optional.empty(), recorder);
        }
        assertEquals(
                List.of(0.05, 0.05, 0.05, 0.025, 0.025, 0.0125, 0.0125),
                recorder.steps.stream().map(StepReport::learningRate).toList());
    }

    @Test
    void aLossThatIsNoNumberIsNamedAndTheRunGoesBackWithHalfTheRate() throws IOException {
        // A rate at which gradient descent explodes; it must find its way down to one at which it does not.
        var settings = new TrainingSettings(
                Optimizer.sgd(),
                LearningRate.constant(6),
                Penalty.NONE,
                new Clipping.None(),
                400,
                0,
                100,
                0,
                1,
                List.of(),
                1,
                1,
                1);
        var recorder = new Recorder(-1);
        try (var trainer = new Trainer(Line.exact(20), settings)) {
            TrainingResult result = trainer.train(Optional.empty(), recorder);
            assertEquals(TrainingResult.Ending.FINISHED, result.ending());
            assertArrayEquals(new float[] {3, -1}, trained(trainer), 0.05f);
        }
        assertFalse(recorder.restored.isEmpty());
        assertTrue(
                recorder.restored
                        .getFirst()
                        .matches("(loss|gradient of \\w+|norm of the gradient) is .* at step \\d+ -> \\d+"),
                recorder.restored.toString());
        assertTrue(recorder.steps.getLast().learningRate() < 1);
        assertEquals(
                List.of(100L, 200L, 300L, 400L),
                recorder.evaluations.stream().map(EvaluationReport::step).toList(),
                "where the run went back to is not evaluated once more");
    }

    @Test
    void whatDoesNotFitIsNamed() {
        Line line = Line.exact(4);
        var store = ParameterStore.of(line.function(), List.of());
        assertThrows(InputException.class, () -> store.initialise("slope", new Initialisation.Orthogonal(), 0, 1));
        assertThrows(InputException.class, () -> store.update(Optimizer.adam(), 0.1, 0));
        assertThrows(InputException.class, () -> store.update(Optimizer.sgd(), Double.NaN, 1));
        assertArrayEquals(new float[1], store.get("slope"));
        assertThrows(InputException.class, () -> Workers.of(0));
        try (Workers workers = Workers.of(1)) {
            assertThrows(
                    InputException.class,
                    () -> new GradientRun(line.function(), store, line.capacity(), 0, Model.Kernel.BEST, workers));
            var other = ParameterStore.of(withLongerSlope(), List.of());
            var error = assertThrows(
                    InputException.class,
                    () -> new GradientRun(line.function(), other, line.capacity(), 1, Model.Kernel.BEST, workers));
            assertTrue(error.getMessage().startsWith("parameter slope: is "), error.getMessage());
        }
    }

    /** A function whose parameters have the names of those of {@link Line}, but not the shapes. */
    private static Function withLongerSlope() {
        FunctionBuilder f = Function.builder("other");
        f.output(f.weight("slope", 7));
        f.output(f.weight("intercept", 7));
        return f.build();
    }

    @Test
    void aClosedTrainerSaysSo() {
        var settings = new TrainingSettings(
                Optimizer.sgd(),
                LearningRate.constant(0.1),
                Penalty.NONE,
                new Clipping.None(),
                1,
                0,
                0,
                0,
                1,
                List.of(),
                2,
                2,
                1);
        var trainer = new Trainer(Line.exact(20), settings);
        trainer.close();
        assertThrows(StateException.class, () -> quietly(trainer));
    }

    @Test
    void dataThatGivesNoNumbersEndsTheRunWithAnError() throws IOException {
        Line broken = new Line(4, 4, 1, i -> new float[] {i, i == 2 ? Float.NaN : i});
        try (var trainer = new Trainer(broken, settings(3))) {
            var error = assertThrows(StateException.class, () -> quietly(trainer));
            assertTrue(error.getMessage().contains("loss is NaN at step 1"), error.getMessage());
        }
    }

    @Test
    void whatAWorkerThrowsIsThrown() {
        try (Workers workers = Workers.of(2)) {
            var seen = assertThrows(
                    IllegalStateException.class,
                    () -> workers.run(4, part -> {
                        if (part == 3) {
                            throw new IllegalStateException("part 3");
                        }
                    }));
            assertEquals("part 3", seen.getMessage());
        }
    }
}
