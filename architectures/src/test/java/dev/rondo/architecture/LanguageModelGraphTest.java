package dev.rondo.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.training.Training;
import dev.rondo.format.Layout;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.State;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LanguageModelGraphTest {
    private static List<LanguageModelArchitecture> architectures() {
        var all = new ArrayList<LanguageModelArchitecture>();
        for (Cell cell :
                List.of(new Cell.Elman(Activation.TANH), new Cell.Lstm(), new Cell.Gru(true), new Cell.Gru(false))) {
            all.add(LanguageModelArchitecture.of(cell, 9, 5, 7, 1, false));
            all.add(LanguageModelArchitecture.of(cell, 9, 7, 7, 3, true));
        }
        return all;
    }

    private static List<Function> functions(LanguageModelArchitecture architecture) {
        var graph = new LanguageModelGraph(architecture);
        var dropout = new Dropout(0, 0.2, 0.3);
        return List.of(
                graph.step(),
                graph.logProbs(),
                graph.sequence(),
                graph.training(dropout, false),
                graph.training(dropout, true),
                graph.evaluation(false),
                graph.evaluation(true));
    }

    /** No parameter that a function lacks, none that it has beside them, and no other shape. */
    @Test
    void everyFunctionHasTheParametersOfTheArchitecture() {
        for (LanguageModelArchitecture architecture : architectures()) {
            Map<String, List<Integer>> expected = new HashMap<>();
            architecture.parameters().forEach(p -> expected.put(p.name(), p.shape()));
            assertEquals(expected.size(), architecture.parameters().size());
            for (Function function : functions(architecture)) {
                Map<String, List<Integer>> found = new HashMap<>();
                for (Value weight : function.weights()) {
                    found.put(
                            weight.tensorName(),
                            weight.type().dims().stream()
                                    .map(Dim::fixed)
                                    .map(Math::toIntExact)
                                    .toList());
                }
                assertEquals(expected, found, function.name() + " of " + architecture);
            }
        }
    }

    @Test
    void allFunctionsShareTheirStates() {
        for (LanguageModelArchitecture architecture : architectures()) {
            List<Value> states = null;
            for (Function function : functions(architecture)) {
                List<Value> own = function.states().stream().map(State::value).toList();
                assertTrue(states == null || states.equals(own), function.name() + ": " + own);
                assertTrue(function.states().stream().allMatch(State::isReplaced));
                states = own;
            }
        }
    }

    @Test
    void dropoutIsWhereItWasAskedFor() {
        var graph = new LanguageModelGraph(LanguageModelArchitecture.of(new Cell.Lstm(), 9, 5, 7, 3, false));
        assertEquals(List.of(), dropouts(graph.training(Dropout.NONE, true)));
        assertEquals(List.of(0.1f, 0.2f, 0.2f, 0.3f), dropouts(graph.training(new Dropout(0.1, 0.2, 0.3), false)));
    }

    private static List<Float> dropouts(Function function) {
        var sites = new ArrayList<Integer>();
        var found = new ArrayList<Float>();
        function.nodes().forEach(node -> {
            if (node.op() instanceof Training.Dropout(float probability, int site)) {
                assertFalse(sites.contains(site));
                sites.add(site);
                found.add(probability);
            }
        });
        return found;
    }

    @Test
    void matricesLieAsTheKernelsOfAStepWantThem() {
        var gru = LanguageModelArchitecture.of(new Cell.Gru(true), 9, 7, 7, 1, true);
        Map<ParameterRole, Layout> layouts = new HashMap<>();
        for (Parameter p : gru.parameters()) {
            layouts.put(p.role(), p.layout());
        }
        assertEquals(new Layout.Panels(3), layouts.get(ParameterRole.WEIGHT_HIDDEN));
        assertEquals(new Layout.Panels(3), layouts.get(ParameterRole.WEIGHT_INPUT));
        assertEquals(new Layout.Panels(1), layouts.get(ParameterRole.EMBEDDING)); // for the product
        assertFalse(layouts.containsKey(ParameterRole.OUTPUT)); // it is the embedding
        assertEquals(new Layout.Rows(), layouts.get(ParameterRole.HIDDEN_BIAS));
    }
}
