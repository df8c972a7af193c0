package dev.rondo.architecture.seq2seq;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.Projection;
import dev.rondo.architecture.RecurrentParameters;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes the target, a token a step. The input of the first layer is [embedding; context; feed], as far as there are
 * such parts: the context unless it comes after the step or between its cells, the feed with input feeding.
 *
 * @param layers      from the input to the top
 * @param second      the second cell of {@link Attention.Query#BETWEEN}, from the context to the first layer's state; else
 *                    empty
 * @param connection  of the layers; not HIGHWAY
 * @param feeding     whether the readout of the step before is part of the input (Luong et al. 2015)
 */
public record Decoder(
        Embedding embedding,
        Cell cell,
        List<RecurrentParameters> layers,
        Optional<RecurrentParameters> second,
        Connection connection,
        Context context,
        boolean feeding,
        Readout readout,
        Output output) {
    /** Copies the list. */
    public Decoder {
        layers = List.copyOf(layers);
    }

    /** One that writes what it has learned to write, and copies nothing. */
    public Decoder(
            Embedding embedding,
            Cell cell,
            List<RecurrentParameters> layers,
            Optional<RecurrentParameters> second,
            Connection connection,
            Context context,
            boolean feeding,
            Readout readout,
            Projection output) {
        this(embedding, cell, layers, second, connection, context, feeding, readout, new Output.Generate(output));
    }

    /** Whether the context is part of the first layer's input. */
    boolean readsContext() {
        return switch (context) {
            case Context.None() -> false;
            case Context.Fixed _ -> true;
            case Context.Attended(var attention) -> attention.query() == Attention.Query.BEFORE;
        };
    }

    /** The numbers of the readout's parts side by side, given the size of the memory. */
    int partsSize(int memorySize) {
        int size = 0;
        for (Readout.Part part : readout.parts()) {
            size += switch (part) {
                case STATE -> layers.getLast().outputSize();
                case CONTEXT -> memorySize;
                case EMBEDDING -> embedding.size();
            };
        }
        return size;
    }

    /** The size of the readout, given that of the memory. */
    int readoutSize(int memorySize) {
        return readout.map().map(Projection::outputSize).orElseGet(() -> partsSize(memorySize));
    }

    /** Adds the tensors, in the order in which files hold them. */
    void addTo(Map<String, Parameter> all) {
        embedding.addTo(all);
        layers.forEach(layer -> layer.addTo(all, cell));
        second.ifPresent(layer -> layer.addTo(all, cell));
        if (context instanceof Context.Attended(var attention)) {
            attention.addTo(all);
        }
        readout.map().ifPresent(map -> map.addTo(all));
        output.addTo(all);
    }
}
