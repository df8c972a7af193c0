package dev.rondo.train.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.architecture.LayerGraph;
import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.NetworkInput;
import dev.rondo.architecture.NetworkText;
import dev.rondo.architecture.Objective;
import dev.rondo.graph.Function;
import dev.rondo.train.Initialisation;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.Shard;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * What the kinds of dropout do without, seen through losses: two rows of one token over and over, so that steps differ by their
 * masks alone.
 */
class NetworkDropoutTest {
    private static final int STEPS = 6;
    private static final int TAGS = 3;

    /** A network in training. */
    private static final class Network {
        private final Shard shard;

        Network(String network) {
            LayerStack stack = NetworkText.parse(network, new NetworkInput.Tokens(5), LayerStack.Results.TAGS, TAGS);
            Function function = new LayerGraph(stack).training(new Objective.CrossEntropy(0));
            ParameterStore parameters = ParameterStore.of(function, List.of());
            for (String name : parameters.names()) {
                if (parameters.shape(name).size() > 1) {
                    parameters.initialise(name, new Initialisation.Normal(1), 1, 1);
                }
            }
            shard = Shard.forward(function, parameters, Map.of("B", 2, "T", STEPS), Model.Kernel.PLAIN);
        }

        /** The loss of the first steps of a row. */
        private double loss(int row, int steps, long seed) {
            shard.size("B", 2);
            shard.size("T", STEPS);
            for (int i = 0; i < 2 * STEPS; i++) {
                shard.input("tokens").set(i, 3);
                shard.input("targets").set(i, 1);
            }
            for (int i = 0; i < 2; i++) {
                shard.input("lengths").set(i, steps);
                shard.input("weights").set(i, i == row ? 1.0 : 0.0);
            }
            shard.input("seed").set(0, seed);
            shard.run();
            return shard.floats("loss")[0];
        }
    }

    /** Gal and Ghahramani 2016: each row has one mask for all its steps, another than the other row, and another with each seed. */
    @Test
    void variationalDropoutHasOneMaskForAllSteps() {
        var dropped = new Network("embedding(16) dropout(0.5, variational)");
        for (long seed = 0; seed < 20; seed++) {
            assertEquals(STEPS * dropped.loss(0, 1, seed), dropped.loss(0, STEPS, seed), 1e-4);
            assertNotEquals(dropped.loss(0, 1, seed), dropped.loss(1, 1, seed));
            assertNotEquals(dropped.loss(0, 1, seed), dropped.loss(0, 1, seed + 1));
        }
    }

    @Test
    void dropoutOfElementsHasAMaskForEachStep() {
        var dropped = new Network("embedding(16) dropout(0.5)");
        assertNotEquals(STEPS * dropped.loss(0, 1, 1), dropped.loss(0, STEPS, 1), 1e-2);
    }

    /** A token is there, times 1/(1 − p), or it is not, wherever it stands: two losses, without it ln 3 as biases are 0. */
    @Test
    void dropoutOfEmbeddingsDropsWholeTokens() {
        var dropped = new Network("embedding(16, dropout=0.25)");
        var losses = new TreeSet<Double>();
        int without = 0;
        for (long seed = 0; seed < 200; seed++) {
            double loss = dropped.loss(0, 1, seed);
            assertEquals(loss, dropped.loss(1, 1, seed), 1e-6, "in all rows");
            assertEquals(STEPS * loss, dropped.loss(0, STEPS, seed), 1e-4);
            losses.add(loss);
            without += Math.abs(loss - Math.log(TAGS)) < 1e-6 ? 1 : 0;
        }
        assertEquals(2, losses.size(), losses.toString());
        // 50 expected, with a deviation of 6.
        assertTrue(without > 25 && without < 75, without + " of 200 at p = 0.25");
    }

    /** Of the matrix from states to gates: the same connections are missing at every step, so two rows are alike. */
    @Test
    void recurrentDropoutIsOfConnections() {
        var dropped = new Network("embedding(16) elman(8, dropout=0.5)");
        assertEquals(dropped.loss(0, STEPS, 1), dropped.loss(1, STEPS, 1), 1e-6);
        assertNotEquals(dropped.loss(0, STEPS, 1), dropped.loss(0, STEPS, 2));
        assertEquals(dropped.loss(0, 1, 1), dropped.loss(0, 1, 2), 1e-6, "the first step has no state before it");
    }

    /** Of the state before: none at the first step, one mask a row after that, another with each seed. */
    @Test
    void stateDropoutIsOfUnitsOfARow() {
        for (String cell : List.of("elman", "lstm", "gru")) {
            var dropped = new Network("embedding(16) " + cell + "(8, state-dropout=0.5)");
            var whole = new Network("embedding(16) " + cell + "(8)");
            assertEquals(whole.loss(0, 1, 1), dropped.loss(0, 1, 1), 1e-5, "the first step has no state before it");
            assertEquals(dropped.loss(0, 1, 1), dropped.loss(0, 1, 2), 1e-6);
            assertNotEquals(dropped.loss(0, STEPS, 1), dropped.loss(1, STEPS, 1));
            assertNotEquals(dropped.loss(0, STEPS, 1), dropped.loss(0, STEPS, 2));
            assertNotEquals(whole.loss(0, STEPS, 1), dropped.loss(0, STEPS, 1));
        }
    }

    /** With one unit and one input that does not change: two courses of the loss over all steps, h as it is doubled or gone. */
    @Test
    void stateDropoutKeepsItsMaskForAllSteps() {
        var dropped = new Network("embedding(2) elman(1, state-dropout=0.5)");
        var whole = new Network("embedding(2) elman(1)");
        var losses = new TreeSet<Float>();
        for (long seed = 0; seed < 100; seed++) {
            losses.add((float) dropped.loss(0, STEPS, seed));
        }
        assertEquals(2, losses.size(), losses.toString());
        // Gone at every step: each step is a first one.
        double gone = STEPS * whole.loss(0, 1, 0);
        assertTrue(losses.stream().anyMatch(loss -> Math.abs(loss - gone) < 1e-4), losses + " without " + gone);
    }
}
