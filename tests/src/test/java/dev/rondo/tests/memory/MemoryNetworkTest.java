package dev.rondo.tests.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.memory.KeyValueMemory;
import dev.rondo.architecture.memory.MemoryNetwork;
import dev.rondo.architecture.memory.MemoryNetworkGraph;
import dev.rondo.architecture.memory.SentenceEncoding;
import dev.rondo.architecture.memory.Tying;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Function;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What memory networks compute, in double precision, against the equations written out. */
class MemoryNetworkTest {
    private static final int V = 9;
    private static final int D = 5;
    private static final int J = 3;
    private static final int S = 4;
    private static final int[][] STORY = {{1, 2, 3}, {4, 5, 0}, {6, 1, 0}, {7, 8, 2}};
    private static final int[] QUERY = {3, 4, 0};

    private final Random random = new Random(5);

    private static NdArray ids(int[][] rows) {
        return NdArray.tabulate(ElementType.I32, List.of(1, rows.length, J), i -> rows[i[1]][i[2]]);
    }

    private Map<String, NdArray> weights(MemoryNetwork network) {
        Map<String, NdArray> weights = new HashMap<>();
        for (Parameter p : network.parameters()) {
            weights.put(p.name(), NdArray.random(random, 0.6, p.shape().toArray(Integer[]::new)));
        }
        if (weights.containsKey(MemoryNetwork.POSITION)) {
            float[] l = network.positions();
            weights.put(
                    MemoryNetwork.POSITION, NdArray.tabulate(ElementType.F32, List.of(J, D), i -> l[i[0] * D + i[1]]));
        }
        return weights;
    }

    private static Interpreter.Result run(Function f, int[][] story, int sentences, Map<String, NdArray> weights) {
        Map<String, NdArray> inputs = Map.of(
                "story", ids(story),
                "query", NdArray.tabulate(ElementType.I32, List.of(1, J), i -> QUERY[i[1]]),
                "sentences", NdArray.ints(sentences));
        return Interpreter.run(f, inputs, Map.of(), weights);
    }

    private static double[] sentence(int[] words, NdArray table, NdArray position) {
        double[] sum = new double[D];
        for (int j = 0; j < J; j++) {
            for (int k = 0; k < D; k++) {
                double l = position == null ? 1 : position.at(j, k);
                sum[k] += words[j] == 0 ? 0 : l * table.at(words[j], k);
            }
        }
        return sum;
    }

    /** Sukhbaatar et al. 2015, equations 1 to 3 and section 2.2, in plain loops. */
    private static double[] writtenOut(MemoryNetwork network, Map<String, NdArray> w, int sentences) {
        NdArray position = w.get(MemoryNetwork.POSITION);
        double[] u = sentence(QUERY, w.get(network.question()), position);
        for (int hop = 0; hop < network.hops(); hop++) {
            double[] p = new double[sentences];
            double[][] values = new double[sentences][];
            double sum = 0;
            for (int i = 0; i < sentences; i++) {
                double[] m = sentence(STORY[i], w.get(network.keys(hop)), position);
                values[i] = sentence(STORY[i], w.get(network.values(hop)), position);
                double score = 0;
                for (int k = 0; k < D; k++) {
                    if (network.temporal()) {
                        m[k] += w.get(MemoryNetwork.places(network.keys(hop))).at(i, k);
                        values[i][k] +=
                                w.get(MemoryNetwork.places(network.values(hop))).at(i, k);
                    }
                    score += u[k] * m[k];
                }
                p[i] = Math.exp(score);
                sum += p[i];
            }
            double[] next = new double[D];
            for (int k = 0; k < D; k++) {
                if (network.tying() == Tying.LAYER_WISE) {
                    next[k] = w.get("hop.bias").at(k);
                    for (int c = 0; c < D; c++) {
                        next[k] += w.get("hop.weight").at(k, c) * u[c];
                    }
                } else {
                    next[k] = u[k];
                }
                for (int i = 0; i < sentences; i++) {
                    next[k] += p[i] / sum * values[i][k];
                }
            }
            u = next;
        }
        double[] logits = new double[V];
        for (int v = 0; v < V; v++) {
            logits[v] =
                    network.tying() == Tying.LAYER_WISE ? w.get("output.bias").at(v) : 0;
            for (int k = 0; k < D; k++) {
                logits[v] += w.get(network.output()).at(v, k) * u[k];
            }
        }
        return logits;
    }

    @Test
    void computesTheEquationsOfThePaper() {
        for (Tying tying : Tying.values()) {
            for (SentenceEncoding encoding : List.of(new SentenceEncoding.Bag(), new SentenceEncoding.Position())) {
                var network = new MemoryNetwork(V, D, S, J, 3, tying, encoding, tying == Tying.ADJACENT, true);
                Map<String, NdArray> weights = weights(network);
                for (int sentences : new int[] {1, 3, S}) {
                    Interpreter.Result got = run(new MemoryNetworkGraph(network).answer(), STORY, sentences, weights);
                    assertArrayEquals(
                            writtenOut(network, weights, sentences),
                            got.output("logits").values(),
                            1e-9,
                            network + ", " + sentences);
                }
            }
        }
    }

