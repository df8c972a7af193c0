package dev.rondo.tests.golden;

import dev.rondo.graph.Activation;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Op;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Value;
import dev.rondo.tests.oracle.NdArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@code torch.nn.RNN}, {@code LSTM} and {@code GRU} as nodes, batch first, on weights of PyTorch's names and sizes.
 * PyTorch has two biases; they are added here in the graph, which gives constant folding something to do.
 *
 * @param kind {@code RNN}, {@code LSTM} or {@code GRU}
 * @param activation of an RNN
 * @param prefix before the names of weights
 * @param stateful whether the final states are states of the function, {@code h_l0} and so on; else each call starts
 *     from zero
 */
record TorchLayers(
        FunctionBuilder f,
        String kind,
        Activation activation,
        Map<String, NdArray> weights,
        String prefix,
        boolean stateful) {

    /** The names of a layer's and direction's weights and states end in this. */
    static String suffix(int layer, boolean reverse) {
        return "_l" + layer + (reverse ? "_reverse" : "");
    }

    /** A stack of layers; returns the outputs of the last one. */
    Value stack(Value x, int layers, boolean bidirectional, Value lengths) {
        Value y = x;
        for (int layer = 0; layer < layers; layer++) {
            Value forward = layer(y, layer, false, lengths);
            y = bidirectional ? f.concat(-1, forward, layer(y, layer, true, lengths)) : forward;
        }
        return y;
    }

    private Value layer(Value x, int layer, boolean reverse, Value lengths) {
        String suffix = suffix(layer, reverse);
        Value weightInput = weight("weight_ih" + suffix);
        Value weightHidden = weight("weight_hh" + suffix);
        Value biasInput = weight("bias_ih" + suffix);
        Value biasHidden = weight("bias_hh" + suffix);
        int outputs = (int) weightHidden.type().dim(1).fixed();
        Value h = state("h" + suffix, outputs);
        var in = new ArrayList<>(List.of(x, h));
        Op op = switch (kind) {
            case "RNN" -> {
                Value bias = f.plus(biasInput, biasHidden);
                in.addAll(List.of(weightHidden, weightInput, bias, lengths));
                yield new Recurrent.ElmanLayer(activation, reverse, false);
            }
            case "LSTM" -> {
                int units = (int) weightHidden.type().dim(0).fixed() / 4;
                Value projection = weights.containsKey(prefix + "weight_hr" + suffix)
                        ? weight("weight_hr" + suffix)
                        : Value.ABSENT;
                in.add(state("c" + suffix, units));
                Value bias = f.plus(biasInput, biasHidden);
                in.addAll(List.of(weightHidden, weightInput, bias, Value.ABSENT, projection, lengths));
                yield new Recurrent.LstmLayer(LstmActivations.STANDARD, reverse, false);
            }
            case "GRU" -> {
                // The hidden bias of n stays apart, because the reset gate multiplies it.
                int two = 2 * outputs;
                Value gates = f.plus(f.slice(biasInput, 0, 0, two), f.slice(biasHidden, 0, 0, two));
                Value bias = f.concat(0, gates, f.slice(biasInput, 0, two, outputs));
                Value hiddenBias = f.slice(biasHidden, 0, two, outputs);
                in.addAll(List.of(weightHidden, weightInput, bias, hiddenBias, lengths));
                yield new Recurrent.GruLayer(Activation.SIGMOID, Activation.TANH, true, reverse, false);
            }
            default -> throw new IllegalArgumentException("layers of " + kind);
        };
        List<Value> results = f.addAll(op, List.of(), in);
        if (stateful) {
            f.next(h, results.get(1));
            if (kind.equals("LSTM")) {
                f.next(in.get(2), results.get(2));
            }
        }
        return results.getFirst();
    }

    private Value state(String name, int size) {
        return stateful ? f.state(name, "B", size) : Value.ABSENT;
    }

    private Value weight(String name) {
        String full = prefix + name;
        return f.weight(full, weights.get(full).shape().toArray());
    }
}
