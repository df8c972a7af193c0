package dev.rondo.convert.statedict;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.architecture.memory.MemoryNetwork;
import dev.rondo.architecture.memory.MemoryNetworkGraph;
import dev.rondo.architecture.memory.SentenceEncoding;
import dev.rondo.architecture.memory.Tying;
import dev.rondo.convert.draft.DraftWeights;
import dev.rondo.convert.draft.GateOrder;
import dev.rondo.convert.draft.ModelDraft;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.convert.json.ConfigObject;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.format.Encoding;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Function;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The memory network that a state dict and a configuration describe: its tables, what is added to the places of the memory,
 * and how words become sentences. For one conversion.
 */
final class MemoryNetworkImport {
    private static final String TABLES = "tables";
    private static final String PLACES = "places";
    private static final String ORDER = "order";
    /** What the sentences are read by, and the key of its tensors. */
    private static final String RECURRENT = "recurrent";

    private static final int MAX_HOPS = 64;
    /** A memory without vectors of its places may have any size; a session says which. */
    private static final int PLACES_WITHOUT_VECTORS = 1 << 10;

    private final ConfigObject config;
    private final SourceTensors source;
    private final DraftWeights weights = new DraftWeights();
    private final Map<String, String> interpretation = new LinkedHashMap<>();

    /** Tensors of the source, by their names in the file. */
    private final Map<String, SourceTensor> tensors = new LinkedHashMap<>();

    MemoryNetworkImport(ConfigObject config, SourceTensors source) {
        this.config = config;
        this.source = source;
    }

    /**
     * Resolves the configuration against the source.
     *
     * @throws FormatException when a key or a tensor is missing or wrong
     * @throws dev.rondo.error.ShapeException when a shape does not fit
     */
    ModelDraft draft(StateDictOptions options, Optional<TextConfig.Separate> separate) throws IOException {
        config.text("architecture");
        MemoryNetwork network = network();
        TextConfig text = TextConfig.read(config);
        String order = one(ORDER, List.of("first-first", "latest-first"));
        ReferenceConfig reference = ReferenceConfig.read(config);
        List<String> allowed = new ArrayList<>(config.textOrTexts("allow_unused"));
        config.done();
        allowed.addAll(options.allowUnused());
        List<String> unused = source.unused(allowed);
        Function answer = new MemoryNetworkGraph(network).answer();
        Optional<TextPipeline> words = text.pipeline("words", separate, network.vocabularySize());
        List<Function> functions = List.of(answer);
        return new ModelDraft(
                "memory-network",
                functions,
                weights.store(functions, options.choice()),
                words.stream().toList(),
                Map.of("memory.sentences", "" + network.sentences(), "memory.order", order),
                MemoryNetworkVectors.read(options.io(), reference, answer, network.words()),
                interpretation,
                source.size(),
                unused);
    }

    private String one(String key, List<String> known) {
        String word = config.text(key);
        if (!known.contains(word)) {
            throw config.error(key, "must be one of " + known, StrictJson.quote(word), "check the spelling");
        }
        return word;
    }

    private MemoryNetwork network() {
        Tying tying =
                one("tying", List.of("adjacent", "layer-wise")).equals("adjacent") ? Tying.ADJACENT : Tying.LAYER_WISE;
        String sentences = one("sentences", List.of("bag", "position", RECURRENT));
        int words = LayerReader.integer(config, "words", -1, 1);
        int hops = switch (tying) {
            case ADJACENT -> adjacent();
            case LAYER_WISE -> layerWise();
        };
        boolean temporal = tensors.keySet().stream().anyMatch(name -> name.startsWith("temporal."));
        SourceTensor table = tensors.get(tying == Tying.ADJACENT ? "embedding.0" : "embedding.query");
        int places = temporal
                ? RecurrentWeights.size(tensors.get(tying == Tying.ADJACENT ? "temporal.0" : "temporal.key"), 0)
                : PLACES_WITHOUT_VECTORS;
        SentenceEncoding encoding = switch (sentences) {
            case "position" -> new SentenceEncoding.Position();
            case RECURRENT -> new SentenceEncoding.Recurrent(recurrent(RecurrentWeights.size(table, 1)));
            default -> new SentenceEncoding.Bag();
        };
        var network = new MemoryNetwork(
                RecurrentWeights.size(table, 0),
                RecurrentWeights.size(table, 1),
                places,
                words,
                hops,
                tying,
                encoding,
                temporal,
                tensors.containsKey("output.bias") || tensors.containsKey("hop.bias"));
        store(network);
        interpretation.put("hops", hops + ", " + config.text("tying"));
        interpretation.put(
                "sentences",
                switch (encoding) {
                    case SentenceEncoding.Bag() -> "bags of words";
                    case SentenceEncoding.Position() -> "bags of words with position encoding";
                    case SentenceEncoding.Recurrent _ -> "the last state of a GRU over the words";
                });
        interpretation.put("padding", "token 0, whose row is zero in every table");
        return network;
    }

