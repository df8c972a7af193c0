package dev.rondo.architecture;

import dev.rondo.architecture.training.Training;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Node;
import dev.rondo.graph.Op;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
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

    private final LanguageModelArchitecture architecture;

    /** The functions over the parameters of an architecture. */
    public LanguageModelGraph(LanguageModelArchitecture architecture) {
        this.architecture = architecture;
    }

    /**
     * The architecture whose {@link #step()} a function is: so a file says what it holds, wherever its weights come from.
     * Empty where it computes anything else.
     */
    public static Optional<LanguageModelArchitecture> architecture(Function step) {
        var layers = new ArrayList<RecurrentParameters>();
        Value embedding = Value.ABSENT;
        Value output = Value.ABSENT;
        Value outputBias = Value.ABSENT;
        Cell cell = null;
        for (Node node : step.nodes()) {
            switch (node.op()) {
                case Structure.Gather _ -> embedding = node.inputs().getFirst();
                case Contraction.Linear _ -> {
                    output = node.input("weight");
                    outputBias = node.input("bias");
                }
                case Recurrent.ElmanCell(var activation) -> {
                    cell = new Cell.Elman(activation);
                    layers.add(parameters(node, 1));
                }
                case Recurrent.LstmCell _ -> {
                    cell = new Cell.Lstm();
                    layers.add(parameters(node, 4));
                }
                case Recurrent.GruCell(var _, var _, boolean resetAfter) -> {
                    cell = new Cell.Gru(resetAfter);
                    layers.add(parameters(node, 3));
                }
                default -> {
                    return Optional.empty();
                }
            }
        }
        boolean complete = embedding.isWeight()
                && output.isWeight()
                && !layers.isEmpty()
                && layers.stream().noneMatch(l -> l.weightInput().isEmpty());
        if (!complete) {
            return Optional.empty();
        }
        var found = new LanguageModelArchitecture(
                cell,
                size(embedding, 0),
                size(embedding, 1),
                embedding.tensorName(),
                layers,
                output.tensorName(),
                tensor(outputBias));
        return new LanguageModelGraph(found).step().equals(step) ? Optional.of(found) : Optional.empty();
    }

    /** What a cell reads; without a name where the input's weight is no weight. */
    private static RecurrentParameters parameters(Node node, int gates) {
        Value hidden = node.input("weight_hidden");
        Value input = node.input("weight_input");
        if (!hidden.isWeight() || !input.isWeight()) {
            return new RecurrentParameters(
                    0, 0, 0, "", "", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        }
        List<String> slots = node.op().slots().stream().map(Op.Slot::name).toList();
        return new RecurrentParameters(
                size(input, 1),
                size(hidden, 0) / gates,
                size(hidden, 1),
                input.tensorName(),
                hidden.tensorName(),
                tensor(node, slots, "bias"),
                tensor(node, slots, "hidden_bias"),
                tensor(node, slots, "peepholes"),
                tensor(node, slots, "projection"));
    }

    private static int size(Value weight, int axis) {
        return Math.toIntExact(weight.type().dim(axis).fixed());
    }

    private static Optional<String> tensor(Node node, List<String> slots, String slot) {
        return slots.contains(slot) ? tensor(node.input(slot)) : Optional.empty();
    }

    private static Optional<String> tensor(Value value) {
        return value.isWeight() ? Optional.of(value.tensorName()) : Optional.empty();
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
            y = nodes(f, k).sequence("y" + k, y, lengths, false, false, true);
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
        Value table = embedding(f);
        if (folded) {
            RecurrentNodes first = nodes(f, 0);
            table = f.linear(table, first.input(), first.bias());
        }
        Value y = dropped(f, f.gather(table, tokens), seed, dropout.input(), 0);
        int count = architecture.layers().size();
        for (int k = 0; k < count; k++) {
            y = nodes(f, k).sequence("y" + k, y, Value.ABSENT, folded && k == 0, false, true);
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
            x = nodes(f, k).step(x);
        }
        return logits(f, x);
    }

    private Value embedding(FunctionBuilder f) {
        return f.weight(architecture.embedding(), architecture.vocabularySize(), architecture.embeddingSize());
    }

    private Value logits(FunctionBuilder f, Value x) {
        RecurrentParameters last = architecture.layers().getLast();
        return f.add(
                "logits",
                new Contraction.Linear(),
                x,
                f.weight(architecture.output(), architecture.vocabularySize(), last.outputSize()),
                RecurrentNodes.optional(f, architecture.outputBias(), architecture.vocabularySize()));
    }

    private RecurrentNodes nodes(FunctionBuilder f, int k) {
        return new RecurrentNodes(f, architecture.cell(), architecture.layers().get(k), k);
    }
}
