package dev.rondo.train.network;

import dev.rondo.LanguageModel;
import dev.rondo.architecture.Layer;
import dev.rondo.architecture.LayerGraph;
import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.chain.Chain;
import dev.rondo.architecture.chain.ChainGraph;
import dev.rondo.format.Encoding;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.data.Scaling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Writes networks of layers to files. */
final class NetworkFile {
    /** The layer that scales what is read. */
    static final String INPUT = "input";
    /** The layer that scales what is given. */
    static final String OUTPUT = "output";

    private NetworkFile() {}

    /**
     * Writes a network that takes numbers as the data has them, and gives such: scaling is part of its functions.
     *
     * @param chain      of tags
     * @param parameters of both, under its names
     * @param encoding   of the matrices; vectors are f32
     * @param metadata   what it says about itself
     */
    static void write(
            Path path,
            LayerStack stack,
            Optional<Chain> chain,
            ParameterStore parameters,
            NetworkCorpus corpus,
            Encoding encoding,
            Map<String, String> metadata)
            throws IOException {
        var writer = new RondoFileWriter();
        writer.metadata("task", task(corpus.results()));
        metadata.forEach(writer::metadata);
        corpus.pipelines().forEach(writer::text);
        Map<String, float[]> scales = new HashMap<>();
        LayerStack scaled = scaled(stack, corpus, scales);
        var functions = new ArrayList<Function>();
        functions(scaled, chain).forEach(function -> {
            functions.addAll(function.bodies());
            functions.add(function);
        });
        functions.stream().distinct().forEach(f -> writer.function(FunctionCodec.encode(f)));
        List<Parameter> all = new ArrayList<>(scaled.parameters());
        chain.ifPresent(c -> all.addAll(c.parameters()));
        for (Parameter parameter : all) {
            String name = parameter.name();
            writer.tensor(
                    name,
                    parameter.role().isMatrix() ? encoding : Encoding.F32,
                    parameter.layout(),
                    parameter.shape(),
                    () -> scales.containsKey(name) ? scales.get(name) : parameters.get(name));
        }
        writer.write(path);
    }

    /** What a file with such a network holds. */
    static List<Function> functions(LayerStack stack, Optional<Chain> chain) {
        return Stream.concat(
                        new LayerGraph(stack).functions().stream(),
                        chain.stream().flatMap(c -> new ChainGraph(c).functions().stream()))
                .toList();
    }

    private static String task(LayerStack.Results results) {
        return switch (results) {
            case CLASSES -> "classifier";
            case TAGS -> "tagger";
            case VALUES -> "regressor";
            case NEXT -> LanguageModel.TASK;
        };
    }

    /** The stack between layers that scale. */
    private static LayerStack scaled(LayerStack stack, NetworkCorpus corpus, Map<String, float[]> scales) {
        List<Layer> layers = new ArrayList<>(stack.layers());
        corpus.inputScaling().ifPresent(scaling -> {
            scales.put(INPUT + ".scale", scaling.factors());
            scales.put(INPUT + ".shift", scaling.offsets());
            layers.addFirst(scale(INPUT, scaling));
        });
        corpus.targetScaling().ifPresent(scaling -> {
            scales.put(OUTPUT + ".scale", scaling.inverseFactors());
            scales.put(OUTPUT + ".shift", scaling.inverseOffsets());
            layers.addLast(scale(OUTPUT, scaling));
        });
        return new LayerStack(stack.inputSize(), stack.hasTime(), layers, stack.results(), stack.stateful());
    }

    private static Layer.Scale scale(String name, Scaling scaling) {
        return new Layer.Scale(name + ".scale", name + ".shift", scaling.factors().length);
    }
}
