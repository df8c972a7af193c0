package dev.rondo.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.bench.Rounds.Effort;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether what is measured is worth measuring; the figures themselves are taken by hand. */
class EngineTest {
    private static final Cell SMALL = new Cell(Cell.Kind.LSTM, 5, 20);

    @ParameterizedTest
    @ValueSource(strings = {"lstm-5x20", "gru-5x20", "lstm-64x64", "gru-33x40"})
    void allContendersComputeTheSame(String text) {
        Cell cell = Cell.parse(text);
        CellWeights weights = CellWeights.random(cell, 7);
        try (Engine reference = Contender.ORT_F32.open(weights)) {
            for (Contender contender : Contender.values()) {
                if (contender.runs(cell)) {
                    try (Engine engine = contender.open(weights)) {
                        float worst = Agreement.check(contender.text(), engine, reference, cell, contender.tolerance());
                        assertTrue(worst <= contender.tolerance(), contender + ": " + worst);
                    }
                }
            }
        }
    }

    @Test
    void otherWeightsAreNotTheSameWork() {
        try (Engine one = Contender.RONDO_F32.open(CellWeights.random(SMALL, 1));
                Engine other = Contender.ORT_F32.open(CellWeights.random(SMALL, 2))) {
            var error =
                    assertThrows(IllegalStateException.class, () -> Agreement.check("one", one, other, SMALL, 1e-4f));
            assertTrue(error.getMessage().startsWith("one, lstm-5x20: h is within"), error.getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource(Contender.class)
    void aResetEngineRepeatsItself(Contender contender) {
        CellWeights weights = CellWeights.random(SMALL, 3);
        var x = new float[] {0.1f, -0.2f, 0.3f, -0.4f, 0.5f};
        try (Engine engine = contender.open(weights)) {
            float first = engine.step(x);
            float second = engine.step(x);
            assertTrue(first != second, "the state is carried");
            engine.reset();
            assertEquals(first, engine.step(x));
            assertEquals(second, engine.step(x));
            assertEquals(second, engine.hidden()[0]);
        }
    }

    @Test
    void theTableHasARowForEachContender() {
        var bytes = new ByteArrayOutputStream();
        new Table(new PrintStream(bytes, true, StandardCharsets.UTF_8), new Effort(3, 20, 2))
                .print(List.of(SMALL, new Cell(Cell.Kind.GRU, 5, 20)));
        List<String> rows = bytes.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("| lstm-5x20 |") || line.startsWith("| gru-5x20 |"))
                .toList();
        assertEquals(9, rows.size(), rows.toString());
    }

    @ParameterizedTest
    @EnumSource(Contender.class)
    void theJmhBenchmarkRuns(Contender contender) {
        var benchmark = new StepBenchmark();
        benchmark.contender = contender;
        benchmark.cell = SMALL.toString();
        benchmark.open();
        float first = benchmark.step();
        assertTrue(Math.abs(first) < 1 && first != 0, "" + first);
        benchmark.close();
    }

    @Test
    void cellsAreReadAsTheyAreWritten() {
        Cell.ALL.forEach(cell -> assertEquals(cell, Cell.parse(cell.toString())));
        assertThrows(IllegalArgumentException.class, () -> Cell.parse("lstm-64"));
    }
}
