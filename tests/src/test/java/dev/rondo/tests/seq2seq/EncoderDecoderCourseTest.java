package dev.rondo.tests.seq2seq;

import static dev.rondo.tests.oracle.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.seq2seq.Attention;
import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.EncoderDecoderGraph;
import dev.rondo.architecture.seq2seq.Readout.Part;
import dev.rondo.architecture.seq2seq.Regularisation;
import dev.rondo.architecture.seq2seq.Summary;
import dev.rondo.format.ElementType;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a course says about encoder-decoders and attention, each row against its equations written out. */
class EncoderDecoderCourseTest {
    private static final int WORDS = 6;

    /** Holds the first row to equations written out, on the interpreter and on the runtime. */
    private static void holds(Sketch sketch, double[][] begin, WrittenOut.Step step) {
        WrittenOut found = WrittenOut.of(sketch, begin, step);
        assertClose(found.wanted(), found.interpreted(), 1e-12, "interpreter");
        assertClose(found.wanted(), found.run(), 2e-5, "runtime");
    }

    private static double[] mean(List<double[]> states) {
        double[] sum = new double[states.getFirst().length];
        for (double[] h : states) {
            sum = ByHand.plus(sum, h);
        }
        return ByHand.times(1.0 / states.size(), sum);
    }

    private static double[] max(List<double[]> states) {
        double[] max = states.getFirst().clone();
        for (double[] h : states) {
            for (int i = 0; i < max.length; i++) {
                max[i] = Math.max(max[i], h[i]);
            }
        }
        return max;
    }

    // The context c of a whole source.

    @Test
    void theDecoderBeginsWithC() {
        Sketch s = WrittenOut.sketch();
        s.bridge = Sketch.BridgeKind.SAME;
        double[] c = WrittenOut.memory(s).getLast();
        holds(
                s,
                new double[][] {c},
                (net, word, state) -> net.linear("decoder.out", WrittenOut.advance(net, word, state)));
    }

    @Test
    void theDecoderSeesCAtEveryStep() {
        Sketch s = WrittenOut.sketch();
        s.bridge = Sketch.BridgeKind.ZERO;
        s.context = Sketch.ContextKind.FIXED;
        double[] c = WrittenOut.memory(s).getLast();
        holds(
                s,
                new double[][] {new double[4]},
                (net, word, state) -> net.linear("decoder.out", WrittenOut.advance(net, ByHand.side(word, c), state)));
    }

    @Test
    void theDecoderBeginsWithCAndSeesItAtEveryStep() {
        Sketch s = WrittenOut.sketch();
        s.bridge = Sketch.BridgeKind.SAME;
        s.context = Sketch.ContextKind.FIXED;
        s.parts = List.of(Part.STATE, Part.EMBEDDING, Part.CONTEXT);
        double[] c = WrittenOut.memory(s).getLast();
        holds(s, new double[][] {c}, (net, word, state) -> {
            double[] h = WrittenOut.advance(net, ByHand.side(word, c), state);
            return net.linear("decoder.out", ByHand.side(h, word, c));
        });
    }

    private static void beginsWith(Summary summary, double[] c) {
        Sketch s = WrittenOut.sketch();
        s.summary = summary;
        double[] h = ByHand.tanh(new ByHand(WrittenOut.weights(s)).linear("bridge.h0", c));
        holds(
                s,
                new double[][] {h},
                (net, word, state) -> net.linear("decoder.out", WrittenOut.advance(net, word, state)));
    }

    @Test
    void cIsTheLastState() {
        beginsWith(Summary.LAST, WrittenOut.memory(WrittenOut.sketch()).getLast());
    }

    @Test
    void cIsTheMeanOfTheStates() {
        beginsWith(Summary.MEAN, mean(WrittenOut.memory(WrittenOut.sketch())));
    }

    @Test
    void cIsTheMaximumOfTheStates() {
        beginsWith(Summary.MAX, max(WrittenOut.memory(WrittenOut.sketch())));
    }

