package dev.rondo.convert.draft;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a graph of another framework does not say about itself.
 *
 * @param states   by the name of an input: the outputs that replace it, each of whatever function has it. The input
 *                 becomes a state that the session keeps, and these outputs leave the functions
 * @param contexts by the name of an input: how many of its last elements are those before the call. They become a state
 * @param fixed    by the name of an input: its value from now on, a number or a list as {@code 16000} or {@code [1,2]};
 *                 or by the name of a dimension: its size
 * @param shapes   by the name of an input: its dimensions, as {@code B,T,40}
 */
public record GraphOptions(
        Map<String, List<String>> states,
        Map<String, Integer> contexts,
        Map<String, String> fixed,
        Map<String, String> shapes) {
    /** Nothing to add. */
    public static final GraphOptions NONE = new GraphOptions(Map.of(), Map.of(), Map.of(), Map.of());

    public GraphOptions {
        states = ordered(states);
        contexts = ordered(contexts);
        fixed = ordered(fixed);
        shapes = ordered(shapes);
    }

    private static <V> Map<String, V> ordered(Map<String, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
