package dev.rondo.format;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.FormatException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A case may bring the inputs of one function that is called once before. */
class ReferenceRulesTest {
    private static final FunctionDef ENCODE = function("encode", "memory", "source", "lengths");
    private static final FunctionDef STEP = function("step", "memory", "token");

    private static FunctionDef function(String name, String state, String... inputs) {
        var values = List.of(inputs).stream()
                .map(input -> new ValueDef(input, ElementType.I32, List.of("B")))
                .toList();
        var kept = new StateDef(new ValueDef(state, ElementType.F32, List.of("B")), "");
        return new FunctionDef(name, values, List.of(kept), List.of(), List.of(inputs[0]));
    }

    private static ReferenceCase stepAfter(String... inputs) {
        Map<String, TensorData> given = new LinkedHashMap<>();
        given.put("token", TensorData.ofInts(List.of(3, 1), 1, 2, 3));
        for (String input : inputs) {
            given.put(input, TensorData.ofInts(List.of(1), 1));
        }
        return new ReferenceCase("r", "step", true, 0, 0, given, Map.of());
    }

    @Test
    void anotherFunctionIsCalledBefore() {
        var rules = new ReferenceRules(List.of(ENCODE, STEP));
        assertDoesNotThrow(() -> rules.check(stepAfter("source", "lengths")));
        assertDoesNotThrow(() -> rules.check(stepAfter()));
    }

    @Test
    void itNeedsAllItsInputsOnceAndASharedState() {
        refused(stepAfter("source"), ENCODE, STEP);
        refused(stepAfter("source", "lengths", "more"), ENCODE, STEP);
        refused(stepAfter("source", "lengths"), STEP);
        refused(stepAfter("source", "lengths"), ENCODE, STEP, function("other", "memory", "lengths", "source"));
        refused(stepAfter("source", "lengths"), STEP, function("encode", "other", "lengths", "source"));
    }

    /** Its inputs have no axis of steps. */
    @Test
    void itIsCalledOnce() {
        ReferenceCase steps = new ReferenceCase(
                "r",
                "step",
                true,
                0,
                0,
                Map.of(
                        "token", TensorData.ofInts(List.of(3, 1), 1, 2, 3),
                        "source", TensorData.ofInts(List.of(3, 1), 1, 2, 3),
                        "lengths", TensorData.ofInts(List.of(1), 1)),
                Map.of());
        FormatException wrong =
                assertThrows(FormatException.class, () -> new ReferenceRules(List.of(ENCODE, STEP)).check(steps));
        assertTrue(wrong.getMessage().contains("input 'source'"), wrong.getMessage());
    }

    private static void refused(ReferenceCase reference, FunctionDef... functions) {
        FormatException wrong =
                assertThrows(FormatException.class, () -> new ReferenceRules(List.of(functions)).check(reference));
        assertTrue(wrong.getMessage().contains("called once before"), wrong.getMessage());
    }
}
