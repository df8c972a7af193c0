package dev.rondo.tests.seq2seq;

import dev.rondo.Model;
import dev.rondo.architecture.Cell;
import dev.rondo.architecture.seq2seq.Attention;
import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.Readout.Part;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.tests.oracle.NdArray;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Small encoder-decoders whose every step is computed twice: by equations written out, and by the network. The scores of all
 * steps, step by step.
 *
 * @param wanted      by the equations
 * @param interpreted by the interpreter, in double precision
 * @param run         by the runtime
 */
record WrittenOut(NdArray wanted, NdArray interpreted, NdArray run) {
    static final double[] SOURCE = {3, 1, 5, 3};
    private static final double[] PREVIOUS = {0, 2, 4};
    private static final double[] TARGET = {2, 4, 1};

    /** One sentence; a second row, shorter and elsewhere, shows that rows do not mix. */
    static final Pairs PAIRS = new Pairs(
            rows(SOURCE, new double[] {2, 6, 0, 0}),
            NdArray.ints(4, 2),
            rows(PREVIOUS, new double[] {0, 5, 1}),
            rows(TARGET, new double[] {5, 1, 0}),
            NdArray.ints(3, 1));

    private static NdArray rows(double[] first, double[] second) {
        return new NdArray(ElementType.I32, List.of(2, first.length), ByHand.side(first, second));
    }

    /** Elman cells, embeddings of 3, the decoder of 6 or 4 units. */
    static Sketch sketch() {
        var sketch = new Sketch();
        sketch.encoderCell = new Cell.Elman(Activation.TANH);
        sketch.decoderCell = new Cell.Elman(Activation.TANH);
        return sketch;
    }

    static Sketch attending(Sketch.ScoreKind score, Attention.Query query) {
        Sketch sketch = sketch();
        sketch.context = Sketch.ContextKind.ATTENDED;
        sketch.score = score;
        sketch.query = query;
        sketch.parts = List.of(Part.CONTEXT, Part.STATE);
        return sketch;
    }

    /** What a step reads and leaves. */
    interface Step {
        /** The scores after a word; it may change the state. */
        double[] scores(ByHand net, double[] word, double[][] state);
    }

    /** The first row of {@link #PAIRS}, from where the decoder begins. */
    static WrittenOut of(Sketch sketch, double[][] begin, Step step) {
        EncoderDecoder architecture = sketch.build();
        Map<String, NdArray> weights = weights(sketch);
        var net = new ByHand(weights);
        Forced exact = Forced.run(architecture, weights, PAIRS, 1);
        try (Model model = Forced.file(architecture, weights).load()) {
            Forced got = Forced.run(model, Model.Kernel.BEST, PAIRS, 2);
            double[][] state = begin.clone();
            double[][] wanted = new double[PREVIOUS.length][];
            double[][] interpreted = new double[PREVIOUS.length][];
            double[][] run = new double[PREVIOUS.length][];
            for (int t = 0; t < PREVIOUS.length; t++) {
                wanted[t] = step.scores(net, net.row("decoder.embedding.weight", PREVIOUS[t]), state);
                interpreted[t] = exact.logits().get(t).row(0);
                run[t] = got.logits().get(t).row(1);
            }
            return new WrittenOut(all(wanted), all(interpreted), all(run));
        }
    }

    private static NdArray all(double[][] steps) {
        return NdArray.vector(ByHand.side(steps));
    }

    static Map<String, NdArray> weights(Sketch sketch) {
        return EncoderDecoderProperties.weights(sketch.build(), new Random(5));
    }

    static List<double[]> memory(Sketch sketch) {
        return new ByHand(weights(sketch)).encode(SOURCE);
    }

    static double[][] begin(Sketch sketch) {
        var net = new ByHand(weights(sketch));
        return new double[][] {
            ByHand.tanh(net.linear("bridge.h0", memory(sketch).getLast()))
        };
    }

    static double[] dots(double[] query, List<double[]> keys) {
        return keys.stream().mapToDouble(key -> ByHand.dot(query, key)).toArray();
    }

    static double[] additive(ByHand net, double[] s, List<double[]> memory) {
        double[] v = net.weights().get("attention.vector").values();
        double[] query = net.linear("attention.query", s);
        return memory.stream()
                .mapToDouble(m -> ByHand.dot(v, ByHand.tanh(ByHand.plus(query, net.linear("attention.keys", m)))))
                .toArray();
    }

    static double[] advance(ByHand net, double[] x, double[][] state) {
        state[0] = net.elman("decoder.l0", x, state[0]);
        return state[0];
    }
}
