package dev.rondo.convert.statedict;

import dev.rondo.architecture.seq2seq.Attention;
import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.architecture.seq2seq.Readout;
import dev.rondo.architecture.seq2seq.Summary;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.convert.json.ConfigObject;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.convert.statedict.EncoderDecoderConfig.Bridge;
import dev.rondo.convert.statedict.EncoderDecoderConfig.Context;
import dev.rondo.convert.statedict.EncoderDecoderConfig.Decoder;
import dev.rondo.convert.statedict.EncoderDecoderConfig.Encoder;
import dev.rondo.convert.statedict.EncoderDecoderConfig.Input;
import dev.rondo.convert.statedict.EncoderDecoderConfig.Output;
import dev.rondo.convert.statedict.EncoderDecoderConfig.ReadoutConfig;
import dev.rondo.convert.statedict.EncoderDecoderConfig.Score;
import dev.rondo.graph.Activation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads {@link EncoderDecoderConfig}; every key is known, every mandatory one there, or it says which is not. */
final class EncoderDecoderReader {
    private static final String CONNECTION = "connection";
    private static final String CONTEXT = "context";
    private static final String ATTENTION = "attention";
    private static final String SUMMARY = "summary";
    private static final String BEGIN = "begin_token";
    private static final String END = "end_token";
    private static final String SURROUND = "surround";
    private static final int MAX_HEADS = 1 << 10;

    private final LayerReader layers;

    EncoderDecoderReader(SourceTensors source) {
        this.layers = new LayerReader(source);
    }

    EncoderDecoderConfig read(ConfigObject config) {
        config.text("architecture");
        ConfigObject sourceText = config.object("source");
        TextConfig source = text(sourceText, false);
        var read = new EncoderDecoderConfig(
                encoder(config.object("encoder")),
                bridge(config),
                decoder(config.object("decoder")),
                source,
                text(config.object("target"), true),
                surround(sourceText, source),
                config.textOrTexts("allow_unused"),
                ReferenceConfig.read(config));
        sourceText.done();
        config.done();
        return read;
    }

    /**
     * The special tokens around every source. Where there are such tokens, whether the model was trained with them around its
     * sources cannot be told from anything: it has to be said.
     */
    private static Optional<String> surround(ConfigObject config, TextConfig text) {
        boolean begin = text instanceof TextConfig.Vocabulary v && v.has(BEGIN);
        boolean end = text instanceof TextConfig.Vocabulary v && v.has(END);
        if (!begin && !end) {
            return Optional.empty();
        }
        String around = config.text(SURROUND);
        boolean fits = switch (around) {
            case "none" -> true;
            case "begin" -> begin;
            case "end" -> end;
            case "both" -> begin && end;
            case String _ -> false;
        };
        if (!fits) {
            throw config.error(
                    SURROUND,
                    "must be none, begin, end or both, of the tokens named there",
                    StrictJson.quote(around),
                    "say what stood around the sources when the model was trained");
        }
        return Optional.of(around).filter(a -> !a.equals("none"));
    }

    private static TextConfig text(ConfigObject text, boolean target) {
        TextConfig read = TextConfig.read(text);
        if (target) {
            text.done();
        }
        if (target && read instanceof TextConfig.Vocabulary v) {
            for (String key : List.of(BEGIN, END)) {
                if (!v.has(key)) {
                    throw text.error(
                            key, "is a mandatory key: a translation begins and ends", "none", "name the token");
                }
            }
        }
        return read;
    }

    private Encoder encoder(ConfigObject config) {
        String embedding = config.text("embedding");
        Connection connection = connection(config);
        Encoder read;
        if (config.has("convolutions")) {
            if (connection != Connection.NONE && connection != Connection.RESIDUAL) {
                throw config.error(CONNECTION, "of convolutions is none or residual", lower(connection), "correct it");
            }
            read = new Encoder.Convolutional(
                    embedding,
                    linears(config, "convolutions"),
                    LayerReader.activation(config, "activation"),
                    connection);
        } else {
            read = new Encoder.Recurrent(embedding, recurrent(config), connection, gates(config, connection));
        }
        config.done();
        return read;
    }

    private Map<Integer, LayerConfig.Linear> gates(ConfigObject config, Connection connection) {
        var gates = new LinkedHashMap<Integer, LayerConfig.Linear>();
        if (connection == Connection.HIGHWAY) {
            for (ConfigObject gate : config.objects("gates")) {
                int layer = LayerReader.integer(gate, "layer", -1, 0);
                if (gates.put(layer, layers.linear(gate)) != null) {
                    throw gate.error("layer", "must have one gate", "a second one of layer " + layer, "remove one");
                }
                gate.done();
            }
        }
        return gates;
    }

