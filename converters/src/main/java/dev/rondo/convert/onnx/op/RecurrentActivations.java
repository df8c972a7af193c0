package dev.rondo.convert.onnx.op;

import dev.rondo.graph.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The activations of a recurrent node, with their alphas and betas: a list over all directions. */
final class RecurrentActivations {
    private final NodeScope node;
    private final int perDirection;
    private final List<Activation> activations = new ArrayList<>();

    /**
     * @param defaults names for one direction
     * @param count    how many directions
     */
    RecurrentActivations(NodeScope node, List<String> defaults, int count) {
        this.node = node;
        this.perDirection = defaults.size();
        List<String> names = node.attributes().texts("activations").orElseGet(() -> {
            var all = new ArrayList<String>();
            for (int i = 0; i < count; i++) {
                all.addAll(defaults);
            }
            return all;
        });
        if (names.size() != defaults.size() * count) {
            throw node.attributes()
                    .error("activations", "has " + defaults.size() + " for each direction", names.toString());
        }
        Parameters alphas = new Parameters("activation_alpha", names, List.of(1, 2));
        Parameters betas = new Parameters("activation_beta", names, List.of(2));
        for (int i = 0; i < names.size(); i++) {
            activations.add(activation(names.get(i), alphas, betas, i));
        }
    }

    Activation get(int direction, int index) {
        return activations.get(direction * perDirection + index);
    }

    private static int parameters(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "leakyrelu", "elu", "thresholdedrelu" -> 1;
            case "hardsigmoid", "affine", "scaledtanh" -> 2;
            default -> 0;
        };
    }

    private Activation activation(String name, Parameters alphas, Parameters betas, int i) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "tanh" -> Activation.TANH;
            case "sigmoid" -> Activation.SIGMOID;
            case "relu" -> Activation.RELU;
            case "softsign" -> Activation.SOFTSIGN;
            case "softplus" -> Activation.SOFTPLUS;
            case "leakyrelu" -> Activation.leakyRelu(alphas.get(i, 0.01f));
            case "elu" -> Activation.elu(alphas.get(i, 1));
            case "thresholdedrelu" -> Activation.thresholdedRelu(alphas.get(i, 1));
            case "hardsigmoid" -> Activation.hardSigmoid(alphas.get(i, 0.2f), betas.get(i, 0.5f));
            case "affine" -> Activation.affine(alphas.get(i, Float.NaN), betas.get(i, Float.NaN));
            case "scaledtanh" -> Activation.scaledTanh(alphas.get(i, Float.NaN), betas.get(i, Float.NaN));
            default ->
                throw node.attributes()
                        .error(
                                "activations",
                                "are Tanh, Sigmoid, Relu, Softsign, Softplus, LeakyRelu, Elu, ThresholdedRelu,"
                                        + " HardSigmoid, Affine or ScaledTanh",
                                "'" + name + "'");
        };
    }

    /** A list of parameters: one for each activation that has it, in order, or one for each activation. */
    private final class Parameters {
        private final String attribute;
        private final List<Float> values;
        private final List<Integer> owners = new ArrayList<>();
        private final boolean byPlace;

        Parameters(String attribute, List<String> names, List<Integer> counts) {
            this.attribute = attribute;
            this.values = node.attributes().reals(attribute).orElse(List.of());
            for (int i = 0; i < names.size(); i++) {
                if (counts.contains(parameters(names.get(i)))) {
                    owners.add(i);
                }
            }
            this.byPlace = values.size() == names.size();
            if (!byPlace && !values.isEmpty() && values.size() != owners.size()) {
                throw node.attributes()
                        .error(
                                attribute,
                                "has a number for each activation, or for each of the " + owners.size()
                                        + " that take one",
                                values.toString());
            }
        }

        float get(int activation, float absent) {
            float value = values.isEmpty() ? absent : values.get(byPlace ? activation : owners.indexOf(activation));
            if (!Float.isFinite(value)) {
                throw node.attributes().error(attribute, "gives what Affine and ScaledTanh need, finite", "" + value);
            }
            return value;
        }
    }
}
