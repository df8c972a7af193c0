package dev.rondo.train.network;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Layer;
import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.graph.Activation;
import dev.rondo.train.Initialisation;
import dev.rondo.train.ParameterStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How the parameters of a network begin: rows of embeddings with a length of about 1, matrices between states orthogonal, what a ReLU
 * follows after He and other matrices after Xavier, gains and the biases of an LSTM's forget gates at 1, other biases at 0.
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
                parameters.initialise(
                        parameter.name(),
                        initialisation(parameter, rectified.contains(parameter.name())),
                        parameter.groups(),
                        seed);
            }
        }
        lists(stack.layers()).flatMap(List::stream).forEach(layer -> openGates(layer, parameters));
    }

    private static Initialisation initialisation(Parameter parameter, boolean rectified) {
        int last = parameter.shape().getLast();
        return switch (parameter.role()) {
            case EMBEDDING, VECTOR -> new Initialisation.Normal(1 / Math.sqrt(last));
            case WEIGHT_HIDDEN -> new Initialisation.Orthogonal();
            case LINEAR, CONVOLUTION -> rectified ? new Initialisation.He() : new Initialisation.Xavier();
            case WEIGHT_INPUT, PROJECTION, OUTPUT -> new Initialisation.Xavier();
            case GAIN -> new Initialisation.Constant(1);
            case BIAS, HIDDEN_BIAS, PEEPHOLES, STATISTIC, OUTPUT_BIAS -> new Initialisation.Constant(0);
        };
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
            openGate(recurrent.forward(), parameters);
            recurrent.backward().ifPresent(backward -> openGate(backward, parameters));
        }
    }

    private static void openGate(RecurrentParameters layer, ParameterStore parameters) {
        layer.bias().ifPresent(bias -> {
            float[] values = parameters.get(bias);
            Arrays.fill(values, layer.hiddenSize(), 2 * layer.hiddenSize(), 1);
            parameters.set(bias, values);
        });
    }
}
