package dev.rondo.train.network;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Layer;
import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.Parameter;
import dev.rondo.graph.Activation;
import dev.rondo.train.Initialisation;
import dev.rondo.train.ParameterStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How the parameters of a network begin: as usual ({@link Initialisation#usual}), but what a ReLU follows after He, and the biases of an
 * LSTM's forget gates at 1.
 */
public final class NetworkBeginning {
    private NetworkBeginning() {}

    /** Lets the parameters of a stack begin, those that the store has. */
    public static void initialise(LayerStack stack, ParameterStore parameters, long seed) {
        Set<String> rectified = new HashSet<>();
        lists(stack.layers()).forEach(layers -> rectified(layers, rectified));
        Set<String> known = Set.copyOf(parameters.names());
        for (Parameter parameter : stack.parameters()) {
            if (known.contains(parameter.name())) {
                Initialisation begin = rectified.contains(parameter.name())
                        ? new Initialisation.He()
                        : Initialisation.usual(parameter);
                parameters.initialise(parameter.name(), begin, parameter.groups(), seed);
            }
        }
        lists(stack.layers()).flatMap(List::stream).forEach(layer -> openGates(layer, parameters));
    }

    /** All lists of layers: the stack's and those inside its layers. */
    private static Stream<List<Layer>> lists(List<Layer> layers) {
        var all = new ArrayList<List<Layer>>();
        all.add(layers);
        for (Layer layer : layers) {
            switch (layer) {
                case Layer.Composite composite ->
                    composite.bodies().forEach(body -> lists(body).forEach(all::add));
                case Layer.SpelledWords spelled -> lists(spelled.body()).forEach(all::add);
                case Layer.PerStep _, Layer.OverTime _, Layer.Spatial _ -> {}
            }
        }
        return all.stream();
    }

    /** Matrices whose values a ReLU takes, perhaps behind a normalisation. */
    private static void rectified(List<Layer> layers, Set<String> names) {
        Optional<String> last = Optional.empty();
        for (Layer layer : layers) {
            last = switch (layer) {
                case Layer.Linear linear -> Optional.of(linear.weight());
                case Layer.Conv1d conv -> Optional.of(conv.weight());
                case Layer.Conv2d conv -> Optional.of(conv.weight());
                case Layer.BatchNorm _, Layer.LayerNorm _, Layer.Dropout _ -> last;
                case Layer.Activate(Activation activation) -> {
                    if (activation.kind() == Activation.Kind.RELU) {
                        last.ifPresent(names::add);
                    }
                    yield Optional.empty();
                }
                case Layer.PerStep _, Layer.OverTime _, Layer.Spatial _, Layer.Composite _ -> Optional.empty();
            };
        }
    }

    private static void openGates(Layer layer, ParameterStore parameters) {
        if (layer instanceof Layer.Recurrent recurrent && recurrent.cell() instanceof Cell.Lstm) {
            Initialisation.openForgetGates(recurrent.forward(), 1, parameters);
            recurrent.backward().ifPresent(backward -> Initialisation.openForgetGates(backward, 1, parameters));
        }
    }
}
