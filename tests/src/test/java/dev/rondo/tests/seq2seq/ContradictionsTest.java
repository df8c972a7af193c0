package dev.rondo.tests.seq2seq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Projection;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.architecture.seq2seq.Attention;
import dev.rondo.architecture.seq2seq.Bridge;
import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.architecture.seq2seq.Context;
import dev.rondo.architecture.seq2seq.Decoder;
import dev.rondo.architecture.seq2seq.Embedding;
import dev.rondo.architecture.seq2seq.Encoder;
import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.EncoderDecoderGraph;
import dev.rondo.architecture.seq2seq.Output;
import dev.rondo.architecture.seq2seq.Readout;
import dev.rondo.architecture.seq2seq.Readout.Part;
import dev.rondo.architecture.seq2seq.Regularisation;
import dev.rondo.architecture.seq2seq.Summary;
import dev.rondo.error.InputException;
import dev.rondo.graph.Activation;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Parts that do not fit each other: one error that says which, and by what rule. */
class ContradictionsTest {
    private static final Cell GRU = new Cell.Gru(true);
    private static final int E = 3;
    private static final int H = 4;
    private static final int V = 6;

    /** Embedding 3, a GRU of 4 units; Bahdanau's attention from the state before the step; a GRU of 4 units. */
    private static final Encoder.Recurrent ENCODER = new Encoder.Recurrent(
            new Embedding("source", 7, E),
            GRU,
            List.of(new Encoder.Layer(
                    RecurrentParameters.of("encoder", GRU, E, H), Optional.empty(), Optional.empty())),
            Connection.NONE);

    private static final Bridge BRIDGE = new Bridge.Same(Summary.LAST);

    private static final Decoder DECODER = new Decoder(
            new Embedding("target", V, E),
            GRU,
            List.of(RecurrentParameters.of("decoder", GRU, E + H, H)),
            Optional.empty(),
            Connection.NONE,
            attended(additive(5, 5), 1, Attention.Query.BEFORE),
            false,
            Readout.state(),
            Projection.of("out", H, V));

    private static Context attended(Attention.Score score, int heads, Attention.Query query) {
        return new Context.Attended(new Attention(score, heads, query));
    }

    private static Attention.Score additive(int query, int keys) {
        return new Attention.Score.Additive(
                Projection.of("query", H, query), Projection.unbiased("keys", H, keys), "vector");
    }

    private static Encoder encoder(Cell cell, Connection connection, Encoder.Layer... layers) {
        return new Encoder.Recurrent(ENCODER.embedding(), cell, List.of(layers), connection);
    }

    private static Encoder.Layer layer(RecurrentParameters forward) {
        return new Encoder.Layer(forward, Optional.empty(), Optional.empty());
    }

    private static Decoder with(Context context) {
        return new Decoder(
                DECODER.embedding(),
                GRU,
                DECODER.layers(),
                DECODER.second(),
                Connection.NONE,
                context,
                false,
                DECODER.readout(),
                DECODER.output());
    }

    private static Decoder with(Readout readout, Output output) {
        return new Decoder(
                DECODER.embedding(),
                GRU,
                DECODER.layers(),
                DECODER.second(),
                Connection.NONE,
                DECODER.context(),
                false,
                readout,
                output);
    }

    private static Decoder with(Connection connection, boolean feeding, List<RecurrentParameters> layers) {
        return new Decoder(
                DECODER.embedding(),
                GRU,
                layers,
                DECODER.second(),
                connection,
                DECODER.context(),
                feeding,
                DECODER.readout(),
                DECODER.output());
    }

    private static void refused(String message, Encoder encoder, Bridge bridge, Decoder decoder) {
        var refusal = assertThrows(InputException.class, () -> new EncoderDecoder(encoder, bridge, decoder));
        assertTrue(refusal.getMessage().startsWith(message), refusal::getMessage);
    }

    private static void refused(String message, Encoder encoder) {
        refused(message, encoder, BRIDGE, DECODER);
    }

    private static void refused(String message, Bridge bridge) {
        refused(message, ENCODER, bridge, DECODER);
    }

    private static void refused(String message, Decoder decoder) {
        refused(message, ENCODER, BRIDGE, decoder);
    }

    @Test
    void whatFitsIsTaken() {
        assertEquals(
                16, new EncoderDecoder(ENCODER, BRIDGE, DECODER).parameters().size());
    }