    private static Connection connection(ConfigObject config) {
        return config.has(CONNECTION) ? one(config, CONNECTION, Connection.values()) : Connection.NONE;
    }

    private LayerConfig.Recurrent recurrent(ConfigObject config) {
        ConfigObject recurrent = config.object("recurrent");
        LayerConfig.Recurrent read = layers.recurrent(recurrent);
        recurrent.done();
        return read;
    }

    private Bridge bridge(ConfigObject config) {
        if (config.isText("bridge")) {
            return switch (config.text("bridge")) {
                case "zero" -> new Bridge.Zero();
                case "copy" -> new Bridge.Copy();
                case String other ->
                    throw config.error(
                            "bridge", "must be zero, copy or an object", StrictJson.quote(other), "check the spelling");
            };
        }
        ConfigObject bridge = config.object("bridge");
        Summary summary = one(bridge, SUMMARY, Summary.values());
        Bridge read = bridge.has("hidden")
                ? new Bridge.Projected(
                        summary,
                        linears(bridge, "hidden"),
                        bridge.has("cell") ? linears(bridge, "cell") : List.of(),
                        LayerReader.activation(bridge, "activation"))
                : new Bridge.Same(summary);
        bridge.done();
        return read;
    }

    private Decoder decoder(ConfigObject config) {
        LayerConfig.Recurrent recurrent = recurrent(config);
        for (List<LayerParameters> layer : recurrent.layers()) {
            if (layer.size() > 1) {
                throw config.error(
                        "recurrent",
                        "must run in one direction: the decoder writes from left to right",
                        "layer " + recurrent.layers().indexOf(layer) + " with a backward direction",
                        "is it the encoder?");
            }
        }
        Context context = context(config);
        boolean between = context instanceof Context.Attended a && a.query() == Attention.Query.BETWEEN;
        Connection connection = connection(config);
        if (connection == Connection.HIGHWAY) {
            throw config.error(CONNECTION, "of a decoder is none, residual or skip", "highway", "correct it");
        }
        boolean feeding = config.flag("feeding", false);
        var read = new Decoder(
                config.text("embedding"),
                recurrent,
                between ? Optional.of(second(config.object("second"), recurrent)) : Optional.empty(),
                connection,
                context,
                feeding,
                input(config, context, feeding),
                readout(config.object("readout"), context),
                output(config));
        config.done();
        return read;
    }

    /** The cell that reads the context, of the same kind as the others. */
    private LayerParameters second(ConfigObject config, LayerConfig.Recurrent first) {
        LayerParameters read = layers.oneLayer(config, first.gates());
        config.done();
        return read;
    }

    private Context context(ConfigObject config) {
        if (config.has(ATTENTION) == config.has(CONTEXT)) {
            throw config.error(
                    ATTENTION,
                    "or the key 'context' says what a step sees of the source",
                    config.has(ATTENTION) ? "both" : "neither",
                    "write \"context\": \"none\" when it sees only the state it began with");
        }
        if (config.has(ATTENTION)) {
            ConfigObject attention = config.object(ATTENTION);
            var read = new Context.Attended(
                    score(attention),
                    LayerReader.integer(attention, "heads", 1, 1),
                    one(attention, "state", Attention.Query.values()));
            if (read.heads() > MAX_HEADS) {
                throw attention.error("heads", "must be at most " + MAX_HEADS, "" + read.heads(), "correct it");
            }
            attention.done();
            return read;
        }
        if (config.isText(CONTEXT)) {
            if (!config.text(CONTEXT).equals("none")) {
                throw config.error(
                        CONTEXT,
                        "must be \"none\" or an object with the key 'summary'",
                        StrictJson.quote(config.text(CONTEXT)),
                        "check the spelling");
            }
            return new Context.None();
        }
        ConfigObject context = config.object(CONTEXT);
        Summary summary = one(context, SUMMARY, Summary.values());
        if (summary == Summary.LAST_OF_LAYER) {
            throw context.error(SUMMARY, "of a context is last, mean or max", "last_of_layer", "correct it");
        }
        context.done();
        return new Context.Fixed(summary);
    }

