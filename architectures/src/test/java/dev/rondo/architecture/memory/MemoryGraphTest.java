package dev.rondo.architecture.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.Parameter;
import dev.rondo.error.InputException;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MemoryGraphTest {
    private static MemoryNetwork network(Tying tying, SentenceEncoding encoding) {
        return new MemoryNetwork(7, 4, 5, 3, 2, tying, encoding, true, true);
    }

    private static Set<String> weights(Function f) {
        var functions = new LinkedHashSet<>(f.bodies());
        functions.add(f);
        return functions.stream()
                .flatMap(g -> g.weights().stream())
                .map(Value::tensorName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> names(List<Parameter> parameters) {
        return parameters.stream().map(Parameter::name).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyParameterOfAMemoryNetworkIsUsed() {
        for (Tying tying : Tying.values()) {
            for (SentenceEncoding encoding :
                    List.of(new SentenceEncoding.Bag(), new SentenceEncoding.Position(), MemoryNetwork.recurrent(4))) {
                MemoryNetwork network = network(tying, encoding);
                var graph = new MemoryNetworkGraph(network);
                for (Function f : List.of(graph.answer(), graph.training(), graph.evaluation())) {
                    assertEquals(names(network.parameters()), weights(f), f.name() + " of " + network);
                }
            }
        }
    }

    @Test
    void answersHaveTheShapesThatAreSaid() {
        Function answer = new MemoryNetworkGraph(network(Tying.ADJACENT, new SentenceEncoding.Position())).answer();
        assertEquals(
                "[story: i32[B,S,3], query: i32[B,3], sentences: i32[B]]",
                answer.inputs().toString());
        assertEquals(
                "[logits: f32[B,7], hop_attention: f32[B,2,S], hop_state: f32[B,3,4], answer: i64[B]]",
                answer.outputs().toString());
    }

    /** K hops have K + 1 tables when they are adjacent, and three and a matrix when they are layer-wise. */
    @Test
    void tyingSharesTables() {
        assertEquals(
                Set.of(
                        "embedding.0",
                        "embedding.1",
                        "embedding.2",
                        "temporal.0",
                        "temporal.1",
                        "temporal.2",
                        "position"),
                names(network(Tying.ADJACENT, new SentenceEncoding.Position()).parameters()));
        assertEquals(
                Set.of(
                        "embedding.query",
                        "embedding.key",
                        "embedding.value",
                        "temporal.key",
                        "temporal.value",
                        "hop.weight",
                        "hop.bias",
                        "output.weight",
                        "output.bias"),
                names(network(Tying.LAYER_WISE, new SentenceEncoding.Bag()).parameters()));
    }

    /** Section 4.1: l_kj = (1 - j/J) - (k/d)(1 - 2j/J), from 1 on. */
    @Test
    void positionsAreThoseOfThePaper() {
        float[] l = network(Tying.ADJACENT, new SentenceEncoding.Position()).positions();
        assertEquals(12, l.length);
        assertEquals((1 - 1 / 3.0) - 1 / 4.0 * (1 - 2 / 3.0), l[0], 1e-7);
        assertEquals((1 - 2 / 3.0) - 3 / 4.0 * (1 - 4 / 3.0), l[1 * 4 + 2], 1e-7);
        assertEquals(0 - 1 * (1 - 2.0), l[2 * 4 + 3], 1e-7);
    }

    @Test
    void everyParameterOfATuringMachineIsUsed() {
        for (TuringMachine.Controller controller : TuringMachine.Controller.values()) {
            var machine = new TuringMachine(3, 2, controller, 5, 6, 4, 2, 1, 1);
            var graph = new TuringMachineGraph(machine);
            assertEquals(names(machine.parameters()), weights(graph.training()));
            var inference = new TreeSet<>(weights(graph.start()));
            inference.addAll(weights(graph.step()));
            assertEquals(names(machine.parameters()), inference);
            assertEquals(
                    graph.step().states().stream()
                            .map(s -> s.value().toString())
                            .sorted()
                            .toList(),
                    graph.start().states().stream()
                            .map(s -> s.value().toString())
                            .sorted()
                            .toList());
            assertEquals(
                    "[y: f32[B,2], looks: f32[B,3,6]]", graph.step().outputs().toString());
            assertEquals(
                    "[y: f32[B,T,2], looks: f32[B,T,3,6]]",
                    graph.sequence().outputs().toString());
        }
    }

    @Test
    void sizesThatDoNotFitAreRefused() {
        var bag = new SentenceEncoding.Bag();
        List<Runnable> wrong = List.of(
                () -> new MemoryNetwork(1, 4, 5, 3, 2, Tying.ADJACENT, bag, true, true),
                () -> new MemoryNetwork(7, 0, 5, 3, 2, Tying.ADJACENT, bag, true, true),
                () -> new MemoryNetwork(7, 4, 5, 3, 65, Tying.ADJACENT, bag, true, true),
                () -> new MemoryNetwork(7, 4, 5, 3, 2, Tying.ADJACENT, MemoryNetwork.recurrent(5), true, true),
                () -> new KeyValueMemory(3, 4, 2),
                () -> new TuringMachine(3, 2, TuringMachine.Controller.LSTM, 5, 4, 4, 1, 1, 2),
                () -> new TuringMachine(3, 2, TuringMachine.Controller.LSTM, 5, 4, 4, 0, 1, 1));
        for (Runnable one : wrong) {
            String message = assertThrows(InputException.class, one::run).getMessage();
            assertTrue(message.contains("got"), message);
        }
    }
}
