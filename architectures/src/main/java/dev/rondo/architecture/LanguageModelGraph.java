package dev.rondo.architecture;

import dev.rondo.architecture.LanguageModelArchitecture.Layer;
import dev.rondo.architecture.training.Training;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.List;
import java.util.Optional;

/**
 * The functions of a language model. All of them share the states {@code h0, h1, ...} f32[B,P] and, of an LSTM,
 * {@code c0, c1, ...} f32[B,H], which are zero at first.
 */
public final class LanguageModelGraph {
    public static final String STEP = "step";
    public static final String LOG_PROBS = "log_probs";
    public static final String SEQUENCE = "sequence";
    public static final String TRAINING = "training";
    public static final String EVALUATION = "evaluation";

    private final Cell cell;
    private final LanguageModelArchitecture architecture;

    /** The functions over the parameters of an architecture. */
    public LanguageModelGraph(LanguageModelArchitecture architecture) {
        this.cell = architecture.cell();
        this.architecture = architecture;
    }

    /** {@code step(token: i32[B]) -> logits f32[B,V]}: the scores of the token after this one. */
    public Function step() {
        FunctionBuilder f = Function.builder(STEP);
        f.output(stepLogits(f));
        return f.build();
    }

    /** {@code log_probs(token: i32[B]) -> log_probs f32[B,V], logits}: a step whose scores are normalised. */
    public Function logProbs() {
        FunctionBuilder f = Function.builder(LOG_PROBS);
        Value logits = stepLogits(f);
        f.output(f.add("log_probs", new Aggregation.Softmax(true), logits, Value.ABSENT));
        f.output(logits);
        return f.build();
    }

    /**
     * {@code sequence(tokens: i32[B,T], lengths: i32[B]) -> logits f32[B,T,V]}: begins with the states it finds and leaves
     * those at the end of each row.
     */
    public Function sequence() {
        FunctionBuilder f = Function.builder(SEQUENCE);
        Value tokens = f.input("tokens", ElementType.I32, "B", "T");
        Value lengths = f.input("lengths", ElementType.I32, "B");
        Value y = f.gather(embedding(f), tokens);
        for (int k = 0; k < architecture.layers().size(); k++) {
            y = layer(f, k, y, lengths, false);
        }
        f.output(logits(f, y));
        return f.build();
    }

    /**
     * {@code training(tokens: i32[B,T], targets: i32[B,T], seed: i64[]) -> loss f32[], count f32[]}: the sum of the
     * cross-entropies of all targets in nats, and their number. Target t is the token after token t: the network is fed
     * with the text itself (teacher forcing). States as in {@link #sequence}.
     *
     * @param dropout where it is zero there is none
     * @param folded  whether each token's share of the first layer's gates is computed once per token of the vocabulary and
     *                not once per token of the text; excludes dropout of the input
     */
    public Function training(Dropout dropout, boolean folded) {
        FunctionBuilder f = Function.builder(TRAINING);
        Value tokens = f.input("tokens", ElementType.I32, "B", "T");
        Value targets = f.input("targets", ElementType.I32, "B", "T");
        Value seed = f.input("seed", ElementType.I64);
        Value y = layers(f, tokens, seed, dropout, folded);
        Value losses = f.add(new Training.CrossEntropy(0), logits(f, y), targets);
        f.output(f.add("loss", sum(), f.add(sum(), losses)));
        f.output(f.add("count", new Structure.Size(Dim.named("B").times(Dim.named("T")), ElementType.F32)));
        return f.build();
    }

    /**
     * {@code evaluation(tokens: i32[B,T], targets: i32[B,T]) -> losses f32[B,T]}: the cross-entropy of each target in nats,
     * without dropout. States as in {@link #sequence}.
     */
    public Function evaluation(boolean folded) {
        FunctionBuilder f = Function.builder(EVALUATION);
        Value tokens = f.input("tokens", ElementType.I32, "B", "T");
        Value targets = f.input("targets", ElementType.I32, "B", "T");
        Value y = layers(f, tokens, Value.ABSENT, Dropout.NONE, folded);
        f.output(f.add("losses", new Training.CrossEntropy(0), logits(f, y), targets));
        return f.build();
    }

    private static Aggregation.Reduce sum() {
        return new Aggregation.Reduce(Reduction.SUM, -1, false);
    }

    private Value layers(FunctionBuilder f, Value tokens, Value seed, Dropout dropout, boolean folded) {
        Layer first = architecture.layers().getFirst();
        Value table = embedding(f);
        if (folded) {
            Parameters p = new Parameters(f, first);
            table = f.linear(table, p.input(), p.bias());
        }
        Value y = dropped(f, f.gather(table, tokens), seed, dropout.input(), 0);
        int count = architecture.layers().size();
        for (int k = 0; k < count; k++) {
            y = layer(f, k, y, Value.ABSENT, folded && k == 0);
            y = dropped(f, y, seed, k + 1 < count ? dropout.between() : dropout.output(), k + 1);
        }
        return y;
    }

    private static Value dropped(FunctionBuilder f, Value x, Value seed, double probability, int site) {
        return probability == 0 ? x : f.add(new Training.Dropout((float) probability, site), x, seed);
    }

