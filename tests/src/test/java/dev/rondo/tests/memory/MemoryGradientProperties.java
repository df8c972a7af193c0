package dev.rondo.tests.memory;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.memory.MemoryNetwork;
import dev.rondo.architecture.memory.MemoryNetworkGraph;
import dev.rondo.architecture.memory.SentenceEncoding;
import dev.rondo.architecture.memory.TuringMachine;
import dev.rondo.architecture.memory.TuringMachineGraph;
import dev.rondo.architecture.memory.Tying;
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
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** The gradient of training, of whole tiny memory networks and Turing machines by all their parameters, against differences. */
class MemoryGradientProperties {
    private static final int WORDS = 3;

    private static void check(Object what, Function training, Map<String, NdArray> inputs, Random random) {
        Function fed = Parameters.asInputs(training);
        Map<String, NdArray> values = new HashMap<>(inputs);
        List<Value> parameters = Parameters.of(fed);
        for (Value p : parameters) {
            Integer[] shape = p.type().dims().stream().map(d -> (int) d.fixed()).toArray(Integer[]::new);
            values.put(p.name(), NdArray.random(random, 0.7, shape));
        }
        Value loss = fed.output("loss").orElseThrow();
        var all = new GradientCase(what.toString(), fed, loss, parameters, values);
        assertTrue(all.agreesWithDifferences(random), "a kink");
        all.agreesOn(new TrainingEngine(random.nextBoolean(), random.nextBoolean()));
        // One alone, so that no other hides it.
        Value one = parameters.get(random.nextInt(parameters.size()));
        var alone = new GradientCase(what + " by " + one, fed, loss, List.of(one), values);
        assertTrue(alone.agreesWithDifferences(random), "a kink");
    }

    private static NdArray ids(Random random, int below, Integer... shape) {
        return NdArray.tabulate(ElementType.I32, List.of(shape), _ -> random.nextInt(below));
    }

    /** Words from the left, the rest padding, as a recurrent encoder wants it. */
    private static NdArray sentences(Random random, int vocabulary, Integer... shape) {
        int[] left = {0};
        return NdArray.tabulate(ElementType.I32, List.of(shape), i -> {
            int j = i[i.length - 1];
            left[0] = j == 0 ? random.nextInt(WORDS + 1) : left[0];
            return j < left[0] ? 1 + random.nextInt(vocabulary - 1) : 0;
        });
    }

    private static MemoryNetwork network(Tying tying, SentenceEncoding encoding, Random random) {
        return new MemoryNetwork(
                7, 4, 6, WORDS, 1 + random.nextInt(3), tying, encoding, random.nextBoolean(), random.nextBoolean());
    }

    @Property(tries = 4, edgeCases = EdgeCasesMode.NONE)
    void gradientsOfMemoryNetworksAgreeWithDifferences(@ForAll long seed) {
        var random = new Random(seed);
        for (Tying tying : Tying.values()) {
            for (SentenceEncoding encoding :
                    List.of(new SentenceEncoding.Bag(), new SentenceEncoding.Position(), MemoryNetwork.recurrent(4))) {
                MemoryNetwork network = network(tying, encoding, random);
                int rows = 1 + random.nextInt(3);
                int places = 1 + random.nextInt(network.sentences());
                double linear = random.nextInt(3) / 2.0;
                Map<String, NdArray> inputs = Map.of(
                        "story", sentences(random, 7, rows, places, WORDS),
                        "query", sentences(random, 7, rows, WORDS),
                        "sentences", ids(random, places + 1, rows),
                        "linear", new NdArray(ElementType.F32, List.of(), new double[] {linear}),
                        "target", ids(random, 7, rows));
                check(network, new MemoryNetworkGraph(network).training(), inputs, random);
            }
        }
    }

    @Property(tries = 6, edgeCases = EdgeCasesMode.NONE)
    void gradientsOfTuringMachinesAgreeWithDifferences(@ForAll long seed) {
        var random = new Random(seed);
        for (TuringMachine.Controller controller : TuringMachine.Controller.values()) {
            int rows = 3 + random.nextInt(3);
            var machine = new TuringMachine(
                    2 + random.nextInt(2),
                    1 + random.nextInt(2),
                    controller,
                    3,
                    rows,
                    2 + random.nextInt(2),
                    1 + random.nextInt(2),
                    1 + random.nextInt(2),
                    random.nextInt(2));
            int batch = 1 + random.nextInt(2);
            int steps = 1 + random.nextInt(4);
            Map<String, NdArray> inputs = Map.of(
                    "x", NdArray.random(random, 1, batch, steps, machine.inputSize()),
                    "target", NdArray.random(random, 1, batch, steps, machine.outputSize()),
                    "counts", NdArray.tabulate(ElementType.F32, List.of(steps), i -> 1 - i[0] % 2));
            check(machine, new TuringMachineGraph(machine).training(), inputs, random);
        }
    }
}
