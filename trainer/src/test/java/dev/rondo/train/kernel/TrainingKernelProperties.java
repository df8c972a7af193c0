package dev.rondo.train.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Activation;
import dev.rondo.kernel.View;
import java.util.Random;
import java.util.function.IntFunction;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** The kernels of training: plain and vector are twins, and write nothing but their outputs. */
class TrainingKernelProperties {
    private static final TrainingKernels PLAIN = TrainingKernels.plain();
    private static final TrainingKernels VECTOR = TrainingKernels.best();
    private static final double CLOSE = 4e-6;

    @Provide
    Arbitrary<Integer> sizes() {
        return Arbitraries.of(0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40, 67);
    }

    @Provide
    Arbitrary<Activation> activations() {
        return Arbitraries.of(
                Activation.IDENTITY,
                Activation.TANH,
                Activation.SIGMOID,
                Activation.RELU,
                Activation.leakyRelu(0.1f),
                Activation.elu(0.7f),
                Activation.SELU,
                Activation.hardSigmoid(0.2f, 0.5f),
                Activation.SOFTSIGN,
                Activation.SOFTPLUS,
                Activation.affine(0.5f, 0.25f),
                Activation.scaledTanh(1.5f, 0.5f),
                Activation.thresholdedRelu(0.3f),
                Activation.SILU,
                Activation.GELU);
    }

    @Provide
    Arbitrary<Activation> outputActivations() {
        return Arbitraries.of(Activation.IDENTITY, Activation.TANH, Activation.SIGMOID, Activation.RELU);
    }