    @Test
    void encoders() {
        refused("encoder: has from 1 to 64 layers; got 0", encoder(GRU, Connection.NONE));
        refused(
                "encoder, layer 0: the input is 3: the size of the embedding; got 4",
                encoder(GRU, Connection.NONE, layer(RecurrentParameters.of("e", GRU, H, H))));
        refused(
                "encoder, layer 1: the input is 7: the output of the layer before, and the embedding; got 4",
                encoder(
                        GRU,
                        Connection.SKIP,
                        layer(RecurrentParameters.of("e", GRU, E, H)),
                        layer(RecurrentParameters.of("f", GRU, H, H))));
        refused(
                "encoder, layer 0: the number of units is from 1 to 65536; got 0",
                encoder(GRU, Connection.NONE, layer(RecurrentParameters.of("e", GRU, E, 0))));
        refused(
                "encoder, layer 0: the number of units is from 1 to 65536; got 1073741824",
                encoder(GRU, Connection.NONE, layer(RecurrentParameters.of("e", GRU, E, 1 << 30))));
        refused(
                "encoder, layer 1: has a gate where the connection is a highway and its input is as wide as its output",
                encoder(
                        GRU,
                        Connection.HIGHWAY,
                        layer(RecurrentParameters.of("e", GRU, E, H)),
                        layer(RecurrentParameters.of("f", GRU, H, H))));
        refused(
                "encoder, layer 0: only a GRU with reset after the product has a bias of its own there; got lstm",
                encoder(new Cell.Lstm(), Connection.NONE, layer(RecurrentParameters.of("e", GRU, E, H))));
        refused(
                "encoder, embedding: the vocabulary has from 1 to 16777216 tokens; got -1",
                new Encoder.Recurrent(new Embedding("source", -1, E), GRU, ENCODER.layers(), Connection.NONE));
    }

    @Test
    void convolutions() {
        for (var wrong : List.of(
                new Encoder.Convolution("w", "b", E, H, 2),
                new Encoder.Convolution("w", "b", H, H, 3),
                new Encoder.Convolution("w", "b", E, H, -1))) {
            refused(
                    "encoder, layer 0: the ",
                    new Encoder.Convolutional(ENCODER.embedding(), List.of(wrong), Activation.RELU, Connection.NONE));
        }
        var convolution = new Encoder.Convolution("w", "b", E, H, 3);
        refused(
                "encoder: the connection of convolutions is none or residual; got SKIP",
                new Encoder.Convolutional(ENCODER.embedding(), List.of(convolution), Activation.RELU, Connection.SKIP));
        var fits =
                new Encoder.Convolutional(ENCODER.embedding(), List.of(convolution), Activation.RELU, Connection.NONE);
        refused("bridge: the last state is that of a recurrent encoder; got convolutions", fits, BRIDGE, DECODER);
        refused("bridge: layer 0 of the decoder begins with", fits, new Bridge.Copy(), DECODER);
    }

    @Test
    void bridges() {
        refused(
                "bridge: has a map to h for each of the decoder's 1 layers; got 0",
                new Bridge.Projected(Summary.MEAN, List.of(), List.of(), Activation.TANH));
        refused(
                "bridge, map to h of layer 0: the output of 'h.weight' is 4: the size of the decoder's h; got 5",
                new Bridge.Projected(Summary.MEAN, List.of(Projection.of("h", H, 5)), List.of(), Activation.TANH));
        refused(
                "bridge: only an LSTM begins with c; got gru",
                new Bridge.Projected(
                        Summary.MEAN,
                        List.of(Projection.of("h", H, H)),
                        List.of(Projection.of("c", H, H)),
                        Activation.TANH));
        var deep = with(
                Connection.NONE, false, List.of(DECODER.layers().getFirst(), RecurrentParameters.of("top", GRU, H, H)));
        refused(
                "bridge: layer 1 of the decoder begins with the last states of layer 1",
                ENCODER,
                new Bridge.Copy(),
                deep);
        var blind = new Decoder(
                DECODER.embedding(),
                GRU,
                List.of(RecurrentParameters.of("d", GRU, E, H)),
                Optional.empty(),
                Connection.NONE,
                new Context.None(),
                false,
                Readout.state(),
                DECODER.output());
        refused("bridge: brings something of the source where", ENCODER, new Bridge.Zero(), blind);
        var narrow = encoder(GRU, Connection.NONE, layer(RecurrentParameters.of("e", GRU, E, H - 1)));
        refused("bridge: h of the decoder's layer 0 is 3: the summary itself; got 4", narrow, BRIDGE, blind);
    }

