package dev.rondo.convert.keras;

import dev.rondo.architecture.Cell;
import dev.rondo.graph.Activation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Op;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** One step of a cell, and the operators that run one over a sequence. */
final class CellSteps {
    private CellSteps() {}

    /** Whether the catalogue has the activations of the cell in one operator. */
    static boolean isFused(CellLayer cell, boolean keras2) {
        return cell.fusedActivation(keras2).isPresent()
                && cell.fusedGates(keras2).isPresent();
    }

    /**
     * A whole sequence in one operator.
     *
     * @param x       [B,T,I]
     * @param initial of each state; {@link Value#ABSENT} for zero
     * @return y [B,T,H] and the last states
     */
    static List<Value> layer(Graph g, CellLayer cell, Value x, List<Value> initial, boolean reverse) {
        Activation activation = cell.fusedActivation(g.keras2()).orElseThrow();
        Activation gates = cell.fusedGates(g.keras2()).orElseThrow();
        var inputs = new ArrayList<Value>();
        inputs.add(x);
        inputs.addAll(initial);
        Op op = switch (cell.kind()) {
            case Cell.Elman _ -> new Recurrent.ElmanLayer(activation, reverse, false);
            case Cell.Lstm() -> new Recurrent.LstmLayer(lstm(activation, gates), reverse, false);
            case Cell.Gru(boolean resetAfter) -> new Recurrent.GruLayer(gates, activation, resetAfter, reverse, false);
        };
        inputs.addAll(List.of(cell.weightHidden(), cell.weightInput(), cell.bias()));
        addRest(cell, inputs);
        inputs.add(Value.ABSENT); // lengths
        return g.addAll(op, 1 + cell.states(), inputs);
    }

    /**
     * One step.
     *
     * @param pre    the input's share of the gates with their bias, [B,G*H]
     * @param states before it
     * @return the states after it; the first is the output
     */
    static List<Value> step(Graph g, CellLayer cell, Value pre, List<Value> states) {
        Optional<Activation> activation = cell.fusedActivation(g.keras2());
        Optional<Activation> gates = cell.fusedGates(g.keras2());
        if (activation.isEmpty() || gates.isEmpty()) {
            return composed(g, cell, pre, states);
        }
        var inputs = new ArrayList<Value>();
        inputs.add(pre);
        inputs.addAll(states);
        inputs.addAll(List.of(cell.weightHidden(), Value.ABSENT, Value.ABSENT));
        addRest(cell, inputs);
        return g.addAll(
                switch (cell.kind()) {
                    case Cell.Elman _ -> new Recurrent.ElmanCell(activation.get());
                    case Cell.Lstm() -> new Recurrent.LstmCell(lstm(activation.get(), gates.get()));
                    case Cell.Gru(boolean resetAfter) ->
                        new Recurrent.GruCell(gates.get(), activation.get(), resetAfter);
                },
                cell.states(),
                inputs);
    }

    private static void addRest(CellLayer cell, List<Value> inputs) {
        switch (cell.kind()) {
            case Cell.Elman _ -> {
                // No more slots.
            }
            case Cell.Lstm() -> inputs.addAll(Collections.nCopies(2, Value.ABSENT)); // peepholes, projection
            case Cell.Gru _ -> inputs.add(cell.hiddenBias());
        }
    }

    private static LstmActivations lstm(Activation activation, Activation gates) {
        return new LstmActivations(gates, gates, activation, gates, activation);
    }

    /** The equations of the cell spelled out, for activations that the catalogue's cells do not take. */
    private static List<Value> composed(Graph g, CellLayer cell, Value pre, List<Value> states) {
        Value h = states.getFirst();
        return switch (cell.kind()) {
            case Cell.Elman _ ->
                List.of(candidate(g, cell, plus(g, pre, g.linear(h, cell.weightHidden(), Value.ABSENT))));
            case Cell.Lstm() -> {
                Value all = plus(g, pre, g.linear(h, cell.weightHidden(), Value.ABSENT));
                Value i = gate(g, cell, block(g, cell, all, 0));
                Value f = gate(g, cell, block(g, cell, all, 1));
                Value n = candidate(g, cell, block(g, cell, all, 2));
                Value o = gate(g, cell, block(g, cell, all, 3));
                Value c = plus(g, times(g, f, states.get(1)), times(g, i, n));
                yield List.of(times(g, o, candidate(g, cell, c)), c);
            }
            case Cell.Gru(boolean resetAfter) -> {
                Value recurrent = g.linear(h, cell.weightHidden(), Value.ABSENT);
                Value r = gate(g, cell, plus(g, block(g, cell, pre, 0), block(g, cell, recurrent, 0)));
                Value z = gate(g, cell, plus(g, block(g, cell, pre, 1), block(g, cell, recurrent, 1)));
                Value hidden;
                if (resetAfter) {
                    Value biased = block(g, cell, recurrent, 2);
                    biased = cell.hiddenBias().isAbsent() ? biased : plus(g, biased, cell.hiddenBias());
                    hidden = times(g, r, biased);
                } else {
                    Value all = g.linear(times(g, r, h), cell.weightHidden(), Value.ABSENT);
                    hidden = block(g, cell, all, 2);
                }
                Value n = candidate(g, cell, plus(g, block(g, cell, pre, 2), hidden));
                Value rest = g.binary(BinaryFunction.SUBTRACT, g.scalar(1), z);
                yield List.of(plus(g, times(g, z, h), times(g, rest, n)));
            }
        };
    }

    private static Value block(Graph g, CellLayer cell, Value all, int index) {
        return g.slice(all, -1, Dim.of((long) index * cell.units()), Dim.of(cell.units()));
    }

    private static Value gate(Graph g, CellLayer cell, Value x) {
        return Activations.apply(g, cell.config(), "recurrent_activation", cell.gates(), x);
    }

    private static Value candidate(Graph g, CellLayer cell, Value x) {
        return Activations.apply(g, cell.config(), "activation", cell.activation(), x);
    }

    private static Value plus(Graph g, Value a, Value b) {
        return g.binary(BinaryFunction.ADD, a, b);
    }

    private static Value times(Graph g, Value a, Value b) {
        return g.binary(BinaryFunction.MULTIPLY, a, b);
    }
}
