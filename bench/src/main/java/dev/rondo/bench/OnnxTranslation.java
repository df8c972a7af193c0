package dev.rondo.bench;

import static dev.rondo.bench.OnnxGraph.ANY;

import dev.rondo.bench.TranslationWeights.Gru;
import dev.rondo.bench.TranslationWeights.Linear;
import dev.rondo.bench.TranslationWeights.Matrix;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A translation model as two ONNX graphs, written as somebody would who wants them fast: the encoder is the operator GRU in both
 * directions, a cell of the decoder is made of single operators (ONNX Runtime's GRU takes longer for one step), and all
 * hypotheses of a sentence read one memory.
 */
record OnnxTranslation(TranslationWeights weights) {
    private static final Map<String, Integer> NONE = Map.of();
    /** ONNX puts the gates in the order z, r, n. */
    private static final int[] GATES = {1, 0, 2};

    /**
     * source i64 [S,B], lengths i32 [B], share f32 [B,1] (1 / length) to memory [B,S,M], keys [B,1,S,A], h [B,H].
     */
    byte[] encode() {
        var graph = new OnnxGraph()
                .inputInts("source", ANY, ANY)
                .inputLengths("lengths", ANY)
                .input("share", ANY, 1);
        int size = weights.forward().size();
        Matrix table = weights.sourceTable();
        graph.floats("table", table.values(), table.rows(), table.columns())
                .node("Gather", "table source", "x", NONE)
                .floats("W", bothDirections(Gru::input), 2, 3 * size, table.columns())
                .floats("R", bothDirections(Gru::hidden), 2, 3 * size, size)
                .floats("B", bothBiases(), 2, 6 * size)
                .node(
                        "GRU",
                        "x W R B lengths",
                        "y last",
                        Map.of("hidden_size", size, "linear_before_reset", 1, "direction", "bidirectional"))
                .node("Transpose", "y", "rows", Map.of("perm", new int[] {2, 0, 1, 3}))
                .number("memory_shape", 0, 0, weights.memorySize())
                .node("Reshape", "rows memory_shape", "memory", NONE);
        linear(graph, "keys", weights.keys(), "memory", "key_rows");
        graph.number("one", 1).node("Unsqueeze", "key_rows one", "keys", NONE);
        if (weights.mean()) {
            graph.node("ReduceSum", "memory one", "sum", Map.of("keepdims", 0))
                    .node("Mul", "sum share", "summary", NONE);
        } else {
            graph.node("Transpose", "last", "last_rows", Map.of("perm", new int[] {1, 0, 2}))
                    .number("summary_shape", 0, weights.memorySize())
                    .node("Reshape", "last_rows summary_shape", "summary", NONE);
        }
        gemm(graph, "bridge", weights.bridge(), "summary", "begin");
        return graph.node("Tanh", "begin", "h", NONE)
                .output("memory", ANY, ANY, weights.memorySize())
                .output("keys", ANY, 1, ANY, keySize())
                .output("h", ANY, weights.first().size())
                .model();
    }

    /**
     * token i64 [R], query_shape i64 [4] = B, K, 1, A, memory, keys, mask f32 [B,1,S] (0 or very low), h [R,H] to logits [R,V],
     * attention [B,K,S], h_next [R,H]; R = B*K.
     */
    byte[] step() {
        int size = weights.first().size();
        var graph = new OnnxGraph()
                .inputInts("token", ANY)
                .inputInts("query_shape", 4)
                .input("memory", ANY, ANY, weights.memorySize())
                .input("keys", ANY, 1, ANY, keySize())
                .input("mask", ANY, 1, ANY)
                .input("h", ANY, size);
        Matrix table = weights.targetTable();
        graph.floats("table", table.values(), table.rows(), table.columns())
                .node("Gather", "table token", "embedding", NONE);
        cell(graph, "first", weights.first(), "embedding", "h", "asking");
        gemm(graph, "query", weights.query(), "asking", "query_rows");
        graph.node("Reshape", "query_rows query_shape", "query", NONE)
                .node("Add", "keys query", "sum", NONE)
                .node("Tanh", "sum", "bent", NONE)
                .floats("vector", weights.vector(), keySize(), 1)
                .node("MatMul", "bent vector", "column", NONE)
                .number("last", -1)
                .node("Squeeze", "column last", "score", NONE)
                .node("Add", "score mask", "masked", NONE)
                .node("Softmax", "masked", "attention", Map.of("axis", -1))
                .node("MatMul", "attention memory", "contexts", NONE)
                .number("context_shape", -1, weights.memorySize())
                .node("Reshape", "contexts context_shape", "context", NONE);
        cell(graph, "second", weights.second(), "context", "asking", "h_next");
        String parts = weights.parts().stream()
                .map(part -> switch (part) {
                    case STATE -> "h_next";
                    case CONTEXT -> "context";
                    case EMBEDDING -> "embedding";
                })
                .collect(Collectors.joining(" "));
        graph.node("Concat", parts, "parts", Map.of("axis", 1));
        String readout = "parts";
        if (weights.readout() != null) {
            gemm(graph, "readout", weights.readout(), "parts", "read");
            readout = "read";
        }
        if (weights.bent()) {
            graph.node("Tanh", readout, "read_bent", NONE);
            readout = "read_bent";
        }
        gemm(graph, "output", weights.output(), readout, "logits");
        return graph.output("logits", ANY, weights.vocabularySize())
                .output("attention", ANY, ANY, ANY)
                .output("h_next", ANY, size)
                .model();
    }

    int keySize() {
        return weights.vector().length;
    }

    /** h' from x [R,I] and h [R,H]. */
    private static void cell(OnnxGraph graph, String name, Gru gru, String x, String h, String next) {
        int size = gru.size();
        var hiddenBias = new float[3 * size];
        System.arraycopy(gru.hiddenBias(), 0, hiddenBias, 2 * size, size);
        gemm(graph, name + "_input", new Linear(gru.input(), gru.bias()), x, name + "_i");
        gemm(graph, name + "_hidden", new Linear(gru.hidden(), hiddenBias), h, name + "_h");
        graph.number(name + "_cut", 2L * size, size);
        nodes(graph, name, """
            Split | #_i #_cut | #_irz #_in
            Split | #_h #_cut | #_hrz #_hn
            Add | #_irz #_hrz | #_sum
            Sigmoid | #_sum | #_rz
            Split | #_rz | #_r #_z
            Mul | #_r #_hn | #_rhn
            Add | #_in #_rhn | #_nsum
            Tanh | #_nsum | #_n
            """, 1);
        graph.node("Sub", h + " " + name + "_n", name + "_far", NONE)
                .node("Mul", name + "_z " + name + "_far", name + "_way", NONE)
                .node("Add", name + "_n " + name + "_way", next, NONE);
    }

    /** Adds lines of operator, inputs and outputs; # is the name. Split goes along that axis. */
    private static void nodes(OnnxGraph graph, String name, String lines, int axis) {
        lines.lines().forEach(line -> {
            String[] fields = line.replace("#", name).split(" \\| ");
            graph.node(fields[0], fields[1], fields[2], fields[0].equals("Split") ? Map.of("axis", axis) : NONE);
        });
    }

    /** Of rows [R,I]. */
    private static void gemm(OnnxGraph graph, String name, Linear linear, String x, String y) {
        Matrix matrix = linear.weight();
        graph.floats(name + "_weight", matrix.values(), matrix.rows(), matrix.columns())
                .floats(name + "_bias", linear.bias(), matrix.rows())
                .node("Gemm", x + " " + name + "_weight " + name + "_bias", y, Map.of("transB", 1));
    }

    /** Of any number of axes. */
    private static void linear(OnnxGraph graph, String name, Linear linear, String x, String y) {
        Matrix matrix = linear.weight().transposed();
        graph.floats(name + "_weight", matrix.values(), matrix.rows(), matrix.columns())
                .floats(name + "_bias", linear.bias(), matrix.columns())
                .node("MatMul", x + " " + name + "_weight", y + "_product", NONE)
                .node("Add", y + "_product " + name + "_bias", y, NONE);
    }

    private float[] bothDirections(Function<Gru, Matrix> part) {
        float[] forward = reordered(part.apply(weights.forward()));
        float[] backward = reordered(part.apply(weights.backward()));
        return joined(forward, backward);
    }

    private float[] bothBiases() {
        return joined(biases(weights.forward()), biases(weights.backward()));
    }

    private static float[] biases(Gru gru) {
        int size = gru.size();
        var hidden = new float[3 * size];
        System.arraycopy(gru.hiddenBias(), 0, hidden, 2 * size, size);
        return joined(reordered(new Matrix(gru.bias(), 3 * size, 1)), hidden);
    }

    private static float[] joined(float[] a, float[] b) {
        float[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    /** The gates in ONNX's order. */
    private static float[] reordered(Matrix matrix) {
        var result = new float[matrix.values().length];
        int block = result.length / GATES.length;
        for (int g = 0; g < GATES.length; g++) {
            System.arraycopy(matrix.values(), GATES[g] * block, result, g * block, block);
        }
        return result;
    }
}