    @Test
    void decoders() {
        refused(
                "decoder, layer 0: the input is 11: embedding 3, context 4, readout of the step before 4; got 7",
                with(Connection.NONE, true, DECODER.layers()));
        refused(
                "decoder: the connection is none, residual or skip; got HIGHWAY",
                with(Connection.HIGHWAY, false, DECODER.layers()));
        refused("decoder: has from 1 to 64 layers; got 0", with(Connection.NONE, false, List.of()));
        refused(
                "decoder, layer 0: the input is 3: embedding 3; got 7",
                with(attended(additive(5, 5), 1, Attention.Query.BETWEEN)));
        refused(
                "decoder: has a second cell where attention stands between two cells; got no second cell",
                new Decoder(
                        DECODER.embedding(),
                        GRU,
                        List.of(RecurrentParameters.of("d", GRU, E, H)),
                        Optional.empty(),
                        Connection.NONE,
                        attended(additive(5, 5), 1, Attention.Query.BETWEEN),
                        false,
                        DECODER.readout(),
                        DECODER.output()));
        refused("decoder, context: is one vector for all layers", with(new Context.Fixed(Summary.LAST_OF_LAYER)));
    }

    @Test
    void attention() {
        refused(
                "attention: the output of 'query.weight' is 6: that of the keys; got 5",
                with(attended(additive(5, 6), 1, Attention.Query.BEFORE)));
        for (int heads : new int[] {0, -1, 3}) {
            refused(
                    "attention: the number of heads divides the memory's size 4 and that of the keys 6; got " + heads,
                    with(attended(additive(6, 6), heads, Attention.Query.BEFORE)));
        }
        refused(
                "attention: the output of 'keys.weight' is 4: the size of the state that asks; got 5",
                with(attended(
                        new Attention.Score.General(Projection.unbiased("keys", H, 5)), 1, Attention.Query.BEFORE)));
        var wide = encoder(GRU, Connection.NONE, layer(RecurrentParameters.of("e", GRU, E, H + 1)));
        refused(
                "attention: the size of the memory, the encoder's output, is 4: the size of the state that asks",
                wide,
                BRIDGE,
                with(attended(new Attention.Score.Dot(), 1, Attention.Query.BEFORE)));
    }

    @Test
    void readoutsAndOutputs() {
        Output out = DECODER.output();
        refused(
                "decoder, readout: has at least one part",
                with(new Readout(List.of(), Optional.empty(), Activation.IDENTITY), out));
        refused(
                "decoder, readout: has each part once",
                with(new Readout(List.of(Part.STATE, Part.STATE), Optional.empty(), Activation.IDENTITY), out));
        refused(
                "decoder, readout: without a map there is no activation; got tanh",
                with(new Readout(List.of(Part.STATE), Optional.empty(), Activation.TANH), out));
        refused(
                "decoder, readout: the input of 'r.weight' is 8: the sum of its parts [STATE, CONTEXT]; got 4",
                with(
                        new Readout(
                                List.of(Part.STATE, Part.CONTEXT),
                                Optional.of(Projection.of("r", H, H)),
                                Activation.TANH),
                        out));
        refused(
                "decoder, output: the output of 'out.weight' is 6: the vocabulary; got 9",
                with(Readout.state(), new Output.Generate(Projection.of("out", H, 9))));
        refused(
                "decoder, output: the vocabulary of the target is 7: that of the source",
                with(Readout.state(), new Output.Copy()));
        refused(
                "parameter 'target': places that share it want one shape; got [6, 3] (EMBEDDING) and [6, 4] (OUTPUT)",
                with(Readout.state(), new Output.Generate(new Projection("target", Optional.empty(), H, V))));
        var after = with(attended(additive(5, 5), 1, Attention.Query.AFTER));
        refused("decoder, readout: has the context where attention comes after the step; got [STATE]", after);
    }

    @Test
    void copyingWithoutAttention() {
        var source = new Embedding("source", V, E);
        var encoder = new Encoder.Recurrent(source, GRU, ENCODER.layers(), Connection.NONE);
        var decoder = new Decoder(
                DECODER.embedding(),
                GRU,
                List.of(RecurrentParameters.of("decoder", GRU, E, H)),
                Optional.empty(),
                Connection.NONE,
                new Context.None(),
                false,
                Readout.state(),
                new Output.Copy());
        refused("decoder, output: copies along the attention; got no attention", encoder, BRIDGE, decoder);
        var pointer = new EncoderDecoder(encoder, BRIDGE, with(Readout.state(), new Output.Copy()));
        var smooth = new Regularisation(0, 0, 0, 0, 0, 0.1);
        var refusal = assertThrows(InputException.class, () -> new EncoderDecoderGraph(pointer).training(smooth));
        assertTrue(refusal.getMessage().startsWith("setting label smoothing"), refusal::getMessage);
    }
}
