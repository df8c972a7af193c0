package dev.rondo.plan;

import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.Packing;
import dev.rondo.graph.Node;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Value;
import dev.rondo.kernel.GruGates;
import dev.rondo.kernel.View;
import dev.rondo.kernel.Weights;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Prepares recurrent cells and layers: weights with their gates side by side, biases in panel order. */
final class RecurrentBinder {
    private final Binder binder;
    private final List<Step> preparations = new ArrayList<>();

    RecurrentBinder(Binder binder) {
        this.binder = binder;
    }

    /** @param gather the embedding that is folded into the input weights; null without */
    Step bind(Recurrent op, Node node, Node gather) {
        Recurrent one = op.cell();
        boolean layer = one != op;
        int maxRows = binder.capacity(node.inputs().getFirst().type().dim(0));
        int maxSteps = layer ? binder.capacity(node.inputs().getFirst().type().dim(1)) : 1;
        RecurrentCell cell = cell(one, node, maxRows);
        RecurrentStep.InputShare share = share(cell, node, gather, maxRows, maxSteps);
        boolean lstm = cell instanceof RecurrentCell.Lstm;
        Operand y = layer ? binder.operand(node.outputs().getFirst()) : null;
        int state = layer ? 1 : 0;
        var operands = new RecurrentStep.Operands(
                gather != null ? binder.operand(gather.inputs().get(1)) : operand(node, "x"),
                operand(node, "h"),
                lstm ? operand(node, "c") : null,
                layer ? operand(node, "lengths") : null,
                y,
                binder.operand(node.outputs().get(state)),
                lstm ? binder.operand(node.outputs().get(state + 1)) : null);
        return new RecurrentStep(operands, cell, share, preparations, op.reverse(), op.repeat(), binder.kernels);
    }

    private Operand operand(Node node, String slot) {
        return binder.operand(node.input(slot));
    }

    private RecurrentCell cell(Recurrent op, Node node, int maxRows) {
        if (op instanceof Recurrent.LstmCell lstm) {
            return lstm(lstm.activations(), node, maxRows);
        }
        if (op instanceof Recurrent.GruCell gru) {
            return gru(new GruGates(gru.gate(), gru.gate(), gru.candidate()), gru.resetAfter(), node, maxRows);
        }
        Weights hidden = weights(node, "weight_hidden", 1);
        var elman = (Recurrent.ElmanCell) op;
        return new RecurrentCell.Elman(elman.activation(), hidden, binder.kernels, binder.arena);
    }

    private RecurrentCell lstm(dev.rondo.graph.LstmActivations activations, Node node, int maxRows) {
        Weights hidden = weights(node, "weight_hidden", 4);
        Operand peepholes = operand(node, "peepholes");
        return new RecurrentCell.Lstm(
                activations,
                hidden,
                peepholes == null ? null : View.f32(peepholes.segment, 3, hidden.rows() / 4),
                node.input("projection").isAbsent() ? null : weights(node, "projection", 1),
                maxRows,
                binder.kernels,
                binder.arena);
    }

    private RecurrentCell gru(GruGates functions, boolean resetAfter, Node node, int maxRows) {
        Weights hidden = weights(node, "weight_hidden", 3);
        if (!resetAfter) {
            return new RecurrentCell.GruBefore(functions, hidden, maxRows, binder.kernels, binder.arena);
        }
        Value bias = node.input("hidden_bias");
        int width = RecurrentCell.gateWidth(3, hidden.rows() / 3);
        MemorySegment panel;
        if (bias.isAbsent()) {
            panel = null;
        } else if (bias.isWeight()) {
            panel = binder.constants.gruHiddenBias(bias.tensorName());
        } else {
            panel = binder.arena.allocate(width * 4L, Operand.ALIGNMENT);
            preparations.add(new RecurrentStep.PanelOrder(binder.operand(bias), 1, 3, 2, panel));
        }
        View row = panel == null ? null : View.f32(panel, 1, width);
        return new RecurrentCell.GruAfter(functions, hidden, row, maxRows, binder.kernels, binder.arena);
    }

    private RecurrentStep.InputShare share(RecurrentCell cell, Node node, Node gather, int maxRows, int maxSteps) {
        int gates = cell.gates;
        int width = cell.gateWidth();
        MemorySegment panel = bias(node.input("bias"), gates, width);
        Value input = node.input("weight_input");
        if (gather != null) {
            Weights table =
                    binder.constants.folded(gather.inputs().getFirst().tensorName(), input.tensorName(), panel, gates);
            return new RecurrentStep.InputShare.Folded(
                    binder.operand(gather.inputs().get(1)),
                    table,
                    width,
                    maxRows,
                    maxSteps,
                    binder.kernels,
                    binder.arena);
        }
        View bias = panel == null ? null : View.f32(panel, 1, width);
        Operand x = operand(node, "x");
        if (input.isAbsent()) {
            return new RecurrentStep.InputShare.Given(
                    x, bias, gates, cell.units, maxRows, maxSteps, binder.kernels, binder.arena);
        }
        return new RecurrentStep.InputShare.Weighted(
                x, weights(node, "weight_input", gates), bias, width, maxRows, maxSteps, binder.kernels, binder.arena);
    }

    /** The bias as one row in panel order; null without. */
    private MemorySegment bias(Value bias, int gates, int width) {
        if (bias.isAbsent()) {
            return null;
        }
        if (bias.isWeight()) {
            return binder.constants.panelRow(bias.tensorName(), gates);
        }
        MemorySegment panel = binder.arena.allocate(width * 4L, Operand.ALIGNMENT);
        preparations.add(new RecurrentStep.PanelOrder(binder.operand(bias), gates, gates, 0, panel));
        return panel;
    }

    /** The matrix in a slot: in place from the file, or packed at each call when it is fed or computed. */
    private Weights weights(Node node, String slot, int gates) {
        Value value = node.input(slot);
        if (value.isWeight()) {
            return binder.constants.weights(value.tensorName(), gates);
        }
        if (!value.type().dim(0).isFixed() || !value.type().dim(1).isFixed()) {
            throw Binder.unsupported(node, "weights that are fed have fixed sizes", value.toString());
        }
        int rows = (int) value.type().dim(0).fixed();
        int columns = (int) value.type().dim(1).fixed();
        Layout layout = new Layout.Panels(gates);
        long bytes = Packing.byteSize(Encoding.F32, layout, rows, columns);
        MemorySegment memory =
                Operand.memory(binder.arena, "packed " + value, bytes).asSlice(0, bytes);
        Weights packed = new Weights(memory, Encoding.F32, layout, rows, columns);
        preparations.add(new RecurrentStep.Pack(binder.operand(value), packed, binder.kernels));
        return packed;
    }
}
