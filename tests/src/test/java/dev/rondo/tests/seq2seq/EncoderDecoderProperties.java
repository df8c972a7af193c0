package dev.rondo.tests.seq2seq;

import static dev.rondo.tests.oracle.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.EncoderDecoderGraph;
import dev.rondo.architecture.seq2seq.Regularisation;
import dev.rondo.error.InputException;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.tests.gradient.TrainingEngine;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;

/** Random tiny encoder-decoders: what training computes is what decoding computes, word by word. */
class EncoderDecoderProperties {
    private static final double EXACT = 1e-10;
    private static final double CLOSE = 5e-5;

    /** Random weights, by name. */
    static Map<String, NdArray> weights(EncoderDecoder architecture, Random random) {
        var weights = new LinkedHashMap<String, NdArray>();
        for (Parameter p : architecture.parameters()) {
            weights.put(p.name(), NdArray.random(random, 0.5, p.shape().toArray(Integer[]::new)));
        }
        return weights;
    }

    static Pairs pairs(EncoderDecoder architecture, Random random) {
        return Pairs.random(
                random,
                1 + random.nextInt(3),
                1 + random.nextInt(5),
                1 + random.nextInt(4),
                architecture.encoder().embedding().vocabularySize(),
                architecture.decoder().embedding().vocabularySize());
    }

    static NdArray losses(EncoderDecoder architecture, Map<String, NdArray> weights, Pairs pairs) {
        Function evaluation = new EncoderDecoderGraph(architecture).evaluation();
        return Interpreter.run(evaluation, pairs.inputs(), Map.of(), weights).output("losses");
    }

    @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
    void stepsAfterEncodingGiveTheLossesOfTheEvaluation(@ForAll long seed) {
        var random = new Random(seed);
        EncoderDecoder architecture = Sketch.random(random).build();
        Map<String, NdArray> weights = weights(architecture, random);
        Pairs pairs = pairs(architecture, random);
        NdArray wanted = losses(architecture, weights, pairs);
        for (int each : List.of(1, 3)) {
            Forced exact = Forced.run(architecture, weights, pairs, each);
            assertEquals(Optional.empty(), exact.attentionFault(pairs, EXACT), architecture::toString);
            for (int k = 0; k < each; k++) {
                assertClose(wanted, exact.losses(pairs, k), EXACT, "interpreter, " + k + " of " + each + architecture);
            }
        }
        try (Model model = Forced.file(architecture, weights).load()) {
            for (Model.Kernel kernel : List.of(Model.Kernel.PLAIN, Model.Kernel.BEST)) {
                for (int each : List.of(1, 3)) {
                    Forced got = Forced.run(model, kernel, pairs, each);
                    assertEquals(Optional.empty(), got.attentionFault(pairs, CLOSE), architecture::toString);
                    for (int k = 0; k < each; k++) {
                        assertClose(
                                wanted, got.losses(pairs, k), CLOSE, kernel + ", " + k + " of " + each + architecture);
                    }
                }
            }
        }
    }

    @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
    void theEvaluationOnAPlanIsThatOfTheInterpreter(@ForAll long seed) {
        var random = new Random(seed);
        EncoderDecoder architecture = Sketch.random(random).build();
        Map<String, NdArray> weights = weights(architecture, random);
        Pairs pairs = pairs(architecture, random);
        Function evaluation = new EncoderDecoderGraph(architecture).evaluation();
        NdArray wanted = losses(architecture, weights, pairs);
        for (boolean best : new boolean[] {false, true}) {
            var engine = new TrainingEngine(best, !best);
            NdArray got = engine.run(evaluation, pairs.inputs(), weights).output("losses");
            assertClose(wanted, got, CLOSE, engine.name() + architecture);
        }
    }

    @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
    void aSentenceAloneHasTheLossesItHasAmongOthers(@ForAll long seed) {
        var random = new Random(seed);
        EncoderDecoder architecture = Sketch.random(random).build();
        Map<String, NdArray> weights = weights(architecture, random);
        Pairs pairs = pairs(architecture, random);
        NdArray all = losses(architecture, weights, pairs);
        for (int b = 0; b < pairs.rows(); b++) {
            int row = b;
            NdArray alone = losses(architecture, weights, pairs.alone(b));
            NdArray among = NdArray.tabulate(alone.element(), alone.shape(), i -> all.at(row, i[1]));
            assertClose(among, alone, EXACT, "row " + b + architecture);
        }
    }

    @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
    void whatLiesBeyondTheLengthsChangesNothing(@ForAll long seed) {
        var random = new Random(seed);
        EncoderDecoder architecture = Sketch.random(random).build();
        Map<String, NdArray> weights = weights(architecture, random);
        Pairs pairs = pairs(architecture, random);
        int words = architecture.decoder().embedding().vocabularySize();
        Pairs padded = pairs.padded(random, random.nextInt(3), Sketch.SOURCE_WORDS, words);
        NdArray wanted = losses(architecture, weights, pairs);
        NdArray got = losses(architecture, weights, padded);
        assertClose(
                NdArray.tabulate(got.element(), got.shape(), i -> i[1] < pairs.steps() ? wanted.at(i) : 0),
                got,
                EXACT,
                "padded" + architecture);
    }

    /** Whatever settings say: one error that names the part, or functions that stand and use all parameters. */
    @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
    void whatTheRulesLetPassFitsTogether(@ForAll long seed) {
        EncoderDecoder architecture;
        try {
            architecture = Sketch.careless(new Random(seed)).build();
        } catch (InputException refused) {
            Statistics.collect("refused");
            assertTrue(refused.getMessage().contains("; got "), refused::getMessage);
            return;
        }
        Statistics.collect("taken");
        var graph = new EncoderDecoderGraph(architecture);
        Map<String, List<Integer>> declared = new HashMap<>();
        architecture.parameters().forEach(p -> declared.put(p.name(), p.shape()));
        assertEquals(declared, weights(List.of(graph.encode(), graph.step())));
        assertEquals(declared, weights(List.of(graph.evaluation())));
        assertEquals(declared, weights(List.of(graph.training(Regularisation.NONE))));
        assertEquals(declared, weights(List.of(graph.scheduledSampling(Regularisation.NONE))));
    }

    private static Map<String, List<Integer>> weights(List<Function> functions) {
        Map<String, List<Integer>> found = new HashMap<>();
        var all = new ArrayList<Function>();
        functions.forEach(f -> {
            all.addAll(f.bodies());
            all.add(f);
        });
        for (Function f : all) {
            for (Value w : f.weights()) {
                found.put(
                        w.tensorName(),
                        w.type().dims().stream()
                                .map(Dim::fixed)
                                .map(Math::toIntExact)
                                .toList());
            }
        }
        return found;
    }
}
