package dev.rondo.tests.seq2seq;

import static dev.rondo.tests.oracle.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.Model;
import dev.rondo.architecture.Cell;
import dev.rondo.architecture.LanguageModelArchitecture;
import dev.rondo.architecture.LanguageModelGraph;
import dev.rondo.architecture.Projection;
import dev.rondo.architecture.seq2seq.Bridge;
import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.architecture.seq2seq.Context;
import dev.rondo.architecture.seq2seq.Decoder;
import dev.rondo.architecture.seq2seq.Embedding;
import dev.rondo.architecture.seq2seq.Encoder;
import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.EncoderDecoderGraph;
import dev.rondo.architecture.seq2seq.Readout;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Function;
import dev.rondo.tests.gradient.GradientCase;
import dev.rondo.tests.gradient.TrainingEngine;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Assume;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** An encoder-decoder whose two sides are one network is a language model of joined pairs. */
class DecoderOnlyProperties {
    private static final int WORDS = 6;
    private static final double EXACT = 1e-10;
    private static final double CLOSE = 5e-5;

    private static LanguageModelArchitecture language(Random random) {
        Cell cell = List.of(new Cell.Gru(true), new Cell.Gru(false), new Cell.Lstm(), new Cell.Elman(Activation.TANH))
                .get(random.nextInt(4));
        int hidden = 2 + random.nextInt(3);
        boolean tied = random.nextBoolean();
        return LanguageModelArchitecture.of(cell, WORDS, tied ? hidden : 3, hidden, 1 + random.nextInt(2), tied);
    }

    /** The same tensors on both sides. */
    private static EncoderDecoder joined(LanguageModelArchitecture language) {
        var embedding = new Embedding(language.embedding(), WORDS, language.embeddingSize());
        List<Encoder.Layer> reads = language.layers().stream()
                .map(layer -> new Encoder.Layer(layer, Optional.empty(), Optional.empty()))
                .toList();
        int width = language.layers().getLast().outputSize();
        return new EncoderDecoder(
                new Encoder.Recurrent(embedding, language.cell(), reads, Connection.NONE),
                new Bridge.Copy(),
                new Decoder(
                        embedding,
                        language.cell(),
                        language.layers(),
                        Optional.empty(),
                        Connection.NONE,
                        new Context.None(),
                        false,
                        Readout.state(),
                        new Projection(language.output(), language.outputBias(), width, WORDS)));
    }

    @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
    void itHasTheLossesOfALanguageModelOnJoinedPairs(@ForAll long seed) {
        var random = new Random(seed);
        LanguageModelArchitecture language = language(random);
        EncoderDecoder architecture = joined(language);
        assertEquals(language.parameters(), architecture.parameters());
        Map<String, NdArray> weights = EncoderDecoderProperties.weights(architecture, random);
        Pairs pairs = EncoderDecoderProperties.pairs(architecture, random);
        NdArray found = EncoderDecoderProperties.losses(architecture, weights, pairs);
        Function evaluation = new LanguageModelGraph(language).evaluation(false);
        for (int row = 0; row < pairs.rows(); row++) {
            Pairs pair = pairs.alone(row);
            int places = pair.places();
            int steps = pair.steps();
            if (places == 0 || steps == 0) {
                continue;
            }
            List<Integer> shape = List.of(1, places + steps);
            NdArray tokens = NdArray.tabulate(
                    ElementType.I32,
                    shape,
                    i -> i[1] < places
                            ? pair.source().at(0, i[1])
                            : pair.previous().at(0, i[1] - places));
            NdArray targets = NdArray.tabulate(
                    ElementType.I32,
                    shape,
                    i -> i[1] < places ? 0 : pair.target().at(0, i[1] - places));
            NdArray losses = Interpreter.run(
                            evaluation, Map.of("tokens", tokens, "targets", targets), Map.of(), weights)
                    .output("losses");
            int here = row;
            assertClose(
                    NdArray.tabulate(ElementType.F32, List.of(steps), i -> losses.at(0, places + i[0])),
                    NdArray.tabulate(ElementType.F32, List.of(steps), i -> found.at(here, i[0])),
                    EXACT,
                    "row " + row + language);
        }
    }

    @Property(tries = 30, edgeCases = EdgeCasesMode.NONE)
    void stepsAfterEncodingGiveTheLossesOfTheEvaluation(@ForAll long seed) {
        var random = new Random(seed);
        EncoderDecoder architecture = joined(language(random));
        Map<String, NdArray> weights = EncoderDecoderProperties.weights(architecture, random);
        Pairs pairs = EncoderDecoderProperties.pairs(architecture, random);
        NdArray wanted = EncoderDecoderProperties.losses(architecture, weights, pairs);
        try (Model model = Forced.file(architecture, weights).load()) {
            for (Model.Kernel kernel : List.of(Model.Kernel.PLAIN, Model.Kernel.BEST)) {
                Forced got = Forced.run(model, kernel, pairs, 2);
                assertClose(wanted, got.losses(pairs, 1), CLOSE, kernel + " " + architecture);
            }
        }
    }

    @Property(tries = 12, edgeCases = EdgeCasesMode.NONE)
    void gradientsAgreeWithDifferences(@ForAll long seed) {
        var random = new Random(seed);
        EncoderDecoder architecture = joined(language(random));
        Function training = new EncoderDecoderGraph(architecture)
                .training(EncoderDecoderGradientProperties.regularisation(architecture, random));
        Map<String, NdArray> inputs =
                new HashMap<>(Pairs.random(random, 2, 1 + random.nextInt(3), 1 + random.nextInt(3), WORDS, WORDS)
                        .inputs());
        inputs.put("seed", new NdArray(ElementType.I64, List.of(), new double[] {random.nextInt(1000)}));
        GradientCase found =
                EncoderDecoderGradientProperties.gradient(architecture.toString(), training, inputs, random);
        Assume.that(found.agreesWithDifferences(random));
        found.agreesOn(new TrainingEngine(random.nextBoolean(), random.nextBoolean()));
    }
}
