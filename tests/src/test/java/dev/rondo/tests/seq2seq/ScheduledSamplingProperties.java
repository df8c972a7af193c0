package dev.rondo.tests.seq2seq;

import static dev.rondo.tests.oracle.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.EncoderDecoderGraph;
import dev.rondo.architecture.seq2seq.Regularisation;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Function;
import dev.rondo.tests.gradient.GradientCase;
import dev.rondo.tests.gradient.TrainingEngine;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Assume;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Training that reads its own guesses where no teacher says otherwise. */
class ScheduledSamplingProperties {
    private static final double EXACT = 1e-10;

    private static Map<String, NdArray> inputs(Pairs pairs, NdArray teacher, Random random) {
        Map<String, NdArray> inputs = new HashMap<>(pairs.inputs());
        inputs.put("seed", new NdArray(ElementType.I64, List.of(), new double[] {random.nextInt(1000)}));
        if (teacher != null) {
            inputs.put("teacher", teacher);
        }
        return inputs;
    }

    private static NdArray teacher(Pairs pairs, Random random) {
        double share = random.nextDouble();
        return NdArray.tabulate(
                ElementType.BOOL, List.of(pairs.rows(), pairs.steps()), _ -> random.nextDouble() < share ? 1 : 0);
    }

    @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
    void withATeacherAtEveryStepItIsTeacherForcing(@ForAll long seed) {
        var random = new Random(seed);
        EncoderDecoder architecture = Sketch.random(random).build();
        Regularisation rates = EncoderDecoderGradientProperties.regularisation(architecture, random);
        Map<String, NdArray> weights = EncoderDecoderProperties.weights(architecture, random);
        Pairs pairs = EncoderDecoderProperties.pairs(architecture, random);
        NdArray always = teacher(pairs, random).map(_ -> 1);
        long key = random.nextLong();
        var graph = new EncoderDecoderGraph(architecture);
        Interpreter.Result forced =
                Interpreter.run(graph.training(rates), inputs(pairs, null, new Random(key)), Map.of(), weights);
        Interpreter.Result sampled = Interpreter.run(
                graph.scheduledSampling(rates), inputs(pairs, always, new Random(key)), Map.of(), weights);
        assertClose(forced.output("loss"), sampled.output("loss"), EXACT, "loss of " + architecture + rates);
        assertEquals(forced.output("count").at(), sampled.output("count").at());
    }

    /** The words that the decoder reads, with its best guesses where there is no teacher. */
    private static NdArray read(
            EncoderDecoder architecture, Map<String, NdArray> weights, Pairs pairs, NdArray teacher) {
        NdArray read = pairs.previous();
        for (int t = 1; t < pairs.steps(); t++) {
            int step = t;
            NdArray now = read;
            var so = new Pairs(pairs.source(), pairs.sourceLengths(), now, pairs.target(), pairs.targetLengths());
            NdArray logits = Forced.run(architecture, weights, so, 1).logits().get(t - 1);
            read = NdArray.tabulate(
                    ElementType.I32,
                    now.shape(),
                    i -> i[1] == step && teacher.at(i) == 0 ? best(logits.row(i[0])) : now.at(i));
        }
        return read;
    }

    private static int best(double[] scores) {
        int best = 0;
        for (int v = 1; v < scores.length; v++) {
            best = scores[v] > scores[best] ? v : best;
        }
        return best;
    }

    @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
    void withoutATeacherAStepReadsTheBestGuessOfTheStepBefore(@ForAll long seed) {
        var random = new Random(seed);
        EncoderDecoder architecture = Sketch.random(random).build();
        Map<String, NdArray> weights = EncoderDecoderProperties.weights(architecture, random);
        Pairs pairs = EncoderDecoderProperties.pairs(architecture, random);
        NdArray teacher = teacher(pairs, random);
        NdArray read = read(architecture, weights, pairs, teacher);
        var guessed = new Pairs(pairs.source(), pairs.sourceLengths(), read, pairs.target(), pairs.targetLengths());
        double wanted = 0;
        for (double loss :
                EncoderDecoderProperties.losses(architecture, weights, guessed).values()) {
            wanted += loss;
        }
        Function sampled = new EncoderDecoderGraph(architecture).scheduledSampling(Regularisation.NONE);
        Map<String, NdArray> inputs = inputs(pairs, teacher, random);
        double got = Interpreter.run(sampled, inputs, Map.of(), weights)
                .output("loss")
                .at();
        assertEquals(wanted, got, EXACT * (1 + wanted), architecture::toString);
    }

    /** Where a guess is about to change, no difference tells the slope. */
    @Property(tries = 30, edgeCases = EdgeCasesMode.NONE, maxDiscardRatio = 3)
    void theGradientGoesThroughEverythingButTheGuesses(@ForAll long seed) {
        var random = new Random(seed);
        EncoderDecoder architecture = Sketch.random(random).build();
        Regularisation rates = EncoderDecoderGradientProperties.regularisation(architecture, random);
        Pairs pairs = EncoderDecoderProperties.pairs(architecture, random);
        Function training = new EncoderDecoderGraph(architecture).scheduledSampling(rates);
        Map<String, NdArray> inputs = inputs(pairs, teacher(pairs, random), random);
        GradientCase found =
                EncoderDecoderGradientProperties.gradient(architecture + " with " + rates, training, inputs, random);
        Assume.that(found.agreesWithDifferences(random));
        found.agreesOn(new TrainingEngine(random.nextBoolean(), random.nextBoolean()));
    }
}
