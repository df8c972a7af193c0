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
        text.put("encoder", SettingsText.word(n.encoder()));
        text.put("cell", SettingsText.cell(n.cell()));
        text.put("embedding_size", "" + n.embeddingSize());
        text.put("encoder_hidden_size", "" + n.encoderHiddenSize());
        text.put("hidden_size", "" + n.hiddenSize());
        text.put("encoder_layers", "" + n.encoderLayers());
        text.put("decoder_layers", "" + n.decoderLayers());
        text.put("bidirectional", "" + n.bidirectional());
        text.put("kernel", "" + n.kernel());
        text.put("encoder_connection", SettingsText.word(n.encoderConnection()));
        text.put("decoder_connection", SettingsText.word(n.decoderConnection()));
        text.put("context", SettingsText.word(n.context()));
        text.put("summary", SettingsText.word(n.summary()));
        text.put("bridge", SettingsText.word(n.bridge()));
        text.put("score", SettingsText.word(n.score()));
        text.put("attention_size", "" + n.attentionSize());
        text.put("heads", "" + n.heads());
        text.put("query", SettingsText.word(n.query()));
        text.put("feeding", "" + n.feeding());
        text.put("readout", SettingsText.word(n.readout()));
        text.put("readout_size", "" + n.readoutSize());
        text.put("reads_embedding", "" + n.readsEmbedding());
        text.put("output", SettingsText.word(n.output()));
        text.put("tie", SettingsText.word(n.tie()));
        text.put("initialisation", SettingsText.initialisation(n.initialisation()));
        text.put("forget_bias", "" + n.forgetBias());
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
                text.constant("encoder", NetworkSettings.EncoderKind.class),
                text.cell("cell"),
                text.integer("embedding_size"),
                text.integer("encoder_hidden_size"),
                text.integer("hidden_size"),
                text.integer("encoder_layers"),
                text.integer("decoder_layers"),
                text.flag("bidirectional"),
                text.integer("kernel"),
                text.constant("encoder_connection", Connection.class),
                text.constant("decoder_connection", Connection.class),
                text.constant("context", NetworkSettings.ContextKind.class),
                text.constant("summary", Summary.class),
                text.constant("bridge", NetworkSettings.BridgeKind.class),
                text.constant("score", NetworkSettings.ScoreKind.class),
                text.integer("attention_size"),
                text.integer("heads"),
                text.constant("query", Attention.Query.class),
                text.flag("feeding"),
                text.constant("readout", NetworkSettings.ReadoutKind.class),
                text.integer("readout_size"),
                text.flag("reads_embedding"),
                text.constant("output", NetworkSettings.OutputKind.class),
                text.constant("tie", NetworkSettings.Tie.class),
                text.initialisation("initialisation"),
                text.number("forget_bias"));
    }
}
