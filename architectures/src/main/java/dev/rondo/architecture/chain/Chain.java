package dev.rondo.architecture.chain;

import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.ParameterRole;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A linear chain over K tags, by the names of its parameters: what a tag scores at the beginning, after another one, and at the
 * end. Together with the scores of each place, the logits, they score a path:
 * {@code s(y) = start[y₁] + Σ logits[t, yₜ] + Σ transitions[yₜ₋₁, yₜ] + end[yₙ]}.
 *
 * @param start       [K]
 * @param transitions [K,K], from the row's tag to the column's
 * @param end         [K]
 * @param tags        K
 */
public record Chain(String start, String transitions, String end, int tags) {

    /** @throws IllegalArgumentException when there is no tag */
    public Chain {
        if (tags < 1) {
            throw new IllegalArgumentException("chain of " + tags + " tags");
        }
    }

    /** The usual names. */
    public static Chain of(int tags) {
        return new Chain("chain.start", "chain.transitions", "chain.end", tags);
    }

    /** Its parameters; they stay f32 and begin at zero, like the bias of an output. */
    public List<Parameter> parameters() {
        Map<String, Parameter> all = new LinkedHashMap<>();
        Parameter.add(all, start, ParameterRole.OUTPUT_BIAS, tags);
        Parameter.add(all, transitions, ParameterRole.OUTPUT_BIAS, tags, tags);
        Parameter.add(all, end, ParameterRole.OUTPUT_BIAS, tags);
        return List.copyOf(all.values());
    }
}