    /** Sutskever et al. 2014: four LSTM layers each; layer k of the decoder begins where layer k of the encoder ends. */
    @Test
    void theDecoderIsAsDeepAsTheEncoderFourLayersEach() {
        var s = new Sketch();
        s.encoderCell = new Cell.Lstm();
        s.decoderCell = new Cell.Lstm();
        s.encoderLayers = 4;
        s.decoderLayers = 4;
        s.bridge = Sketch.BridgeKind.COPY;
        var net = new ByHand(WrittenOut.weights(s));
        var state = new double[8][6];
        for (double word : WrittenOut.SOURCE) {
            deep(net, "encoder.l", net.row("encoder.embedding.weight", word), state);
        }
        holds(s, state, (n, word, now) -> n.linear("decoder.out", deep(n, "decoder.l", word, now)));
    }

    private static double[] deep(ByHand net, String layer, double[] x, double[][] state) {
        double[] y = x;
        for (int k = 0; k < 4; k++) {
            double[][] next = net.lstm(layer + k, y, state[2 * k], state[2 * k + 1]);
            state[2 * k] = next[0];
            state[2 * k + 1] = next[1];
            y = next[0];
        }
        return y;
    }

    // Attention.

    /** Bahdanau et al. 2015: e_ij = v tanh(W s_{i-1} + U h_j); the context is part of the cell's input. */
    @Test
    void theScoreIsOfTheStateBeforeTheStep() {
        Sketch s = WrittenOut.attending(Sketch.ScoreKind.ADDITIVE, Attention.Query.BEFORE);
        List<double[]> memory = WrittenOut.memory(s);
        holds(s, WrittenOut.begin(s), (net, word, state) -> {
            double[] c = ByHand.attend(WrittenOut.additive(net, state[0], memory), memory);
            double[] h = WrittenOut.advance(net, ByHand.side(word, c), state);
            return net.linear("decoder.out", ByHand.side(c, h));
        });
    }

    /** Luong et al. 2015: e_ij of s_i, the state after the step; [a; s] goes straight to the output. */
    @Test
    void theScoreIsOfTheStateAfterTheStepAndASGoesStraightToTheOutput() {
        Sketch s = WrittenOut.attending(Sketch.ScoreKind.ADDITIVE, Attention.Query.AFTER);
        List<double[]> memory = WrittenOut.memory(s);
        holds(s, WrittenOut.begin(s), (net, word, state) -> {
            double[] h = WrittenOut.advance(net, word, state);
            double[] c = ByHand.attend(WrittenOut.additive(net, h, memory), memory);
            return net.linear("decoder.out", ByHand.side(c, h));
        });
    }

    /** Luong's attentional vector tanh(W [a; s]), fed to the next step's input. */
    @Test
    void asGoesThroughTanhToTheOutputAndIsFedToTheNextStep() {
        Sketch s = WrittenOut.attending(Sketch.ScoreKind.GENERAL, Attention.Query.AFTER);
        s.map = true;
        s.feeding = true;
        List<double[]> memory = WrittenOut.memory(s);
        double[][] begin = {WrittenOut.begin(s)[0], new double[5]};
        holds(s, begin, (net, word, state) -> {
            double[] h = WrittenOut.advance(net, ByHand.side(word, state[1]), state);
            List<double[]> keys = memory.stream()
                    .map(m -> net.product("attention.keys.weight", m))
                    .toList();
            double[] c = ByHand.attend(WrittenOut.dots(h, keys), memory);
            state[1] = ByHand.tanh(net.linear("decoder.readout", ByHand.side(c, h)));
            return net.linear("decoder.out", state[1]);
        });
    }

    /** Sennrich et al. 2017: a cell reads the word, its state asks, a second cell reads the context. */
    @Test
    void inAConditionalCellTheScoreIsOfTheStateBetween() {
        Sketch s = WrittenOut.attending(Sketch.ScoreKind.ADDITIVE, Attention.Query.BETWEEN);
        List<double[]> memory = WrittenOut.memory(s);
        holds(s, WrittenOut.begin(s), (net, word, state) -> {
            double[] between = WrittenOut.advance(net, word, state);
            double[] c = ByHand.attend(WrittenOut.additive(net, between, memory), memory);
            state[0] = net.elman("decoder.second", c, between);
            return net.linear("decoder.out", ByHand.side(c, state[0]));
        });
    }

