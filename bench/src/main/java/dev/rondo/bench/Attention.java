package dev.rondo.bench;

import dev.rondo.Capacity;
import dev.rondo.bench.OrtEngine.Slot;
import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Additive attention (Bahdanau, Cho and Bengio 2015) of one query over S rows of memory, keys given:
 * {@code Σ_s softmax_s(v · tanh(W q + keys_s)) memory_s}, with q, keys_s and memory_s of the same size.
 */
record Attention(int rows, int size) implements Work {
    /** The attention of {@link Table}. */
    static final List<Attention> ALL = List.of(new Attention(50, 512));

    private static final Map<String, Integer> NONE = Map.of();

    @Override
    public int inputSize() {
        return size;
    }

    /** Weights of 262,144 numbers are not what takes the time: f32 alone. */
    @Override
    public boolean runs(Contender contender) {
        return switch (contender) {
            case RONDO_F32, ORT_F32 -> true;
            case RONDO_F16, RONDO_BF16, RONDO_INT8, ORT_INT8, C, RTNEURAL, TORCH, DJL -> false;
        };
    }

    @Override
    public Runner open(Contender contender) {
        return new InThread(contender.isRondo() ? rondo(contender.encoding()) : onnx(), inputs());
    }

    private float[] weight() {
        return CellWeights.uniform(new Random(SEED), size * size, (float) (1 / Math.sqrt(size)));
    }

    private float[] v() {
        return CellWeights.uniform(new Random(SEED + 1), size, 0.5f);
    }

    private float[] keys() {
        return CellWeights.uniform(new Random(SEED + 2), rows * size, 1);
    }

    private float[] memory() {
        return CellWeights.uniform(new Random(SEED + 3), rows * size, 1);
    }

    private Engine rondo(Encoding encoding) {
        var writer = new RondoFileWriter()
                .function(FunctionCodec.encode(attend()))
                .tensor("W", encoding, new Layout.Panels(1), List.of(size, size), this::weight)
                .tensor("v", Encoding.F32, new Layout.Rows(), List.of(size), this::v);
        return RondoEngine.open(writer, "attend", Capacity.ONE, Map.of("keys", keys(), "memory", memory()));
    }

    private Function attend() {
        FunctionBuilder f = Function.builder("attend");
        Value query = f.input("query", ElementType.F32, "B", size);
        Value keys = f.state("keys", "B", rows, size);
        Value memory = f.state("memory", "B", rows, size);
        Value projected = f.linear(query, f.weight("W", size, size), Value.ABSENT);
        Value context = f.add(
                new Aggregation.Attention(1),
                f.reshape(projected, "B", 1, size),
                keys,
                memory,
                f.weight("v", size),
                Value.ABSENT);
        f.output(f.reshape(context, "B", size));
        return f.build();
    }

    private Engine onnx() {
        float[] weight = weight();
        var transposed = new float[weight.length];
        for (int r = 0; r < size; r++) {
            for (int c = 0; c < size; c++) {
                transposed[c * size + r] = weight[r * size + c];
            }
        }
        byte[] model = new OnnxGraph()
                .input("query", 1, 1, size)
                .input("keys", 1, rows, size)
                .input("memory", 1, rows, size)
                .floats("W", transposed, size, size)
                .floats("v", v(), size, 1)
                .number("flat", -1)
                .node("MatMul", "query W", "projected", NONE)
                .node("Add", "keys projected", "sum", NONE)
                .node("Tanh", "sum", "bent", NONE)
                .node("MatMul", "bent v", "column", NONE)
                .node("Reshape", "column flat", "score", NONE)
                .node("Softmax", "score", "share", Map.of("axis", -1))
                .node("MatMul", "share memory", "context", NONE)
                .output("context", 1, size)
                .model();
        return OrtEngine.open(
                toString(),
                model,
                Slot.of("query", 1, 1, size),
                List.of(),
                List.of(Slot.of("context", 1, size)),
                Map.of(Slot.of("keys", 1, rows, size), keys(), Slot.of("memory", 1, rows, size), memory()));
    }

    @Override
    public int checkedRuns() {
        return 1;
    }

    @Override
    public double[] expected() {
        float[] query = inputs().next();
        float[] weight = weight();
        float[] v = v();
        float[] keys = keys();
        float[] memory = memory();
        var context = new double[size];
        double sum = 0;
        var projected = new double[size];
        for (int j = 0; j < size; j++) {
            for (int k = 0; k < size; k++) {
                projected[j] += (double) weight[j * size + k] * query[k];
            }
        }
        for (int s = 0; s < rows; s++) {
            double score = 0;
            for (int j = 0; j < size; j++) {
                score += v[j] * Math.tanh(projected[j] + keys[s * size + j]);
            }
            double share = Math.exp(score);
            sum += share;
            for (int j = 0; j < size; j++) {
                context[j] += share * memory[s * size + j];
            }
        }
        for (int j = 0; j < size; j++) {
            context[j] /= sum;
        }
        return context;
    }

    @Override
    public double flops() {
        return 2.0 * size * size + 4.0 * rows * size;
    }

    /** Keys and memory are f32. */
    @Override
    public double bytes(Encoding encoding) {
        return (double) encoding.byteSize() * size * size + 8.0 * rows * size;
    }

    /**
     * Reads {@code attention-50x512}.
     *
     * @throws IllegalArgumentException for anything else
     */
    static Attention parse(String text) {
        String[] parts = text.split("[-x]");
        if (parts.length != 3) {
            throw new IllegalArgumentException(
                    "attention: has the form attention-ROWSxSIZE; got '" + text + "'; for example " + ALL.getFirst());
        }
        return new Attention(Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
    }

    @Override
    public String toString() {
        return "attention-" + rows + "x" + size;
    }
}
