package dev.rondo.architecture.seq2seq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.Projection;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Function;
import dev.rondo.graph.State;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class EncoderDecoderGraphTest {
    private static final int SOURCES = 11;
    private static final int TARGETS = 9;
    private static final int E = 5;
    private static final int H = 4;

    /** A bidirectional encoder, M = 2H, and a decoder that attends. */
    private static EncoderDecoder attending(Cell cell, Attention.Query query, boolean feeding) {
        var encoder = new Encoder.Recurrent(
                new Embedding("source.embedding", SOURCES, E),
                cell,
                List.of(new Encoder.Layer(
                        RecurrentParameters.of("encoder0", cell, E, H),
                        Optional.of(RecurrentParameters.of("encoder0.backward", cell, E, H)),
                        Optional.empty())),
                Connection.NONE);
        var score = new Attention.Score.Additive(
                Projection.of("attention.query", H, 6), Projection.unbiased("attention.keys", 2 * H, 6), "attention.v");
        int context = query == Attention.Query.BEFORE ? 2 * H : 0;
        var layers = new ArrayList<RecurrentParameters>();
        layers.add(RecurrentParameters.of("decoder0", cell, E + context + (feeding ? 7 : 0), H));
        layers.add(RecurrentParameters.of("decoder1", cell, H, H));
        var second = query == Attention.Query.BETWEEN
                ? Optional.of(RecurrentParameters.of("decoder.second", cell, 2 * H, H))
                : Optional.<RecurrentParameters>empty();
        var readout = new Readout(
                List.of(Readout.Part.STATE, Readout.Part.CONTEXT, Readout.Part.EMBEDDING),
                Optional.of(Projection.of("readout", 3 * H + E, 7)),
                Activation.TANH);
        return new EncoderDecoder(
                encoder,
                new Bridge.Projected(
                        Summary.MEAN,
                        List.of(Projection.of("bridge", 2 * H, H), Projection.of("bridge", 2 * H, H)),
                        List.of(),
                        Activation.TANH),
                new Decoder(
                        new Embedding("target.embedding", TARGETS, E),
                        cell,
                        layers,
                        second,
                        Connection.RESIDUAL,
                        new Context.Attended(new Attention(score, 2, query)),
                        feeding,
                        readout,
                        Projection.of("output", 7, TARGETS)));
    }

    @Test
    void allFunctionsAreOverTheSameStatesAndWeights() {
        for (Cell cell : List.of(new Cell.Gru(true), new Cell.Lstm(), new Cell.Elman(Activation.TANH))) {
            for (Attention.Query query : Attention.Query.values()) {
                for (boolean feeding : new boolean[] {false, true}) {
                    check(attending(cell, query, feeding));
                }
            }
        }
    }

    private static void check(EncoderDecoder architecture) {
        var graph = new EncoderDecoderGraph(architecture);
        Function encode = graph.encode();
        Function step = graph.step();
        assertEquals(states(encode), states(step));
        Function training = graph.training(new Regularisation(0.1, 0.2, 0.3, 0.4, 0.1, 0.1));
        assertTrue(training.output("loss").isPresent());
        assertTrue(graph.evaluation().output("losses").isPresent());
        assertTrue(step.output("attention").isPresent());
        List<String> names =
                architecture.parameters().stream().map(Parameter::name).toList();
        assertEquals(names.size(), names.stream().distinct().count());
    }

    private static Map<String, ValueType> states(Function function) {
        return function.states().stream().map(State::value).collect(Collectors.toMap(v -> v.name(), v -> v.type()));
    }
}
