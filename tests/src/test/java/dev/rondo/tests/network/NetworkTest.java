package dev.rondo.tests.network;

import static dev.rondo.tests.oracle.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.architecture.LayerGraph;
import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.chain.Chain;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Function;
import dev.rondo.tests.Engine;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every network of the notation. */
class NetworkTest {
    static Stream<Networks> networks() {
        return Networks.ALL.stream();
    }

    private static Map<String, NdArray> weights(LayerStack stack, Random random) {
        var weights = new HashMap<String, NdArray>();
        for (Parameter p : Stream.concat(
                        stack.parameters().stream(), Chain.of(stack.outputSize()).parameters().stream())
                .toList()) {
            NdArray values = NdArray.random(random, 0.5, p.shape().toArray(Integer[]::new));
            weights.put(p.name(), p.name().endsWith(".variance") ? values.map(v -> 1 + v) : values);
        }
        return weights;
    }

    private static Map<String, NdArray> fitting(Map<String, NdArray> values, Function f) {
        return values.entrySet().stream()
                .filter(e -> f.input(e.getKey()).isPresent())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Its parameters are the weights of its functions, shape by shape. */
    @ParameterizedTest
    @MethodSource("networks")
    void parametersAreTheWeightsOfItsFunctions(Networks network) {
        LayerStack stack = network.stack();
        Map<String, List<Integer>> declared =
                stack.parameters().stream().collect(Collectors.toMap(Parameter::name, Parameter::shape));
        Map<String, List<Integer>> used = new HashMap<>();
        Function f = new LayerGraph(stack).sequence();
        Stream.concat(f.bodies().stream(), Stream.of(f))
                .flatMap(g -> g.weights().stream())
                .forEach(w -> used.put(
                        w.tensorName(),
                        w.type().dims().stream().map(d -> (int) d.fixed()).toList()));
        assertEquals(declared, used);
    }

    /** On every engine, and each row alone: what stands behind its length, and beside it, changes nothing. */
    @ParameterizedTest
    @MethodSource("networks")
    void rowsAreWhatTheyAreAlone(Networks network) {
        var random = new Random(network.text().hashCode());
        LayerStack stack = network.stack();
        Function f = new LayerGraph(stack).sequence();
        Map<String, NdArray> weights = weights(stack, random);
        boolean lengths = f.input("lengths").isPresent();
        NdArray each = lengths ? NdArray.ints(4, 2, 3) : NdArray.ints(4, 4, 4);
        Map<String, NdArray> inputs = fitting(network.inputs(random, 3, 4, each), f);
        Map<String, NdArray> states = zeroStates(f, 3);
        String name = f.outputs().getFirst().name();
        NdArray all = Interpreter.run(f, inputs, states, weights).output(name);
        for (Engine engine : Engine.all()) {
            assertClose(all, engine.run(f, inputs, states, weights).output(name), 1e-4, engine.name());
        }
        for (int row = 0; row < 3; row++) {
            int length = (int) each.at(row);
            Map<String, NdArray> alone = new HashMap<>();
            for (Map.Entry<String, NdArray> input : inputs.entrySet()) {
                alone.put(input.getKey(), row(input.getValue(), row, stack.hasTime() ? length : -1));
            }
            NdArray own = Interpreter.run(f, alone, zeroStates(f, 1), weights).output(name);
            NdArray same = row(all, row, stack.givesSteps() ? own.shape().get(1) : -1);
            assertClose(own, same, 1e-10, "row " + row + " of " + network);
        }
    }

    private static Map<String, NdArray> zeroStates(Function f, int rows) {
        var states = new HashMap<String, NdArray>();
        f.states().forEach(s -> {
            Integer[] shape = s.value().type().dims().stream()
                    .map(d -> d.isFixed() ? (int) d.fixed() : rows)
                    .toArray(Integer[]::new);
            states.put(s.value().name(), NdArray.tabulate(s.value().type().element(), List.of(shape), _ -> 0));
        });
        return states;
    }

    /** A row, cut to so many steps; -1 for all of it. */
    private static NdArray row(NdArray x, int row, int steps) {
        var shape = new ArrayList<>(x.shape());
        int size = x.values().length / shape.getFirst();
        shape.set(0, 1);
        int kept = size;
        if (steps >= 0 && shape.size() > 1) {
            kept = size / shape.get(1) * steps;
            shape.set(1, steps);
        }
        return new NdArray(x.element(), shape, Arrays.copyOfRange(x.values(), row * size, row * size + kept));
    }

    /** Evaluation gives what the file's function gives, and the losses of training without dropout. */
    @ParameterizedTest
    @MethodSource("networks")
    void evaluationAgreesWithTheFileAndWithTraining(Networks network) {
        var random = new Random(network.text().hashCode());
        LayerStack stack = network.stack();
        var graph = new LayerGraph(stack);
        Map<String, NdArray> weights = weights(stack, random);
        boolean lengths = graph.sequence().input("lengths").isPresent();
        Map<String, NdArray> inputs =
                new HashMap<>(network.inputs(random, 3, 4, lengths ? NdArray.ints(4, 2, 3) : NdArray.ints(4, 4, 4)));
        inputs.put("targets", network.targets(random, 3, 4));
        var objective = network.objective(random);
        Function evaluation = graph.evaluation(objective);
        Interpreter.Result judged = Interpreter.run(evaluation, fitting(inputs, evaluation), Map.of(), weights);
        Function file = graph.sequence();
        String name = file.outputs().getFirst().name();
        NdArray used = Interpreter.run(file, fitting(inputs, file), zeroStates(file, 3), weights)
                .output(name);
        assertClose(used, judged.output(name), 1e-12, "results");
        if (network.text().contains("dropout") || network.text().contains("batchnorm")) {
            return;
        }
        inputs.put("weights", NdArray.vector(1, 1, 1));
        inputs.put("seed", new NdArray(ElementType.I64, List.of(), new double[] {1}));
        Function training = graph.training(objective);
        double sum;
        double[] losses = judged.output("losses").values();
        if (training.input("class_weights").isPresent()) {
            // The loss of each tag times the weight of that tag, and the sum of these weights for a mean.
            double[] ofTags = NdArray.random(random, 1, network.outputs()).values();
            inputs.put("class_weights", NdArray.vector(ofTags));
            double[] tags = inputs.get("targets").values();
            sum = 0;
            double count = 0;
            for (int i = 0; i < losses.length; i++) {
                boolean counts = i % 4 < new int[] {4, 2, 3}[i / 4] || !lengths;
                sum += ofTags[(int) tags[i]] * losses[i];
                count += counts ? ofTags[(int) tags[i]] : 0;
            }
            NdArray counted = Interpreter.run(training, fitting(inputs, training), Map.of(), weights)
                    .output("count");
            assertEquals(count, counted.at(), 1e-9);
        } else {
            sum = Arrays.stream(losses).sum();
        }
        Interpreter.Result trained = Interpreter.run(training, fitting(inputs, training), Map.of(), weights);
        assertEquals(trained.output("loss").at(), sum, 1e-9 * Math.max(1, Math.abs(sum)));
    }
}
