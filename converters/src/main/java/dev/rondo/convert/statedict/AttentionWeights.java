package dev.rondo.convert.statedict;

import dev.rondo.architecture.Layer;
import dev.rondo.architecture.Projection;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.statedict.LayerConfig.Maps;
import dev.rondo.error.FormatException;
import dev.rondo.error.ShapeException;
import java.util.List;
import java.util.Optional;

/** The tensors of attention between steps, and of what goes with it. */
record AttentionWeights(LayerWeights all) {
    Flow add(List<Layer> layers, LayerConfig.Attentive config, String name, Flow x) {
        return switch (config) {
            case LayerConfig.Positions(String weight) -> positions(layers, weight, name, x);
            case LayerConfig.SelfAttention attention -> {
                x.requireSteps(name, "attention between steps");
                Flow known = all.known(x, inputs(attention.maps(), name));
                Layer.SelfAttention layer = selfAttention(attention, name, known.size());
                layers.add(layer);
                yield known.withSize(layer.output().outputSize());
            }
            case LayerConfig.Transformer block -> {
                x.requireSteps(name, "a block of a Transformer");
                Flow known = all.known(x, inputs(block.attention().maps(), name + ".attention"));
                transformer(layers, block, name, known.size());
                yield known;
            }
            case LayerConfig.AttentionPool(var map, String vector) -> {
                x.requireSteps(name, "pooling by attention");
                x.requireSize(name);
                Projection projection = all.linear().collect(map, name, x.size(), -1);
                layers.add(new Layer.AttentionPool(
                        projection, all.linear().vector(vector, name + ".vector", projection.outputSize())));
                all.decided(name, "softmax over time of v . tanh(W x + b)");
                yield Flow.vector(x.size());
            }
        };
    }

    private Flow positions(List<Layer> layers, String weight, String name, Flow x) {
        x.requireSteps(name, "a table of places");
        SourceTensor table = all.source().use(weight, name + ".table");
        boolean batch = table.shape().size() == 3;
        String why = "steps, numbers of a step";
        int wanted = x.size() > 0 ? x.size() : -1;
        if (batch) {
            all.source().use(weight, name + ".table", "1, " + why, 1, -1, wanted);
        } else {
            all.source().use(weight, name + ".table", why, -1, wanted);
        }
        int steps = RecurrentWeights.size(table, batch ? 1 : 0);
        Flow known = all.known(x, RecurrentWeights.size(table, batch ? 2 : 1));
        String stored = all.collector().changed(name + ".table", table, List.of(steps, known.size()), v -> v);
        layers.add(new Layer.Positions(stored, steps, known.size()));
        all.decided(name, "a row of each place, added; rows have at most " + steps + " steps");
        return known;
    }

    private int inputs(Maps maps, String name) {
        String weight = switch (maps) {
            case Maps.Joint joint -> joint.weight();
            case Maps.Apart apart -> apart.query().weight();
        };
        return RecurrentWeights.size(all.source().use(weight, name + ".query.weight", "outputs, inputs", -1, -1), 1);
    }

    private Layer.SelfAttention selfAttention(LayerConfig.SelfAttention config, String name, int size) {
        LinearWeights linear = all.linear();
        Projection query;
        Projection key;
        Projection value;
        switch (config.maps()) {
            case Maps.Joint joint -> {
                query = part(joint, name, ".query", 0, size);
                key = part(joint, name, ".key", 1, size);
                value = part(joint, name, ".value", 2, size);
            }
            case Maps.Apart(var q, var k, var v) -> {
                query = linear.collect(q, name + ".query", size, -1);
                key = linear.collect(k, name + ".key", size, query.outputSize());
                value = linear.collect(v, name + ".value", size, -1);
            }
        }
        Projection output = linear.collect(config.output(), name + ".output", value.outputSize(), -1);
        int heads = config.heads();
        if (query.outputSize() % heads != 0 || value.outputSize() % heads != 0) {
            throw new FormatException(
                    name + ", key 'heads'",
                    "must divide the " + query.outputSize() + " numbers of a query and the " + value.outputSize()
                            + " of a value",
                    "" + heads,
                    "write the number that the model was trained with");
        }
        all.decided(
                name,
                heads + (heads == 1 ? " head" : " heads, side by side") + ", scores divided by √ of a head's size");
        return new Layer.SelfAttention(heads, query, key, value, output);
    }

    /** A third of what stands below each other. */
    private Projection part(Maps.Joint joint, String name, String part, int index, int size) {
        int three = LayerWeights.multiply(name, 3, size);
        SourceTensor weight = all.source()
                .use(joint.weight(), name + part + ".weight", "query, key and value below each other", three, size);
        Optional<SourceTensor> bias =
                joint.bias().map(b -> all.source().use(b, name + part + ".bias", "of query, key and value", three));
        return new Projection(
                all.collector().rows(name + part + ".weight", weight, index * size, size),
                bias.map(b -> all.collector().rows(name + part + ".bias", b, index * size, size)),
                size,
                size);
    }

    private void transformer(List<Layer> layers, LayerConfig.Transformer block, String name, int size) {
        Layer.SelfAttention attention = selfAttention(block.attention(), name + ".attention", size);
        if (attention.output().outputSize() != size) {
            throw new ShapeException(
                    name,
                    "must give as many numbers as it reads, " + size,
                    "" + attention.output(),
                    "check the prefix");
        }
        Projection up = all.linear().collect(block.up(), name + ".up", size, -1);
        Projection down = all.linear().collect(block.down(), name + ".down", up.outputSize(), size);
        var norms = new StepWeights(all);
        Layer first = norms.layerNorm(block.first(), name + ".norm1", size);
        Layer second = norms.layerNorm(block.second(), name + ".norm2", size);
        Layer wide = new Layer.Linear(up.weight(), up.bias(), size, up.outputSize());
        Layer active = new Layer.Activate(block.activation());
        Layer narrow = new Layer.Linear(down.weight(), down.bias(), up.outputSize(), size);
        if (block.normFirst()) {
            layers.add(new Layer.Residual(List.of(first, attention), List.of()));
            layers.add(new Layer.Residual(List.of(second, wide, active, narrow), List.of()));
        } else {
            layers.add(new Layer.Residual(List.of(attention), List.of()));
            layers.add(first);
            layers.add(new Layer.Residual(List.of(wide, active, narrow), List.of()));
            layers.add(second);
        }
        all.decided(
                name,
                "normalised " + (block.normFirst() ? "before each part" : "behind each residual connection")
                        + ", epsilon " + block.first().epsilon());
    }
}
