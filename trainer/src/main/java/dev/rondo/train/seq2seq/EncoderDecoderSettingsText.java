package dev.rondo.train.seq2seq;

import dev.rondo.architecture.seq2seq.Attention;
import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.architecture.seq2seq.Regularisation;
import dev.rondo.architecture.seq2seq.Summary;
import dev.rondo.error.FormatException;
import dev.rondo.format.Encoding;
import dev.rondo.format.Normalisation;
import dev.rondo.format.Segmentation;
import dev.rondo.train.data.PairVocabulary;
import dev.rondo.train.text.SettingsText;
import java.util.LinkedHashMap;
import java.util.Map;

/** The settings of encoder-decoders as texts. */
final class EncoderDecoderSettingsText {
    private EncoderDecoderSettingsText() {}

    /** All but the number of threads, which changes nothing. */
    static Map<String, String> write(EncoderDecoderSettings s) {
        var text = new LinkedHashMap<String, String>();
        PairVocabulary v = s.vocabulary();
        text.put("unit", SettingsText.word(v.unit()));
        text.put("normalisation", SettingsText.word(v.normalisation()));
        text.put("merges", "" + v.merges());
        text.put("joint", "" + v.joint());
        text.put("shared", "" + v.shared());
        text.put("vocabulary_size", "" + v.maxSize());
        text.put("min_count", "" + v.minCount());
        text.put("max_length", "" + s.maxLength());
        put(text, s.network());
        Regularisation r = s.regularisation();
        text.put(
                "dropout", SettingsText.call("dropout", r.input(), r.between(), r.memory(), r.output(), r.recurrent()));
        text.put("label_smoothing", "" + r.smoothing());
        text.put("sampling", "" + s.sampling().share());
        text.put("sampling_epochs", "" + s.sampling().epochs());
        text.put("batch_size", "" + s.batchSize());
        text.put("encoding", s.encoding().text());
        text.put("measure", SettingsText.word(s.validation().measure()));
        text.put("validation_beam", "" + s.validation().beamSize());
        SettingsText.put(text, s.training());
        return SettingsText.keyed(text);
    }

    private static void put(Map<String, String> text, NetworkSettings n) {
        EncoderText encoder = EncoderText.of(n);
        DecoderSettings decoder = n.decoder();
        text.put("encoder", encoder.kind);
        text.put("cell", SettingsText.cell(n.cell()));
        text.put("embedding_size", "" + n.embeddingSize());
        text.put("encoder_hidden_size", "" + encoder.hiddenSize);
        text.put("hidden_size", "" + decoder.hiddenSize());
        text.put("encoder_layers", "" + encoder.layers);
        text.put("decoder_layers", "" + decoder.layers());
        text.put("bidirectional", "" + encoder.bidirectional);
        text.put("kernel", "" + encoder.kernel);
        text.put("encoder_connection", SettingsText.word(encoder.connection));
        text.put("decoder_connection", SettingsText.word(decoder.connection()));
        text.put("context", SettingsText.word(n.context().kind()));
        text.put("summary", SettingsText.word(n.context().summary()));
        text.put("bridge", SettingsText.word(n.context().bridge()));
        text.put("score", SettingsText.word(n.attention().score()));
        text.put("attention_size", "" + n.attention().size());
        text.put("heads", "" + n.attention().heads());
        text.put("query", SettingsText.word(n.attention().query()));
        text.put("feeding", "" + decoder.feeding());
        text.put("readout", SettingsText.word(n.output().readout()));
        text.put("readout_size", "" + n.output().readoutSize());
        text.put("reads_embedding", "" + n.output().readsEmbedding());
        text.put("output", SettingsText.word(n.output().kind()));
        text.put("tie", SettingsText.word(n.output().tie()));
        text.put("initialisation", SettingsText.initialisation(n.initialisation()));
        text.put("forget_bias", "" + n.forgetBias());
    }

