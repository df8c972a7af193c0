package dev.rondo;

import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.Normalisation;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A small LSTM language model with random weights, written to a file, and the same computed by plain double-precision
 * loops: what tests of the face compare with.
 */
public final class TinyLanguageModel {
    public static final int HIDDEN = 5;
    static final int EMBEDDING = 3;

    final List<String> vocabulary;
    private final SpecialIds special;
    private final boolean withSequence;
    private final Map<String, float[]> weights = new LinkedHashMap<>();
    private final Map<String, List<Integer>> shapes = new LinkedHashMap<>();

    public TinyLanguageModel(List<String> vocabulary, SpecialIds special, boolean withSequence) {
        this.vocabulary = vocabulary;
        this.special = special;
        this.withSequence = withSequence;
        var random = new SplittableRandom(7);
        int size = vocabulary.size();
        weight(random, "embedding", size, EMBEDDING);
        weight(random, "w_ih", 4 * HIDDEN, EMBEDDING);
        weight(random, "w_hh", 4 * HIDDEN, HIDDEN);
        weight(random, "bias", 4 * HIDDEN);
        weight(random, "out", size, HIDDEN);
        weight(random, "out_bias", size);
    }

    private void weight(SplittableRandom random, String name, Integer... shape) {
        var values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1.5, 1.5);
        }
        weights.put(name, values);
        shapes.put(name, List.of(shape));
    }

    /** Makes all tokens equally likely. */
    public TinyLanguageModel uniform() {
        Arrays.fill(weights.get("out"), 0);
        Arrays.fill(weights.get("out_bias"), 0);
        return this;
    }

    /** Makes a logit NaN. */
    public TinyLanguageModel broken() {
        weights.get("out_bias")[0] = Float.NaN;
        return this;
    }

    public Path write(Path path, String task) throws IOException {
        return write(path, task, vocabulary);
    }

    /** With another vocabulary, or none when it is empty. */
    public Path write(Path path, String task, List<String> tokens) throws IOException {
        var writer = new RondoFileWriter();
        if (task != null) {
            writer.metadata("task", task);
        }
        if (!tokens.isEmpty()) {
            writer.text(
                    new TextPipeline("text", Normalisation.NONE, Segmentation.CHARACTERS, tokens, List.of(), special));
        }
        writer.function(FunctionCodec.encode(step()));
        if (withSequence) {
            writer.function(FunctionCodec.encode(sequence()));
        }
        weights.forEach((name, values) -> writer.tensor(
                name,
                Encoding.F32,
                name.startsWith("w_") ? new Layout.Panels(4) : new Layout.Rows(),
                shapes.get(name),
                () -> values));
        writer.write(path);
        return path;
    }

    private Function step() {
        var f = Function.builder("step");
        Value token = f.input("token", ElementType.I32, "B");
        Value h = f.state("h", "B", HIDDEN);
        Value c = f.state("c", "B", HIDDEN);
        Value x = f.gather(f.weight("embedding", vocabulary.size(), EMBEDDING), token);
        List<Value> next = f.addAll(
                new Recurrent.LstmCell(LstmActivations.STANDARD),
                List.of("h1", "c1"),
                List.of(
                        x,
                        h,
                        c,
                        f.weight("w_hh", 4 * HIDDEN, HIDDEN),
                        f.weight("w_ih", 4 * HIDDEN, EMBEDDING),
                        f.weight("bias", 4 * HIDDEN),
                        Value.ABSENT,
                        Value.ABSENT));
        f.next(h, next.get(0));
        f.next(c, next.get(1));
        f.output(f.add(
                "logits",
                new Contraction.Linear(),
                next.get(0),
                f.weight("out", vocabulary.size(), HIDDEN),
                f.weight("out_bias", vocabulary.size())));
        return f.build();
    }

    private Function sequence() {
        var f = Function.builder("sequence");
        Value tokens = f.input("tokens", ElementType.I32, "B", "T");
        Value lengths = f.input("lengths", ElementType.I32, "B");
        Value h = f.state("h", "B", HIDDEN);
        Value c = f.state("c", "B", HIDDEN);
        Value x = f.gather(f.weight("embedding", vocabulary.size(), EMBEDDING), tokens);
        var op = new Recurrent.LstmLayer(LstmActivations.STANDARD, false, false);
        var byName = Map.of(
                "x", x,
                "h", h,
                "c", c,
                "lengths", lengths,
                "weight_hidden", f.weight("w_hh", 4 * HIDDEN, HIDDEN),
                "weight_input", f.weight("w_ih", 4 * HIDDEN, EMBEDDING),
                "bias", f.weight("bias", 4 * HIDDEN));
        List<Value> inputs = op.slots().stream()
                .map(s -> byName.getOrDefault(s.name(), Value.ABSENT))
                .toList();
        List<Value> all = f.addAll(op, List.of("y", "h1", "c1"), inputs);
        f.next(h, all.get(1));
        f.next(c, all.get(2));
        f.output(f.add(
                "logits",
                new Contraction.Linear(),
                all.get(0),
                f.weight("out", vocabulary.size(), HIDDEN),
                f.weight("out_bias", vocabulary.size())));
        return f.build();
    }

    /** The log-probabilities after each id, by the equations of Hochreiter and Schmidhuber with gates i, f, g, o. */
    public double[][] logProbs(int... ids) {
        var h = new double[HIDDEN];
        var c = new double[HIDDEN];
        var result = new double[ids.length][];
        for (int t = 0; t < ids.length; t++) {
            var gates = new double[4 * HIDDEN];
            for (int j = 0; j < gates.length; j++) {
                gates[j] = weights.get("bias")[j];
                for (int k = 0; k < EMBEDDING; k++) {
                    gates[j] +=
                            weights.get("w_ih")[j * EMBEDDING + k] * weights.get("embedding")[ids[t] * EMBEDDING + k];
                }
                for (int k = 0; k < HIDDEN; k++) {
                    gates[j] += weights.get("w_hh")[j * HIDDEN + k] * h[k];
                }
            }
            for (int j = 0; j < HIDDEN; j++) {
                c[j] = sigmoid(gates[HIDDEN + j]) * c[j] + sigmoid(gates[j]) * Math.tanh(gates[2 * HIDDEN + j]);
                h[j] = sigmoid(gates[3 * HIDDEN + j]) * Math.tanh(c[j]);
            }
            result[t] = logSoftmax(h);
        }
        return result;
    }

    private double[] logSoftmax(double[] h) {
        var logits = new double[vocabulary.size()];
        double sum = 0;
        for (int v = 0; v < logits.length; v++) {
            logits[v] = weights.get("out_bias")[v];
            for (int k = 0; k < HIDDEN; k++) {
                logits[v] += weights.get("out")[v * HIDDEN + k] * h[k];
            }
            sum += Math.exp(logits[v]);
        }
        for (int v = 0; v < logits.length; v++) {
            logits[v] -= Math.log(sum);
        }
        return logits;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