    private Value stepLogits(FunctionBuilder f) {
        Value token = f.input("token", ElementType.I32, "B");
        Value x = f.gather(embedding(f), token);
        for (int k = 0; k < architecture.layers().size(); k++) {
            x = cell(f, k, x);
        }
        return logits(f, x);
    }

    private Value embedding(FunctionBuilder f) {
        return f.weight(architecture.embedding(), architecture.vocabularySize(), architecture.embeddingSize());
    }

    private Value logits(FunctionBuilder f, Value x) {
        Layer last = architecture.layers().getLast();
        return f.add(
                "logits",
                new Contraction.Linear(),
                x,
                f.weight(architecture.output(), architecture.vocabularySize(), last.outputSize()),
                optional(f, architecture.outputBias(), architecture.vocabularySize()));
    }

    private Value cell(FunctionBuilder f, int k, Value x) {
        Parameters p = new Parameters(f, architecture.layers().get(k));
        Value h = f.state("h" + k, "B", p.layer.outputSize());
        return switch (cell) {
            case Cell.Elman(Activation activation) -> {
                var op = new Recurrent.ElmanCell(activation);
                Value next = f.add("h" + k + "_next", op, x, h, p.hidden(), p.input(), p.bias());
                f.next(h, next);
                yield next;
            }
            case Cell.Lstm() -> {
                Value c = f.state("c" + k, "B", p.layer.hiddenSize());
                List<Value> next = f.addAll(
                        new Recurrent.LstmCell(LstmActivations.STANDARD),
                        List.of("h" + k + "_next", "c" + k + "_next"),
                        List.of(x, h, c, p.hidden(), p.input(), p.bias(), p.peepholes(), p.projection()));
                f.next(h, next.get(0));
                f.next(c, next.get(1));
                yield next.get(0);
            }
            case Cell.Gru(boolean resetAfter) -> {
                var op = new Recurrent.GruCell(Activation.SIGMOID, Activation.TANH, resetAfter);
                Value next = f.add("h" + k + "_next", op, x, h, p.hidden(), p.input(), p.bias(), p.hiddenBias());
                f.next(h, next);
                yield next;
            }
        };
    }

    /** @param folded whether x holds the share of the input and the bias */
    private Value layer(FunctionBuilder f, int k, Value x, Value lengths, boolean folded) {
        Parameters p = new Parameters(f, architecture.layers().get(k));
        Value input = folded ? Value.ABSENT : p.input();
        Value bias = folded ? Value.ABSENT : p.bias();
        Value h = f.state("h" + k, "B", p.layer.outputSize());
        var names = List.of("y" + k, "h" + k + "_next", "c" + k + "_next");
        return switch (cell) {
            case Cell.Elman(Activation activation) -> {
                List<Value> out = f.addAll(
                        new Recurrent.ElmanLayer(activation, false, false),
                        names.subList(0, 2),
                        List.of(x, h, p.hidden(), input, bias, lengths));
                f.next(h, out.get(1));
                yield out.get(0);
            }
            case Cell.Lstm() -> {
                Value c = f.state("c" + k, "B", p.layer.hiddenSize());
                List<Value> out = f.addAll(
                        new Recurrent.LstmLayer(LstmActivations.STANDARD, false, false),
                        names,
                        List.of(x, h, c, p.hidden(), input, bias, p.peepholes(), p.projection(), lengths));
                f.next(h, out.get(1));
                f.next(c, out.get(2));
                yield out.get(0);
            }
            case Cell.Gru(boolean resetAfter) -> {
                List<Value> out = f.addAll(
                        new Recurrent.GruLayer(Activation.SIGMOID, Activation.TANH, resetAfter, false, false),
                        names.subList(0, 2),
                        List.of(x, h, p.hidden(), input, bias, p.hiddenBias(), lengths));
                f.next(h, out.get(1));
                yield out.get(0);
            }
        };
    }

    private static Value optional(FunctionBuilder f, Optional<String> tensor, Object... dims) {
        return tensor.map(name -> f.weight(name, dims)).orElse(Value.ABSENT);
    }

    /** The weights of one layer as values of one function. */
    private final class Parameters {
        private final FunctionBuilder f;
        private final Layer layer;
        private final int rows;

        Parameters(FunctionBuilder f, Layer layer) {
            this.f = f;
            this.layer = layer;
            this.rows = cell.gates() * layer.hiddenSize();
        }

        Value hidden() {
            return f.weight(layer.weightHidden(), rows, layer.outputSize());
        }

        Value input() {
            return f.weight(layer.weightInput(), rows, layer.inputSize());
        }

        Value bias() {
            return optional(f, layer.bias(), rows);
        }

        Value hiddenBias() {
            return optional(f, layer.hiddenBias(), layer.hiddenSize());
        }

        Value peepholes() {
            return optional(f, layer.peepholes(), 3, layer.hiddenSize());
        }

        Value projection() {
            return optional(f, layer.projection(), layer.outputSize(), layer.hiddenSize());
        }
    }
}
