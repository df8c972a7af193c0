package dev.rondo.train;

import java.util.List;

/**
 * What is done to a gradient between its computation and the optimizer, in this order.
 *
 * @param penalty  on large parameters
 * @param clipping of what is too large
 * @param noise    that is added
 * @param spared   names of parameters that neither the penalty nor an optimizer's decay makes smaller, such as {@code *bias*};
 *                 {@code *} stands for any text
 */
public record GradientRules(Penalty penalty, Clipping clipping, GradientNoise noise, List<String> spared) {
    /** The gradient as it is. */
    public static final GradientRules NONE = of(Penalty.NONE, new Clipping.None());

    /** Copies the list. */
    public GradientRules {
        spared = List.copyOf(spared);
    }

    /** Without noise, for all parameters. */
    public static GradientRules of(Penalty penalty, Clipping clipping) {
        return new GradientRules(penalty, clipping, GradientNoise.NONE, List.of());
    }

    /** The same with another clipping. */
    public GradientRules with(Clipping other) {
        return new GradientRules(penalty, other, noise, spared);
    }
}
