package dev.rondo.architecture;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * A recurrent layer in training whose products with the state before see {@code m ⊙ h}: m is a mask of dropout, the same at all
 * steps of a row (Gal and Ghahramani 2016, section 4). A GRU's {@code z ⊙ h} and an LSTM's c see no mask, so that nothing is
 * scaled again at every step. It is a scan of cells, since no operator takes a mask.
 */
public final class MaskedRecurrentNodes {
    private MaskedRecurrentNodes() {}

    /**
     * All steps of x [B,T,I]: y [B,T,P].
     *
     * @param nodes    its cell and parameters; its index is that of the states, and of the step among those of the function
     * @param mask     [B,P]
     * @param lengths  of the rows, or absent
     * @param reverse  whether it runs from the end of each row to its beginning
     * @param stateful whether it begins with the states it finds and replaces them; else with zero
     */
    public static Value sequence(
            RecurrentNodes nodes, Value mask, Value x, Value lengths, boolean reverse, boolean stateful) {
        FunctionBuilder f = nodes.f();
        RecurrentParameters layer = nodes.layer();
        boolean lstm = nodes.cell() instanceof Cell.Lstm;
        Value share = f.add(new Contraction.Linear(), x, nodes.input(), nodes.bias());
        var in = new ArrayList<Value>(List.of(share, mask));
        if (!nodes.hidden().isAbsent()) {
            in.add(nodes.hidden());
        }
        Value h = stateful ? f.state("h" + nodes.index(), "B", layer.outputSize()) : Value.ABSENT;
        Value c = stateful && lstm ? f.state("c" + nodes.index(), "B", layer.hiddenSize()) : Value.ABSENT;
        in.add(h);
        if (lstm) {
            in.add(c);
        }
        in.add(lengths);
        Function step = step(
                nodes.cell(), layer, "masked" + nodes.index(), !nodes.hidden().isAbsent());
        List<Value> out = f.addAll(new Scan(step, List.of("x"), reverse, false), List.of(), in);
        if (stateful) {
            f.next(h, out.get(1));
        }
        if (!c.isAbsent()) {
            f.next(c, out.get(2));
        }
        return out.getFirst();
    }

    private static Function step(Cell cell, RecurrentParameters layer, String name, boolean given) {
        FunctionBuilder f = Function.builder(name);
        int rows = cell.gates() * layer.hiddenSize();
        Value x = f.input("x", ElementType.F32, "B", rows);
        Value mask = f.input("mask", ElementType.F32, "B", layer.outputSize());
        Value hidden = given ? f.input("hidden", ElementType.F32, rows, layer.outputSize()) : Value.ABSENT;
        Value h = f.state("h", "B", layer.outputSize());
        Value c = cell instanceof Cell.Lstm ? f.state("c", "B", layer.hiddenSize()) : Value.ABSENT;
        Value masked = f.times(h, mask);
        var nodes = new RecurrentNodes(f, cell, layer, 0, hidden);
        switch (cell) {
            case Cell.Elman _ -> {
                Value next = nodes.step(List.of(), x, masked, c, true).getFirst();
                f.next(h, next);
                f.output(next);
            }
            case Cell.Lstm() -> {
                List<Value> next = nodes.step(List.of(), x, masked, c, true);
                f.next(h, next.getFirst());
                f.next(c, next.get(1));
                f.output(next.getFirst());
            }
            case Cell.Gru(boolean resetAfter) -> {
                Value next = gru(f, layer, nodes.weightHidden(), resetAfter, x, h, masked);
                f.next(h, next);
                f.output(next);
            }
        }
        return f.build();
    }

    /** The equations of docs/notation.md, "The two GRUs", where the products see the masked state. */
    private static Value gru(
            FunctionBuilder f,
            RecurrentParameters layer,
            Value weight,
            boolean resetAfter,
            Value x,
            Value h,
            Value masked) {
        int size = layer.hiddenSize();
        Value gates = f.add(new Contraction.Linear(), masked, f.slice(weight, 0, 0, 2 * size), Value.ABSENT);
        Value open = f.activate(Activation.SIGMOID, f.plus(f.slice(x, 1, 0, 2 * size), gates));
        Value r = f.slice(open, 1, 0, size);
        Value z = f.slice(open, 1, size, size);
        Value candidate = f.slice(weight, 0, 2 * size, size);
        Value product;
        if (resetAfter) {
            Value bias = RecurrentNodes.optional(f, layer.hiddenBias(), size);
            product = f.times(r, f.add(new Contraction.Linear(), masked, candidate, bias));
        } else {
            product = f.add(new Contraction.Linear(), f.times(r, masked), candidate, Value.ABSENT);
        }
        Value n = f.activate(Activation.TANH, f.plus(f.slice(x, 1, 2 * size, size), product));
        // z h + (1 - z) n = n + z (h - n)
        return f.plus(n, f.times(z, f.add(new Elementwise.Binary(BinaryFunction.SUBTRACT), h, n)));
    }
}
