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
     * Moves the parameters of a span.
     *
     * @param rate the learning rate η
     * @param step t, the first is 1
     */
    void update(Span span, double rate, long step);

    /**
     * Floats {@code from} to {@code to - 1} of what an optimizer works on; the caller keeps the memory.
     *
     * @param theta    the parameters θ
     * @param gradient g
     * @param slots    in the order of {@link Optimizer#slots}, as long as θ
     */
    record Span(MemorySegment theta, MemorySegment gradient, List<MemorySegment> slots, long from, long to) {
        /** No copies: optimizers write here. */
        public Span {}

        private float theta(long i) {
            return get(theta, i);
        }

        private void theta(long i, float value) {
            put(theta, i, value);
        }

        private float gradient(long i) {
            return get(gradient, i);
        }
    }

    /** The same without its decay, with the same slots: for parameters that no decay makes smaller. */
    default Optimizer withoutDecay() {
        return this;
    }

    /** Stochastic gradient descent with momentum 0: {@code θ −= η g}. */
    static Sgd sgd() {
        return new Sgd(0, false);
    }

    /** The usual constants: β₁ = 0.9, β₂ = 0.999, ε = 1e−8. */
    static Adam adam() {
        return new Adam(0.9, 0.999, 1e-8);
    }

    /** The usual constant: ε = 1e−10. */
    static AdaGrad adaGrad() {
        return new AdaGrad(1e-10);
    }

    /** The usual constants: α = 0.99, ε = 1e−8, no momentum. */
    static RmsProp rmsProp() {
        return new RmsProp(0.99, 1e-8, 0);
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
        public void update(Span span, double rate, long step) {
            float eta = (float) rate;
            float mu = (float) momentum;
            if (momentum == 0) {
                for (long i = span.from; i < span.to; i++) {
                    span.theta(i, span.theta(i) - eta * span.gradient(i));
                }
                return;
            }
            MemorySegment velocity = span.slots.getFirst();
            for (long i = span.from; i < span.to; i++) {
                float g = span.gradient(i);
                float v = mu * get(velocity, i) + g;
                put(velocity, i, v);
                span.theta(i, span.theta(i) - eta * (nesterov ? g + mu * v : v));
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
        public void update(Span span, double rate, long step) {
            Moments.update(this, 0, span, rate, step);
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
        public Optimizer withoutDecay() {
            return new Adam(beta1, beta2, epsilon);
        }

        @Override
        public void update(Span span, double rate, long step) {
            Moments.update(new Adam(beta1, beta2, epsilon), rate * weightDecay, span, rate, step);
        }
    }

    /**
     * AdaGrad (Duchi, Hazan and Singer 2011): {@code s = s + g², θ −= η g / (√s + ε)}. PyTorch's, whose usual ε is 1e−10.
     */
    record AdaGrad(double epsilon) implements Optimizer {
        public AdaGrad {
            Settings.require(epsilon > 0, "epsilon", "is above 0", epsilon);
        }

        @Override
        public List<String> slots() {
            return List.of("squares");
        }

        @Override
        public void update(Span span, double rate, long step) {
            float eta = (float) rate;
            float e = (float) epsilon;
            MemorySegment squares = span.slots.getFirst();
            for (long i = span.from; i < span.to; i++) {
                float g = span.gradient(i);
                float s = get(squares, i) + g * g;
                put(squares, i, s);
                span.theta(i, span.theta(i) - eta * (g / ((float) Math.sqrt(s) + e)));
            }
        }
    }

    /**
     * RMSProp (Tieleman and Hinton 2012): {@code v = α v + (1−α) g², θ −= η g / (√v + ε)}; with momentum μ
     * {@code b = μ b + g / (√v + ε), θ −= η b}. PyTorch's, where ε stands outside the root.
     */
    record RmsProp(double alpha, double epsilon, double momentum) implements Optimizer {
        public RmsProp {
            Settings.require(alpha >= 0 && alpha < 1, "alpha", "lies in [0, 1)", alpha);
            Settings.require(epsilon > 0, "epsilon", "is above 0", epsilon);
            Settings.require(momentum >= 0 && momentum < 1, "momentum", "lies between 0 and 1, below 1", momentum);
        }

        @Override
        public List<String> slots() {
            return momentum == 0 ? List.of("squares") : List.of("squares", "velocity");
        }

        @Override
        public void update(Span span, double rate, long step) {
            float eta = (float) rate;
            float keep = (float) alpha;
            float share = (float) (1 - alpha);
            float e = (float) epsilon;
            float mu = (float) momentum;
            MemorySegment squares = span.slots.getFirst();
            for (long i = span.from; i < span.to; i++) {
                float g = span.gradient(i);
                float v = keep * get(squares, i) + share * g * g;
                put(squares, i, v);
                float move = g / ((float) Math.sqrt(v) + e);
                if (mu != 0) {
                    move = mu * get(span.slots.getLast(), i) + move;
                    put(span.slots.getLast(), i, move);
                }
                span.theta(i, span.theta(i) - eta * move);
            }
        }
    }

    /**
     * Decoupled weight decay before any optimizer that has none: first {@code θ −= η λ θ}, then the optimizer with the gradient as it
     * was (Loshchilov and Hutter 2019, whose SGDW this is of {@link Sgd}).
     */
    record Decayed(Optimizer optimizer, double weightDecay) implements Optimizer {
        public Decayed {
            Settings.require(weightDecay >= 0 && weightDecay < 1, "weight decay", "lies in [0, 1)", weightDecay);
            boolean has = optimizer instanceof AdamW || optimizer instanceof Decayed;
            Settings.require(!has, "weight decay", "is said once", optimizer);
        }

        @Override
        public List<String> slots() {
            return optimizer.slots();
        }

        @Override
        public Optimizer withoutDecay() {
            return optimizer;
        }

        @Override
        public void update(Span span, double rate, long step) {
            float keep = (float) (1 - rate * weightDecay);
            for (long i = span.from; i < span.to; i++) {
                span.theta(i, keep * span.theta(i));
            }
            optimizer.update(span, rate, step);
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
