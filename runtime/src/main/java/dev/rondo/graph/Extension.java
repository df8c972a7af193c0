package dev.rondo.graph;

import dev.rondo.format.Attribute;
import java.util.Map;

/**
 * An operator that a module above the runtime brings, such as those of training. It stands in functions like any other;
 * no file holds one, and whoever plans such a function also brings the steps that run it
 * ({@code dev.rondo.plan.ExtensionSteps}). So what only infers stays small.
 */
public non-sealed interface Extension extends Op {
    /** The attributes, for graph text. */
    Map<String, Attribute> attributes();
}
