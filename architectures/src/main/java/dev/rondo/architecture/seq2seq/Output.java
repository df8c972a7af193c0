package dev.rondo.architecture.seq2seq;

import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.ParameterRole;
import dev.rondo.architecture.Projection;
import java.util.Map;
import java.util.Optional;

/**
 * From the readout r to the scores of the next token [V]. Those that copy give {@code log P}, P a distribution over one
 * vocabulary of source and target; where P is below {@value #FLOOR}, that much: a token that can be neither written nor
 * copied costs 46 nats, and not infinitely many. There is no scatter in a step, so what a place of the source stands for is
 * kept as a row of V numbers: 4·S·V bytes a sentence, and S·V products a hypothesis and step.
 */
public sealed interface Output {
    /** The least probability whose logarithm is taken. */
    float FLOOR = 1e-20f;

    /** The largest vocabulary that can be copied from. */
    int MAX_COPIED_VOCABULARY = 1 << 15;

    /** {@code W r + b}; the weight may be the embedding's table. */
    record Generate(Projection scores) implements Output {}

    /**
     * Pointer-generator (See et al. 2017): {@code P(w) = g softmax(W r + b)_w + (1 − g) Σ_{s: source_s = w} a_s} with the
     * attention a and {@code g = σ(v p + d)} of the readout's parts p side by side.
     *
     * @param gate from p to one number
     */
    record GenerateOrCopy(Projection scores, Projection gate) implements Output {}

    /** Pointer (Vinyals et al. 2015): {@code P(w) = Σ_{s: source_s = w} a_s}. */
    record Copy() implements Output {}

    /** The map to the vocabulary, of those that have one. */
    default Optional<Projection> map() {
        return switch (this) {
            case Generate(var scores) -> Optional.of(scores);
            case GenerateOrCopy(var scores, var _) -> Optional.of(scores);
            case Copy() -> Optional.empty();
        };
    }

    /** Whether it reads the attention. */
    default boolean copies() {
        return switch (this) {
            case Generate _ -> false;
            case GenerateOrCopy _, Copy _ -> true;
        };
    }

    /** Adds the tensors, in the order in which files hold them. */
    default void addTo(Map<String, Parameter> all) {
        map().ifPresent(scores -> scores.addTo(all, ParameterRole.OUTPUT, ParameterRole.OUTPUT_BIAS));
        if (this instanceof GenerateOrCopy(var _, var gate)) {
            gate.addTo(all);
        }
    }
}
