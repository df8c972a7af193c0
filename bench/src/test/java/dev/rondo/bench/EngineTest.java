package dev.rondo.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.bench.Rounds.Effort;
import dev.rondo.bench.Table.Group;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether what is measured is worth measuring; the figures themselves are taken by hand. */
class EngineTest {
    private static final Cell SMALL = new Cell(Cell.Kind.LSTM, 5, 20);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lstm-5x20",
                "gru-5x20",
                "elman-5x20",
                "lstm-64x64",
                "gru-33x40",
                "lstm-5x20-t7",
                "gru-5x20-t3",
                "elman-5x20-t3",
                "projection-20x100-b1",
                "projection-32x70-b3",
                "attention-6x20",
                "text-30x5x20"
            })
    void allContendersComputeTheSame(String text) {
        Work work = Work.parse(text);
        List<Contender> contenders =
                Arrays.stream(Contender.values()).filter(work::runs).toList();
        assertTrue(contenders.containsAll(List.of(Contender.RONDO_F32, Contender.ORT_F32)));
        for (Contender contender : contenders) {
            try (Runner runner = work.open(contender)) {
                double worst = Agreement.check(work, contender, runner);
                assertTrue(worst <= contender.tolerance(), contender + ": " + worst);
            }
        }
    }

    @Test
    void otherWeightsAreNotTheSameWork() {
        CellWeights others = CellWeights.random(SMALL, Work.SEED + 1);
        try (Runner runner = new InThread(OnnxCell.step(others, false), SMALL.inputs())) {
            var error =
                    assertThrows(IllegalStateException.class, () -> Agreement.check(SMALL, Contender.ORT_F32, runner));
            assertTrue(error.getMessage().startsWith("ONNX Runtime f32, lstm-5x20: is within"), error.getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource(Contender.class)
    void aRunnerBeginsAgain(Contender contender) {
        if (SMALL.runs(contender)) {
            try (Runner runner = SMALL.open(contender)) {
                float[] first = runner.outputs(1);
                float[] second = runner.outputs(2);
                assertFalse(Arrays.equals(first, second), "the state is carried");
                assertTrue(runner.run(3) > 0);
                assertArrayEquals(first, runner.outputs(1));
            }
        }
    }

    @Test
    void theTableHasARowForEachContender() throws IOException {
        var bytes = new ByteArrayOutputStream();
        List<Work> works = Stream.of("lstm-5x20", "gru-5x20", "projection-20x100-b1")
                .map(Work::parse)
                .toList();
        new Table(new PrintStream(bytes, true, StandardCharsets.UTF_8), new Effort(3, 20, 2))
                .print(List.of(Group.ATTENTION), works);
        List<String> rows = bytes.toString(StandardCharsets.UTF_8).lines().toList();
        for (Contender contender : Contender.values()) {
            for (Work work : works) {
                String start = "| " + work + " | " + contender.text() + " |";
                assertEquals(
                        work.runs(contender) ? 1 : 0,
                        rows.stream().filter(row -> row.startsWith(start)).count(),
                        start);
            }
        }
        List<String> verdicts = rows.stream()
                .filter(row -> row.startsWith("| attention-50x512, Rondo f32 | ONNX Runtime f32 | 1.5 |"))
                .toList();
        assertEquals(1, verdicts.size(), rows::toString);
        assertTrue(verdicts.getFirst().matches(".* \\| (kept|\\*\\*missed\\*\\*) \\|"), verdicts.getFirst());
    }

    @Test
    void goalsNameWorksOfTheTable() {
        List<String> works = Stream.of(Cell.ALL, Sequence.ALL, Projection.ALL, Attention.ALL, Text.ALL)
                .flatMap(List::stream)
                .map(Object::toString)
                .toList();
        for (Goal goal : Goal.ALL) {
            assertTrue(works.contains(goal.work()), goal.toString());
            for (Contender ours : goal.ours()) {
                assertTrue(ours.isRondo() && Work.parse(goal.work()).runs(ours), goal.toString());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Contender.class,
            names = {"RONDO_F32", "RONDO_F16", "RONDO_BF16", "RONDO_INT8", "ORT_F32", "ORT_INT8"})
    void theJmhBenchmarkRuns(Contender contender) {
        var benchmark = new StepBenchmark();
        benchmark.contender = contender;
        benchmark.work = SMALL.toString();
        benchmark.open();
        float first = benchmark.step();
        assertTrue(Math.abs(first) < 1 && first != 0, "" + first);
        benchmark.close();
    }

    @Test
    void worksAreReadAsTheyAreWritten() {
        Stream.of(Cell.ALL, Sequence.ALL, Projection.ALL, Attention.ALL, Text.ALL)
                .flatMap(List::stream)
                .forEach(work -> assertEquals(work, Work.parse(work.toString())));
        for (String wrong : List.of("lstm-64", "lstm-64x64-64", "projection-5x5", "attention-5", "text-5x5")) {
            assertThrows(IllegalArgumentException.class, () -> Work.parse(wrong), wrong);
        }
    }

    @Test
    void sessionsScale() {
        var bytes = new ByteArrayOutputStream();
        var out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        var verdicts = new Verdicts();
        new Scaling(out, new Effort(3, 1, 1), verdicts).print(List.of(SMALL));
        verdicts.print(out);
        String text = bytes.toString(StandardCharsets.UTF_8);
        assertTrue(text.contains("| lstm-5x20, Rondo bf16 | "), text);
        assertTrue(text.contains("| two sessions, lstm-5x20, Rondo bf16 | one session | 1.9 | "), text);
    }

    @Test
    void everyStepOfTheTailCounts() {
        var bytes = new ByteArrayOutputStream();
        Tail.print(new PrintStream(bytes, true, StandardCharsets.UTF_8), SMALL, 20_000, new Verdicts());
        String text = bytes.toString(StandardCharsets.UTF_8);
        assertTrue(text.contains("| Rondo f32 | 20000 | "), text);
        assertTrue(text.contains("| ONNX Runtime f32 | 20000 | "), text);
    }

    @Test
    void bothStartCold() throws IOException {
        var bytes = new ByteArrayOutputStream();
        var out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        var verdicts = new Verdicts();
        ColdStart.print(out, 1, verdicts);
        verdicts.print(out);
        String text = bytes.toString(StandardCharsets.UTF_8);
        assertTrue(text.lines().anyMatch(line -> line.matches("\\| ONNX Runtime \\| \\d+ \\| \\d+ \\|")), text);
        assertTrue(text.contains("| JVM launch to 1000th step of lstm-256x256, Rondo"), text);
    }

    @Test
    void limitsArePositive() {
        var limits = new Limits();
        assertTrue(limits.flopsPerNano() > 0.1);
        assertTrue(limits.bytesPerNano(4096) > 0.1);
    }
}