    private static void dotProduct(Sketch.ScoreKind kind, double scale) {
        Sketch s = WrittenOut.attending(kind, Attention.Query.AFTER);
        List<double[]> memory = WrittenOut.memory(s);
        holds(s, WrittenOut.begin(s), (net, word, state) -> {
            double[] h = WrittenOut.advance(net, word, state);
            double[] c = ByHand.attend(ByHand.times(scale, WrittenOut.dots(h, memory)), memory);
            return net.linear("decoder.out", ByHand.side(c, h));
        });
    }

    @Test
    void theScoreIsTheDotProduct() {
        dotProduct(Sketch.ScoreKind.DOT, 1);
    }

    @Test
    void theScoreIsTheDotProductOverTheRootOfD() {
        dotProduct(Sketch.ScoreKind.SCALED_DOT, (float) (1 / Math.sqrt(6)));
    }

    @Test
    void theScoreIsMultiplicativeOfReducedRank() {
        Sketch s = WrittenOut.attending(Sketch.ScoreKind.LOW_RANK, Attention.Query.AFTER);
        List<double[]> memory = WrittenOut.memory(s);
        holds(s, WrittenOut.begin(s), (net, word, state) -> {
            double[] h = WrittenOut.advance(net, word, state);
            List<double[]> keys =
                    memory.stream().map(m -> net.linear("attention.keys", m)).toList();
            double[] c = ByHand.attend(WrittenOut.dots(net.linear("attention.query", h), keys), memory);
            return net.linear("decoder.out", ByHand.side(c, h));
        });
    }

    /** Each head sees its part of keys and memory; their contexts stand side by side. */
    @Test
    void severalHeadsAttendToPartsOfTheirOwn() {
        Sketch s = WrittenOut.attending(Sketch.ScoreKind.SCALED_DOT, Attention.Query.AFTER);
        s.heads = 3;
        List<double[]> memory = WrittenOut.memory(s);
        holds(s, WrittenOut.begin(s), (net, word, state) -> {
            double[] h = WrittenOut.advance(net, word, state);
            double[] c = {};
            for (int head = 0; head < 3; head++) {
                int from = 2 * head;
                List<double[]> part = memory.stream()
                        .map(m -> Arrays.copyOfRange(m, from, from + 2))
                        .toList();
                double[] scores = WrittenOut.dots(Arrays.copyOfRange(h, from, from + 2), part);
                c = ByHand.side(c, ByHand.attend(ByHand.times((float) (1 / Math.sqrt(2)), scores), part));
            }
            return net.linear("decoder.out", ByHand.side(c, h));
        });
    }

    // Copying.

    private static double[] copied(double[] attention) {
        var p = new double[Sketch.SOURCE_WORDS];
        for (int s = 0; s < attention.length; s++) {
            p[(int) WrittenOut.SOURCE[s]] += attention[s];
        }
        return p;
    }

    private static double[] logs(double[] p) {
        return Arrays.stream(p).map(v -> Math.log(Math.max(v, 1e-20f))).toArray();
    }

    /** Vinyals et al. 2015: a word is as likely as the places where it stands are attended to; the third word stands twice. */
    @Test
    void attentionIsAPointer() {
        Sketch s = WrittenOut.attending(Sketch.ScoreKind.ADDITIVE, Attention.Query.AFTER);
        s.output = Sketch.OutputKind.COPY;
        s.parts = List.of(Part.STATE);
        List<double[]> memory = WrittenOut.memory(s);
        holds(
                s,
                WrittenOut.begin(s),
                (net, word, state) -> logs(copied(
                        ByHand.softmax(WrittenOut.additive(net, WrittenOut.advance(net, word, state), memory)))));
    }

