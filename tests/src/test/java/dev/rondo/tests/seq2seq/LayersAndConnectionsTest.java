package dev.rondo.tests.seq2seq;

import static dev.rondo.tests.oracle.Closeness.assertClose;

import dev.rondo.architecture.seq2seq.Attention;
import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.architecture.seq2seq.Summary;
import dev.rondo.tests.oracle.NdArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several layers, both directions, what goes past a layer, and convolutions: each against its equation written out. */
class LayersAndConnectionsTest {

    /** Holds the first row to equations written out, on the interpreter and on the runtime. */
    private static void holds(Sketch sketch, double[][] begin, WrittenOut.Step step) {
        WrittenOut found = WrittenOut.of(sketch, begin, step);
        assertClose(found.wanted(), found.interpreted(), 1e-12, "interpreter");
        assertClose(found.wanted(), found.run(), 2e-5, "runtime");
    }

    /** Attention shows the whole memory. */
    private static void holds(Sketch sketch, List<double[]> memory, double[] begin) {
        holds(sketch, new double[][] {begin}, (net, word, state) -> {
            double[] h = WrittenOut.advance(net, word, state);
            double[] c = ByHand.attend(WrittenOut.additive(net, h, memory), memory);
            return net.linear("decoder.out", ByHand.side(c, h));
        });
    }

    private static Sketch attending() {
        Sketch sketch = WrittenOut.attending(Sketch.ScoreKind.ADDITIVE, Attention.Query.AFTER);
        sketch.bridge = Sketch.BridgeKind.ZERO;
        return sketch;
    }

    private static List<double[]> embedded(ByHand net) {
        return Arrays.stream(WrittenOut.SOURCE)
                .mapToObj(word -> net.row("encoder.embedding.weight", word))
                .toList();
    }

    private static List<double[]> layer(ByHand net, String prefix, List<double[]> in) {
        var out = new ArrayList<double[]>();
        double[] h = new double[net.weights().get(prefix + ".weight_hidden").size(1)];
        for (double[] x : in) {
            h = net.elman(prefix, x, h);
            out.add(h);
        }
        return out;
    }

    private static List<double[]> side(List<double[]> a, List<double[]> b) {
        var both = new ArrayList<double[]>();
        for (int i = 0; i < a.size(); i++) {
            both.add(ByHand.side(a.get(i), b.get(i)));
        }
        return both;
    }

    private static double[] highway(ByHand net, String gate, double[] x, double[] y) {
        double[] t = net.linear(gate, x);
        var mixed = new double[y.length];
        for (int i = 0; i < y.length; i++) {
            double open = ByHand.sigmoid(t[i]);
            mixed[i] = open * y[i] + (1 - open) * x[i];
        }
        return mixed;
    }

    /** Two bidirectional layers; with residuals and highways the embedding is as wide as a layer. */
    @ParameterizedTest
    @EnumSource
    void encodersOfTwoBidirectionalLayers(Connection connection) {
        Sketch s = attending();
        s.encoderLayers = 2;
        s.bidirectional = true;
        s.encoderConnection = connection;
        var net = new ByHand(WrittenOut.weights(s));
        List<double[]> words = embedded(net);
        List<double[]> y = words;
        for (int k = 0; k < 2; k++) {
            String prefix = "encoder.l" + k;
            List<double[]> x = connection == Connection.SKIP && k > 0 ? side(y, words) : y;
            List<double[]> out = side(
                    layer(net, prefix, x),
                    layer(net, prefix + ".reverse", x.reversed()).reversed());
            var next = new ArrayList<double[]>();
            for (int t = 0; t < out.size(); t++) {
                next.add(
                        switch (connection) {
                            case NONE, SKIP -> out.get(t);
                            case RESIDUAL -> ByHand.plus(x.get(t), out.get(t));
                            case HIGHWAY -> highway(net, prefix + ".gate", x.get(t), out.get(t));
                        });
            }
            y = next;
        }
        holds(s, y, new double[4]);
    }