    /** The GRU of sentences, from d to d. */
    private RecurrentParameters recurrent(int size) {
        ConfigObject layer = config.object(RECURRENT);
        Cell cell = new Cell.Gru(true);
        boolean pytorch = layer.has("prefix");
        GateOrder order = RecurrentReader.gateOrder(layer, cell, pytorch);
        LayerParameters parameters;
        if (pytorch) {
            String prefix = layer.text("prefix");
            List<List<LayerParameters>> layers = PytorchNames.directions(prefix, cell, order, source);
            if (layers.size() != 1 || layers.getFirst().size() != 1) {
                throw layer.error(
                        "prefix",
                        "must name a GRU of one layer and one direction",
                        layers.size() + " layers, " + layers.getFirst().size() + " directions",
                        "other sentences are not read");
            }
            parameters = layers.getFirst().getFirst();
            layer.done();
        } else {
            parameters = RecurrentReader.parameters(layer, cell);
        }
        var gates = new WeightCollector.Gates(cell, order);
        RecurrentWeights.interpretation(gates, List.of(parameters))
                .forEach((key, value) -> interpretation.put("sentences." + key, value));
        source.use(parameters.weightHidden(), "sentence.weight_hidden", "3 gates, the units of tables", 3 * size, size);
        return RecurrentWeights.collect(gates, parameters, "sentence", size, source, new WeightCollector(weights));
    }

    /** Tables C⁰ to Cᴷ; gives K. */
    private int adjacent() {
        List<String> tables = config.texts(TABLES);
        List<String> places = config.has(PLACES) ? config.texts(PLACES) : List.of();
        if (tables.size() < 2 || tables.size() > MAX_HOPS + 1 || !places.isEmpty() && places.size() != tables.size()) {
            throw config.error(
                    TABLES,
                    "must name a table more than hops, 1 to " + MAX_HOPS + ", and " + PLACES + ", if there, as many",
                    tables.size() + " and " + places.size(),
                    "adjacent hops share tables: A of a hop is C of the one before, the first is the question's");
        }
        for (int k = 0; k < tables.size(); k++) {
            table("embedding." + k, tables.get(k));
            if (!places.isEmpty()) {
                places("temporal." + k, places.get(k));
            }
        }
        return tables.size() - 1;
    }

    /** Tables of question, keys and values, the map between hops and that of the answer; gives the number of hops. */
    private int layerWise() {
        ConfigObject tables = config.object(TABLES);
        for (String part : List.of("query", "key", "value")) {
            table("embedding." + part, tables.text(part));
        }
        tables.done();
        if (config.has(PLACES)) {
            ConfigObject places = config.object(PLACES);
            places("temporal.key", places.text("key"));
            places("temporal.value", places.text("value"));
            places.done();
        }
        int size = size();
        map("hop", size, size);
        map("output", RecurrentWeights.size(tensors.get("embedding.query"), 0), size);
        return LayerReader.integer(config, "hops", -1, 1);
    }

    private void map(String name, int outputs, int inputs) {
        ConfigObject map = config.object(name);
        String why = outputs + " outputs, " + inputs + " inputs";
        tensors.put(name + ".weight", source.use(map.text("weight"), name + ".weight", why, outputs, inputs));
        map.optionalText("bias")
                .ifPresent(bias -> tensors.put(name + ".bias", source.use(bias, name + ".bias", why, outputs)));
        map.done();
    }

    private int size() {
        return RecurrentWeights.size(tensors.values().iterator().next(), 1);
    }

    private void table(String name, String tensor) {
        boolean first = tensors.isEmpty();
        SourceTensor table = source.use(tensor, TABLES, "a row of each token", -1, first ? -1 : size());
        int columns = RecurrentWeights.size(table, 1);
        if (!first) {
            int rows = RecurrentWeights.size(tensors.values().iterator().next(), 0);
            source.use(tensor, TABLES, "as many tokens as the first table", rows, columns);
        }
        float[] padding = new float[columns];
        table.values().read(0, padding, 0, columns);
        for (float number : padding) {
            if (number != 0) {
                throw new FormatException(
                        table.subject() + " (" + TABLES + ")",
                        "has a zero row for token 0, the padding",
                        "" + number,
                        "train with padding_idx=0; other paddings are not read");
            }
        }
        tensors.put(name, table);
    }

    private void places(String name, String tensor) {
        int rows = tensors.entrySet().stream()
                .filter(e -> e.getKey().startsWith("temporal."))
                .mapToInt(e -> RecurrentWeights.size(e.getValue(), 0))
                .findFirst()
                .orElse(-1);
        tensors.put(name, source.use(tensor, PLACES, "a row of each place of the memory", rows, size()));
    }

    private void store(MemoryNetwork network) {
        boolean biases = network.tying() == Tying.LAYER_WISE && network.biases();
        tensors.forEach((name, tensor) -> {
            int elements = WeightCollector.elements(tensor);
            weights.floats(
                    name,
                    List.of(tensor.name()),
                    tensor.shape().stream().map(Math::toIntExact).toList(),
                    tensor.kept().orElseThrow(),
                    () -> WeightCollector.values(tensor, elements));
        });
        if (network.encoding() instanceof SentenceEncoding.Position) {
            // It follows from the sizes; no tensor of the source holds it.
            weights.floats(
                    MemoryNetwork.POSITION,
                    List.of(),
                    List.of(network.words(), network.size()),
                    Encoding.F32,
                    network::positions);
        }
        if (biases && !(tensors.containsKey("hop.bias") && tensors.containsKey("output.bias"))) {
            throw new InputException(
                    "configuration, hop and output",
                    "both have a bias, or neither",
                    "one of them",
                    "add a bias of zeros to the other");
        }
    }
}
