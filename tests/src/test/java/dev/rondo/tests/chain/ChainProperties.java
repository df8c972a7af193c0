package dev.rondo.tests.chain;

import static dev.rondo.tests.oracle.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.chain.Chain;
import dev.rondo.architecture.chain.ChainGraph;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Value;
import dev.rondo.tests.Engine;
import dev.rondo.tests.gradient.GradientCase;
import dev.rondo.tests.gradient.TrainingEngine;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import dev.rondo.train.gradient.Gradient;
import dev.rondo.train.gradient.Parameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What graphs of chains compute, against the sum over all paths, one by one. */
class ChainProperties {
    private static final int B = 4;

    /** Random scores of a batch; lengths from 0 to T. */
    private record Scene(
            Chain chain, int steps, int[] lengths, Map<String, NdArray> inputs, Map<String, NdArray> weights) {
        static Scene random(Random random) {
            int k = 1 + random.nextInt(4);
            int steps = 1 + random.nextInt(5);
            int[] lengths = {steps, random.nextInt(steps + 1), 1, 0};
            Chain chain = Chain.of(k);
            var inputs = Map.of(
                    "logits",
                    NdArray.random(random, 2, B, steps, k),
                    "tags",
                    NdArray.tabulate(ElementType.I32, List.of(B, steps), _ -> random.nextInt(k)),
                    "lengths",
                    NdArray.ints(lengths));
            var weights = new HashMap<String, NdArray>();
            chain.parameters()
                    .forEach(p -> weights.put(
                            p.name(), NdArray.random(random, 2, p.shape().toArray(Integer[]::new))));
            return new Scene(chain, steps, lengths, inputs, weights);
        }

        int k() {
            return chain.tags();
        }

        double weight(String name, int... index) {
            return weights.get(name).at(index);
        }

        /** The score of a path of row b: the definition. */
        double score(int b, int[] path) {
            if (path.length == 0) {
                return 0;
            }
            double sum = weight(chain.start(), path[0]) + weight(chain.end(), path[path.length - 1]);
            for (int t = 0; t < path.length; t++) {
                sum += inputs.get("logits").at(b, t, path[t]);
                sum += t == 0 ? 0 : weight(chain.transitions(), path[t - 1], path[t]);
            }
            return sum;
        }

        /** All paths of a length. */
        int[][] paths(int length) {
            int count = (int) Math.pow(k(), length);
            int[][] paths = new int[count][length];
            for (int i = 0; i < count; i++) {
                for (int t = 0, rest = i; t < length; t++, rest /= k()) {
                    paths[i][t] = rest % k();
                }
            }
            return paths;
        }

        double logPartition(int b) {
            double[] scores = Arrays.stream(paths(lengths[b]))
                    .mapToDouble(p -> score(b, p))
                    .toArray();
            return Reduction.LOG_SUM_EXP.apply(scores);
        }

        int[] gold(int b) {
            int[] path = new int[lengths[b]];
            for (int t = 0; t < path.length; t++) {
                path[t] = (int) inputs.get("tags").at(b, t);
            }
            return path;
        }

        /** The posterior probability of tag i at a place. */
        double marginal(int b, int t, int i) {
            double sum = 0;
            for (int[] path : paths(lengths[b])) {
                sum += path[t] == i ? Math.exp(score(b, path) - logPartition(b)) : 0;
            }
            return sum;
        }
    }

    /** Everything at once, the loss last. */
    private static Function everything(Chain chain) {
        var graph = new ChainGraph(chain);
        FunctionBuilder f = Function.builder("training");
        Value logits = f.input("logits", ElementType.F32, "B", "T", chain.tags());
        Value tags = f.input("tags", ElementType.I32, "B", "T");
        Value lengths = f.input("lengths", ElementType.I32, "B");
        f.output(graph.logPartition(f, logits, lengths));
        f.output(graph.score(f, logits, tags, lengths));
        f.output(graph.marginals(f, logits, lengths));
        Value losses = graph.losses(f, logits, tags, lengths);
        f.output(losses);
        f.output(f.add("loss", new Aggregation.Reduce(Reduction.SUM, 0, false), losses));
        return f.build();
    }

    @Property(tries = 25, edgeCases = EdgeCasesMode.NONE)
    void sumsOverAllPaths(@ForAll long seed) {
        Scene scene = Scene.random(new Random(seed));
        Function f = everything(scene.chain);
        for (Engine engine : Engine.all()) {
            Interpreter.Result got = engine.run(f, scene.inputs, scene.weights);
            List<NdArray> out =
                    f.outputs().stream().map(o -> got.output(o.name())).toList();
            double tolerance = 100 * engine.tolerance();
            double loss = 0;
            for (int b = 0; b < B; b++) {
                double gold = scene.score(b, scene.gold(b));
                double expected = scene.lengths[b] == 0 ? 0 : scene.logPartition(b) - gold;
                loss += expected;
                if (scene.lengths[b] > 0) {
                    assertEquals(scene.logPartition(b), out.get(0).at(b), tolerance, engine + " ln Z");
                }
                assertEquals(gold, out.get(1).at(b), tolerance, engine + " score");
                for (int t = 0; t < scene.steps; t++) {
                    for (int i = 0; i < scene.k(); i++) {
                        double p = t < scene.lengths[b] ? scene.marginal(b, t, i) : 0;
                        assertEquals(p, out.get(2).at(b, t, i), tolerance, engine + " marginal");
                    }
                }
                assertEquals(expected, out.get(3).at(b), tolerance, engine + " loss");
            }
            assertEquals(loss, out.get(4).at(), tolerance, engine + " sum of losses");
        }
    }

