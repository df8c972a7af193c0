package dev.rondo.convert.statedict;

import dev.rondo.architecture.chain.Chain;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.convert.statedict.StackConfig.Border;
import dev.rondo.convert.statedict.StackConfig.ChainConfig;
import dev.rondo.error.FormatException;
import java.util.List;

/** The tensors of a linear chain over tags. */
record ChainWeights(SourceTensors source, WeightCollector collector) {
    Chain collect(ChainConfig config, int tags) {
        SourceTensor transitions = source.use(
                config.transitions(), "chain.transitions", "one of each pair of " + tags + " tags", tags, tags);
        boolean fromRows = config.fromRows();
        String stored = collector.changed(
                "chain.transitions",
                transitions,
                List.of(tags, tags),
                v -> fromRows ? v : LayerWeights.channelsLast(v, 1, tags, tags));
        // What leaves the tag of the beginning, and what leads to that of the end.
        String start = border(config.start(), "chain.start", transitions, tags, fromRows);
        String end = border(config.end(), "chain.end", transitions, tags, !fromRows);
        return new Chain(start, stored, end, tags);
    }

    private String border(Border border, String name, SourceTensor transitions, int tags, boolean row) {
        return switch (border) {
            case Border.Tensor(String tensor) -> {
                SourceTensor scores = source.use(tensor, name, "one of each of " + tags + " tags", tags);
                yield collector.changed(name, scores, List.of(tags), v -> v);
            }
            case Border.None() -> collector.computed(name, List.of(), new float[tags]);
            case Border.Tag(int id) -> {
                if (id >= tags) {
                    throw new FormatException(name, "must be one of " + tags + " tags", "" + id, "check the id");
                }
                yield collector.changed(name, transitions, List.of(tags), v -> {
                    float[] scores = new float[tags];
                    for (int k = 0; k < tags; k++) {
                        scores[k] = v[row ? id * tags + k : k * tags + id];
                    }
                    return scores;
                });
            }
        };
    }
}
