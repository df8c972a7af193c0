package dev.rondo.tests.course;

import static dev.rondo.tests.oracle.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.tests.Engine;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a course says about language models, on a small Elman network: step(token, h) gives the next token's chances. */
class LanguageModelTest {
    private static final int V = 6;
    private static final int H = 4;
    private static final int BEGIN = 0;

    static List<Engine> engines() {
        return Engine.all();
    }

    private static Function step() {
        FunctionBuilder f = Function.builder("step");
        Value token = f.input("token", ElementType.I32, "B");
        Value h = f.state("h", "B", H);
        Value x = f.gather(f.weight("embedding", V, H), token);
        Value next = f.add(
                "h'",
                new Recurrent.ElmanCell(Activation.TANH),
                x,
                h,
                f.weight("U", H, H),
                f.weight("W", H, H),
                Value.ABSENT);
        f.next(h, next);
        Value logits = f.linear(next, f.weight("out", V, H), f.weight("bias", V));
        f.output(f.add("log_probs", new Aggregation.Softmax(true), logits, Value.ABSENT));
        return f.build();
    }

    /** The very step over a sequence, and the log-probability of each target. */
    private static Function score() {
        FunctionBuilder f = Function.builder("score");
        Value tokens = f.input("tokens", ElementType.I32, "B", "T");
        Value targets = f.input("targets", ElementType.I32, "B", "T");
        var scan = new Scan(step(), List.of("token"), false, false);
        Value logProbs = f.addAll(scan, List.of(), List.of(tokens, Value.ABSENT, Value.ABSENT))
                .getFirst();
        f.output(f.add("scores", new Structure.Pick(), logProbs, targets));
        return f.build();
    }

    private static Map<String, NdArray> weights(double outputScale) {
        var random = new Random(3);
        Map<String, NdArray> weights = new HashMap<>();
        weights.put("embedding", NdArray.random(random, 1, V, H));
        weights.put("U", NdArray.random(random, 0.7, H, H));
        weights.put("W", NdArray.random(random, 0.7, H, H));
        weights.put("out", NdArray.random(random, 1, V, H).map(v -> v * outputScale));
        weights.put("bias", NdArray.random(random, 1, V).map(v -> v * outputScale));
        return weights;
    }

    /** Scores of a sentence that begins after the begin token. */
    private static double[] scores(Engine engine, Map<String, NdArray> weights, int... sentence) {
        int[] before = new int[sentence.length];
        before[0] = BEGIN;
        System.arraycopy(sentence, 0, before, 1, sentence.length - 1);
        NdArray tokens = NdArray.ints(before).reshape(1, before.length);
        NdArray targets = NdArray.ints(sentence).reshape(1, sentence.length);
        return engine.run(score(), Map.of("tokens", tokens, "targets", targets), weights)
                .output("scores")
                .values();
    }

    /** P(w₁..ₙ) = Π P(wᵢ | ⟨s⟩, w₁..ᵢ₋₁): what the step says after token i scores token i + 1. */
    @ParameterizedTest
    @MethodSource("engines")
    void probabilityOfASentenceIsTheProductOfItsConditionalProbabilities(Engine engine) {
        int[] sentence = {3, 1, 4, 1, 5};
        Map<String, NdArray> weights = weights(1);
        Map<String, NdArray> state = Map.of();
        double product = 1;
        int token = BEGIN;
        for (int word : sentence) {
            Interpreter.Result result = engine.run(step(), Map.of("token", NdArray.ints(token)), state, weights);
            product *= Math.exp(result.output("log_probs").at(0, word));
            state = Map.of("h", result.state("h"));
            token = word;
        }
        double sum = IntStream.range(0, sentence.length)
                .mapToDouble(i -> scores(engine, weights, sentence)[i])
                .sum();
        assertEquals(1, Math.exp(sum) / product, 10 * engine.tolerance());
    }

    @ParameterizedTest
    @MethodSource("engines")
    void firstWordIsScoredAfterTheBeginToken(Engine engine) {
        Map<String, NdArray> weights = weights(1);
        NdArray first = engine.run(step(), Map.of("token", NdArray.ints(BEGIN)), weights)
                .output("log_probs");
        for (int word = 0; word < V; word++) {
            assertEquals(first.at(0, word), scores(engine, weights, word, 2)[0], engine.tolerance());
        }
    }

    /** Perplexity is (Π 1/P(wᵢ|w<ᵢ))^(1/n), which is e^(mean cross-entropy). */
    @ParameterizedTest
    @MethodSource("engines")
    void perplexityAsAProductEqualsExpOfTheMeanCrossEntropy(Engine engine) {
        double[] scores = scores(engine, weights(1), 2, 5, 5, 1, 0, 3);
        double product = 1;
        double crossEntropy = 0;
        for (double score : scores) {
            product *= 1 / Math.exp(score);
            crossEntropy -= score / scores.length;
        }
        double perplexity = Math.exp(crossEntropy);
        assertEquals(perplexity, Math.pow(product, 1.0 / scores.length), 1e-12 * perplexity);
        assertTrue(perplexity > 1 && Math.abs(perplexity - V) > 0.1, "this model is not uniform: " + perplexity);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void aUniformModelHasThePerplexityOfItsVocabulary(Engine engine) {
        double[] scores = scores(engine, weights(0), 2, 5, 5, 1, 0, 3);
        double crossEntropy = -Arrays.stream(scores).average().orElseThrow();
        assertEquals(V, Math.exp(crossEntropy), 10 * engine.tolerance());
    }

    @ParameterizedTest
    @MethodSource("engines")
    void probabilitiesOfAllNextWordsSumToOne(Engine engine) {
        NdArray logProbs = engine.run(step(), Map.of("token", NdArray.ints(4, 2)), weights(3))
                .output("log_probs");
        NdArray sums = NdArray.tabulate(
                ElementType.F32,
                List.of(2),
                i -> Arrays.stream(logProbs.row(i[0])).map(Math::exp).sum());
        assertClose(NdArray.vector(1, 1), sums, 10 * engine.tolerance(), "sums");
    }

    /** Scoring with teacher forcing and stepping are the same function: a scan of the step. */
    @ParameterizedTest
    @MethodSource("engines")
    void aSentenceInABatchScoresAsAlone(Engine engine) {
        Map<String, NdArray> weights = weights(1);
        NdArray tokens = NdArray.ints(0, 3, 2, 0, 1, 1).reshape(2, 3);
        NdArray targets = NdArray.ints(3, 2, 5, 1, 1, 4).reshape(2, 3);
        NdArray both = engine.run(score(), Map.of("tokens", tokens, "targets", targets), weights)
                .output("scores");
        NdArray first = NdArray.vector(scores(engine, weights, 3, 2, 5));
        NdArray second = NdArray.vector(scores(engine, weights, 1, 1, 4));
        assertClose(first, NdArray.vector(both.row(0)), engine.tolerance(), "first");
        assertClose(second, NdArray.vector(both.row(1)), engine.tolerance(), "second");
    }
}
