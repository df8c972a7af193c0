package dev.rondo.train.gradient;

import dev.rondo.format.ElementType;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.List;

/** Masks bool[B,T,1] over rows of different lengths, and sequences of states. */
final class Rows {
    private Rows() {}

    /** Lengths i32[B]: all steps when none are given. */
    static Value lengths(Value lengths, Dim rows, Dim steps, Emitter e) {
        if (!lengths.isAbsent()) {
            return lengths;
        }
        return steps.isFixed()
                ? e.filled(new ValueType(ElementType.I32, List.of(rows)), steps.fixed())
                : e.expand(e.add(new Structure.Size(steps, ElementType.I32)), List.of(rows));
    }

    /** Whether a row has this step. */
    static Value running(Value lengths, Dim steps, Emitter e) {
        Value mask = e.add(new Structure.LengthMask(steps), lengths);
        return e.reshape(mask, List.of(lengths.type().dim(0), steps, Dim.ONE));
    }

    /** Whether a step is the last one of its row. */
    static Value last(Value lengths, Dim steps, Emitter e) {
        Value fewer = e.minus(lengths, e.number(ElementType.I32, 1));
        Value before = e.binary(BinaryFunction.MAXIMUM, fewer, e.number(ElementType.I32, 0));
        Value notLast = e.add(new Elementwise.Not(), running(before, steps, e));
        return e.binary(BinaryFunction.AND, running(lengths, steps, e), notLast);
    }

    /**
     * The state [B,T,H] before each step of a layer, which is its y at the step before in running order; where a row
     * begins it is h, zero when absent. Beyond a row's length it is any number.
     */
    static Value before(Value y, Value h, Value lengths, boolean reverse, Emitter e) {
        Dim rows = y.type().dim(0);
        Dim steps = y.type().dim(1);
        List<Dim> one = List.of(rows, Dim.ONE, y.type().dim(2));
        Value first = h.isAbsent() ? e.zeros(y.type().withDims(one)) : e.reshape(h, one);
        if (steps.is(1)) {
            return first;
        }
        // One step longer and then cut: so it holds for no steps at all.
        if (!reverse) {
            return e.slice(e.concat(1, List.of(first, y)), 1, Dim.of(0), steps);
        }
        Value shifted = e.slice(e.concat(1, List.of(y, first)), 1, Dim.ONE, steps);
        return lengths.isAbsent() ? shifted : e.where(last(lengths, steps, e), first, shifted);
    }

    /** With {@code repeat}, padding shows the last step's y, so what arrives there belongs to that step. */
    static Value unrepeated(Value dy, Value lengths, Emitter e) {
        Dim steps = dy.type().dim(1);
        Value padding = e.sum(e.drop(running(lengths, steps, e), dy), 1, true);
        return e.plus(dy, e.keep(last(lengths, steps, e), padding));
    }
}
