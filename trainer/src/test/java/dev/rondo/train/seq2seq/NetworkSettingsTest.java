package dev.rondo.train.seq2seq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.seq2seq.Attention;
import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.EncoderDecoderGraph;
import dev.rondo.architecture.seq2seq.Regularisation;
import dev.rondo.architecture.seq2seq.Summary;
import dev.rondo.error.InputException;
import dev.rondo.graph.Activation;
import dev.rondo.train.Initialisation;
import dev.rondo.train.data.PairVocabulary;
import dev.rondo.train.seq2seq.NetworkSettings.BridgeKind;
import dev.rondo.train.seq2seq.NetworkSettings.Builder;
import dev.rondo.train.seq2seq.NetworkSettings.ContextKind;
import dev.rondo.train.seq2seq.NetworkSettings.EncoderKind;
import dev.rondo.train.seq2seq.NetworkSettings.OutputKind;
import dev.rondo.train.seq2seq.NetworkSettings.ReadoutKind;
import dev.rondo.train.seq2seq.NetworkSettings.ScoreKind;
import dev.rondo.train.seq2seq.NetworkSettings.Tie;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class NetworkSettingsTest {
    private static Builder base() {
        return NetworkSettings.builder()
                .embeddingSize(8)
                .encoderHiddenSize(4)
                .hiddenSize(8)
                .attentionSize(6);
    }

    /** One change each from the base; every one makes another network. */
    private static Map<String, UnaryOperator<Builder>> changes() {
        var changes = new LinkedHashMap<String, UnaryOperator<Builder>>();
        changes.put("convolutional", b -> b.encoder(EncoderKind.CONVOLUTIONAL).bidirectional(false));
        changes.put(
                "wide kernel",
                b -> b.encoder(EncoderKind.CONVOLUTIONAL).bidirectional(false).kernel(5));
        changes.put("lstm", b -> b.cell(new Cell.Lstm()));
        changes.put("elman", b -> b.cell(new Cell.Elman(Activation.TANH)));
        changes.put("reset before", b -> b.cell(new Cell.Gru(false)));
        changes.put("embedding", b -> b.embeddingSize(10));
        changes.put("encoder hidden", b -> b.encoderHiddenSize(5));
        changes.put("hidden", b -> b.hiddenSize(9));
        changes.put("encoder layers", b -> b.encoderLayers(2));
        changes.put("decoder layers", b -> b.decoderLayers(2));
        changes.put("one direction", b -> b.bidirectional(false));
        changes.put("residual", b -> b.encoderLayers(2).encoderConnection(Connection.RESIDUAL));
        changes.put("highway", b -> b.encoderLayers(2).encoderConnection(Connection.HIGHWAY));
        changes.put("skip", b -> b.encoderLayers(2).encoderConnection(Connection.SKIP));
        changes.put("decoder residual", b -> b.decoderLayers(2).decoderConnection(Connection.RESIDUAL));
        changes.put("decoder skip", b -> b.decoderLayers(2).decoderConnection(Connection.SKIP));
        changes.put("first", b -> b.context(ContextKind.FIRST));
        changes.put("every", b -> b.context(ContextKind.EVERY).bridge(BridgeKind.ZERO));
        changes.put("both", b -> b.context(ContextKind.BOTH));
        changes.put("last", b -> b.summary(Summary.LAST));
        changes.put("last of layer", b -> b.encoderLayers(2).summary(Summary.LAST_OF_LAYER));
        changes.put("max", b -> b.summary(Summary.MAX));
        changes.put("zero", b -> b.bridge(BridgeKind.ZERO));
        changes.put("copy", b -> b.bridge(BridgeKind.COPY));
        changes.put("same", b -> b.bridge(BridgeKind.SAME));
        changes.put("dot", b -> b.score(ScoreKind.DOT));
        changes.put("scaled dot", b -> b.score(ScoreKind.SCALED_DOT));
        changes.put("general", b -> b.score(ScoreKind.GENERAL));
        changes.put("low rank", b -> b.score(ScoreKind.LOW_RANK));
        changes.put("attention size", b -> b.attentionSize(4));
        changes.put("heads", b -> b.heads(2));
        changes.put("before", b -> b.query(Attention.Query.BEFORE));
        changes.put("after", b -> b.query(Attention.Query.AFTER));
        changes.put("feeding", b -> b.feeding(true));
        changes.put("straight", b -> b.readout(ReadoutKind.STRAIGHT).tie(Tie.NONE));
        changes.put("readout size", b -> b.readoutSize(7).tie(Tie.NONE));
        changes.put("readout without embedding", b -> b.readsEmbedding(false));
        changes.put("generate or copy", b -> b.output(OutputKind.GENERATE_OR_COPY));
        changes.put("copy tokens", b -> b.output(OutputKind.COPY).tie(Tie.NONE).readout(ReadoutKind.STRAIGHT));
        changes.put("untied", b -> b.tie(Tie.NONE));
        changes.put("all tied", b -> b.tie(Tie.ALL));
        changes.put("decoder only", b -> NetworkSettings.decoderOnly(new Cell.Gru(true), 8, 8, 1, false));
        changes.put(
                "decoder only, skip",
                b -> NetworkSettings.decoderOnly(new Cell.Gru(true), 8, 8, 2, true)
                        .encoderConnection(Connection.SKIP)
                        .decoderConnection(Connection.SKIP));
        return changes;
    }

    private static String functions(EncoderDecoder architecture, boolean smoothed) {
        var graph = new EncoderDecoderGraph(architecture);
        return graph.encode().toString()
                + graph.step()
                + graph.training(new Regularisation(0.1, 0, 0.1, 0.1, 0.1, smoothed ? 0.1 : 0))
                + graph.evaluation();
    }

    @Test
    void everySettingMakesAnotherNetwork() {
        String base = functions(new NetworkBuilder(base().build(), 11, 11).build(), true);
        changes().forEach((name, change) -> {
            NetworkSettings settings = change.apply(base()).build();
            EncoderDecoder architecture = new NetworkBuilder(settings, 11, 11).build();
            String functions = functions(architecture, settings.output() != OutputKind.COPY);
            assertNotEquals(base, functions, name);
        });
    }

    @Test
    void whatDoesNotFitIsRefusedByName() {
        refused("embedding size", base().embeddingSize(0));
        refused("hidden size", base().hiddenSize(1 << 20));
        refused("encoder layers", base().encoderLayers(0));
        refused(
                "kernel",
                base().encoder(EncoderKind.CONVOLUTIONAL).bidirectional(false).kernel(4));
        refused("connection of the decoder", base().decoderConnection(Connection.HIGHWAY));
        refused("bidirectional", base().encoder(EncoderKind.CONVOLUTIONAL));
        refused(
                "connection of a convolutional encoder",
                base().encoder(EncoderKind.CONVOLUTIONAL).bidirectional(false).encoderConnection(Connection.SKIP));
        refused(
                "summary",
                base().encoder(EncoderKind.CONVOLUTIONAL).bidirectional(false).summary(Summary.LAST));
        refused("bridge", base().context(ContextKind.FIRST).bridge(BridgeKind.ZERO));
        refused("bridge", base().context(ContextKind.EVERY));
        refused("summary", base().context(ContextKind.BOTH).summary(Summary.LAST_OF_LAYER));
        refused("decoder layers", base().bridge(BridgeKind.COPY).decoderLayers(2));
        refused("decoder layers", base().summary(Summary.LAST_OF_LAYER).decoderLayers(2));
        refused("hidden size", base().bridge(BridgeKind.SAME).hiddenSize(6));
        refused("hidden size", base().score(ScoreKind.DOT).hiddenSize(6));
        refused("heads", base().heads(3));
        refused("heads", base().context(ContextKind.FIRST).heads(2));
        refused("readout size", base().readout(ReadoutKind.STRAIGHT).readoutSize(8));
        refused("embedding size", base().readout(ReadoutKind.STRAIGHT));
        refused("embedding size", base().readoutSize(7));
        refused("output", base().context(ContextKind.FIRST).output(OutputKind.GENERATE_OR_COPY));
        refused("tie", base().output(OutputKind.COPY));
        refused("readout", base().output(OutputKind.COPY).tie(Tie.NONE));
        refused("forget bias", base().forgetBias(Double.NaN));
        refused("context", joined().context(ContextKind.ATTENTION));
        refused("bridge", joined().bridge(BridgeKind.SAME));
        refused("bidirectional", joined().bidirectional(true));
        refused("feeding", joined().feeding(true));
        refused("hidden size of the encoder", joined().encoderHiddenSize(9));
        refused("encoder layers", joined().encoderLayers(2));
        refused("connection of the encoder", joined().encoderConnection(Connection.SKIP));
        refused("connection", joined().encoderConnection(Connection.RESIDUAL).decoderConnection(Connection.RESIDUAL));
        refused("tie", joined().tie(Tie.OUTPUT));
        refused("embedding size", NetworkSettings.decoderOnly(new Cell.Lstm(), 8, 9, 1, true));
    }

    private static Builder joined() {
        return NetworkSettings.decoderOnly(new Cell.Gru(true), 8, 8, 1, false);
    }

    private static void refused(String setting, Builder settings) {
        var error = assertThrows(InputException.class, settings::build);
        assertTrue(error.getMessage().startsWith("setting " + setting + ":"), error.getMessage());
    }

    @Test
    void settingsSurviveTheirText() {
        changes().forEach((name, change) -> {
            NetworkSettings network =
                    change.apply(base()).initialisation(new Initialisation.He()).build();
            boolean copies = network.output() == OutputKind.COPY;
            EncoderDecoderSettings settings = EncoderDecoderSettings.builder()
                    .network(network)
                    .vocabulary(
                            network.sharesVocabulary()
                                    ? new PairVocabulary(
                                            PairVocabulary.bytePairs(5, 2).unit(),
                                            PairVocabulary.bytePairs(5, 2).normalisation(),
                                            5,
                                            true,
                                            true,
                                            100,
                                            2)
                                    : PairVocabulary.words(50, 3))
                    .regularisation(new Regularisation(
                            0.1, 0, network.encoder() == EncoderKind.NONE ? 0 : 0.3, 0.4, 0.5, copies ? 0 : 0.6))
                    .sampling(new ScheduledSampling(0.25, 3))
                    .validation(new ValidationSettings(ValidationSettings.Measure.LOSS, 2))
                    .build();
            assertEquals(
                    settings, EncoderDecoderSettingsText.read(EncoderDecoderSettingsText.write(settings), 2), name);
        });
    }
}