    /** What lies beyond the valid sentences, and rows of padding, change nothing. */
    @Test
    void emptyPlacesAndPaddingCountForNothing() {
        for (SentenceEncoding encoding :
                List.of(new SentenceEncoding.Bag(), new SentenceEncoding.Position(), MemoryNetwork.recurrent(D))) {
            var network = new MemoryNetwork(V, D, S, J, 2, Tying.LAYER_WISE, encoding, true, true);
            Map<String, NdArray> weights = weights(network);
            Function answer = new MemoryNetworkGraph(network).answer();
            int[][] other = {STORY[0], STORY[1], {8, 8, 8}, {1, 1, 1}};
            double[] logits = run(answer, STORY, 2, weights).output("logits").values();
            assertArrayEquals(
                    logits, run(answer, other, 2, weights).output("logits").values(), 1e-12);
            Map<String, NdArray> padded = new HashMap<>(weights);
            NdArray table = weights.get("embedding.value");
            padded.put(
                    "embedding.value",
                    NdArray.tabulate(ElementType.F32, List.of(V, D), i -> i[0] == 0 ? 17 : table.at(i[0], i[1])));
            assertArrayEquals(
                    logits, run(answer, STORY, 2, padded).output("logits").values(), 1e-12);
            assertNotEquals(
                    logits[0], run(answer, STORY, 3, weights).output("logits").values()[0]);
        }
    }

    /** A bag does not see the order of words; position encoding and a recurrent network do. */
    @Test
    void orderOfWordsIsSeenByAllButBags() {
        int[][] turned = {{3, 2, 1}, STORY[1], STORY[2], STORY[3]};
        for (SentenceEncoding encoding :
                List.of(new SentenceEncoding.Bag(), new SentenceEncoding.Position(), MemoryNetwork.recurrent(D))) {
            var network = new MemoryNetwork(V, D, S, J, 2, Tying.ADJACENT, encoding, true, true);
            Map<String, NdArray> weights = weights(network);
            Function answer = new MemoryNetworkGraph(network).answer();
            double one = run(answer, STORY, S, weights).output("logits").values()[1];
            double other = run(answer, turned, S, weights).output("logits").values()[1];
            assertEquals(encoding instanceof SentenceEncoding.Bag, Math.abs(one - other) < 1e-12, encoding.toString());
        }
    }

    /** With scaled keys the key that matches takes all attention: its value comes back (course.md, memory). */
    @Test
    void aKeyThatMatchesStronglyReturnsItsValue() {
        Function read = new KeyValueMemory(3, 2, 1).read();
        NdArray values = NdArray.random(random, 1, 1, 4, 2);
        for (int match = 0; match < 4; match++) {
            int right = match;
            double before = Double.POSITIVE_INFINITY;
            for (double scale : new double[] {1, 4, 16, 400}) {
                NdArray keys = NdArray.tabulate(
                        ElementType.F32, List.of(1, 4, 3), i -> (i[1] == right ? scale : -scale) * (i[2] + 1) / 6);
                Interpreter.Result got = Interpreter.run(
                        read,
                        Map.of(
                                "query",
                                NdArray.tabulate(ElementType.F32, List.of(1, 3), _ -> 1),
                                "keys",
                                keys,
                                "values",
                                values,
                                "places",
                                NdArray.ints(4)),
                        Map.of(),
                        Map.of());
                double off = Math.abs(got.output("read").at(0, 0) - values.at(0, right, 0))
                        + Math.abs(got.output("read").at(0, 1) - values.at(0, right, 1));
                assertTrue(off <= before, scale + ": " + off + " after " + before);
                before = off;
            }
            assertEquals(0, before, 1e-9);
        }
    }

    /** The second hop asks with what the first one read: a chain of two keys is followed. */
    @Test
    void hopsFollowAChain() {
        double[][] keys = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}};
        double[][] values = {{-1, 1, 0, 0}, {0, 0, 0, 7}, {0, 0, 0, -7}};
        Map<String, NdArray> inputs = Map.of(
                "query", NdArray.tabulate(ElementType.F32, List.of(1, 4), i -> i[1] == 0 ? 1 : 0),
                "keys", NdArray.tabulate(ElementType.F32, List.of(1, 3, 4), i -> 50 * keys[i[1]][i[2]]),
                "values", NdArray.tabulate(ElementType.F32, List.of(1, 3, 4), i -> values[i[1]][i[2]]),
                "places", NdArray.ints(3));
        Interpreter.Result got = Interpreter.run(new KeyValueMemory(4, 4, 2).read(), inputs, Map.of(), Map.of());
        assertEquals(7, got.output("read").at(0, 3), 1e-6);
        assertEquals(1, got.output("attention").at(0, 0, 0), 1e-6);
        assertEquals(1, got.output("attention").at(0, 1, 1), 1e-6);
    }
}
