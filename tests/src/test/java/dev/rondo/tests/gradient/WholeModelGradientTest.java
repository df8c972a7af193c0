package dev.rondo.tests.gradient;

import static dev.rondo.tests.oracle.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.training.Training;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Op;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Value;
import dev.rondo.tests.oracle.Interpreter;
import dev.rondo.tests.oracle.NdArray;
import dev.rondo.tests.session.ModelFile;
import dev.rondo.tests.session.Places;
import dev.rondo.train.gradient.Gradient;
import dev.rondo.train.gradient.Parameters;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Gradients of whole models by all their weights: against differences, and on plans. */
class WholeModelGradientTest {
    private static final List<TrainingEngine> ENGINES =
            List.of(new TrainingEngine(false, true), new TrainingEngine(true, false));

    private final Random random = new Random(7);

    private NdArray ints(int below, Integer... shape) {
        return NdArray.tabulate(ElementType.I32, List.of(shape), _ -> random.nextInt(below));
    }

    /** Turns weights into parameters, keeps those of other types as weights, and checks. */
    private void check(
            Function f,
            String loss,
            Map<String, NdArray> inputs,
            Map<String, NdArray> states,
            Map<String, NdArray> weights,
            List<String> frozen) {
        Function fed = Parameters.asInputs(f);
        Map<String, NdArray> values = new HashMap<>(inputs);
        Map<String, NdArray> rest = new HashMap<>(weights);
        var parameters = new ArrayList<Value>();
        for (Value p : Parameters.of(fed)) {
            values.put(p.name(), rest.remove(Parameters.tensorName(p)));
            if (!frozen.contains(Parameters.tensorName(p))) {
                parameters.add(p);
            }
        }
        Value lossValue = fed.output(loss).orElseThrow();
        var found = new GradientCase(f.name(), fed, lossValue, parameters, values, states, rest);
        for (int i = 0; i < 3; i++) {
            assertTrue(found.agreesWithDifferences(random), "a kink in " + f.name());
        }
        for (Value parameter : parameters) {
            // One parameter alone: nothing hides behind the others.
            var alone = new GradientCase(
                    f.name() + " by " + parameter, fed, lossValue, List.of(parameter), values, states, rest);
            assertTrue(alone.agreesWithDifferences(random), "a kink in " + f.name());
        }
        ENGINES.forEach(found::agreesOn);
    }

    private static ModelFile model(String name) throws IOException {
        return ModelFile.of(Files.readString(Places.root().resolve("docs/decisions/graphs/" + name + ".graph")));
    }

    /** A function of another one's nodes and the mean cross-entropy of its logits. */
    private static Function withLoss(Function f, String logits, Op loss) {
        FunctionBuilder b = Function.builder("loss");
        f.inputs().forEach(v -> b.input(v.name(), v.type()));
        f.states().forEach(s -> b.state(s.value().name(), s.value().type()));
        f.nodes()
                .forEach(n ->
                        b.addAll(n.op(), n.outputs().stream().map(Value::name).toList(), n.inputs()));
        f.states().forEach(s -> b.next(s.value(), s.next()));
        Value scores = f.output(logits).orElseThrow();
        Value target = b.input(
                "target", ElementType.I32, scores.type().dims().subList(0, 2).toArray());
        Value each = b.add(loss, scores, target);
        Value rows = b.add(new Aggregation.Reduce(Reduction.SUM, 1, false), each);
        b.output(b.add("loss", new Aggregation.Reduce(Reduction.SUM, 0, false), rows));
        return b.build();
    }

    @Test
    void languageModel() throws IOException {
        ModelFile file = model("language-model").randomWeights(11, 1);
        var inputs = Map.of("tokens", ints(37, 3, 4), "lengths", NdArray.ints(4, 0, 2), "target", ints(37, 3, 4));
        Map<String, NdArray> states = new HashMap<>();
        for (String state : List.of("h0", "c0", "h1", "c1")) {
            states.put(state, NdArray.random(random, 0.5, 3, 20));
        }
        var loss = new Training.CrossEntropy(0);
        for (String name : List.of("sequence", "unfolded")) {
            Function f = withLoss(file.function(name), "logits", loss);
            check(f, "loss", inputs, states, file.weights(), List.of("decoder.bias"));
        }
    }

    @Test
    void attentionDecoder() throws IOException {
        ModelFile file = model("attention-decoder").randomWeights(12, 1);
        var inputs = Map.of(
                "source", ints(23, 2, 4),
                "source_lengths", NdArray.ints(4, 2),
                "previous", ints(17, 2, 3),
                "target", ints(17, 2, 3),
                "target_lengths", NdArray.ints(2, 3));
        check(file.function("loss"), "loss", inputs, Map.of(), file.weights(), List.of());
    }