    /** An encoder of any kind: the text has all keys of all kinds. */
    private record EncoderText(
            String kind, int hiddenSize, int layers, boolean bidirectional, int kernel, Connection connection) {
        private static final String RECURRENT = "recurrent";
        private static final String CONVOLUTIONAL = "convolutional";
        private static final String NONE = "none";

        static EncoderText of(NetworkSettings n) {
            int kernel = EncoderSettings.Convolutional.USUAL_KERNEL;
            return switch (n.encoder()) {
                case EncoderSettings.Recurrent(int hidden, int layers, boolean bidirectional, var connection) ->
                    new EncoderText(RECURRENT, hidden, layers, bidirectional, kernel, connection);
                case EncoderSettings.Convolutional(int channels, int layers, int window, var connection) ->
                    new EncoderText(CONVOLUTIONAL, channels, layers, false, window, connection);
                case EncoderSettings.None() -> {
                    DecoderSettings same = n.decoder();
                    yield new EncoderText(NONE, same.hiddenSize(), same.layers(), false, kernel, same.connection());
                }
            };
        }

        static EncoderSettings read(SettingsText text) {
            String kind = text.text("encoder");
            return switch (kind) {
                case RECURRENT ->
                    new EncoderSettings.Recurrent(
                            text.integer("encoder_hidden_size"),
                            text.integer("encoder_layers"),
                            text.flag("bidirectional"),
                            text.constant("encoder_connection", Connection.class));
                case CONVOLUTIONAL ->
                    new EncoderSettings.Convolutional(
                            text.integer("encoder_hidden_size"),
                            text.integer("encoder_layers"),
                            text.integer("kernel"),
                            text.constant("encoder_connection", Connection.class));
                case NONE -> new EncoderSettings.None();
                default -> throw text.wrong("encoder", kind);
            };
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws FormatException when something is missing or wrong
     */
    static EncoderDecoderSettings read(Map<String, String> entries, int threads) {
        var text = new SettingsText(entries, "translation model");
        try {
            double[] dropout = text.arguments("dropout");
            return new EncoderDecoderSettings(
                    new PairVocabulary(
                            text.constant("unit", Segmentation.class),
                            text.constant("normalisation", Normalisation.class),
                            text.integer("merges"),
                            text.flag("joint"),
                            text.flag("shared"),
                            text.integer("vocabulary_size"),
                            text.integer("min_count")),
                    text.integer("max_length"),
                    network(text),
                    new Regularisation(
                            dropout[0], dropout[1], dropout[2], dropout[3], dropout[4], text.number("label_smoothing")),
                    new ScheduledSampling(text.number("sampling"), text.integer("sampling_epochs")),
                    text.integer("batch_size"),
                    Encoding.parse(text.text("encoding")),
                    new ValidationSettings(
                            text.constant("measure", ValidationSettings.Measure.class),
                            text.integer("validation_beam")),
                    text.training(threads));
        } catch (IllegalArgumentException | IndexOutOfBoundsException wrong) {
            throw text.wrong("settings", String.valueOf(wrong.getMessage()));
        }
    }

    private static NetworkSettings network(SettingsText text) {
        return new NetworkSettings(
                text.cell("cell"),
                text.integer("embedding_size"),
                EncoderText.read(text),
                new DecoderSettings(
                        text.integer("hidden_size"),
                        text.integer("decoder_layers"),
                        text.constant("decoder_connection", Connection.class),
                        text.flag("feeding")),
                new ContextSettings(
                        text.constant("context", ContextSettings.Kind.class),
                        text.constant("summary", Summary.class),
                        text.constant("bridge", ContextSettings.Bridge.class)),
                new AttentionSettings(
                        text.constant("score", AttentionSettings.Score.class),
                        text.integer("attention_size"),
                        text.integer("heads"),
                        text.constant("query", Attention.Query.class)),
                new OutputSettings(
                        text.constant("readout", OutputSettings.Readout.class),
                        text.integer("readout_size"),
                        text.flag("reads_embedding"),
                        text.constant("output", OutputSettings.Kind.class),
                        text.constant("tie", OutputSettings.Tie.class)),
                text.initialisation("initialisation"),
                text.number("forget_bias"));
    }
}
