package dev.rondo.train.gradient;

import dev.rondo.architecture.training.Training;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Dim;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Node;
import dev.rondo.graph.Op;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * Gradients of {@link Recurrent}. A layer with its usual activations, no peepholes and no projection leaves its gates
 * and goes back through a fused operator, which gives the cotangents dz of the pre-activations {@code z = W x + U h + b}
 * of all steps; the rest is {@code dW = Σ dzᵀ x}, {@code dU = Σ dzᵀ h}, {@code db = Σ dz}, {@code dx = dz W}. Cells and
 * all other layers go by their decomposition.
 */
final class RecurrentGradient {
    private RecurrentGradient() {}

    static List<Value> forward(Recurrent op, List<String> names, List<Value> inputs, Tape t) {
        var in = new Node(op, inputs, List.of());
        return switch (op) {
            case Recurrent.LstmLayer(var activations, boolean reverse, boolean repeat)
            when activations.equals(LstmActivations.STANDARD)
                    && in.input("peepholes").isAbsent()
                    && in.input("projection").isAbsent() -> {
                List<String> all = traced(names, t.emit, "gates", "cells");
                yield t.record(
                        new Training.LstmTrace(reverse, repeat),
                        all,
                        inputs,
                        (node, d) -> lstm(reverse, repeat, node, d, t));
            }
            case Recurrent.GruLayer(var gate, var candidate, boolean resetAfter, boolean reverse, boolean repeat)
            when gate.equals(Activation.SIGMOID) && candidate.equals(Activation.TANH) -> {
                List<String> all = traced(names, t.emit, "gates", "recurrent");
                yield t.record(
                        new Training.GruTrace(resetAfter, reverse, repeat),
                        all,
                        inputs,
                        (node, d) -> gru(resetAfter, reverse, repeat, node, d, t));
            }
            case Recurrent.ElmanLayer elman
            when Training.ElmanBackward.fits(elman.activation()) ->
                t.record(op, names, inputs, (node, d) -> elman(elman, node, d, t));
            case Recurrent.ElmanCell(var activation)
            when Training.ElmanBackward.fits(activation) ->
                cell(new Recurrent.ElmanLayer(activation, false, false), names, inputs, t);
            case Recurrent.LstmCell(var activations)
            when activations.equals(LstmActivations.STANDARD)
                    && in.input("peepholes").isAbsent()
                    && in.input("projection").isAbsent() ->
                cell(new Recurrent.LstmLayer(activations, false, false), names, inputs, t);
            case Recurrent.GruCell(var gate, var candidate, boolean resetAfter)
            when gate.equals(Activation.SIGMOID) && candidate.equals(Activation.TANH) ->
                cell(new Recurrent.GruLayer(gate, candidate, resetAfter, false, false), names, inputs, t);
            case Recurrent.ElmanLayer _,
                    Recurrent.LstmLayer _,
                    Recurrent.GruLayer _,
                    Recurrent.ElmanCell _,
                    Recurrent.LstmCell _,
                    Recurrent.GruCell _ -> Decomposition.add(op, names, inputs, t);
        };
    }

    /** A cell as its layer of one step. */
    private static List<Value> cell(Recurrent layer, List<String> names, List<Value> inputs, Tape t) {
        Value x = inputs.getFirst();
        List<Dim> oneStep = List.of(x.type().dim(0), Dim.ONE, x.type().dim(1));
        var given = new ArrayList<>(inputs);
        given.set(0, t.add(new Structure.Reshape(oneStep), x));
        given.add(Value.ABSENT);
        var all = new ArrayList<>(names);
        all.addFirst(t.emit.unique(names.getFirst() + "/y"));
        List<Value> results = forward(layer, all, given, t);
        return results.subList(1, 1 + names.size());
    }

    private static List<String> traced(List<String> names, Emitter e, String... more) {
        var all = new ArrayList<>(names);
        for (String name : more) {
            all.add(e.unique(names.getFirst() + "/" + name));
        }
        return all;
    }