    @Test
    void conditionalRandomField() throws IOException {
        ModelFile file = model("tagger-crf")
                .weight("crf.start", NdArray.ints(7))
                .weight("crf.initial", NdArray.vector(-9, -9, -9, -9, -9, -9, -9, 0, -9))
                .randomWeights(13, 1);
        var inputs = Map.of(
                "emission", NdArray.random(random, 1, 3, 4, 9),
                "tags", ints(7, 3, 4),
                "lengths", NdArray.ints(4, 1, 3));
        check(file.function("loss"), "loss", inputs, Map.of(), file.weights(), List.of("crf.initial"));
    }

    @Test
    void bidirectionalGruTagger() {
        FunctionBuilder f = Function.builder("tagger");
        Value tokens = f.input("tokens", ElementType.I32, "B", "T");
        Value lengths = f.input("lengths", ElementType.I32, "B");
        Value x = f.gather(f.weight("embedding", 11, 5), tokens);
        var directions = new ArrayList<Value>();
        for (boolean reverse : List.of(false, true)) {
            String name = reverse ? "backward." : "forward.";
            Op gru = new Recurrent.GruLayer(Activation.SIGMOID, Activation.TANH, reverse, reverse, false);
            List<Value> in = List.of(
                    x,
                    Value.ABSENT,
                    f.weight(name + "u", 12, 4),
                    f.weight(name + "w", 12, 5),
                    f.weight(name + "b", 12),
                    reverse ? f.weight(name + "d", 4) : Value.ABSENT,
                    lengths);
            directions.add(f.addAll(gru, List.of(), in).getFirst());
        }
        Value both = f.concat(2, directions.toArray(Value[]::new));
        f.output(f.linear(both, f.weight("out", 6, 8), f.weight("out.bias", 6)));
        Function tagger = f.build();
        Function loss = withLoss(tagger, tagger.outputs().getFirst().name(), new Training.CrossEntropy(0.125f));
        Map<String, NdArray> weights = new HashMap<>();
        tagger.weights()
                .forEach(w -> weights.put(
                        w.tensorName(),
                        NdArray.random(
                                random,
                                0.5,
                                w.type().dims().stream()
                                        .map(d -> (int) d.fixed())
                                        .toArray(Integer[]::new))));
        var inputs = Map.of("tokens", ints(11, 3, 5), "lengths", NdArray.ints(5, 1, 3), "target", ints(6, 3, 5));
        check(loss, "loss", inputs, Map.of(), weights, List.of());
    }

    /** A weight used twice has the sum of the gradients of two copies of it. */
    @Test
    void tiedWeights() {
        var tied = new HashMap<String, NdArray>();
        tied.put("e", NdArray.random(random, 0.5, 7, 5));
        tied.put("u", NdArray.random(random, 0.5, 5, 5));
        var untied = new HashMap<>(tied);
        untied.put("out", tied.get("e"));
        untied.put("u2", tied.get("u"));
        var inputs = Map.of("tokens", ints(7, 2, 4), "target", ints(7, 2, 4));
        Map<String, NdArray> once = gradients(tiedModel("e", "u"), inputs, tied);
        Map<String, NdArray> twice = gradients(tiedModel("out", "u2"), inputs, untied);
        assertClose(sum(twice.get("e"), twice.get("out")), once.get("e"), 1e-12, "embedding and output");
        assertClose(sum(twice.get("u"), twice.get("u2")), once.get("u"), 1e-12, "both layers");
    }

    private static NdArray sum(NdArray a, NdArray b) {
        return NdArray.tabulate(a.element(), a.shape(), i -> a.at(i) + b.at(i));
    }

    private static Function tiedModel(String output, String second) {
        FunctionBuilder f = Function.builder("tied");
        Value tokens = f.input("tokens", ElementType.I32, "B", "T");
        Value y = f.gather(f.weight("e", 7, 5), tokens);
        for (String u : List.of("u", second)) {
            Op layer = new Recurrent.ElmanLayer(Activation.TANH, false, false);
            y = f.addAll(
                            layer,
                            List.of(),
                            List.of(y, Value.ABSENT, f.weight(u, 5, 5), Value.ABSENT, Value.ABSENT, Value.ABSENT))
                    .getFirst();
        }
        f.output(f.linear(y, f.weight(output, 7, 5), Value.ABSENT));
        Function model = f.build();
        return withLoss(model, model.outputs().getFirst().name(), new Training.CrossEntropy(0));
    }

    /** Gradients by tensor name. */
    private static Map<String, NdArray> gradients(
            Function f, Map<String, NdArray> inputs, Map<String, NdArray> weights) {
        Function fed = Parameters.asInputs(f);
        List<Value> parameters = Parameters.of(fed);
        Map<String, NdArray> values = new HashMap<>(inputs);
        parameters.forEach(p -> values.put(p.name(), weights.get(Parameters.tensorName(p))));
        Function gradient = Gradient.of(fed, fed.output("loss").orElseThrow(), parameters);
        Interpreter.Result result = Interpreter.run(gradient, values, Map.of(), Map.of());
        Map<String, NdArray> found = new HashMap<>();
        parameters.forEach(p -> found.put(Parameters.tensorName(p), result.output("grad/" + p.name())));
        return found;
    }
}