    /** Between 0 and 1, the ends now and then. */
    private static float gate(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> 1;
            default -> random.nextFloat();
        };
    }

    private static float candidate(Random random) {
        return 2 * gate(random) - 1;
    }

    /** Pre-activations, far into saturation now and then. */
    private static float wide(Random random) {
        return (float) random.nextGaussian() * (random.nextInt(8) == 0 ? 30 : 1);
    }

    /** Zero, one or ordinary: where kinks lie. */
    private static float kinked(Random random) {
        return random.nextInt(4) == 0 ? random.nextInt(3) - 1 : (float) random.nextGaussian();
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void dropout(@ForAll long seed, @ForAll("sizes") int cols, @ForAll @IntRange(max = 3) int rows, @ForAll int key) {
        float probability = new Random(seed).nextInt(4) == 0 ? 0 : new Random(seed).nextFloat();
        var w = new Windows(seed);
        int x = w.add(rows, cols);
        int out = w.add(rows, cols);
        PLAIN.dropout(key, probability, w.plain(x), w.plain(out));
        VECTOR.dropout(key, probability, w.vector(x), w.vector(out));
        w.check(0);
        float scale = 1 / (1 - probability);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < cols; c++) {
                boolean keeps = Training.Dropout.keeps(key, r * cols + c, probability);
                assertEquals(
                        keeps ? w.plain(x).get(r, c) * scale : 0f, w.plain(out).get(r, c));
            }
        }
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void crossEntropy(
            @ForAll long seed,
            @ForAll("sizes") int sizes,
            @ForAll @IntRange(max = 3) int rows,
            @ForAll boolean smooth) {
        int classes = Math.max(1, sizes);
        float smoothing = smooth ? 0.3f : 0;
        var w = new Windows(seed);
        int logits = w.add(rows, classes, TrainingKernelProperties::wide);
        int targets = w.indices(rows, classes);
        int dy = w.add(rows, 1);
        int loss = w.add(rows, 1);
        int gradient = w.add(rows, classes);
        for (TrainingKernels kernels : new TrainingKernels[] {PLAIN, VECTOR}) {
            boolean plain = kernels == PLAIN;
            View x = plain ? w.plain(logits) : w.vector(logits);
            View target = plain ? w.plain(targets) : w.vector(targets);
            kernels.crossEntropy(x, target, smoothing, plain ? w.plain(loss) : w.vector(loss));
            View out = plain ? w.plain(gradient) : w.vector(gradient);
            kernels.crossEntropyBackward(x, target, plain ? w.plain(dy) : w.vector(dy), smoothing, out);
        }
        w.check(CLOSE);
        for (int r = 0; r < rows; r++) {
            double sum = 0;
            for (int v = 0; v < classes; v++) {
                sum += w.vector(gradient).get(r, v);
            }
            // Probabilities and what is wanted both sum to one.
            assertEquals(0, sum, 1e-5 * (1 + Math.abs(w.plain(dy).get(r, 0))));
        }
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void additiveScores(
            @ForAll long seed,
            @ForAll("sizes") int width,
            @ForAll @IntRange(max = 5) int queries,
            @ForAll @IntRange(max = 5) int places) {
        var w = new Windows(seed);
        int query = w.add(queries, width, TrainingKernelProperties::wide);
        int keys = w.add(places, width);
        int vector = w.add(1, width);
        int dy = w.add(queries, places, TrainingKernelProperties::kinked);
        int scratch = w.add(1, width);
        int dquery = w.add(queries, width);
        int dkeys = w.add(places, width);
        int dvector = w.add(1, width);
        PLAIN.additiveQueryBackward(
                w.plain(query), w.plain(keys), w.plain(vector), w.plain(dy), w.plain(scratch), w.plain(dquery));
        PLAIN.additiveKeysBackward(
                w.plain(query),
                w.plain(keys),
                w.plain(vector),
                w.plain(dy),
                w.plain(scratch),
                w.plain(dkeys),
                w.plain(dvector));
        VECTOR.additiveQueryBackward(
                w.vector(query), w.vector(keys), w.vector(vector), w.vector(dy), w.vector(scratch), w.vector(dquery));
        VECTOR.additiveKeysBackward(
                w.vector(query),
                w.vector(keys),
                w.vector(vector),
                w.vector(dy),
                w.vector(scratch),
                w.vector(dkeys),
                w.vector(dvector));
        for (int c = 0; c < width; c++) {
            // Undefined afterwards.
            w.plain(scratch).put(0, c, 0);
            w.vector(scratch).put(0, c, 0);
        }
        w.check(4 * CLOSE);
    }

    @Property(tries = 100, shrinking = ShrinkingMode.OFF)
    void impossibleClasses(@ForAll long seed, @ForAll @IntRange(min = 2, max = 40) int classes) {
        var w = new Windows(seed);
        int logits = w.add(1, classes, r -> r.nextInt(3) == 0 ? Float.NEGATIVE_INFINITY : (float) r.nextGaussian());
        int targets = w.indices(1, classes);
        int target = PlainTrainingKernels.target(w.plain(targets), 0);
        w.plain(logits).put(0, target, 1);
        w.vector(logits).put(0, target, 1);
        int loss = w.add(1, 1);
        PLAIN.crossEntropy(w.plain(logits), w.plain(targets), 0, w.plain(loss));
        VECTOR.crossEntropy(w.vector(logits), w.vector(targets), 0, w.vector(loss));
        w.check(CLOSE);
        assertEquals(true, Float.isFinite(w.vector(loss).get(0, 0)));
    }

    @Property(tries = 400, shrinking = ShrinkingMode.OFF)
    void activateBackward(
            @ForAll long seed,
            @ForAll("activations") Activation f,
            @ForAll("sizes") int cols,
            @ForAll @IntRange(max = 3) int rows) {
        var w = new Windows(seed);
        int x = w.add(rows, cols, TrainingKernelProperties::kinked);
        int y = w.add(rows, cols);
        int dy = w.add(rows, cols);
        int out = w.add(rows, cols);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < cols; c++) {
                float value = (float) f.apply(w.plain(x).get(r, c));
                w.plain(y).put(r, c, value);
                w.vector(y).put(r, c, value);
            }
        }
        PLAIN.activateBackward(f, w.plain(x), w.plain(y), w.plain(dy), w.plain(out));
        VECTOR.activateBackward(f, w.vector(x), w.vector(y), w.vector(dy), w.vector(out));
        w.check(CLOSE);
    }

    /** The derivative is the slope a little to the right. */
    @Property(tries = 400, shrinking = ShrinkingMode.OFF)
    void derivatives(@ForAll("activations") Activation f, @ForAll long seed) {
        double x = kinked(new Random(seed));
        double step = 1e-6;
        double slope = (f.apply(x + 2 * step) - f.apply(x + step)) / step;
        assertEquals(slope, Derivatives.of(f, x, f.apply(x)), 1e-4, f.text() + " at " + x);
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void lstm(
            @ForAll long seed,
            @ForAll("sizes") int units,
            @ForAll @IntRange(max = 3) int rows,
            @ForAll boolean inPlace) {
        var w = new Windows(seed);
        int product = w.add(rows, 4 * units, TrainingKernelProperties::wide);
        int x = w.add(rows, 4 * units);
        int c = w.add(rows, units);
        int gates = inPlace ? x : w.add(rows, 4 * units);
        int cells = w.add(rows, units);
        int h = w.add(rows, units);
        int y = w.add(rows, units);
        PLAIN.lstmTrace(
                w.plain(product), w.plain(x), w.plain(c), w.plain(gates), w.plain(cells), w.plain(h), w.plain(y));
        VECTOR.lstmTrace(
                w.vector(product),
                w.vector(x),
                w.vector(c),
                w.vector(gates),
                w.vector(cells),
                w.vector(h),
                w.vector(y));
        w.check(CLOSE);
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void lstmBackward(@ForAll long seed, @ForAll("sizes") int units, @ForAll @IntRange(max = 3) int rows) {
        var w = new Windows(seed);
        int gates = w.add(rows, 4 * units, TrainingKernelProperties::candidate);
        int cells = w.add(rows, units, TrainingKernelProperties::wide);
        int cPrev = w.add(rows, units);
        int dy = w.add(rows, units);
        int dh = w.add(rows, units);
        int dc = w.add(rows, units);
        int dz = w.add(rows, 4 * units);
        int out = w.add(rows, 4 * units);
        PLAIN.lstmBackward(
                w.plain(gates),
                w.plain(cells),
                w.plain(cPrev),
                w.plain(dy),
                w.plain(dh),
                w.plain(dc),
                w.plain(dz),
                w.plain(out));
        VECTOR.lstmBackward(
                w.vector(gates),
                w.vector(cells),
                w.vector(cPrev),
                w.vector(dy),
                w.vector(dh),
                w.vector(dc),
                w.vector(dz),
                w.vector(out));
        w.check(2 * CLOSE);
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void gruAfter(
            @ForAll long seed,
            @ForAll("sizes") int units,
            @ForAll @IntRange(max = 3) int rows,
            @ForAll boolean inPlace) {
        var w = new Windows(seed);
        int product = w.add(rows, 3 * units, TrainingKernelProperties::wide);
        int x = w.add(rows, 3 * units);
        int h = w.add(rows, units);
        int gates = inPlace ? x : w.add(rows, 3 * units);
        int recurrent = w.add(rows, units);
        int y = w.add(rows, units);
        PLAIN.gruTraceAfter(w.plain(product), w.plain(x), w.plain(h), w.plain(gates), w.plain(recurrent), w.plain(y));
        VECTOR.gruTraceAfter(
                w.vector(product), w.vector(x), w.vector(h), w.vector(gates), w.vector(recurrent), w.vector(y));
        // A large recurrent share multiplies the error of r.
        w.check(1e-4);
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void gruBefore(
            @ForAll long seed,
            @ForAll("sizes") int units,
            @ForAll @IntRange(max = 3) int rows,
            @ForAll boolean inPlace) {
        var w = new Windows(seed);
        int first = w.add(rows, 2 * units, TrainingKernelProperties::wide);
        int second = w.add(rows, units);
        int x = w.add(rows, 3 * units);
        int h = w.add(rows, units);
        int gates = inPlace ? x : w.add(rows, 3 * units);
        int recurrent = w.add(rows, units);
        int reset = w.add(rows, units);
        int y = w.add(rows, units);
        PLAIN.gruTraceReset(w.plain(first), w.plain(x), w.plain(h), w.plain(gates), w.plain(recurrent), w.plain(reset));
        PLAIN.gruTraceCandidate(w.plain(second), w.plain(x), w.plain(h), w.plain(gates), w.plain(y));
        VECTOR.gruTraceReset(
                w.vector(first), w.vector(x), w.vector(h), w.vector(gates), w.vector(recurrent), w.vector(reset));
        VECTOR.gruTraceCandidate(w.vector(second), w.vector(x), w.vector(h), w.vector(gates), w.vector(y));
        w.check(CLOSE);
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void gruBackward(
            @ForAll long seed, @ForAll("sizes") int units, @ForAll @IntRange(max = 3) int rows, @ForAll boolean after) {
        var w = new Windows(seed);
        int gates = w.add(rows, 3 * units, TrainingKernelProperties::candidate);
        int before = w.add(rows, units);
        // The recurrent share with reset_after, else the product e.
        int share = w.add(rows, units);
        int dy = w.add(rows, units);
        int dh = w.add(rows, units);
        int dz = w.add(rows, 3 * units);
        int out = w.add(rows, (after ? 3 : 2) * units);
        int candidate = w.add(rows, units);
        for (TrainingKernels kernels : new TrainingKernels[] {PLAIN, VECTOR}) {
            IntFunction<View> at = kernels == PLAIN ? w::plain : w::vector;
            View gate = at.apply(gates);
            View h = at.apply(before);
            View gradient = at.apply(dh);
            View z = at.apply(dz);
            View rowsOut = at.apply(out);
            if (after) {
                kernels.gruBackwardAfter(gate, at.apply(share), h, at.apply(dy), gradient, z, rowsOut);
            } else {
                kernels.gruBackwardCandidate(gate, h, at.apply(dy), gradient, z, rowsOut, at.apply(candidate));
                kernels.gruBackwardReset(gate, h, at.apply(share), gradient, z, rowsOut);
            }
        }
        w.check(2 * CLOSE);
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void elmanBackward(
            @ForAll long seed,
            @ForAll("outputActivations") Activation f,
            @ForAll("sizes") int units,
            @ForAll @IntRange(max = 3) int rows) {
        var w = new Windows(seed);
        int y = w.add(rows, units, TrainingKernelProperties::kinked);
        int dy = w.add(rows, units);
        int dh = w.add(rows, units);
        int dz = w.add(rows, units);
        int out = w.add(rows, units);
        PLAIN.elmanBackward(f, w.plain(y), w.plain(dy), w.plain(dh), w.plain(dz), w.plain(out));
        VECTOR.elmanBackward(f, w.vector(y), w.vector(dy), w.vector(dh), w.vector(dz), w.vector(out));
        w.check(CLOSE);
    }
}
