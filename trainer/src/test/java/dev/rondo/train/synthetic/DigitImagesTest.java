package dev.rondo.train.synthetic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Value;
import dev.rondo.train.GradientRun;
import dev.rondo.train.Loss;
import dev.rondo.train.Optimizer;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.Shard;
import dev.rondo.train.Workers;
import dev.rondo.train.data.IdxArray;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DigitImagesTest {
    private static final int SIZE = 20;
    private static final int PIXELS = SIZE * SIZE;

    @Test
    void imagesFollowFromSeedAndNumber() {
        var digits = new DigitImages(SIZE, 4);
        assertArrayEquals(digits.image(3), new DigitImages(SIZE, 4).image(3));
        assertFalse(Arrays.equals(digits.image(3), digits.image(4)));
        assertFalse(Arrays.equals(digits.image(3), new DigitImages(SIZE, 5).image(3)));
        IdxArray images = digits.images(20);
        assertEquals(List.of(20, SIZE, SIZE), images.shape());
        for (int k = 0; k < PIXELS; k++) {
            assertEquals(digits.image(7)[k] & 0xFF, images.at(7, k));
        }
        assertEquals(digits.label(7), digits.labels(20).at(7, 0));
    }

    @Test
    void everyDigitIsAboutAsFrequentAndHasInkInsideTheImage() {
        var digits = new DigitImages(28, 1);
        int[] counts = new int[10];
        for (int i = 0; i < 1000; i++) {
            counts[digits.label(i)]++;
            int inked = 0;
            for (byte pixel : digits.image(i)) {
                inked += (pixel & 0xFF) > 128 ? 1 : 0;
            }
            assertTrue(inked > 10 && inked < 28 * 28 / 2, inked + " pixels of image " + i);
        }
        for (int count : counts) {
            assertEquals(100, count, 40);
        }
    }

    private static Value logits(FunctionBuilder f) {
        Value x = f.input("x", ElementType.F32, "B", PIXELS);
        return f.add("logits", new Contraction.Linear(), x, f.weight("w", 10, PIXELS), f.weight("b", 10));
    }

    /** Softmax regression on pixels: it learns a lot, and stays far from what convolutions reach. */
    @Test
    void aLinearClassifierIsNotEnough() {
        int train = 3000;
        int test = 1000;
        var digits = new DigitImages(SIZE, 1);
        IdxArray images = digits.images(train);
        FunctionBuilder f = Function.builder("training");
        Loss.crossEntropy(f, logits(f), f.input("target", ElementType.I32, "B"));
        Function training = f.build();
        FunctionBuilder g = Function.builder("answer");
        g.output(logits(g));
        ParameterStore parameters = ParameterStore.of(training, List.of());
        int batch = 50;
        try (Workers workers = Workers.of(1)) {
            var run = new GradientRun(training, parameters, Map.of("B", batch), 1, Model.Kernel.BEST, workers);
            Shard shard = run.shards().getFirst();
            shard.size("B", batch);
            int step = 0;
            for (int epoch = 0; epoch < 15; epoch++) {
                int[] order = SeededRandom.of(2, epoch).permutation(train);
                for (int from = 0; from < train; from += batch) {
                    for (int i = 0; i < batch; i++) {
                        int image = order[from + i];
                        shard.input("x").set(i * PIXELS, images.scaled(image), 0, PIXELS);
                        shard.input("target").set(i, (long) digits.label(image));
                    }
                    run.run();
                    parameters.update(Optimizer.adam(), 0.005, ++step);
                }
            }
        }
        var others = new DigitImages(SIZE, 2);
        Shard answer = Shard.forward(g.build(), parameters, Map.of("B", test), Model.Kernel.BEST);
        answer.size("B", test);
        IdxArray held = others.images(test);
        for (int i = 0; i < test; i++) {
            answer.input("x").set(i * PIXELS, held.scaled(i), 0, PIXELS);
        }
        answer.run();
        float[] logits = answer.floats("logits");
        int right = 0;
        for (int i = 0; i < test; i++) {
            int best = 0;
            for (int k = 1; k < 10; k++) {
                best = logits[i * 10 + k] > logits[i * 10 + best] ? k : best;
            }
            right += best == others.label(i) ? 1 : 0;
        }
        assertTrue(right > 500 && right < 950, right + " of " + test);
    }
}