    private static List<Value> lstm(boolean reverse, boolean repeat, Node node, List<Value> d, Tape t) {
        Emitter e = t.emit;
        Value dy = ofOutput(repeat && !reverse, d.getFirst(), node, e);
        List<Value> back = e.addAll(
                new Training.LstmBackward(reverse),
                List.of(),
                List.of(
                        node.outputs().get(3),
                        node.outputs().get(4),
                        node.input("weight_hidden"),
                        node.input("c"),
                        dy,
                        d.get(1),
                        d.get(2),
                        node.input("lengths")));
        Value dz = back.getFirst();
        return List.of(
                ofInput(dz, node, t),
                back.get(1),
                back.get(2),
                ofHiddenWeight(dz, node, reverse, t),
                ofInputWeight(dz, node, t),
                ofBias(dz, node, t));
    }

    private static List<Value> gru(
            boolean resetAfter, boolean reverse, boolean repeat, Node node, List<Value> d, Tape t) {
        Emitter e = t.emit;
        Value dy = ofOutput(repeat && !reverse, d.getFirst(), node, e);
        Value gates = node.outputs().get(2);
        Value recurrent = node.outputs().get(3);
        Value before = Rows.before(node.outputs().getFirst(), node.input("h"), node.input("lengths"), reverse, e);
        List<Value> back = e.addAll(
                new Training.GruBackward(resetAfter, reverse),
                List.of(),
                List.of(gates, recurrent, before, node.input("weight_hidden"), dy, d.get(1), node.input("lengths")));
        Value dz = back.getFirst();
        Dim units = recurrent.type().dim(2);
        Value ofGates = e.slice(dz, 2, Dim.of(0), units.times(2));
        Value ofCandidate = e.slice(dz, 2, units.times(2), units);
        // What arrives at U_n h + d, with resetAfter.
        Value ofHidden = resetAfter ? e.times(ofCandidate, e.slice(gates, 2, Dim.of(0), units)) : Value.ABSENT;
        Value ofWeight = t.wanted(
                node.input("weight_hidden"),
                () -> resetAfter
                        ? e.outerSum(e.concat(2, List.of(ofGates, ofHidden)), before)
                        : e.concat(0, List.of(e.outerSum(ofGates, before), e.outerSum(ofCandidate, recurrent))));
        Value hiddenBias = node.input("hidden_bias");
        return List.of(
                ofInput(dz, node, t),
                back.get(1),
                ofWeight,
                ofInputWeight(dz, node, t),
                ofBias(dz, node, t),
                t.wanted(hiddenBias, () -> e.sumTo(ofHidden, hiddenBias.type())));
    }

    private static List<Value> elman(Recurrent.ElmanLayer op, Node node, List<Value> d, Tape t) {
        Emitter e = t.emit;
        Value dy = ofOutput(op.repeat() && !op.reverse(), d.getFirst(), node, e);
        Op backward = new Training.ElmanBackward(op.activation(), op.reverse());
        List<Value> back = e.addAll(
                backward,
                List.of(),
                List.of(node.outputs().getFirst(), node.input("weight_hidden"), dy, d.get(1), node.input("lengths")));
        Value dz = back.getFirst();
        return List.of(
                ofInput(dz, node, t),
                back.get(1),
                ofHiddenWeight(dz, node, op.reverse(), t),
                ofInputWeight(dz, node, t),
                ofBias(dz, node, t));
    }

    private static Value ofOutput(boolean repeats, Value dy, Node node, Emitter e) {
        Value lengths = node.input("lengths");
        return repeats && !dy.isAbsent() && !lengths.isAbsent() ? Rows.unrepeated(dy, lengths, e) : dy;
    }

    private static Value ofInput(Value dz, Node node, Tape t) {
        Value weight = node.input("weight_input");
        return t.wanted(node.input("x"), () -> weight.isAbsent() ? dz : t.emit.product(dz, weight));
    }

    private static Value ofInputWeight(Value dz, Node node, Tape t) {
        return t.wanted(node.input("weight_input"), () -> t.emit.outerSum(dz, node.input("x")));
    }

    private static Value ofHiddenWeight(Value dz, Node node, boolean reverse, Tape t) {
        return t.wanted(node.input("weight_hidden"), () -> {
            Value before =
                    Rows.before(node.outputs().getFirst(), node.input("h"), node.input("lengths"), reverse, t.emit);
            return t.emit.outerSum(dz, before);
        });
    }

    private static Value ofBias(Value dz, Node node, Tape t) {
        Value bias = node.input("bias");
        return t.wanted(bias, () -> t.emit.sumTo(dz, bias.type()));
    }
}
