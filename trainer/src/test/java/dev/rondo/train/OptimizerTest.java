package dev.rondo.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rondo.error.InputException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Optimizers against PyTorch 2.13 (trainer/src/test/scripts/optimizers.py) and against values worked by hand. */
class OptimizerTest {
    /** Five steps from [1, −0.5] with the gradient θ² − 0.3 t; elements before and after must stay as they are. */
    private static float[] fiveSteps(Optimizer optimizer) {
        MemorySegment theta = floats(9, 1, -0.5f, 9);
        MemorySegment gradient = floats(0, 0, 0, 0);
        List<MemorySegment> slots =
                optimizer.slots().stream().map(s -> floats(0, 0, 0, 0)).toList();
        for (int step = 1; step <= 5; step++) {
            for (int i = 0; i < 4; i++) {
                float t = theta.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                gradient.setAtIndex(ValueLayout.JAVA_FLOAT, i, t * t - 0.3f * step);
            }
            optimizer.update(new Optimizer.Span(theta, gradient, slots, 1, 3), 0.1, step);
        }
        float[] all = theta.toArray(ValueLayout.JAVA_FLOAT);
        assertEquals(9, all[0]);
        assertEquals(9, all[3]);
        return new float[] {all[1], all[2]};
    }

    private static MemorySegment floats(float... values) {
        return Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, values);
    }

    @Test
    void gradientDescentIsPytorchs() {
        assertArrayEquals(new float[] {1.00871718f, -0.144047305f}, fiveSteps(Optimizer.sgd()), 1e-6f);
    }

    @Test
    void momentumIsPytorchs() {
        assertArrayEquals(new float[] {0.875908017f, 0.182945028f}, fiveSteps(new Optimizer.Sgd(0.9, false)), 1e-6f);
    }

    @Test
    void nesterovIsPytorchs() {
        assertArrayEquals(new float[] {1.01902151f, 0.51295197f}, fiveSteps(new Optimizer.Sgd(0.9, true)), 1e-6f);
    }

    @Test
    void adamIsPytorchs() {
        assertArrayEquals(new float[] {0.821322918f, -0.0505169556f}, fiveSteps(Optimizer.adam()), 1e-6f);
    }

    @Test
    void adamWIsPytorchs() {
        assertArrayEquals(new float[] {0.806301415f, -0.0426521227f}, fiveSteps(Optimizer.adamW(0.05)), 1e-6f);
    }

    @Test
    void adaGradIsPytorchs() {
        assertArrayEquals(new float[] {0.997203588f, -0.0639889613f}, fiveSteps(Optimizer.adaGrad()), 1e-6f);
    }

    @Test
    void rmsPropIsPytorchs() {
        assertArrayEquals(
                new float[] {1.19814003f, 0.830564618f}, fiveSteps(new Optimizer.RmsProp(0.9, 1e-8, 0)), 1e-6f);
    }

    @Test
    void rmsPropWithMomentumIsPytorchs() {
        assertArrayEquals(
                new float[] {1.17391372f, 2.10349631f}, fiveSteps(new Optimizer.RmsProp(0.9, 1e-8, 0.9)), 2e-6f);
    }

    /** Decay before any optimizer: before Adam it is AdamW. */
    @Test
    void decayedAdamIsAdamW() {
        var decayed = new Optimizer.Decayed(Optimizer.adam(), 0.05);
        assertArrayEquals(fiveSteps(Optimizer.adamW(0.05)), fiveSteps(decayed), 1e-6f);
        assertArrayEquals(fiveSteps(Optimizer.adam()), fiveSteps(decayed.withoutDecay()));
        assertArrayEquals(
                fiveSteps(Optimizer.adam()), fiveSteps(Optimizer.adamW(0.05).withoutDecay()));
    }

    /** The first step of Adam moves by the rate, against the sign of the gradient: m̂/√v̂ = g/|g|. */
    @Test
    void theFirstStepOfAdamIsTheRate() {
        MemorySegment theta = floats(2, 2);
        var slots = List.of(floats(0, 0), floats(0, 0));
        Optimizer.adam().update(new Optimizer.Span(theta, floats(1e-3f, -40), slots, 0, 2), 0.25, 1);
        assertArrayEquals(new float[] {1.75f, 2.25f}, theta.toArray(ValueLayout.JAVA_FLOAT), 1e-5f);
    }

    /** AdamW with a gradient of zero only decays: θ (1 − ηλ). */
    @Test
    void decayIsApartFromTheGradient() {
        MemorySegment theta = floats(2);
        var slots = List.of(floats(0), floats(0));
        Optimizer.adamW(0.1).update(new Optimizer.Span(theta, floats(0), slots, 0, 1), 0.5, 1);
        assertEquals(1.9f, theta.get(ValueLayout.JAVA_FLOAT, 0), 1e-6f);
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThrows(InputException.class, () -> new Optimizer.Sgd(1, false));
        assertThrows(InputException.class, () -> new Optimizer.Sgd(0, true));
        assertThrows(InputException.class, () -> new Optimizer.Adam(0.9, 1, 1e-8));
        assertThrows(InputException.class, () -> Optimizer.adamW(Double.NaN));
        assertThrows(InputException.class, () -> new Optimizer.AdaGrad(0));
        assertThrows(InputException.class, () -> new Optimizer.RmsProp(1, 1e-8, 0));
        assertThrows(InputException.class, () -> new Optimizer.RmsProp(0.9, 1e-8, -1));
        assertThrows(InputException.class, () -> new Optimizer.Decayed(Optimizer.sgd(), 1));
        assertThrows(InputException.class, () -> new Optimizer.Decayed(Optimizer.adamW(0.1), 0.1));
    }
}
