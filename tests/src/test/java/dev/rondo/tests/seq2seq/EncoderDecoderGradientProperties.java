package dev.rondo.tests.seq2seq;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.seq2seq.Attention;
import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.EncoderDecoderGraph;
import dev.rondo.architecture.seq2seq.Output;
import dev.rondo.architecture.seq2seq.Readout.Part;
import dev.rondo.architecture.seq2seq.Regularisation;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.tests.gradient.GradientCase;
import dev.rondo.tests.gradient.TrainingEngine;
import dev.rondo.tests.oracle.NdArray;
import dev.rondo.train.gradient.Parameters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Assume;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** The gradient of training, of whole tiny encoder-decoders by all their parameters, against central differences. */
class EncoderDecoderGradientProperties {

    private static GradientCase gradient(
            EncoderDecoder architecture, Regularisation regularisation, Pairs pairs, Random random) {
        Function training = new EncoderDecoderGraph(architecture).training(regularisation);
        Map<String, NdArray> inputs = new HashMap<>(pairs.inputs());
        inputs.put("seed", new NdArray(ElementType.I64, List.of(), new double[] {random.nextInt(1000)}));
        return gradient(architecture + " with " + regularisation, training, inputs, random);
    }

    /** By all parameters of a function of training, which get random values. */
    static GradientCase gradient(String what, Function training, Map<String, NdArray> inputs, Random random) {
        Function fed = Parameters.asInputs(training);
        Map<String, NdArray> values = new HashMap<>(inputs);
        List<Value> parameters = Parameters.of(fed);
        for (Value p : parameters) {
            Integer[] shape = p.type().dims().stream().map(d -> (int) d.fixed()).toArray(Integer[]::new);
            values.put(p.name(), NdArray.random(random, 0.5, shape));
        }
        return new GradientCase(what, fed, fed.output("loss").orElseThrow(), parameters, values);
    }

    static Regularisation regularisation(EncoderDecoder architecture, Random random) {
        boolean smooth = !(architecture.decoder().output() instanceof Output.Copy);
        return new Regularisation(
                rate(random), rate(random), rate(random), rate(random), rate(random), smooth ? rate(random) / 2 : 0);
    }

    private static double rate(Random random) {
        return random.nextBoolean() ? 0 : 0.125 * (1 + random.nextInt(3));
    }

    private static Pairs pairs(EncoderDecoder architecture, Random random) {
        int words = architecture.decoder().embedding().vocabularySize();
        return Pairs.random(random, 2, 1 + random.nextInt(3), 1 + random.nextInt(3), Sketch.SOURCE_WORDS, words);
    }

    /** What has a kink too near (a maximum that changes its place) is left out. */
    private static void check(Sketch sketch, Random random) {
        EncoderDecoder architecture = sketch.build();
        GradientCase found =
                gradient(architecture, regularisation(architecture, random), pairs(architecture, random), random);
        Assume.that(found.agreesWithDifferences(random));
        found.agreesOn(new TrainingEngine(random.nextBoolean(), random.nextBoolean()));
    }

    @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
    void gradientsOfWholeEncoderDecodersAgreeWithDifferences(@ForAll long seed) {
        var random = new Random(seed);
        check(Sketch.random(random), random);
    }

    /** Every score, asked by every state, in each try. */
    @Property(tries = 2, edgeCases = EdgeCasesMode.NONE)
    void gradientsOfEveryAttentionScoreAgreeWithDifferences(@ForAll long seed) {
        var random = new Random(seed);
        for (Sketch.ScoreKind score : Sketch.ScoreKind.values()) {
            for (Attention.Query query : Attention.Query.values()) {
                var sketch = new Sketch();
                sketch.context = Sketch.ContextKind.ATTENDED;
                sketch.score = score;
                sketch.query = query;
                sketch.heads = 1 + random.nextInt(3);
                sketch.feeding = random.nextBoolean();
                sketch.map = true;
                sketch.parts = List.of(Part.CONTEXT, Part.STATE);
                check(sketch, random);
            }
        }
    }

    /** One parameter alone, so that no other hides it. */
    @Property(tries = 4, edgeCases = EdgeCasesMode.NONE)
    void theGradientOfEachParameterAgreesWithDifferences(@ForAll long seed) {
        var random = new Random(seed);
        EncoderDecoder architecture = Sketch.random(random).build();
        GradientCase all =
                gradient(architecture, regularisation(architecture, random), pairs(architecture, random), random);
        int told = 0;
        for (Value parameter : all.parameters()) {
            var alone = new GradientCase(
                    all.what() + " by " + parameter, all.function(), all.loss(), List.of(parameter), all.values());
            told += alone.agreesWithDifferences(random) ? 1 : 0;
        }
        Assume.that(told > 0);
        assertTrue(2 * told > all.parameters().size(), "kinks near most parameters");
    }
}
