package dev.rondo.architecture;

import dev.rondo.graph.Activation;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Value;
import java.util.List;
import java.util.Optional;

/**
 * The nodes of a recurrent layer: its cell in a step, its scan in a sequence.
 *
 * @param index of its states {@code h} and {@code c}
 */
record RecurrentNodes(FunctionBuilder f, Cell cell, RecurrentParameters layer, int index) {

    /** One step of x [B,I]; the states are replaced. Gives h' [B,P]. */
    Value step(Value x) {
        Value h = f.state("h" + index, "B", layer.outputSize());
        String next = "h" + index + "_next";
        return switch (cell) {
            case Cell.Elman(Activation activation) -> {
                var op = new Recurrent.ElmanCell(activation);
                yield replaced(h, f.add(next, op, x, h, hidden(), input(), bias()));
            }
            case Cell.Lstm() -> {
                Value c = f.state("c" + index, "B", layer.hiddenSize());
                List<Value> out = f.addAll(
                        new Recurrent.LstmCell(LstmActivations.STANDARD),
                        List.of(next, "c" + index + "_next"),
                        List.of(x, h, c, hidden(), input(), bias(), peepholes(), projection()));
                f.next(c, out.get(1));
                yield replaced(h, out.getFirst());
            }
            case Cell.Gru(boolean resetAfter) -> {
                var op = new Recurrent.GruCell(Activation.SIGMOID, Activation.TANH, resetAfter);
                yield replaced(h, f.add(next, op, x, h, hidden(), input(), bias(), hiddenBias()));
            }
        };
    }

    /**
     * All steps of x [B,T,I]. Gives y [B,T,P].
     *
     * @param name     of y
     * @param lengths  of the rows, or absent
     * @param folded   whether x holds the share of the input and the bias
     * @param reverse  whether it runs from the end of each row to its beginning
     * @param stateful whether it begins with the states it finds and replaces them; else with zero
     */
    Value sequence(String name, Value x, Value lengths, boolean folded, boolean reverse, boolean stateful) {
        Value input = folded ? Value.ABSENT : input();
        Value bias = folded ? Value.ABSENT : bias();
        Value h = stateful ? f.state("h" + index, "B", layer.outputSize()) : Value.ABSENT;
        var names = List.of(name, "h" + index + "_next", "c" + index + "_next");
        List<Value> out = switch (cell) {
            case Cell.Elman(Activation activation) ->
                f.addAll(
                        new Recurrent.ElmanLayer(activation, reverse, false),
                        names.subList(0, 2),
                        List.of(x, h, hidden(), input, bias, lengths));
            case Cell.Lstm() -> {
                Value c = stateful ? f.state("c" + index, "B", layer.hiddenSize()) : Value.ABSENT;
                List<Value> results = f.addAll(
                        new Recurrent.LstmLayer(LstmActivations.STANDARD, reverse, false),
                        names,
                        List.of(x, h, c, hidden(), input, bias, peepholes(), projection(), lengths));
                if (stateful) {
                    f.next(c, results.get(2));
                }
                yield results;
            }
            case Cell.Gru(boolean resetAfter) ->
                f.addAll(
                        new Recurrent.GruLayer(Activation.SIGMOID, Activation.TANH, resetAfter, reverse, false),
                        names.subList(0, 2),
                        List.of(x, h, hidden(), input, bias, hiddenBias(), lengths));
        };
        if (stateful) {
            f.next(h, out.get(1));
        }
        return out.getFirst();
    }

    private Value replaced(Value state, Value next) {
        f.next(state, next);
        return next;
    }

    private int rows() {
        return cell.gates() * layer.hiddenSize();
    }

    private Value hidden() {
        return f.weight(layer.weightHidden(), rows(), layer.outputSize());
    }

    Value input() {
        return f.weight(layer.weightInput(), rows(), layer.inputSize());
    }

    Value bias() {
        return optional(f, layer.bias(), rows());
    }

    private Value hiddenBias() {
        return optional(f, layer.hiddenBias(), layer.hiddenSize());
    }

    private Value peepholes() {
        return optional(f, layer.peepholes(), 3, layer.hiddenSize());
    }

    private Value projection() {
        return optional(f, layer.projection(), layer.outputSize(), layer.hiddenSize());
    }

    static Value optional(FunctionBuilder f, Optional<String> tensor, Object... dims) {
        return tensor.map(name -> f.weight(name, dims)).orElse(Value.ABSENT);
    }
}
