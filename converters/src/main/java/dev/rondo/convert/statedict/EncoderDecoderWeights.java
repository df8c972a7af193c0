package dev.rondo.convert.statedict;

import dev.rondo.architecture.Projection;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.architecture.seq2seq.Attention;
import dev.rondo.architecture.seq2seq.Bridge;
import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.architecture.seq2seq.Context;
import dev.rondo.architecture.seq2seq.Decoder;
import dev.rondo.architecture.seq2seq.Embedding;
import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.Output;
import dev.rondo.architecture.seq2seq.Readout;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.convert.statedict.EncoderDecoderConfig.Input;
import dev.rondo.convert.statedict.WeightCollector.Columns;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The encoder-decoder that a source's tensors make. All shapes are checked, the tensors collected, and each decision said.
 * For one conversion.
 */
final class EncoderDecoderWeights {
    private final LinearWeights linears;
    private final SourceTensors source;
    private final WeightCollector collector;
    private final Map<String, String> interpretation = new LinkedHashMap<>();
    private final Map<String, SourceTensor> tables = new LinkedHashMap<>();

    EncoderDecoderWeights(SourceTensors source, WeightCollector collector) {
        this.source = source;
        this.collector = collector;
        this.linears = new LinearWeights(source, collector);
    }

    /** What was read into the source, by a key each. */
    Map<String, String> interpretation() {
        return interpretation;
    }

    /**
     * Resolves a configuration against the source; marks the tensors it uses.
     *
     * @throws dev.rondo.error.FormatException when a tensor is missing or of an unfit type
     * @throws dev.rondo.error.ShapeException when a shape does not fit
     * @throws dev.rondo.error.InputException when two parts do not fit each other
     */
    EncoderDecoder collect(EncoderDecoderConfig config) {
        Embedding sourceTable = embedding(config.encoder().embedding(), "encoder.embedding");
        var encoder = new EncoderWeights(linears, source, collector, interpretation);
        EncoderWeights.Encoded encoded = encoder.collect(config.encoder(), sourceTable);
        Decoder decoder = decoder(config.decoder(), encoded);
        Bridge bridge = new BridgeWeights(linears, interpretation).collect(config.bridge(), encoded, decoder);
        return new EncoderDecoder(encoded.encoder(), bridge, decoder);
    }

    private Embedding embedding(String tensor, String name) {
        SourceTensor table = source.use(tensor, name, "a row of each token", -1, -1);
        int rows = RecurrentWeights.size(table, 0);
        int columns = RecurrentWeights.size(table, 1);
        return new Embedding(table(table, name), rows, columns);
    }

    /** Stores a table or the matrix of the output, once where it is tied to one before. */
    private String table(SourceTensor table, String name) {
        Optional<String> tied = collector.tied(table, tables);
        tied.ifPresent(other -> interpretation.put(name, "tied to " + other));
        String stored = tied.orElseGet(() -> collector.whole(name, table));
        tables.putIfAbsent(stored, table);
        return stored;
    }

    private Decoder decoder(EncoderDecoderConfig.Decoder config, EncoderWeights.Encoded encoded) {
        Embedding embedding = embedding(config.embedding(), "decoder.embedding");
        int memory = encoded.encoder().memorySize();
        int feed = config.feeding() ? feedSize(config, embedding.size(), memory) : 0;
        var parts = new LinkedHashMap<Input, Integer>();
        parts.put(Input.EMBEDDING, embedding.size());
        parts.put(Input.CONTEXT, memory);
        parts.put(Input.FEED, feed);
        parts.keySet().retainAll(config.input());
        int inputs = parts.values().stream().mapToInt(i -> i).reduce(0, Math::addExact);
        var layers = new ArrayList<RecurrentParameters>();
        int input = inputs;
        for (List<LayerParameters> layer : config.layers().layers()) {
            boolean first = layers.isEmpty();
            layers.add(RecurrentWeights.collect(
                    config.layers().gates(),
                    layer.getFirst(),
                    "decoder.layer" + layers.size(),
                    input,
                    first ? columns(config.input(), parts) : List.of(),
                    source,
                    collector));
            input = layers.getLast().outputSize() + (config.connection() == Connection.SKIP ? embedding.size() : 0);
        }
        RecurrentWeights.interpretation(
                        config.layers().gates(),
                        config.layers().layers().stream().map(List::getFirst).toList())
                .forEach((key, value) -> interpretation.put("decoder." + key, value));
        interpretation.put(
                "decoder.input", EncoderDecoderReader.lower(config.input()) + " side by side in the source's columns");
        Optional<RecurrentParameters> second = config.second()
                .map(parameters -> RecurrentWeights.collect(
                        config.layers().gates(), parameters, "decoder.second", memory, source, collector));
        int asked = config.context() instanceof EncoderDecoderConfig.Context.Attended a
                        && a.query() == Attention.Query.BETWEEN
                ? layers.getFirst().outputSize()
                : layers.getLast().outputSize();
        Context context = context(config.context(), asked, memory);
        int read = width(config.readout().parts(), layers.getLast().outputSize(), memory, embedding.size());
        Optional<Projection> map = config.readout().map().map(m -> linears.collect(m, "readout", read, -1));
        var readout =
                new Readout(config.readout().parts(), map, config.readout().activation());
        int last = map.map(Projection::outputSize).orElse(read);
        Output output = output(config.output(), embedding.vocabularySize(), last, read);
        interpretation.put(
                "decoder.readout",
                EncoderDecoderReader.lower(config.readout().parts())
                        + map.map(_ -> " through a map and "
                                        + config.readout().activation().text())
                                .orElse(" as they are"));
        interpretation.put("decoder.feeding", config.feeding() ? "the readout of the step before" : "none");
        interpretation.put("decoder.connection", EncoderDecoderReader.lower(config.connection()));
        return new Decoder(
                embedding,
                config.layers().gates().cell(),
                layers,
                second,
                config.connection(),
                context,
                config.feeding(),
                readout,
                output);
    }

