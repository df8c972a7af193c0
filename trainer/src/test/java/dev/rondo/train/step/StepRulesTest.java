package dev.rondo.train.step;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.training.Training;
import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Dim;
import dev.rondo.graph.ValueType;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What single steps promise. */
class StepRulesTest {
    private static final ValueType LENGTHS = ValueType.of(ElementType.I32, "B");

    @ParameterizedTest
    @ValueSource(strings = {"cross_entropy", "cross_entropy_backward", "gather_backward", "pick_backward"})
    void indicesAreChecked(String name) {
        Cases one = Cases.all().stream()
                .filter(c -> c.name().equals(name))
                .findFirst()
                .orElseThrow();
        OneNode node = one.bind(true, 2, 3).fill(new Random(1), 1, Cases.V);
        for (int index : new int[] {-1, Cases.V}) {
            node.set(1, 0, 1, 2, 3, index, 5);
            var refused = assertThrows(InputException.class, node::run);
            assertTrue(refused.getMessage().startsWith(name + " to "), refused.getMessage());
            assertTrue(refused.getMessage().contains(index + " at position 4"), refused.getMessage());
        }
        node.set(1, 0, 1, 2, 3, Cases.V - 1, 0).run();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lstm_trace full",
                "lstm_backward full",
                "gru_trace full after",
                "gru_backward full before",
                "elman_backward full"
            })
    void lengthsAreChecked(String name) {
        Cases one = Cases.all().stream()
                .filter(c -> c.name().equals(name))
                .findFirst()
                .orElseThrow();
        OneNode node = one.bind(true, 3, 4).fill(new Random(1), 1, 4);
        int lengths = Arrays.asList(one.types()).lastIndexOf(LENGTHS);
        for (int length : new int[] {-1, 5}) {
            node.set(lengths, 4, length, 0);
            var refused = assertThrows(InputException.class, node::run);
            assertTrue(refused.getMessage().contains(length + " in row 1"), refused.getMessage());
        }
        node.set(lengths, 4, 0, 1).run();
    }

    @Test
    void rowsAreAddedInTheOrderOfTheIndex() {
        var node = new OneNode(
                        new Training.GatherBackward(Dim.of(2)),
                        true,
                        Map.of("N", 4),
                        ValueType.f32("N"),
                        ValueType.of(ElementType.I32, "N"))
                .set(0, 1e8f, 1, -1e8f, 3)
                .set(1, 1, 1, 1, 0);
        node.run();
        // In another order the 1 would survive.
        assertArrayEquals(new float[] {3, 0}, node.result(0));
    }

    @Test
    void aSliceLiesWithinItsGradient() {
        var op = new Training.SliceBackward(0, Dim.parse("S"), Dim.of(5), 1);
        Map<String, Integer> capacity = Map.of("N", 3, "S", 4);
        assertThrows(ShapeException.class, () -> new OneNode(op, true, capacity, ValueType.f32("N")));
        new OneNode(op, true, Map.of("N", 3, "S", 2), ValueType.f32("N")).run();
    }

    @Test
    void aSliceReturnsToItsPlace() {
        var op = new Training.SliceBackward(0, Dim.of(1), Dim.of(6), 2);
        var node = new OneNode(op, true, Map.of("N", 2), ValueType.f32("N", 2)).set(0, 1, 2, 3, 4);
        node.run();
        assertArrayEquals(new float[] {0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0}, node.result(0));
    }

    @Test
    void dropoutFollowsItsSeedAndSite() {
        ValueType x = ValueType.f32("N");
        ValueType seed = ValueType.of(ElementType.I64);
        float[] ones = new float[4000];
        Arrays.fill(ones, 1);
        float[][] masks = new float[4][];
        for (int i = 0; i < 4; i++) {
            var node = new OneNode(new Training.Dropout(0.25f, i / 3), true, Map.of("N", 4000), x, seed)
                    .set(0, ones)
                    .set(1, i == 1 ? 8 : 7);
            node.run();
            masks[i] = node.result(0);
        }
        assertArrayEquals(masks[0], masks[2]);
        assertTrue(!Arrays.equals(masks[0], masks[1]) && !Arrays.equals(masks[0], masks[3]));
        int kept = 0;
        for (float y : masks[0]) {
            assertTrue(y == 0 || y == 1 / 0.75f);
            kept += y == 0 ? 0 : 1;
        }
        // Five standard deviations of a binomial distribution.
        assertEquals(3000, kept, 137);
    }

    @Test
    void weightsHaveFixedSizes() {
        var op = new Training.ElmanBackward(Activation.TANH, false);
        ValueType y = ValueType.f32("B", "T", "H");
        ValueType weight = ValueType.f32("H", "H");
        Map<String, Integer> capacity = Map.of("B", 1, "T", 1, "H", 2);
        assertThrows(ShapeException.class, () -> new OneNode(op, true, capacity, y, weight, y));
    }
}