    /** See et al. 2017: P(w) = g P_vocabulary(w) + (1 - g) of what is attended to. */
    @Test
    void aGateChoosesBetweenWritingAndCopying() {
        Sketch s = WrittenOut.attending(Sketch.ScoreKind.ADDITIVE, Attention.Query.AFTER);
        s.output = Sketch.OutputKind.GENERATE_OR_COPY;
        s.map = true;
        List<double[]> memory = WrittenOut.memory(s);
        holds(s, WrittenOut.begin(s), (net, word, state) -> {
            double[] h = WrittenOut.advance(net, word, state);
            double[] scores = WrittenOut.additive(net, h, memory);
            double[] parts = ByHand.side(ByHand.attend(scores, memory), h);
            double[] readout = ByHand.tanh(net.linear("decoder.readout", parts));
            double[] written = ByHand.softmax(net.linear("decoder.out", readout));
            double g = ByHand.sigmoid(net.linear("decoder.gate", parts)[0]);
            double[] p = ByHand.plus(ByHand.times(g, written), ByHand.times(1 - g, copied(ByHand.softmax(scores))));
            assertEquals(1, Arrays.stream(p).sum(), 1e-12);
            return logs(p);
        });
    }

    // Training.

    /** −(1/N) Σ log P(y_t | y_<t, x), over the N words of all targets and nothing else. */
    @Test
    void theLossIsTheMeanCrossEntropyPerTargetWord() {
        Sketch s = WrittenOut.attending(Sketch.ScoreKind.DOT, Attention.Query.AFTER);
        Map<String, NdArray> weights = WrittenOut.weights(s);
        var graph = new EncoderDecoderGraph(s.build());
        Map<String, NdArray> inputs = new HashMap<>(WrittenOut.PAIRS.inputs());
        inputs.put("seed", NdArray.zeros(ElementType.I64, List.of()));
        Interpreter.Result training = Interpreter.run(graph.training(Regularisation.NONE), inputs, Map.of(), weights);
        Forced forced = Forced.run(s.build(), weights, WrittenOut.PAIRS, 1);
        double sum = 0;
        int words = 0;
        for (int b = 0; b < 2; b++) {
            for (int t = 0; t < WrittenOut.PAIRS.targetLength(b); t++) {
                double[] p = ByHand.softmax(forced.logits().get(t).row(b));
                sum -= Math.log(p[(int) WrittenOut.PAIRS.target().at(b, t)]);
                words++;
            }
        }
        assertEquals(4, words);
        assertEquals(words, training.output("count").at());
        assertEquals(
                sum / words,
                training.output("loss").at() / training.output("count").at(),
                1e-12);
    }

    /** With labels smoothed by s each word of the vocabulary is wanted with s/V, the right one with 1 − s more. */
    @Test
    void smoothedLabelsWantEveryWordALittle() {
        Sketch s = WrittenOut.attending(Sketch.ScoreKind.DOT, Attention.Query.AFTER);
        Map<String, NdArray> weights = WrittenOut.weights(s);
        var graph = new EncoderDecoderGraph(s.build());
        Map<String, NdArray> inputs = new HashMap<>(WrittenOut.PAIRS.inputs());
        inputs.put("seed", NdArray.zeros(ElementType.I64, List.of()));
        double got = Interpreter.run(graph.training(new Regularisation(0, 0, 0, 0, 0, 0.25)), inputs, Map.of(), weights)
                .output("loss")
                .at();
        Forced forced = Forced.run(s.build(), weights, WrittenOut.PAIRS, 1);
        double wanted = 0;
        for (int b = 0; b < 2; b++) {
            for (int t = 0; t < WrittenOut.PAIRS.targetLength(b); t++) {
                double[] p = ByHand.softmax(forced.logits().get(t).row(b));
                for (int v = 0; v < WORDS; v++) {
                    double share =
                            0.25 / WORDS + (v == WrittenOut.PAIRS.target().at(b, t) ? 0.75 : 0);
                    wanted -= share * Math.log(p[v]);
                }
            }
        }
        assertEquals(wanted, got, 1e-12);
    }

    /** The keys that do not change are projected once: a step has no map of the memory. */
    @Test
    void keysAreProjectedOnceForASentence() {
        EncoderDecoder architecture = WrittenOut.attending(Sketch.ScoreKind.ADDITIVE, Attention.Query.BEFORE)
                .build();
        var graph = new EncoderDecoderGraph(architecture);
        var names = new ArrayList<String>();
        graph.step().weights().forEach(w -> names.add(w.tensorName()));
        assertTrue(names.contains("attention.query.weight"), names::toString);
        assertTrue(!names.contains("attention.keys.weight"), names::toString);
    }
}
