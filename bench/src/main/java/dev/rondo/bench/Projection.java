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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What a decoder does after its cell: h [B,H] to the K likeliest of V tokens, {@code top(softmax(h Wᵀ + b))}. */
record Projection(int hiddenSize, int vocabulary, int batch) implements Work {
    private static final int TOP = 8;
    /** Wide enough for logits of standard deviation 3: some tokens are likely, as in a trained model. */
    private static final float WEIGHT_LIMIT = 9;

    private static final Map<String, Integer> NONE = Map.of();

    /** The projections of {@link Table}. */
    static final List<Projection> ALL = List.of(new Projection(512, 32_000, 1), new Projection(512, 32_000, 5));

    @Override
    public int inputSize() {
        return batch * hiddenSize;
    }

    @Override
    public boolean runs(Contender contender) {
        return switch (contender) {
            case RONDO_F32, RONDO_F16, RONDO_BF16, RONDO_INT8, ORT_F32, ORT_INT8 -> true;
            case C, RTNEURAL, TORCH, DJL -> false;
        };
    }

    @Override
    public Runner open(Contender contender) {
        Engine engine = contender.isRondo() ? rondo(contender.encoding()) : onnx(contender == Contender.ORT_INT8);
        return new InThread(engine, inputs());
    }

    private float[] weights() {
        float limit = (float) (WEIGHT_LIMIT / Math.sqrt(hiddenSize));
        return CellWeights.uniform(new Random(SEED), vocabulary * hiddenSize, limit);
    }

    private float[] bias() {
        return CellWeights.uniform(new Random(SEED + 1), vocabulary, 1);
    }

    private Engine rondo(Encoding encoding) {
        FunctionBuilder f = Function.builder("project");
        Value h = f.input("h", ElementType.F32, "B", hiddenSize);
        Value logits = f.linear(h, f.weight("out", vocabulary, hiddenSize), f.weight("bias", vocabulary));
        f.addAll(new Aggregation.TopK(TOP, Aggregation.Normalisation.SOFTMAX), List.of("top", "ids"), List.of(logits))
                .forEach(f::output);
        var writer = new RondoFileWriter()
                .function(FunctionCodec.encode(f.build()))
                .tensor("out", encoding, new Layout.Panels(1), List.of(vocabulary, hiddenSize), this::weights)
                .tensor("bias", Encoding.F32, new Layout.Rows(), List.of(vocabulary), this::bias);
        return RondoEngine.open(writer, "project", Capacity.of("B", batch), Map.of());
    }

    private Engine onnx(boolean quantised) {
        var graph = new OnnxGraph().input("h", batch, hiddenSize).floats("bias", bias(), vocabulary);
        if (quantised) {
            var values = OnnxGraph.Quantised.of(weights(), vocabulary, hiddenSize);
            graph.bytes("W", values.transposed(), hiddenSize, vocabulary)
                    .floats("scale", values.scales(), vocabulary)
                    .microsoft("DynamicQuantizeMatMul", "h W scale  bias", "logits", NONE);
        } else {
            graph.floats("W", weights(), vocabulary, hiddenSize)
                    .node("Gemm", "h W bias", "logits", Map.of("transB", 1));
        }
        graph.number("k", TOP)
                .node("Softmax", "logits", "probabilities", Map.of("axis", -1))
                .node("TopK", "probabilities k", "top ids", Map.of("axis", -1, "largest", 1, "sorted", 1))
                .output("top", batch, TOP)
                .outputInts("ids", batch, TOP);
        return OrtEngine.open(
                toString(),
                graph.model(),
                Slot.of("h", batch, hiddenSize),
                List.of(),
                List.of(Slot.of("top", batch, TOP), Slot.ints("ids", batch, TOP)),
                Map.of());
    }

    @Override
    public int checkedRuns() {
        return 1;
    }

    @Override
    public double[] expected() {
        float[] weights = weights();
        float[] bias = bias();
        float[] h = inputs().next();
        var top = new double[batch * TOP];
        for (int m = 0; m < batch; m++) {
            var logits = new double[vocabulary];
            for (int v = 0; v < vocabulary; v++) {
                logits[v] = bias[v];
                for (int k = 0; k < hiddenSize; k++) {
                    logits[v] += (double) weights[v * hiddenSize + k] * h[m * hiddenSize + k];
                }
            }
            double sum = Arrays.stream(logits).map(Math::exp).sum();
            Arrays.sort(logits);
            for (int i = 0; i < TOP; i++) {
                top[m * TOP + i] = Math.exp(logits[vocabulary - 1 - i]) / sum;
            }
        }
        return top;
    }

    @Override
    public double flops() {
        return 2.0 * batch * vocabulary * hiddenSize;
    }

    @Override
    public double bytes(Encoding encoding) {
        return (double) encoding.byteSize() * vocabulary * hiddenSize;
    }

    /**
     * Reads {@code projection-512x32000-b1}.
     *
     * @throws IllegalArgumentException for anything else
     */
    static Projection parse(String text) {
        String[] parts = text.split("-b|[-x]");
        if (parts.length != 4) {
            throw new IllegalArgumentException("projection: has the form projection-HIDDENxVOCABULARY-bBATCH; got '"
                    + text + "'; for example " + ALL.getFirst());
        }
        return new Projection(Integer.parseInt(parts[1]), Integer.parseInt(parts[2]), Integer.parseInt(parts[3]));
    }

    @Override
    public String toString() {
        return "projection-" + hiddenSize + "x" + vocabulary + "-b" + batch;
    }
}
