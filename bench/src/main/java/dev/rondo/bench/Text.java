package dev.rondo.bench;

import dev.rondo.bench.OrtEngine.Slot;
import dev.rondo.decode.Sampler;
import dev.rondo.decode.Sampling;
import dev.rondo.format.Encoding;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A character of a text from a language model: its embedding, an LSTM, logits, a draw at temperature 0.8 by the same
 * {@link Sampler} on all sides. What was drawn is the next input.
 */
record Text(int symbols, int embedding, int hidden) implements Work {
    /** The model of {@link Table}: as large as the character model that the project trains. */
    static final List<Text> ALL = List.of(new Text(65, 128, 512));

    static final Sampling SAMPLING = Sampling.of(1).withTemperature(0.8);
    /** Few: where weights are rounded, sooner or later another character is drawn. */
    private static final int CHECKED = 4;

    private static final Map<String, Integer> NONE = Map.of();

    private Cell cell() {
        return new Cell(Cell.Kind.LSTM, embedding, hidden);
    }

    CellWeights lstm() {
        return CellWeights.random(cell(), SEED);
    }

    float[] table() {
        return CellWeights.uniform(new Random(SEED + 1), symbols * embedding, 1);
    }

    float[] out() {
        return CellWeights.uniform(new Random(SEED + 2), symbols * hidden, (float) (4 / Math.sqrt(hidden)));
    }

    float[] bias() {
        return CellWeights.uniform(new Random(SEED + 3), symbols, 1);
    }

    /** Not used: a text is its own input. */
    @Override
    public int inputSize() {
        return 1;
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
        Engine engine = contender.isRondo()
                ? TextEngine.open(this, contender.encoding())
                : onnx(contender == Contender.ORT_INT8);
        return new InThread(engine, inputs());
    }

    private Engine onnx(boolean quantised) {
        var graph = new OnnxGraph()
                .inputInts("token", 1, 1)
                .input("h", 1, 1, hidden)
                .input("c", 1, 1, hidden)
                .floats("bias", bias(), symbols);
        if (quantised) {
            graph.floats("table", table(), symbols, embedding).node("Gather", "table token", "x", NONE);
            OnnxCell.addTo(graph, lstm(), true, "x", "h c", " h_next c_next");
        } else {
            foldedLstm(graph);
        }
        if (quantised) {
            var values = OnnxGraph.Quantised.of(out(), symbols, hidden);
            graph.bytes("V", values.transposed(), hidden, symbols)
                    .floats("scale", values.scales(), symbols)
                    .microsoft("DynamicQuantizeMatMul", "h_next V scale  bias", "logits", NONE);
        } else {
            graph.floats("V", transposed(out(), symbols, hidden), hidden, symbols)
                    .node("MatMul", "h_next V", "product", NONE)
                    .node("Add", "product bias", "logits", NONE);
        }
        graph.output("logits", 1, 1, symbols).output("h_next", 1, 1, hidden).output("c_next", 1, 1, hidden);
        OrtEngine step = OrtEngine.open(
                toString(),
                graph.model(),
                Slot.ints("token", 1, 1),
                List.of(Slot.of("h", 1, 1, hidden), Slot.of("c", 1, 1, hidden)),
                List.of(Slot.of("logits", 1, 1, symbols)),
                Map.of());
        return new OnnxText(step, symbols);
    }

    /**
     * The cell in single operators, the input's share of the gates looked up as ours is: faster than the operator LSTM, which cannot leave
     * the product with x out.
     */
    private void foldedLstm(OnnxGraph graph) {
        CellWeights weights = lstm();
        int rows = 4 * hidden;
        float[] table = table();
        var shares = new float[symbols * rows];
        for (int v = 0; v < symbols; v++) {
            for (int r = 0; r < rows; r++) {
                float sum = weights.bias()[r];
                for (int k = 0; k < embedding; k++) {
                    sum += weights.input()[r * embedding + k] * table[v * embedding + k];
                }
                shares[v * rows + r] = sum;
            }
        }
        graph.floats("shares", shares, symbols, rows)
                .floats("U", transposed(weights.hidden(), rows, hidden), hidden, rows)
                .node("Gather", "shares token", "input", NONE)
                .node("MatMul", "h U", "recurrent", NONE)
                .node("Add", "input recurrent", "sums", NONE)
                .node("Split", "sums", "i f g o", Map.of("axis", -1))
                .node("Sigmoid", "i", "in", NONE)
                .node("Sigmoid", "f", "forget", NONE)
                .node("Tanh", "g", "candidate", NONE)
                .node("Sigmoid", "o", "out", NONE)
                .node("Mul", "forget c", "kept", NONE)
                .node("Mul", "in candidate", "new", NONE)
                .node("Add", "kept new", "c_next", NONE)
                .node("Tanh", "c_next", "bent", NONE)
                .node("Mul", "out bent", "h_next", NONE);
    }

    private static float[] transposed(float[] matrix, int rows, int columns) {
        var result = new float[matrix.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                result[c * rows + r] = matrix[r * columns + c];
            }
        }
        return result;
    }

    /** The loop over ONNX Runtime: what {@link dev.rondo.TextGenerator} does over ours. */
    private static final class OnnxText implements Engine {
        private final OrtEngine step;
        private final float[] logits;
        private Sampler sampler;
        private int token;

        OnnxText(OrtEngine step, int symbols) {
            this.step = step;
            this.logits = new float[symbols];
            reset();
        }

        @Override
        public float run(float[] x) {
            step.run(token);
            step.copyTo(logits);
            token = sampler.pick(logits);
            return logits[0];
        }

        @Override
        public float[] outputs() {
            return logits.clone();
        }

        @Override
        public void reset() {
            step.reset();
            sampler = new Sampler(SAMPLING, logits.length);
            token = 0;
        }

        @Override
        public void close() {
            step.close();
        }
    }

    @Override
    public int checkedRuns() {
        return CHECKED;
    }

    /** The logits of the last character, those before drawn. */
    @Override
    public double[] expected() {
        var reference = new CellReference(lstm());
        var sampler = new Sampler(SAMPLING, symbols);
        float[] table = table();
        float[] out = out();
        float[] bias = bias();
        double[] logits = {};
        int token = 0;
        for (int t = 0; t < CHECKED; t++) {
            double[] h = reference.step(table, token * embedding);
            logits = new double[symbols];
            var rounded = new float[symbols];
            for (int v = 0; v < symbols; v++) {
                logits[v] = bias[v];
                for (int k = 0; k < hidden; k++) {
                    logits[v] += out[v * hidden + k] * h[k];
                }
                rounded[v] = (float) logits[v];
            }
            token = sampler.pick(rounded);
        }
        return logits;
    }

    /** Without the input's share of the gates: for each character that is the same. */
    @Override
    public double flops() {
        return 2.0 * (4.0 * hidden + symbols) * hidden;
    }

    @Override
    public double bytes(Encoding encoding) {
        return encoding.byteSize() * flops() / 2;
    }

    /**
     * Reads {@code text-65x128x512}.
     *
     * @throws IllegalArgumentException for anything else
     */
    static Text parse(String text) {
        String[] parts = text.substring(text.indexOf('-') + 1).split("x");
        if (parts.length != 3) {
            throw new IllegalArgumentException("text: has the form text-SYMBOLSxEMBEDDINGxHIDDEN; got '" + text
                    + "'; for example " + ALL.getFirst());
        }
        return new Text(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
    }

    @Override
    public String toString() {
        return "text-" + symbols + "x" + embedding + "x" + hidden;
    }
}
