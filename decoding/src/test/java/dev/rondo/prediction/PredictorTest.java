package dev.rondo.prediction;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.graph.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictorTest {
    @TempDir
    private Path folder;

    /** y = [a + 2 b, 3 a + 4 b] of a row. */
    private Path rows(Map<String, String> metadata) throws IOException {
        FunctionBuilder f = Function.builder(Predictor.PREDICT);
        Value x = f.input("x", ElementType.F32, "B", 2);
        f.output(f.add("y", new Contraction.Linear(), x, f.weight("w", 2, 2), f.weight("b", 2)));
        return write(f, metadata);
    }

    /** The same of the mean of a window. */
    private Path windows(Map<String, String> metadata) throws IOException {
        FunctionBuilder f = Function.builder(Predictor.SEQUENCE);
        Value x = f.input("x", ElementType.F32, "B", "T", 2);
        Value lengths = f.input("lengths", ElementType.I32, "B");
        Value mean = f.add(new Aggregation.PoolTime(Aggregation.Pooling.MEAN), x, lengths);
        f.output(f.add("y", new Contraction.Linear(), mean, f.weight("w", 2, 2), f.weight("b", 2)));
        return write(f, metadata);
    }

    private Path write(FunctionBuilder f, Map<String, String> metadata) throws IOException {
        Path path = folder.resolve("model.rondo");
        var writer = new RondoFileWriter()
                .function(FunctionCodec.encode(f.build()))
                .tensor("w", Encoding.F32, new Layout.Rows(), List.of(2, 2), () -> new float[] {1, 2, 3, 4})
                .tensor("b", Encoding.F32, new Layout.Rows(), List.of(2), () -> new float[2]);
        metadata.forEach(writer::metadata);
        writer.write(path);
        return path;
    }

    @Test
    void rowsAreAnswered() throws IOException {
        try (Model model = Model.load(rows(Map.of("inputs", "a\tb", "targets", "c\td")))) {
            Predictor predictor = Predictor.of(model);
            assertEquals(List.of("a", "b"), predictor.inputs());
            assertEquals(List.of("c", "d"), predictor.targets());
            assertFalse(predictor.classifies());
            assertThrows(InputException.class, () -> predictor.predict((float[][]) null));
            assertThrows(InputException.class, () -> predictor.predict((float[]) null));
            assertArrayEquals(new float[] {50, 110}, predictor.predict(new float[] {10, 20}));
            assertThrows(InputException.class, () -> predictor.predict(new float[] {1}));
            assertThrows(InputException.class, predictor::predict);
            assertThrows(InputException.class, () -> predictor.predict(new float[2], new float[2]));
        }
    }

    @Test
    void windowsAreAnsweredAndNamesMayBeMissing() throws IOException {
        try (Model model = Model.load(windows(Map.of("window", "2", "horizon", "2", "targets", "c")))) {
            Predictor predictor = Predictor.of(model);
            assertEquals(2, predictor.window());
            assertEquals(2, predictor.horizon());
            assertEquals(List.of("1", "2"), predictor.inputs());
            assertEquals(List.of("c"), predictor.targets());
            assertArrayEquals(new float[] {50, 110}, predictor.predict(new float[] {5, 30}, new float[] {15, 10}));
        }
    }

    @Test
    void filesThatAreNoModelsOfNumbersAreRefused() throws IOException {
        for (Map<String, String> wrong : List.of(
                Map.of("window", "-1"),
                Map.of("window", "99999"),
                Map.of("inputs", "a"),
                Map.of("targets", "a\tb\tc"))) {
            try (Model model = Model.load(rows(wrong))) {
                assertThrows(FormatException.class, () -> Predictor.of(model), wrong.toString());
            }
        }
        FunctionBuilder f = Function.builder(Predictor.PREDICT);
        f.output(f.gather(f.weight("w", 2, 2), f.input("x", ElementType.I32, "B")));
        try (Model model = Model.load(write(f, Map.of()))) {
            ShapeException refused = assertThrows(ShapeException.class, () -> Predictor.of(model));
            assertTrue(refused.getMessage().contains("x: f32[B,I]"), refused.getMessage());
        }
    }
}
