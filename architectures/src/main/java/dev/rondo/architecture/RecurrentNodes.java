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
 * @param index  of its states {@code h} and {@code c}
 * @param hidden the matrix from the state to the gates where it is not the weight itself but made of it; else absent
 */
public record RecurrentNodes(FunctionBuilder f, Cell cell, RecurrentParameters layer, int index, Value hidden) {

    /** Over the weights themselves. */
    public RecurrentNodes(FunctionBuilder f, Cell cell, RecurrentParameters layer, int index) {
        this(f, cell, layer, index, Value.ABSENT);
    }

    /** One step of x [B,I]; the states are replaced. Gives h' [B,P]. */
    Value step(Value x) {
        Value h = f.state("h" + index, "B", layer.outputSize());
        Value c = cell instanceof Cell.Lstm ? f.state("c" + index, "B", layer.hiddenSize()) : Value.ABSENT;
        List<Value> next = step(names(), x, h, c, false);
        f.next(h, next.getFirst());
        if (!c.isAbsent()) {
            f.next(c, next.get(1));
        }
        return next.getFirst();
    }

    private List<String> names() {
        return List.of("h" + index + "_next", "c" + index + "_next");
    }

    /**
     * One step of x [R,I] from given states.
     *
     * @param names  of h' and, of an LSTM, c'; empty for made ones
     * @param c      of an LSTM; else absent
     * @param folded whether x holds the share of the input and the bias, [R,G*H]
     * @return h' [R,P] and, of an LSTM, c' [R,H]
     */
    public List<Value> step(List<String> names, Value x, Value h, Value c, boolean folded) {
        Value input = folded ? Value.ABSENT : input();
        Value bias = folded ? Value.ABSENT : bias();
        return switch (cell) {
            case Cell.Elman(Activation activation) ->
                f.addAll(new Recurrent.ElmanCell(activation), one(names), List.of(x, h, weightHidden(), input, bias));
            case Cell.Lstm() ->
                f.addAll(
                        new Recurrent.LstmCell(LstmActivations.STANDARD),
                        names,
                        List.of(x, h, c, weightHidden(), input, bias, peepholes(), projection()));
            case Cell.Gru(boolean resetAfter) ->
                f.addAll(
                        new Recurrent.GruCell(Activation.SIGMOID, Activation.TANH, resetAfter),
                        one(names),
                        List.of(x, h, weightHidden(), input, bias, hiddenBias()));
        };
    }

    private static List<String> one(List<String> names) {
        return names.isEmpty() ? names : names.subList(0, 1);
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
        Value h = stateful ? f.state("h" + index, "B", layer.outputSize()) : Value.ABSENT;
        Value c = stateful && cell instanceof Cell.Lstm ? f.state("c" + index, "B", layer.hiddenSize()) : Value.ABSENT;
        List<Value> out = sequence(
                List.of(name, "h" + index + "_next", "c" + index + "_next"), x, h, c, lengths, folded, reverse);
        if (stateful) {
            f.next(h, out.get(1));
        }
        if (!c.isAbsent()) {
            f.next(c, out.get(2));
        }
        return out.getFirst();
    }

    /**
     * All steps of x [B,T,I] from given states, which may be absent: zero.
     *
     * @param names of y, h and, of an LSTM, c; empty for made ones
     * @return y [B,T,P], the last h [B,P] and, of an LSTM, c [B,H]
     */
    public List<Value> sequence(
            List<String> names, Value x, Value h, Value c, Value lengths, boolean folded, boolean reverse) {
        Value input = folded ? Value.ABSENT : input();
        Value bias = folded ? Value.ABSENT : bias();
        return switch (cell) {
            case Cell.Elman(Activation activation) ->
                f.addAll(
                        new Recurrent.ElmanLayer(activation, reverse, false),
                        two(names),
                        List.of(x, h, weightHidden(), input, bias, lengths));
            case Cell.Lstm() ->
                f.addAll(
                        new Recurrent.LstmLayer(LstmActivations.STANDARD, reverse, false),
                        names,
                        List.of(x, h, c, weightHidden(), input, bias, peepholes(), projection(), lengths));
            case Cell.Gru(boolean resetAfter) ->
                f.addAll(
                        new Recurrent.GruLayer(Activation.SIGMOID, Activation.TANH, resetAfter, reverse, false),
                        two(names),
                        List.of(x, h, weightHidden(), input, bias, hiddenBias(), lengths));
        };
    }

    private static List<String> two(List<String> names) {
        return names.isEmpty() ? names : names.subList(0, 2);
    }

    private int rows() {
        return cell.gates() * layer.hiddenSize();
    }

    /** From the state to the gates [G*H,P]: as given, or the weight. */
    public Value weightHidden() {
        return hidden.isAbsent() ? f.weight(layer.weightHidden(), rows(), layer.outputSize()) : hidden;
    }

    /** From the input to the gates [G*H,I]. */
    public Value input() {
        return f.weight(layer.weightInput(), rows(), layer.inputSize());
    }

    /** Of the gates [G*H], or absent. */
    public Value bias() {
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

    /** The weight of that name, or absent. */
    public static Value optional(FunctionBuilder f, Optional<String> tensor, Object... dims) {
        return tensor.map(name -> f.weight(name, dims)).orElse(Value.ABSENT);
    }
}