    /** The size of what is fed back, which the first layer reads before the layers are known. */
    private int feedSize(EncoderDecoderConfig.Decoder config, int embedded, int memory) {
        if (config.readout().map().isPresent()) {
            String weight = config.readout().map().get().weight();
            return RecurrentWeights.size(source.use(weight, "readout.weight", "outputs, parts", -1, -1), 0);
        }
        LayerParameters last = config.layers().layers().getLast().getFirst();
        SourceTensor state = source.use(last.weightHidden(), "decoder.weight_hidden", "gates, states", -1, -1);
        return width(config.readout().parts(), RecurrentWeights.size(state, 1), memory, embedded);
    }

    /** Where in the source's columns lies what the first layer reads, in our order; empty when in the same. */
    private static List<Columns> columns(List<Input> order, Map<Input, Integer> sizes) {
        var starts = new LinkedHashMap<Input, Integer>();
        int from = 0;
        for (Input part : order) {
            starts.put(part, from);
            from += sizes.get(part);
        }
        var columns = new ArrayList<Columns>();
        sizes.forEach((part, size) -> columns.add(new Columns(starts.get(part), size)));
        return List.copyOf(sizes.keySet()).equals(order) ? List.of() : columns;
    }

    private static int width(List<Readout.Part> parts, int state, int memory, int embedded) {
        int width = 0;
        for (Readout.Part part : parts) {
            width += switch (part) {
                case STATE -> state;
                case CONTEXT -> memory;
                case EMBEDDING -> embedded;
            };
        }
        return width;
    }

    private Output output(EncoderDecoderConfig.Output config, int vocabulary, int readout, int parts) {
        String copied = " of a place of the source, by the weight of its attention";
        return switch (config) {
            case EncoderDecoderConfig.Output.Generate(var scores) ->
                new Output.Generate(scores(scores, vocabulary, readout));
            case EncoderDecoderConfig.Output.GenerateOrCopy(var scores, var gate) -> {
                interpretation.put("decoder.copy", "with the probability that is not the gate's, the token" + copied);
                yield new Output.GenerateOrCopy(
                        scores(scores, vocabulary, readout), linears.collect(gate, "output.gate", parts, 1));
            }
            case EncoderDecoderConfig.Output.Copy() -> {
                interpretation.put("decoder.copy", "always the token" + copied);
                yield new Output.Copy();
            }
        };
    }

    private Projection scores(LayerConfig.Linear config, int vocabulary, int inputs) {
        SourceTensor matrix = source.use(
                config.weight(),
                "output.weight",
                vocabulary + " tokens as the embedding has, " + inputs + " of the readout",
                vocabulary,
                inputs);
        return new Projection(
                table(matrix, "output.weight"), linears.bias(config.bias(), "output", vocabulary), inputs, vocabulary);
    }

    private Context context(EncoderDecoderConfig.Context config, int asked, int memory) {
        return switch (config) {
            case EncoderDecoderConfig.Context.None() -> {
                interpretation.put("context", "none: the decoder sees the state it begins with");
                yield new Context.None();
            }
            case EncoderDecoderConfig.Context.Fixed(var summary) -> {
                interpretation.put("context", EncoderDecoderReader.lower(summary) + " of the memory, at every step");
                yield new Context.Fixed(summary);
            }
            case EncoderDecoderConfig.Context.Attended(var score, int heads, var query) -> {
                Attention attention =
                        new Attention(new ScoreWeights(linears).collect(score, asked, memory, heads), heads, query);
                interpretation.put(
                        "context",
                        "attention, score " + score.getClass().getSimpleName() + ", " + heads
                                + " heads, asked by the state " + EncoderDecoderReader.lower(query) + " the step");
                yield new Context.Attended(attention);
            }
        };
    }
}
