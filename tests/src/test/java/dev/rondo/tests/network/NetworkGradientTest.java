package dev.rondo.tests.network;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.LayerGraph;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.tests.gradient.GradientCase;
import dev.rondo.tests.gradient.TrainingEngine;
import dev.rondo.tests.oracle.NdArray;
import dev.rondo.train.gradient.Parameters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The gradient of training, of whole tiny networks with every layer by all their parameters, against central differences. */
class NetworkGradientTest {
    private static final int TRIES = 4;

    static Stream<Networks> networks() {
        return Networks.ALL.stream();
    }

    private static GradientCase gradient(Networks network, Random random) {
        Function fed = Parameters.asInputs(new LayerGraph(network.stack()).training(network.objective(random)));
        Map<String, NdArray> values = new HashMap<>(network.inputs(random, 3, 4, NdArray.ints(4, 2, 3)));
        values.put("targets", network.targets(random, 3, 4));
        values.put("weights", NdArray.random(random, 1, 3));
        fed.input("class_weights").ifPresent(w -> values.put(w.name(), NdArray.random(random, 1, network.outputs())));
        values.put("seed", new NdArray(ElementType.I64, List.of(), new double[] {random.nextInt(1000)}));
        List<Value> parameters = Parameters.of(fed);
        for (Value p : parameters) {
            Integer[] shape = p.type().dims().stream().map(d -> (int) d.fixed()).toArray(Integer[]::new);
            values.put(p.name(), NdArray.random(random, 0.5, shape));
        }
        return new GradientCase(network.text(), fed, fed.output("loss").orElseThrow(), parameters, values);
    }

    /** What has a kink too near (a maximum that changes its place) is tried again. */
    @ParameterizedTest
    @MethodSource("networks")
    void gradientsOfWholeNetworksAgreeWithDifferences(Networks network) {
        var random = new Random(network.text().hashCode());
        int agreed = 0;
        for (int i = 0; i < TRIES; i++) {
            GradientCase found = gradient(network, random);
            agreed += found.agreesWithDifferences(random) ? 1 : 0;
            found.agreesOn(new TrainingEngine(random.nextBoolean(), random.nextBoolean()));
        }
        assertTrue(agreed > 0, "kinks near all of " + network);
    }
}