    /** Neither numbers nor tags nor anything else. */
    @Property(tries = 10, edgeCases = EdgeCasesMode.NONE)
    void whatStandsBehindARowChangesNothing(@ForAll long seed) {
        Scene scene = Scene.random(new Random(seed));
        Function f = everything(scene.chain);
        NdArray logits = scene.inputs.get("logits");
        NdArray tags = scene.inputs.get("tags");
        Map<String, NdArray> padded = Map.of(
                "logits",
                NdArray.tabulate(
                        ElementType.F32, logits.shape(), i -> i[1] < scene.lengths[i[0]] ? logits.at(i) : Double.NaN),
                "tags",
                NdArray.tabulate(ElementType.I32, tags.shape(), i -> i[1] < scene.lengths[i[0]] ? tags.at(i) : -1),
                "lengths",
                scene.inputs.get("lengths"));
        for (Engine engine : Engine.all()) {
            Interpreter.Result clean = engine.run(f, scene.inputs, scene.weights);
            Interpreter.Result dirty = engine.run(f, padded, scene.weights);
            clean.outputs().forEach((name, value) -> assertClose(value, dirty.output(name), 0, 0, engine + " " + name));
        }
    }

    /** By the logits and all parameters. */
    @Property(tries = 15, edgeCases = EdgeCasesMode.NONE)
    void theGradientOfTheLossAgreesWithDifferences(@ForAll long seed) {
        var random = new Random(seed);
        Scene scene = Scene.random(random);
        GradientCase found = gradient(scene, "loss");
        assertTrue(found.agreesWithDifferences(random));
        found.agreesOn(new TrainingEngine(random.nextBoolean(), random.nextBoolean()));
    }

    /** ∂ ln Z / ∂ logits[t,k] = P(yₜ = k): the identity that training rests on. */
    @Property(tries = 15, edgeCases = EdgeCasesMode.NONE)
    void theGradientOfThePartitionFunctionIsTheMarginal(@ForAll long seed) {
        Scene scene = Scene.random(new Random(seed));
        var graph = new ChainGraph(scene.chain);
        FunctionBuilder b = Function.builder("partition");
        Value logits = b.input("logits", ElementType.F32, "B", "T", scene.k());
        Value lengths = b.input("lengths", ElementType.I32, "B");
        Value all = b.add(new Aggregation.Reduce(Reduction.SUM, 0, false), graph.logPartition(b, logits, lengths));
        b.output(all);
        Function f = b.build();
        Map<String, NdArray> inputs = new HashMap<>(scene.inputs);
        inputs.remove("tags");
        NdArray slope = Interpreter.run(Gradient.of(f, all, List.of(logits)), inputs, Map.of(), scene.weights)
                .output("grad/logits");
        NdArray marginals = Interpreter.run(graph.marginals(), inputs, Map.of(), scene.weights)
                .output(ChainGraph.MARGINALS);
        for (int row = 0; row < B; row++) {
            for (int t = 0; t < scene.lengths[row]; t++) {
                for (int i = 0; i < scene.k(); i++) {
                    assertEquals(marginals.at(row, t, i), slope.at(row, t, i), 1e-9);
                }
            }
        }
    }

    /** A file says what its chain is, without inputs. */
    @Property(tries = 3, edgeCases = EdgeCasesMode.NONE)
    void theFunctionOfTheParametersGivesThem(@ForAll long seed) {
        Scene scene = Scene.random(new Random(seed));
        for (Engine engine : Engine.all()) {
            Interpreter.Result got = engine.run(new ChainGraph(scene.chain).chain(), Map.of(), scene.weights);
            assertClose(scene.weights.get(scene.chain.start()), got.output("start"), 0, 1e-7, "start");
            assertClose(
                    scene.weights.get(scene.chain.transitions()), got.output("transitions"), 0, 1e-7, "transitions");
            assertClose(scene.weights.get(scene.chain.end()), got.output("end"), 0, 1e-7, "end");
        }
    }

    private static GradientCase gradient(Scene scene, String loss) {
        Function fed = Parameters.asInputs(everything(scene.chain));
        Map<String, NdArray> values = new HashMap<>(scene.inputs);
        List<Value> parameters = new ArrayList<>(Parameters.of(fed));
        parameters.forEach(p -> values.put(p.name(), scene.weights.get(Parameters.tensorName(p))));
        parameters.add(fed.input("logits").orElseThrow());
        return new GradientCase("chain of " + scene.k(), fed, fed.output(loss).orElseThrow(), parameters, values);
    }
}
