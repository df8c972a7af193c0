package dev.rondo.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Value;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** Cross-entropies and their gradients against PyTorch 2.13 (trainer/src/test/scripts/losses.py). */
class LossTest {
    private static final float[] LOGITS = {0.5f, -1, 2, 1.5f, 0.25f, -0.5f, -0.75f, 0.1f, 0.3f, 2, 2, -2};
    private static final int[] TARGETS = {2, 1, 0, 1};
    private static final int[] MASK = {1, 0, 1, 1};
    private static final List<Double> WEIGHTS = List.of(0.5, 0.5, 3.0);

    /** What a loss of logits and targets gives for the logits above. */
    private static void check(
            BiConsumer<FunctionBuilder, Value[]> loss, boolean masked, double mean, double count, float... gradient) {
        FunctionBuilder f = Function.builder("losses");
        Value targets = f.input("targets", ElementType.I32, "B");
        // A row of scores for each target: the row of its number.
        Value logits = f.gather(f.weight("logits", 4, 3), f.input("rows", ElementType.I32, "B"));
        Value mask = masked ? f.input("mask", ElementType.BOOL, "B") : Value.ABSENT;
        loss.accept(f, new Value[] {logits, targets, mask});
        Function function = f.build();
        var store = ParameterStore.of(function, List.of());
        store.set("logits", LOGITS);
        // Two shards, of three rows and one: a mean of their means would be another number.
        try (Workers workers = Workers.of(1)) {
            var run = new GradientRun(function, store, Map.of("B", 3), 2, Model.Kernel.BEST, workers);
            for (int i = 0; i < 4; i++) {
                Shard shard = run.shards().get(i / 3);
                shard.size("B", i < 3 ? 3 : 1);
                shard.input("targets").set(i % 3, TARGETS[i]);
                shard.input("rows").set(i % 3, i);
                if (masked) {
                    shard.input("mask").set(i % 3, MASK[i]);
                }
            }
            GradientRun.Outcome outcome = run.run();
            assertEquals(mean, outcome.loss(), 1e-6);
            assertEquals(count, outcome.count(), 1e-6);
        }
        assertArrayEquals(gradient, store.gradient("logits").toArray(ValueLayout.JAVA_FLOAT), 1e-6f);
    }

    @Test
    void whatIsMaskedDoesNotCount() {
        check(
                (f, v) -> Loss.maskedCrossEntropy(f, v[0], v[1], v[2]),
                true,
                0.922562659,
                3,
                0.0584301315f,
                0.0130375242f,
                -0.0714676604f,
                0,
                0,
                0,
                -0.279546469f,
                0.125842303f,
                0.153704137f,
                0.165154219f,
                -0.168179125f,
                0.00302490476f);
    }

    @Test
    void whatIsMaskedIsSmoothedToo() {
        check(
                (f, v) -> Loss.maskedCrossEntropy(f, v[0], v[1], v[2], 0.1),
                true,
                0.995895982,
                3,
                0.0473190136f,
                0.00192641176f,
                -0.049245432f,
                0,
                0,
                0,
                -0.257324219f,
                0.114731178f,
                0.142593011f,
                0.154043093f,
                -0.145956889f,
                -0.00808620732f);
    }

    @Test
    void classesAreWeighted() {
        check(
                (f, v) -> Loss.weightedCrossEntropy(f, v[0], v[1], Loss.classWeights(f, WEIGHTS)),
                false,
                0.619577348,
                4.5,
                0.116860263f,
                0.0260750484f,
                -0.142935321f,
                0.0781459957f,
                -0.0887219086f,
                0.010575911f,
                -0.093182154f,
                0.0419474319f,
                0.051234711f,
                0.055051405f,
                -0.056059707f,
                0.00100830162f);
    }

    @Test
    void weightsAndAMaskGoTogether() {
        check(
                (f, v) -> {
                    Value weights = f.gather(Loss.classWeights(f, WEIGHTS), v[1]);
                    Value mask = f.add(new Elementwise.Cast(ElementType.F32), v[2]);
                    Loss.maskedCrossEntropy(f, v[0], v[1], f.times(mask, weights));
                },
                true,
                0.496780574,
                4,
                0.131467789f,
                0.0293344297f,
                -0.16080223f,
                0,
                0,
                0,
                -0.104829922f,
                0.0471908599f,
                0.0576390512f,
                0.061932832f,
                -0.063067168f,
                0.00113433925f);
    }

    /** {@code N / (V n)}: each class has the same share of all weights. */
    @Test
    void balancedWeightsGiveEachClassTheSameShare() {
        assertEquals(
                List.of(2.0, 0.5, 0.0, 1.0),
                Loss.balancedWeights(new long[] {1, 4, 0, 2}).stream()
                        .map(w -> w * 4 / 7 * 2)
                        .toList());
    }

    @Test
    void weightsThatMakeNoSenseAreRefused() {
        FunctionBuilder f = Function.builder("weights");
        assertThrows(InputException.class, () -> Loss.classWeights(f, List.of(1.0, -1.0)));
        assertThrows(InputException.class, () -> Loss.classWeights(f, List.of(Double.NaN)));
        assertThrows(InputException.class, () -> Loss.classWeights(f, List.of(0.0, 0.0)));
        assertThrows(InputException.class, () -> Loss.classWeights(f, List.of()));
    }
}
