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
import dev.rondo.train.seq2seq.AttentionSettings.Score;
import dev.rondo.train.seq2seq.ContextSettings.Bridge;
import dev.rondo.train.seq2seq.EncoderSettings.Convolutional;
import dev.rondo.train.seq2seq.EncoderSettings.Recurrent;
import dev.rondo.train.seq2seq.NetworkSettings.Builder;
import dev.rondo.train.seq2seq.OutputSettings.Kind;
import dev.rondo.train.seq2seq.OutputSettings.Readout;
import dev.rondo.train.seq2seq.OutputSettings.Tie;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class NetworkSettingsTest {
    private static Builder base() {
        return NetworkSettings.builder()
                .embeddingSize(8)
                .encoder(encoder(4, 1))
                .decoder(decoder(8, 1, Connection.NONE))
                .attention(attention(Score.ADDITIVE, 6));
    }

    private static EncoderSettings encoder(int hidden, int layers) {
        return new Recurrent(hidden, layers, true, Connection.NONE);
    }

    private static EncoderSettings connected(Connection connection) {
        return new Recurrent(4, 2, true, connection);
    }

    private static EncoderSettings convolutional(int kernel) {
        return new Convolutional(4, 1, kernel, Connection.NONE);
    }

    private static DecoderSettings decoder(int hidden, int layers, Connection connection) {
        return new DecoderSettings(hidden, layers, connection, false);
    }

    private static ContextSettings context(ContextSettings.Kind kind) {
        return new ContextSettings(kind, Summary.MEAN, Bridge.PROJECTED);
    }

    private static ContextSettings summary(Summary summary) {
        return new ContextSettings(ContextSettings.Kind.ATTENTION, summary, Bridge.PROJECTED);
    }

    private static ContextSettings bridge(Bridge bridge) {
        return new ContextSettings(ContextSettings.Kind.ATTENTION, Summary.MEAN, bridge);
    }

    private static AttentionSettings attention(Score score, int size) {
        return new AttentionSettings(score, size, 1, Attention.Query.BETWEEN);
    }

    private static AttentionSettings heads(int heads) {
        return new AttentionSettings(Score.ADDITIVE, 6, heads, Attention.Query.BETWEEN);
    }

    private static AttentionSettings query(Attention.Query query) {
        return new AttentionSettings(Score.ADDITIVE, 6, 1, query);
    }

    private static OutputSettings readout(Readout readout, int size, Tie tie) {
        return new OutputSettings(readout, size, true, Kind.GENERATE, tie);
    }

    private static OutputSettings output(Kind kind, Readout readout, Tie tie) {
        return new OutputSettings(readout, 0, true, kind, tie);
    }

    /** One change each from the base; every one makes another network. */
    private static Map<String, UnaryOperator<Builder>> changes() {
        var changes = new LinkedHashMap<String, UnaryOperator<Builder>>();
        changes.put("convolutional", b -> b.encoder(convolutional(3)));
        changes.put("wide kernel", b -> b.encoder(convolutional(5)));
        changes.put("lstm", b -> b.cell(new Cell.Lstm()));
        changes.put("elman", b -> b.cell(new Cell.Elman(Activation.TANH)));
        changes.put("reset before", b -> b.cell(new Cell.Gru(false)));
        changes.put("embedding", b -> b.embeddingSize(10));
        changes.put("encoder hidden", b -> b.encoder(encoder(5, 1)));
        changes.put("hidden", b -> b.decoder(decoder(9, 1, Connection.NONE)));
        changes.put("encoder layers", b -> b.encoder(encoder(4, 2)));
        changes.put("decoder layers", b -> b.decoder(decoder(8, 2, Connection.NONE)));
        changes.put("one direction", b -> b.encoder(new Recurrent(4, 1, false, Connection.NONE)));
        changes.put("residual", b -> b.encoder(connected(Connection.RESIDUAL)));
        changes.put("highway", b -> b.encoder(connected(Connection.HIGHWAY)));
        changes.put("skip", b -> b.encoder(connected(Connection.SKIP)));
        changes.put("decoder residual", b -> b.decoder(decoder(8, 2, Connection.RESIDUAL)));
        changes.put("decoder skip", b -> b.decoder(decoder(8, 2, Connection.SKIP)));
        changes.put("first", b -> b.context(context(ContextSettings.Kind.FIRST)));
        changes.put(
                "every", b -> b.context(new ContextSettings(ContextSettings.Kind.EVERY, Summary.MEAN, Bridge.ZERO)));
        changes.put("both", b -> b.context(context(ContextSettings.Kind.BOTH)));
        changes.put("last", b -> b.context(summary(Summary.LAST)));
        changes.put("last of layer", b -> b.encoder(encoder(4, 2)).context(summary(Summary.LAST_OF_LAYER)));
        changes.put("max", b -> b.context(summary(Summary.MAX)));
        changes.put("zero", b -> b.context(bridge(Bridge.ZERO)));
        changes.put("copy", b -> b.context(bridge(Bridge.COPY)));
        changes.put("same", b -> b.context(bridge(Bridge.SAME)));
        changes.put("dot", b -> b.attention(attention(Score.DOT, 6)));
        changes.put("scaled dot", b -> b.attention(attention(Score.SCALED_DOT, 6)));
        changes.put("general", b -> b.attention(attention(Score.GENERAL, 6)));
        changes.put("low rank", b -> b.attention(attention(Score.LOW_RANK, 6)));
        changes.put("attention size", b -> b.attention(attention(Score.ADDITIVE, 4)));
        changes.put("heads", b -> b.attention(heads(2)));
        changes.put("before", b -> b.attention(query(Attention.Query.BEFORE)));
        changes.put("after", b -> b.attention(query(Attention.Query.AFTER)));
        changes.put("feeding", b -> b.decoder(new DecoderSettings(8, 1, Connection.NONE, true)));
        changes.put("straight", b -> b.output(readout(Readout.STRAIGHT, 0, Tie.NONE)));
        changes.put("readout size", b -> b.output(readout(Readout.TANH, 7, Tie.NONE)));
        changes.put(
                "readout without embedding",
                b -> b.output(new OutputSettings(Readout.TANH, 0, false, Kind.GENERATE, Tie.OUTPUT)));
        changes.put("generate or copy", b -> b.output(output(Kind.GENERATE_OR_COPY, Readout.TANH, Tie.OUTPUT)));
        changes.put("copy tokens", b -> b.output(output(Kind.COPY, Readout.STRAIGHT, Tie.NONE)));
        changes.put("untied", b -> b.output(readout(Readout.TANH, 0, Tie.NONE)));
        changes.put("all tied", b -> b.output(readout(Readout.TANH, 0, Tie.ALL)));
        changes.put("decoder only", b -> joined(decoder(8, 1, Connection.NONE), false));
        changes.put("decoder only, skip", b -> joined(decoder(8, 2, Connection.SKIP), true));
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
            String functions = functions(architecture, settings.output().kind() != Kind.COPY);
            assertNotEquals(base, functions, name);
        });
    }

    /** Out of range, or without a meaning: the setting is named. */
    @Test
    void whatDoesNotFitIsRefusedByName() {
        refused("embedding size", () -> base().embeddingSize(0).build());
        refused("hidden size", () -> decoder(1 << 20, 1, Connection.NONE));
        refused("hidden size of the encoder", () -> encoder(0, 1));
        refused("encoder layers", () -> encoder(4, 0));
        refused("decoder layers", () -> decoder(8, 33, Connection.NONE));
        refused("kernel", () -> convolutional(103));
        refused("attention size", () -> attention(Score.ADDITIVE, 0));
        refused("heads", () -> heads(0));
        refused("readout size", () -> readout(Readout.TANH, -1, Tie.NONE));
        refused("readout size", () -> readout(Readout.STRAIGHT, 8, Tie.NONE));
        refused("tie", () -> output(Kind.COPY, Readout.STRAIGHT, Tie.OUTPUT));
        refused("forget bias", () -> base().forgetBias(Double.NaN).build());
        refused("heads", base().context(context(ContextSettings.Kind.FIRST)).attention(heads(2)));
        refused("bridge", base().context(context(ContextSettings.Kind.EVERY)));
        refused("bridge", base().context(new ContextSettings(ContextSettings.Kind.BOTH, Summary.MEAN, Bridge.ZERO)));
        refused("embedding size", base().output(readout(Readout.STRAIGHT, 0, Tie.OUTPUT)));
        refused("embedding size", base().output(readout(Readout.TANH, 7, Tie.OUTPUT)));
        DecoderSettings one = decoder(8, 1, Connection.NONE);
        refused("context", joined(one, false).context(bridge(Bridge.COPY)));
        refused("bridge", joined(one, false).context(context(ContextSettings.Kind.FIRST)));
        refused("feeding", joined(new DecoderSettings(8, 1, Connection.NONE, true), false));
        refused("connection", joined(decoder(8, 2, Connection.RESIDUAL), false));
        refused("tie", joined(one, false).output(readout(Readout.TANH, 0, Tie.OUTPUT)));
        refused("embedding size", joined(decoder(9, 1, Connection.NONE), true));
    }

    /** What the architecture refuses is refused with the settings, before a text is read: the part is named. */
    @Test
    void whatIsNoArchitectureIsRefusedToo() {
        contradicts("encoder, layer 0", base().encoder(convolutional(4)));
        contradicts("encoder", base().encoder(new Convolutional(4, 1, 3, Connection.SKIP)));
        contradicts("decoder", base().decoder(decoder(8, 2, Connection.HIGHWAY)));
        contradicts("bridge", base().encoder(convolutional(3)).context(summary(Summary.LAST)));
        contradicts("bridge", base().encoder(convolutional(3)).context(bridge(Bridge.COPY)));
        contradicts(
                "bridge", base().context(new ContextSettings(ContextSettings.Kind.FIRST, Summary.MEAN, Bridge.ZERO)));
        contradicts(
                "decoder, context",
                base().context(new ContextSettings(
                        ContextSettings.Kind.BOTH, Summary.LAST_OF_LAYER, Bridge.PROJECTED)));
        contradicts("bridge", base().context(bridge(Bridge.COPY)).decoder(decoder(8, 2, Connection.NONE)));
        contradicts("bridge", base().context(summary(Summary.LAST_OF_LAYER)).decoder(decoder(8, 2, Connection.NONE)));
        contradicts("bridge", base().context(bridge(Bridge.SAME)).decoder(decoder(6, 1, Connection.NONE)));
        contradicts("attention", base().attention(attention(Score.DOT, 6)).decoder(decoder(6, 1, Connection.NONE)));
        contradicts("attention", base().attention(heads(3)));
        contradicts(
                "decoder, output",
                base().context(context(ContextSettings.Kind.FIRST))
                        .output(output(Kind.GENERATE_OR_COPY, Readout.TANH, Tie.OUTPUT)));
        contradicts("decoder, readout", base().output(output(Kind.COPY, Readout.TANH, Tie.NONE)));
    }

    private static Builder joined(DecoderSettings decoder, boolean tied) {
        return NetworkSettings.decoderOnly(new Cell.Gru(true), 8, decoder, tied);
    }

    private static void refused(String setting, Executable settings) {
        contradicts("setting " + setting, settings);
    }

    private static void refused(String setting, Builder settings) {
        contradicts("setting " + setting, settings);
    }

    private static void contradicts(String part, Builder settings) {
        NetworkSettings network = settings.build();
        contradicts(part, () -> settings(network));
    }

    private static void contradicts(String part, Executable settings) {
        var error = assertThrows(InputException.class, settings, part);
        assertTrue(error.getMessage().startsWith(part + ":"), error.getMessage());
    }

    private static EncoderDecoderSettings settings(NetworkSettings network) {
        PairVocabulary shared = PairVocabulary.bytePairs(5, 2);
        return EncoderDecoderSettings.builder()
                .network(network)
                .vocabulary(
                        network.sharesVocabulary()
                                ? new PairVocabulary(shared.unit(), shared.normalisation(), 5, true, true, 100, 2)
                                : PairVocabulary.words(50, 3))
                .regularisation(new Regularisation(
                        0.1,
                        0,
                        network.isDecoderOnly() ? 0 : 0.3,
                        0.4,
                        0.5,
                        network.output().kind() == Kind.COPY ? 0 : 0.6))
                .sampling(new ScheduledSampling(0.25, 3))
                .validation(new ValidationSettings(ValidationSettings.Measure.LOSS, 2))
                .build();
    }

    @Test
    void settingsSurviveTheirText() {
        changes().forEach((name, change) -> {
            EncoderDecoderSettings settings = settings(
                    change.apply(base()).initialisation(new Initialisation.He()).build());
            assertEquals(
                    settings, EncoderDecoderSettingsText.read(EncoderDecoderSettingsText.write(settings), 2), name);
        });
    }

    /** Checkpoints and models hold all keys, whatever a network is; those of earlier versions go on. */
    @Test
    void aNetworkWithoutAnEncoderHasTheTextOfItsLayersTwice() {
        Map<String, String> text = EncoderDecoderSettingsText.write(
                settings(joined(decoder(8, 2, Connection.SKIP), true).build()));
        String network = text.entrySet().stream()
                .map(e -> e.getKey().replace("settings.", "") + "=" + e.getValue())
                .dropWhile(e -> !e.startsWith("encoder="))
                .takeWhile(e -> !e.startsWith("dropout="))
                .collect(Collectors.joining("\n"));
        assertEquals("""
            encoder=none
            cell=gru reset_after
            embedding_size=8
            encoder_hidden_size=8
            hidden_size=8
            encoder_layers=2
            decoder_layers=2
            bidirectional=false
            kernel=3
            encoder_connection=skip
            decoder_connection=skip
            context=first
            summary=mean
            bridge=copy
            score=additive
            attention_size=256
            heads=1
            query=between
            feeding=false
            readout=straight
            readout_size=0
            reads_embedding=false
            output=generate
            tie=all
            initialisation=default()
            forget_bias=1.0\
            """, network);
    }
}