    /** y_t = tanh(b + W_{-1} x_{t-1} + W_0 x_t + W_1 x_{t+1}), zero beyond the source; the second layer sees one place. */
    @ParameterizedTest
    @EnumSource(names = {"NONE", "RESIDUAL"})
    void convolutionalEncoders(Connection connection) {
        Sketch s = attending();
        s.convolutional = true;
        s.encoderLayers = 2;
        s.encoderConnection = connection;
        var net = new ByHand(WrittenOut.weights(s));
        List<double[]> y = embedded(net);
        for (int k = 0; k < 2; k++) {
            NdArray w = net.weights().get("encoder.conv" + k + ".weight");
            double[] b = net.weights().get("encoder.conv" + k + ".bias").values();
            var next = new ArrayList<double[]>();
            for (int t = 0; t < y.size(); t++) {
                double[] sum = b.clone();
                for (int j = 0; j < w.size(1); j++) {
                    int at = t + j - w.size(1) / 2;
                    for (int o = 0; o < sum.length && at >= 0 && at < y.size(); o++) {
                        for (int i = 0; i < w.size(2); i++) {
                            sum[o] += w.at(o, j, i) * y.get(at)[i];
                        }
                    }
                }
                double[] out = ByHand.tanh(sum);
                next.add(connection == Connection.RESIDUAL ? ByHand.plus(y.get(t), out) : out);
            }
            y = next;
        }
        holds(s, y, new double[4]);
    }

    /** With several layers the top one asks; residuals begin at the second layer, and skips bring it the word. */
    @ParameterizedTest
    @EnumSource(names = {"NONE", "RESIDUAL", "SKIP"})
    void decodersOfTwoLayersAskFromTheTop(Connection connection) {
        Sketch s = WrittenOut.attending(Sketch.ScoreKind.ADDITIVE, Attention.Query.BEFORE);
        s.decoderLayers = 2;
        s.decoderConnection = connection;
        var net = new ByHand(WrittenOut.weights(s));
        List<double[]> memory = net.encode(WrittenOut.SOURCE);
        double[][] begin = {
            ByHand.tanh(net.linear("bridge.h0", memory.getLast())),
            ByHand.tanh(net.linear("bridge.h1", memory.getLast()))
        };
        holds(s, begin, (n, word, state) -> {
            double[] c = ByHand.attend(WrittenOut.additive(n, state[1], memory), memory);
            state[0] = n.elman("decoder.l0", ByHand.side(word, c), state[0]);
            double[] x = connection == Connection.SKIP ? ByHand.side(state[0], word) : state[0];
            state[1] = n.elman("decoder.l1", x, state[1]);
            double[] y = connection == Connection.RESIDUAL ? ByHand.plus(x, state[1]) : state[1];
            return n.linear("decoder.out", ByHand.side(c, y));
        });
    }

    /** In a conditional decoder of two layers the first one asks, after its first cell. */
    @Test
    void inAConditionalDecoderOfTwoLayersTheFirstAsks() {
        Sketch s = WrittenOut.attending(Sketch.ScoreKind.ADDITIVE, Attention.Query.BETWEEN);
        s.decoderLayers = 2;
        s.bridge = Sketch.BridgeKind.ZERO;
        var net = new ByHand(WrittenOut.weights(s));
        List<double[]> memory = net.encode(WrittenOut.SOURCE);
        holds(s, new double[2][4], (n, word, state) -> {
            double[] between = n.elman("decoder.l0", word, state[0]);
            double[] c = ByHand.attend(WrittenOut.additive(n, between, memory), memory);
            state[0] = n.elman("decoder.second", c, between);
            state[1] = n.elman("decoder.l1", state[0], state[1]);
            return n.linear("decoder.out", ByHand.side(c, state[1]));
        });
    }

    /** A summary for each layer: layer k of the decoder begins with that of layer k of the encoder. */
    @Test
    void eachLayerBeginsWithTheLastStateOfItsOwn() {
        Sketch s = WrittenOut.sketch();
        s.encoderLayers = 2;
        s.decoderLayers = 2;
        s.summary = Summary.LAST_OF_LAYER;
        var net = new ByHand(WrittenOut.weights(s));
        List<double[]> low = layer(net, "encoder.l0", embedded(net));
        List<double[]> high = layer(net, "encoder.l1", low);
        double[][] begin = {
            ByHand.tanh(net.linear("bridge.h0", low.getLast())), ByHand.tanh(net.linear("bridge.h1", high.getLast()))
        };
        holds(s, begin, (n, word, state) -> {
            state[0] = n.elman("decoder.l0", word, state[0]);
            state[1] = n.elman("decoder.l1", state[0], state[1]);
            return n.linear("decoder.out", state[1]);
        });
    }
}