    private Score score(ConfigObject config) {
        return switch (config.text("score")) {
            case "dot" -> new Score.Dot(false);
            case "scaled_dot" -> new Score.Dot(true);
            case "general" -> {
                boolean ofQuery = config.has("query");
                yield new Score.General(linear(config, ofQuery ? "query" : "keys"), ofQuery);
            }
            case "low_rank" -> new Score.LowRank(linear(config, "query"), linear(config, "keys"));
            case "additive" -> {
                if (!config.has("joint")) {
                    yield new Score.Additive(linear(config, "query"), linear(config, "keys"), config.text("vector"));
                }
                ConfigObject joint = config.object("joint");
                LayerConfig.Linear map = layers.linear(joint);
                List<String> order = joint.texts("order");
                if (!order.equals(List.of("query", "keys")) && !order.equals(List.of("keys", "query"))) {
                    throw joint.error(
                            "order", "must be query and keys in the order of the columns", order + "", "correct it");
                }
                joint.done();
                yield new Score.Joint(map, order.getFirst().equals("query"), config.text("vector"));
            }
            case String other ->
                throw config.error(
                        "score",
                        "must be dot, scaled_dot, general, low_rank or additive",
                        StrictJson.quote(other),
                        "check the spelling");
        };
    }

    /** The order of the columns of the first layer. */
    private static List<Input> input(ConfigObject config, Context context, boolean feeding) {
        var parts = new ArrayList<Input>();
        parts.add(Input.EMBEDDING);
        boolean reads = switch (context) {
            case Context.None() -> false;
            case Context.Fixed _ -> true;
            case Context.Attended(var _, int _, var query) -> query == Attention.Query.BEFORE;
        };
        if (reads) {
            parts.add(Input.CONTEXT);
        }
        if (feeding) {
            parts.add(Input.FEED);
        }
        if (!config.has("input")) {
            return parts;
        }
        List<Input> given = all(config, "input", Input.values());
        if (given.size() != parts.size() || !given.containsAll(parts)) {
            throw config.error(
                    "input",
                    "must hold what the first layer reads, each once: " + lower(parts),
                    lower(given),
                    "say under 'feeding', 'context' and 'attention' what it reads, here in which order");
        }
        return given;
    }

    private ReadoutConfig readout(ConfigObject config, Context context) {
        List<Readout.Part> parts = all(config, "parts", Readout.Part.values());
        if (parts.stream().distinct().count() != parts.size()
                || parts.contains(Readout.Part.CONTEXT) && context instanceof Context.None) {
            throw config.error(
                    "parts",
                    "must hold each part once, and the context only where there is one",
                    lower(parts),
                    "correct them");
        }
        boolean mapped = config.has("prefix") || config.has("weight");
        var read = new ReadoutConfig(
                parts,
                mapped ? Optional.of(layers.linear(config)) : Optional.empty(),
                mapped ? LayerReader.activation(config, "activation") : Activation.IDENTITY);
        config.done();
        return read;
    }

    private Output output(ConfigObject config) {
        if (!config.has("copy")) {
            return new Output.Generate(linear(config, "output"));
        }
        if (config.isText("copy")) {
            if (!config.text("copy").equals("only")) {
                throw config.error(
                        "copy",
                        "must be \"only\" or an object with the key 'gate'",
                        StrictJson.quote(config.text("copy")),
                        "leave it out when tokens are not copied from the source");
            }
            return new Output.Copy();
        }
        ConfigObject copy = config.object("copy");
        var read = new Output.GenerateOrCopy(linear(config, "output"), linear(copy, "gate"));
        copy.done();
        return read;
    }

    private LayerConfig.Linear linear(ConfigObject config, String key) {
        ConfigObject linear = config.object(key);
        LayerConfig.Linear read = layers.linear(linear);
        linear.done();
        return read;
    }

    private List<LayerConfig.Linear> linears(ConfigObject config, String key) {
        return config.objects(key).stream()
                .map(object -> {
                    LayerConfig.Linear read = layers.linear(object);
                    object.done();
                    return read;
                })
                .toList();
    }

    private static <E extends Enum<E>> E one(ConfigObject config, String key, E[] values) {
        return parse(config, key, config.text(key), values);
    }

    private static <E extends Enum<E>> List<E> all(ConfigObject config, String key, E[] values) {
        return config.texts(key).stream()
                .map(name -> parse(config, key, name, values))
                .toList();
    }

    private static <E extends Enum<E>> E parse(ConfigObject config, String key, String name, E[] values) {
        for (E value : values) {
            if (lower(value).equals(name)) {
                return value;
            }
        }
        throw config.error(
                key, "must be one of " + lower(List.of(values)), StrictJson.quote(name), "check the spelling");
    }

    static String lower(Object value) {
        return value.toString().toLowerCase(Locale.ROOT);
    }
}
