package dev.rondo.bench;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Port;
import dev.rondo.Session;
import dev.rondo.architecture.LayerGraph;
import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.Parameter;
import dev.rondo.format.Encoding;
import dev.rondo.format.Normalisation;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.FunctionCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A network in Rondo: its function over ids, one call run again and again. The number in a run's input says which text. */
final class RondoLayers implements Engine {
    private final Model model;
    private final LayeredTexts texts;
    private final Call call;
    private final Port tokens;
    /** Null where the network does not spell. */
    private final Port letters;

    private final Port out;

    private RondoLayers(Model model, LayeredNetwork network) {
        this.model = model;
        this.texts = LayeredTexts.of(network);
        Map<String, Integer> sizes = network.letters() == 0
                ? Map.of("B", 1, "T", network.steps())
                : Map.of("B", 1, "T", network.steps(), "C", network.letters());
        Session session = model.session(new Capacity(sizes));
        this.call = session.call(LayerGraph.SEQUENCE);
        this.tokens = call.input("tokens");
        call.input("lengths").set(0, (long) network.steps());
        this.letters = network.letters() == 0 ? null : call.input("characters");
        for (int t = 0; t < network.steps() && letters != null; t++) {
            call.input("character_lengths").set(t, (long) network.letters());
        }
        this.out = call.output("logits");
    }

    /** Opens what {@link #write} has written. */
    static RondoLayers open(Path file, LayeredNetwork network) throws IOException {
        return new RondoLayers(Model.open(file), network);
    }

    /** Writes a network as the trainer does. */
    static void write(Path file, LayeredNetwork network, Encoding encoding) throws IOException {
        LayerStack stack = network.stack();
        boolean tags = network.results() == LayerStack.Results.TAGS;
        List<String> labels =
                IntStream.range(0, network.outputs()).mapToObj(i -> "L" + i).toList();
        var writer = new RondoFileWriter()
                .metadata("task", tags ? "tagger" : "classifier")
                .text(network.readsCharacters() ? RandomTexts.characters("characters") : RandomTexts.words("words"))
                .text(new TextPipeline(
                        "labels", Normalisation.NONE, Segmentation.WORDS, labels, List.of(), SpecialIds.NONE));
        if (network.letters() > 0) {
            writer.text(RandomTexts.characters("characters"));
        }
        new LayerGraph(stack).functions().forEach(f -> writer.function(FunctionCodec.encode(f)));
        Map<String, float[]> weights = network.weights();
        for (Parameter parameter : stack.parameters()) {
            writer.tensor(
                    parameter.name(),
                    parameter.role().isMatrix() ? encoding : Encoding.F32,
                    parameter.layout(),
                    parameter.shape(),
                    () -> weights.get(parameter.name()));
        }
        writer.write(file);
    }

    @Override
    public float run(float[] x) {
        int text = (int) x[0];
        tokens.copyFrom(texts.tokens()[text]);
        if (letters != null) {
            letters.copyFrom(texts.letters()[text]);
        }
        call.run();
        return (float) out.get(0);
    }

    @Override
    public float[] outputs() {
        return out.toFloats();
    }

    @Override
    public void reset() {
        // Every call begins with zero.
    }

    @Override
    public void close() {
        model.close();
    }
}
