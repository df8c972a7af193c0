package dev.rondo.architecture.seq2seq;

import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.ParameterRole;
import dev.rondo.architecture.Projection;
import java.util.Map;

/**
 * Attention over the encoder's memory m: weights {@code a = softmax(score(s, m_j))} over the source, context
 * {@code Σ a_j m_j}. With several heads, keys and memory are cut into as many equal parts, each with weights of its own; the
 * context is that of all heads side by side, the reported weights are their mean.
 *
 * @param score of the decoder's state s [D] and a place m_j [M]
 * @param heads at least 1
 * @param query which state asks
 */
public record Attention(Score score, int heads, Query query) {
    /** Which state of the decoder asks. */
    public enum Query {
        /** The top layer's state before the step; the context is part of the step's input (Bahdanau et al. 2015). */
        BEFORE,
        /**
         * The first of the step's two states: a cell reads the word, its state asks, and a second cell reads the context
         * (conditional GRU, Sennrich et al. 2017).
         */
        BETWEEN,
        /** The top layer's output after the step (Luong et al. 2015): its state, with {@link Connection#RESIDUAL} and its input. */
        AFTER
    }

    /** How well a state s and a place m fit. */
    public sealed interface Score {
        /** {@code s · m}, D = M. */
        record Dot() implements Score {}

        /** {@code s · m / √D}, D = M; with heads D is that of a head (Vaswani et al. 2017). */
        record ScaledDot() implements Score {}

        /** {@code s · W m}, W [D,M] (Luong's general). */
        record General(Projection keys) implements Score {}

        /** {@code U s · V m}, U [R,D], V [R,M] (Britz et al. 2017). */
        record LowRank(Projection query, Projection keys) implements Score {}

        /** {@code v · tanh(Q s + K m)}, v [A], Q [A,D], K [A,M] (Bahdanau et al. 2015). */
        record Additive(Projection query, Projection keys, String vector) implements Score {}
    }

    void addTo(Map<String, Parameter> all) {
        switch (score) {
            case Score.Dot(), Score.ScaledDot() -> {}
            case Score.General(var keys) -> keys.addTo(all);
            case Score.LowRank(var q, var keys) -> {
                q.addTo(all);
                keys.addTo(all);
            }
            case Score.Additive(var q, var keys, String vector) -> {
                q.addTo(all);
                keys.addTo(all);
                // As many numbers per head: [A] in all.
                Parameter.add(all, vector, ParameterRole.VECTOR, q.outputSize() / heads);
            }
        }
    }

    /** The size of keys, given that of the memory. */
    int keySize(int memorySize) {
        return switch (score) {
            case Score.Dot(), Score.ScaledDot() -> memorySize;
            case Score.General(var keys) -> keys.outputSize();
            case Score.LowRank(var _, var keys) -> keys.outputSize();
            case Score.Additive(var _, var keys, var _) -> keys.outputSize();
        };
    }
}
