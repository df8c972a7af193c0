package dev.rondo.train;

import dev.rondo.train.rule.Settings;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** How parameters follow their gradient. Immutable; what an optimizer remembers lies in slots that the caller keeps. */
public sealed interface Optimizer {
    /** The names of what it remembers for each parameter, zero at first. */
    List<String> slots();

    /**
     * Moves floats {@code from} to {@code to - 1}.
     *
     * @param theta    the parameters θ, f32
     * @param gradient g, f32
     * @param slots    in the order of {@link #slots}, as long as θ
     * @param rate     the learning rate η
     * @param step     t, the first is 1
     */
    void update(
            MemorySegment theta,
            MemorySegment gradient,
            List<MemorySegment> slots,
            long from,
            long to,
            double rate,
            long step);

    /** Stochastic gradient descent with momentum 0: {@code θ −= η g}. */
    static Sgd sgd() {
        return new Sgd(0, false);
    }

    /** The usual constants: β₁ = 0.9, β₂ = 0.999, ε = 1e−8. */
    static Adam adam() {
        return new Adam(0.9, 0.999, 1e-8);
    }

    /** The usual constants and the decay λ. */
    static AdamW adamW(double weightDecay) {
        return new AdamW(0.9, 0.999, 1e-8, weightDecay);
    }

    /**
     * Gradient descent. With momentum μ {@code v = μ v + g, θ −= η v} (Polyak 1964), with Nesterov's
     * {@code θ −= η (g + μ v)} of the new v (Sutskever et al. 2013, as PyTorch writes it).
     */
    record Sgd(double momentum, boolean nesterov) implements Optimizer {
        public Sgd {
            Settings.require(momentum >= 0 && momentum < 1, "momentum", "lies between 0 and 1, below 1", momentum);
            Settings.require(!nesterov || momentum > 0, "momentum", "is above 0 with Nesterov's", momentum);
        }

        @Override
        public List<String> slots() {
            return momentum == 0 ? List.of() : List.of("velocity");
        }

        @Override
        public void update(
                MemorySegment theta,
                MemorySegment gradient,
                List<MemorySegment> slots,
                long from,
                long to,
                double rate,
                long step) {
            float eta = (float) rate;
            float mu = (float) momentum;
            if (momentum == 0) {
                for (long i = from; i < to; i++) {
                    put(theta, i, get(theta, i) - eta * get(gradient, i));
                }
                return;
            }
            MemorySegment velocity = slots.getFirst();
            for (long i = from; i < to; i++) {
                float g = get(gradient, i);
                float v = mu * get(velocity, i) + g;
                put(velocity, i, v);
                put(theta, i, get(theta, i) - eta * (nesterov ? g + mu * v : v));
            }
        }
    }

    /**
     * Adam (Kingma and Ba 2015, algorithm 1): {@code m = β₁ m + (1−β₁) g, v = β₂ v + (1−β₂) g²,
     * θ −= η m̂ / (√v̂ + ε)} with {@code m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ)}.
     */
    record Adam(double beta1, double beta2, double epsilon) implements Optimizer {
        public Adam {
            checkBetas(beta1, beta2, epsilon);
        }

        @Override
        public List<String> slots() {
            return MOMENTS;
        }

        @Override
        public void update(
                MemorySegment theta,
                MemorySegment gradient,
                List<MemorySegment> slots,
                long from,
                long to,
                double rate,
                long step) {
            Moments.update(this, 0, theta, gradient, slots, from, to, rate, step);
        }
    }

    /** Adam with decoupled weight decay (Loshchilov and Hutter 2019): first {@code θ −= η λ θ}, then {@link Adam}. */
    record AdamW(double beta1, double beta2, double epsilon, double weightDecay) implements Optimizer {
        public AdamW {
            checkBetas(beta1, beta2, epsilon);
            Settings.require(weightDecay >= 0 && weightDecay < 1, "weight decay", "lies in [0, 1)", weightDecay);
        }

        @Override
        public List<String> slots() {
            return MOMENTS;
        }

        @Override
        public void update(
                MemorySegment theta,
                MemorySegment gradient,
                List<MemorySegment> slots,
                long from,
                long to,
                double rate,
                long step) {
            var adam = new Adam(beta1, beta2, epsilon);
            Moments.update(adam, rate * weightDecay, theta, gradient, slots, from, to, rate, step);
        }
    }

    /** What Adam remembers. */
    List<String> MOMENTS = List.of("moment1", "moment2");

    private static void checkBetas(double beta1, double beta2, double epsilon) {
        Settings.require(beta1 >= 0 && beta1 < 1, "beta1", "lies in [0, 1)", beta1);
        Settings.require(beta2 >= 0 && beta2 < 1, "beta2", "lies in [0, 1)", beta2);
        Settings.require(epsilon > 0, "epsilon", "is above 0", epsilon);
    }

    private static float get(MemorySegment segment, long i) {
        return segment.getAtIndex(ValueLayout.JAVA_FLOAT, i);
    }

    private static void put(MemorySegment segment, long i, float value) {
        segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
    }
}
