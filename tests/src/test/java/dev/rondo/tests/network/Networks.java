package dev.rondo.tests.network;

import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.LayerStack.Results;
import dev.rondo.architecture.NetworkInput;
import dev.rondo.architecture.NetworkText;
import dev.rondo.architecture.Objective;
import dev.rondo.architecture.chain.Chain;
import dev.rondo.architecture.chain.ChainGraph;
import dev.rondo.format.ElementType;
import dev.rondo.tests.oracle.NdArray;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Tiny networks with every layer of the notation.
 *
 * @param outputs of the last map: classes, tags or numbers
 */
record Networks(String text, NetworkInput input, Results results, int outputs) {
    private static final int WORDS = 11;
    private static final int CHARACTERS = 7;
    private static final int NUMBERS = 3;
    private static final int POINTS = 36;

    private static Networks tags(String text) {
        return new Networks(text, new NetworkInput.Words(WORDS, CHARACTERS), Results.TAGS, 4);
    }

    private static Networks classes(String text) {
        return new Networks(text, new NetworkInput.Tokens(WORDS), Results.CLASSES, 3);
    }

    private static Networks images(String text) {
        return new Networks(text, new NetworkInput.Vectors(POINTS), Results.CLASSES, 3);
    }

    private static Networks numbers(String text) {
        return new Networks(text, new NetworkInput.Steps(NUMBERS), Results.VALUES, 2);
    }

    private static Networks vectors(String text) {
        return new Networks(text, new NetworkInput.Vectors(NUMBERS), Results.VALUES, 2);
    }

    static final List<Networks> ALL = List.of(
            tags("embedding(4)"),
            tags("embedding(4) lstm(3)"),
            tags("embedding(5, dropout=0.2) dropout(0.3, variational) lstm(3, bidirectional, dropout=0.25)"
                    + " dropout(0.5)"),
            tags("embedding(3) characters(embedding(2) gru(2, bidirectional) pool(ends)) gru(3, bidirectional)"),
            tags("embedding(3) characters(embedding(2) conv(3, 3) pool(max)) elman(4, relu) linear(3) tanh"),
            tags("embedding(4) positions(9) transformer(6, heads=2, dropout=0.1) attention(heads=4)"),
            tags("embedding(4) hyper(3, 2) multiplicative(5)"),
            tags("embedding(4) conv(4, 3, causal) highway(linear(4) tanh) residual(gru(4) layernorm)"),
            tags("embedding(4) lstm(3, state-dropout=0.4)"),
            tags("embedding(3) characters(embedding(2) gru(2, state-dropout=0.3) pool(last)) gru(3,"
                    + " state-dropout=0.3)"),
            classes("embedding(4) elman(5, bidirectional, state-dropout=0.5) pool(mean)"),
            classes("embedding(4) lstm(3, bidirectional, dropout=0.2, state-dropout=0.25) pool(ends)"),
            numbers("gru(4, dropout=0.2, state-dropout=0.25)"),
            classes("embedding(4) lstm(3, bidirectional) pool(ends)"),
            classes("embedding(4) gru(3) pool(last)"),
            classes("embedding(4) elman(3, bidirectional) pool(mean, max) linear(5) sigmoid"),
            classes("embedding(4) gru(3, bidirectional) pool(attention, mean, units=2)"),
            classes("embedding(4) parallel(conv(2, 2) tanh pool(max) | conv(3, 3) tanh pool(max)) dropout(0.5)"),
            classes("embedding(4) conv(3, 2, valid) conv(3, 3, dilation=2) downsample(mean, 2) pool(mean)"),
            classes("embedding(4) residual(conv(6, 3) batchnorm tanh) pool(mean)"),
            images("image(6, 6) conv2d(3, 3) tanh pool2d(mean, 2) flatten linear(4) tanh"),
            images("image(6, 6) conv2d(2, 3, valid) batchnorm tanh residual(conv2d(3, 3, stride=2) batchnorm)"
                    + " pool2d(max, all)"),
            images("image(6, 6) conv2d(2, 2, stride=2) pool2d(max, 2, stride=1) residual(conv2d(2, 3) tanh) flatten"),
            images("image(3, 4, 3) residual(conv2d(3, 3) tanh conv2d(3, 3)) pool2d(mean, all)"),
            numbers("lstm(4) dropout(0.2)"),
            numbers("gru(3, bidirectional)"),
            numbers("elman(3, identity) pool(last)"),
            numbers("conv(3, 3, valid) tanh"),
            vectors("linear(4) sigmoid linear(3) sigmoid"),
            vectors("linear(5) batchnorm relu"),
            vectors("linear(4) tanh repeat(5) lstm(3)"));

    LayerStack stack() {
        Optional<String> scaled =
                results == Results.VALUES && text.contains("lstm") ? Optional.of("standard") : Optional.empty();
        return NetworkText.parse(text, input, scaled, results, outputs);
    }

    Objective objective(Random random) {
        if (results == Results.TAGS && text.contains("bidirectional")) {
            return new Objective.RandomField(new ChainGraph(Chain.of(outputs))::losses);
        }
        return results != Results.VALUES
                ? new Objective.CrossEntropy(
                        random.nextBoolean() ? 0 : 0.125, results == Results.TAGS && random.nextBoolean())
                : random.nextBoolean() ? new Objective.SquaredError() : new Objective.AbsoluteError();
    }

    /** Inputs of so many rows and steps, the first row as long as there are steps; without targets. */
    Map<String, NdArray> inputs(Random random, int rows, int steps, NdArray lengths) {
        var values = new HashMap<String, NdArray>();
        switch (input) {
            case NetworkInput.Tokens(int vocabulary) -> values.put("tokens", ids(random, vocabulary, rows, steps));
            case NetworkInput.Words(int vocabulary, int characters) -> {
                values.put("tokens", ids(random, vocabulary, rows, steps));
                if (stack().spells()) {
                    values.put("characters", ids(random, characters, rows, steps, 4));
                    values.put(
                            "character_lengths",
                            NdArray.tabulate(ElementType.I32, List.of(rows, steps), _ -> 1 + random.nextInt(4)));
                }
            }
            case NetworkInput.Steps(int size) -> values.put("x", NdArray.random(random, 1, rows, steps, size));
            case NetworkInput.Vectors(int size) -> values.put("x", NdArray.random(random, 1, rows, size));
        }
        if (!(input instanceof NetworkInput.Vectors)) {
            values.put("lengths", lengths);
        }
        return values;
    }

    NdArray targets(Random random, int rows, int steps) {
        return switch (results) {
            case CLASSES -> ids(random, outputs, rows);
            case TAGS, NEXT -> ids(random, outputs, rows, steps);
            case VALUES -> {
                LayerStack stack = stack();
                if (!stack.givesSteps()) {
                    yield NdArray.random(random, 1, rows, outputs);
                }
                yield NdArray.random(random, 1, rows, stepsOf(steps), outputs);
            }
        };
    }

    /** Steps that it gives of so many. */
    int stepsOf(int steps) {
        if (text.contains("repeat")) {
            return 5;
        }
        return text.contains("valid") ? steps - 2 : steps;
    }

    private static NdArray ids(Random random, int below, Integer... shape) {
        return NdArray.tabulate(ElementType.I32, List.of(shape), _ -> random.nextInt(below));
    }

    @Override
    public String toString() {
        return text;
    }
}
