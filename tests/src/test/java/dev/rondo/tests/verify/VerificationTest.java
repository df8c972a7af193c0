package dev.rondo.tests.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.TinyLanguageModel;
import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ReferenceCase;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TensorData;
import dev.rondo.verify.FunctionRun;
import dev.rondo.verify.Verification;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationTest {
    private static final int SIZE = 4;
    private static final int[] PATH = {1, 2, 0, 3, 3};

    @TempDir
    Path folder;

    private final TinyLanguageModel tiny = new TinyLanguageModel(List.of("\n", "a", "b", "c"), SpecialIds.NONE, true);
    private Model model;

    @BeforeEach
    void open() throws IOException {
        model = Model.open(tiny.write(folder.resolve("tiny.rondo"), LanguageModel.TASK));
    }

    @AfterEach
    void close() {
        model.close();
    }

    private FunctionRun run(String function, boolean stepwise, Map<String, TensorData> inputs) {
        return FunctionRun.of(model, Model.Kernel.BEST, function, stepwise, inputs, Map.of());
    }

    private static TensorData ints(List<Integer> shape, int... values) {
        return TensorData.ofInts(shape, values);
    }

    private static float[] floats(TensorData data) {
        var values = new float[data.elementCount()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) data.value(i);
        }
        return values;
    }

    /** logits = logProbs + a constant per step. */
    private void checkLogits(TensorData logits) {
        double[][] want = tiny.logProbs(PATH);
        for (int t = 0; t < PATH.length; t++) {
            for (int v = 1; v < SIZE; v++) {
                assertEquals(want[t][v] - want[t][0], logits.value(t * SIZE + v) - logits.value(t * SIZE), 1e-5);
            }
        }
    }

    @Test
    void nothingComparedIsNothingVerified() {
        var none = new ReferenceCase(
                "r",
                "step",
                true,
                1,
                1,
                Map.of("token", ints(List.of(0, 1))),
                Map.of("logits", TensorData.ofFloats(List.of(0, 1, SIZE))));
        assertFalse(Verification.of(model, Model.Kernel.BEST, none).holds());
    }

    @Test
    void stepsCarryTheState() {
        FunctionRun run = run("step", true, Map.of("token", ints(List.of(PATH.length, 1), PATH)));
        TensorData logits = run.outputs().get("logits");
        assertEquals(List.of(PATH.length, 1, SIZE), logits.shape());
        checkLogits(logits);
        assertEquals(List.of(1, TinyLanguageModel.HIDDEN), run.states().get("h").shape());
    }

    @Test
    void sizesFollowFromTheShapes() {
        FunctionRun run = run(
                "sequence",
                false,
                Map.of("tokens", ints(List.of(1, 5), PATH), "lengths", TensorData.ofLongs(List.of(1), 5)));
        assertEquals(List.of(1, 5, SIZE), run.outputs().get("logits").shape());
        checkLogits(run.outputs().get("logits"));
        FunctionRun steps = run("step", true, Map.of("token", ints(List.of(PATH.length, 1), PATH)));
        float[] a = floats(run.states().get("c"));
        float[] b = floats(steps.states().get("c"));
        for (int i = 0; i < a.length; i++) {
            assertEquals(b[i], a[i], 1e-6);
        }
    }

    @Test
    void statesCanBeGiven() {
        FunctionRun first = run("step", true, Map.of("token", ints(List.of(3, 1), 1, 2, 0)));
        FunctionRun rest = run(
                "step",
                true,
                Map.of(
                        "token", ints(List.of(2, 1), 3, 3),
                        "h", first.states().get("h"),
                        "c", first.states().get("c")));
        FunctionRun all = run("step", true, Map.of("token", ints(List.of(5, 1), PATH)));
        for (int i = 0; i < 2 * SIZE; i++) {
            assertEquals(
                    all.outputs().get("logits").value(3 * SIZE + i),
                    rest.outputs().get("logits").value(i));
        }
    }

    @Test
    void whatDoesNotFitIsNamed() {
        TensorData tokens = ints(List.of(1, 5), PATH);
        TensorData lengths = ints(List.of(1), 5);
        assertMessage(InputException.class, "add 'lengths'", "sequence", Map.of("tokens", tokens));
        assertMessage(
                InputException.class,
                "'size'",
                "sequence",
                Map.of("tokens", tokens, "lengths", lengths, "size", lengths));
        assertMessage(
                ShapeException.class,
                "dimension 0 = ",
                "sequence",
                Map.of("tokens", tokens, "lengths", ints(List.of(2), 5, 5)));
        assertMessage(ShapeException.class, "rank 2", "sequence", Map.of("tokens", lengths, "lengths", lengths));
        assertMessage(InputException.class, "holds i32", "step", Map.of("token", TensorData.ofFloats(List.of(1), 1f)));
        assertMessage(
                ShapeException.class,
                "dimension 1 = 5",
                "step",
                Map.of("token", ints(List.of(1), 1), "h", TensorData.ofFloats(List.of(1, 2), 1f, 2f)));
        assertThrows(ShapeException.class, () -> run("step", true, Map.of("token", ints(List.of(1), 1))));
    }

    private void assertMessage(
            Class<? extends RuntimeException> type, String part, String function, Map<String, TensorData> inputs) {
        String message = assertThrows(type, () -> run(function, false, inputs)).getMessage();
        assertTrue(message.contains(part), message);
    }

    private Verification verify(double atol, double rtol, TensorData logits) {
        return Verification.of(
                model,
                Model.Kernel.BEST,
                new ReferenceCase(
                        "case",
                        "step",
                        true,
                        atol,
                        rtol,
                        Map.of("token", ints(List.of(5, 1), PATH)),
                        Map.of("logits", logits)));
    }

    @Test
    void worstErrorIsFound() {
        TensorData logits = run("step", true, Map.of("token", ints(List.of(5, 1), PATH)))
                .outputs()
                .get("logits");
        Verification same = verify(0, 0, logits);
        assertTrue(same.holds());
        assertEquals(0, same.outputs().getFirst().absolute());

        float[] shifted = floats(logits);
        shifted[7] += 0.5f;
        TensorData off = TensorData.ofFloats(logits.shape(), shifted);
        Verification wrong = verify(0.1, 0, off);
        assertFalse(wrong.holds());
        Verification.Finding finding = wrong.outputs().getFirst();
        assertEquals(7, finding.worst());
        assertEquals(0.5, finding.absolute(), 1e-6);
        assertEquals(5, finding.margin(), 1e-5);
        assertEquals(0.5 / Math.abs(shifted[7]), finding.relative(), 1e-6);
        assertTrue(verify(0.51, 0, off).holds());
        assertTrue(verify(0, 0.51 / Math.abs(shifted[7]), off).holds());
    }

    @Test
    void notANumberIsAnError() {
        TensorData logits = run("step", true, Map.of("token", ints(List.of(5, 1), PATH)))
                .outputs()
                .get("logits");
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            float[] values = floats(logits);
            values[0] = bad;
            Verification wrong = verify(1e9, 1e9, TensorData.ofFloats(logits.shape(), values));
            assertFalse(wrong.holds(), () -> wrong.outputs().toString());
        }
    }

    @Test
    void unknownOutputsAndOtherShapesAreRefused() {
        assertThrows(ShapeException.class, () -> verify(0, 0, TensorData.ofFloats(List.of(1), 1f)));
        assertThrows(
                InputException.class,
                () -> Verification.of(
                        model,
                        Model.Kernel.BEST,
                        new ReferenceCase(
                                "case",
                                "step",
                                true,
                                0,
                                0,
                                Map.of("token", ints(List.of(5, 1), PATH)),
                                Map.of("probs", ints(List.of(1), 1)))));
    }
}
