package dev.rondo.convert.keras;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Cells over a sequence as Keras runs them. A mask may have holes and begin with padding, so a masked sequence is a
 * scan that asks at every step: where the mask is false the states stay, and the output is that of the step before, or
 * zero.
 */
final class Sequences {
    private Sequences() {}

    /**
     * What a sequence ends with.
     *
     * @param y      [B,T,H] with every step at its own time, also when it ran backward; absent unless asked for
     * @param last   the output of the step that ran last, [B,H]
     * @param states of all cells after it
     */
    record Result(Value y, Value last, List<Value> states) {}

    /**
     * How a sequence runs.
     *
     * @param reverse    from the last step to the first
     * @param zeroMasked whether the output of a masked step is zero and not that of the step before
     * @param whole      whether the output of every step is wanted
     */
    record Way(boolean reverse, boolean zeroMasked, boolean whole) {}

    /**
     * Runs cells, one on top of the other, over x.
     *
     * @param initial of all states of all cells; absent for zero
     * @param mask    bool [B,T] or absent
     */
    static Result run(Graph g, List<CellLayer> cells, Value x, List<Value> initial, Value mask, Way way) {
        boolean fused = cells.stream().allMatch(cell -> CellSteps.isFused(cell, g.keras2()));
        if (!mask.isAbsent() || !fused) {
            return scan(g, cells, x, initial, mask, way);
        }
        Value y = x;
        var states = new ArrayList<Value>();
        Value last = x;
        for (CellLayer cell : cells) {
            List<Value> begin = initial.subList(states.size(), states.size() + cell.states());
            List<Value> outputs = CellSteps.layer(g, cell, y, begin, way.reverse());
            y = outputs.getFirst();
            last = outputs.get(1);
            states.addAll(outputs.subList(1, outputs.size()));
        }
        return new Result(y, last, states);
    }

    private static Result scan(Graph g, List<CellLayer> cells, Value x, List<Value> initial, Value mask, Way way) {
        CellLayer first = cells.getFirst();
        Value pre = g.linear(x, first.weightInput(), first.bias());
        boolean masked = !mask.isAbsent();
        // Where states begin at zero, the output of the step before is the state itself.
        boolean remembers = masked && (way.zeroMasked() || initial.stream().anyMatch(v -> !v.isAbsent()));
        FunctionBuilder builder = Function.builder(g.bodyName(way.reverse() ? "backward_step" : "step"));
        Graph body = g.inside(builder);
        Value input = builder.input("pre", step(pre));
        Value flag = masked ? builder.input("mask", ElementType.BOOL, "B", 1) : Value.ABSENT;
        List<Value> before = new ArrayList<>();
        for (CellLayer cell : cells) {
            for (int i = 0; i < cell.states(); i++) {
                before.add(builder.state((i == 0 ? "h" : "c") + before.size(), "B", cell.units()));
            }
        }
        List<Value> after = steps(body, cells, input, before);
        CellLayer top = cells.getLast();
        Value output = after.get(after.size() - top.states()); // of the new state, before the mask decides
        List<Value> kept = new ArrayList<>();
        for (int i = 0; i < before.size(); i++) {
            kept.add(masked ? body.where(flag, after.get(i), before.get(i)) : after.get(i));
            builder.next(before.get(i), kept.getLast());
        }
        if (remembers) {
            Value previous = builder.state("y", "B", top.units());
            output = body.where(flag, output, way.zeroMasked() ? body.scalar(0) : previous);
            builder.next(previous, output);
        } else if (masked) {
            output = kept.get(kept.size() - top.states());
        }
        if (way.whole()) {
            builder.output(output);
        }
        return result(g, builder.build(), pre, mask, initial, way, remembers, top);
    }

    /** The steps of all cells; one above reads what the one below has put out, masked or not, as Keras does. */
    private static List<Value> steps(Graph body, List<CellLayer> cells, Value pre, List<Value> before) {
        var after = new ArrayList<Value>();
        Value input = pre;
        for (CellLayer cell : cells) {
            if (!after.isEmpty()) {
                input = body.linear(input, cell.weightInput(), cell.bias());
            }
            List<Value> states = before.subList(after.size(), after.size() + cell.states());
            List<Value> next = CellSteps.step(body, cell, input, states);
            input = next.getFirst();
            after.addAll(next);
        }
        return after;
    }

    private static Result result(
            Graph g,
            Function body,
            Value pre,
            Value mask,
            List<Value> initial,
            Way way,
            boolean remembers,
            CellLayer top) {
        var inputs = new ArrayList<Value>();
        var sequences = new ArrayList<>(List.of("pre"));
        inputs.add(pre);
        if (!mask.isAbsent()) {
            inputs.add(g.expandDims(mask, -1));
            sequences.add("mask");
        }
        inputs.addAll(initial);
        if (remembers) {
            inputs.add(Value.ABSENT);
        }
        inputs.add(Value.ABSENT); // lengths
        int states = initial.size() + (remembers ? 1 : 0);
        List<Value> outputs = g.scan(body, sequences, way.reverse(), states + (way.whole() ? 1 : 0), inputs);
        List<Value> ends = outputs.subList(outputs.size() - states, outputs.size());
        List<Value> cellStates = ends.subList(0, initial.size());
        Value last = remembers ? ends.getLast() : cellStates.get(cellStates.size() - top.states());
        return new Result(way.whole() ? outputs.getFirst() : Value.ABSENT, last, List.copyOf(cellStates));
    }

    /** The type of one step of a sequence, for any number of rows. */
    private static ValueType step(Value sequence) {
        return new ValueType(
                sequence.type().element(),
                List.of(Dim.named("B"), sequence.type().dim(2)));
    }

    /** Zero for every state of these cells. */
    static List<Value> zero(List<CellLayer> cells) {
        return new ArrayList<>(
                Collections.nCopies(cells.stream().mapToInt(CellLayer::states).sum(), Value.ABSENT));
    }
}
