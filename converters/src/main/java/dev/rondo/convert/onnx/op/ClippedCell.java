package dev.rondo.convert.onnx.op;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.List;

/**
 * The step of a recurrence whose gates are bounded before their activations (the attribute {@code clip}), which no cell
 * of the catalogue does: so a scan runs it. It takes the input's share of the gates, x [R,G], and the recurrent
 * weights.
 *
 * @param clip        the bound, positive
 * @param activations of the gates and the candidate, and of an LSTM's cell state, which is not bounded
 */
record ClippedCell(float clip, List<Activation> activations) {
    private static final Dim H = Dim.named("H");

    ClippedCell {
        activations = List.copyOf(activations);
    }

    private String name(String kind) {
        return "onnx." + kind + ".clip" + clip + "."
                + String.join(".", activations.stream().map(Activation::text).toList());
    }

    private static Value state(FunctionBuilder f, String name) {
        return f.state(name, "R", "H");
    }

    private static Value gate(FunctionBuilder f, Value all, int index) {
        return f.add(new Structure.Slice(1, H.times(index), H, 1), all);
    }

    private Value bounded(FunctionBuilder f, Value x, Activation activation) {
        Value low = f.add(new Structure.Fill(ElementType.F32, -clip, List.of()));
        Value high = f.add(new Structure.Fill(ElementType.F32, clip, List.of()));
        Value above = f.add(new Elementwise.Binary(BinaryFunction.MAXIMUM), x, low);
        return f.activate(activation, f.add(new Elementwise.Binary(BinaryFunction.MINIMUM), above, high));
    }

    private static Value product(FunctionBuilder f, Value h, Value u) {
        return f.add(new Contraction.Linear(), h, u, Value.ABSENT);
    }

    private static Function ended(FunctionBuilder f, Value h, Value next) {
        f.next(h, next);
        f.output(next);
        return f.build();
    }

    Function elman() {
        FunctionBuilder f = Function.builder(name("rnn"));
        Value x = f.input("x", ElementType.F32, "R", "G");
        Value u = f.input("u", ElementType.F32, "G", "H");
        Value h = state(f, "h");
        Value all = f.plus(x, product(f, h, u));
        return ended(f, h, bounded(f, gate(f, all, 0), activations.getFirst()));
    }

    /** With peepholes p [3,H] of i, f and o. */
    Function lstm(boolean peepholes) {
        FunctionBuilder f = Function.builder(name(peepholes ? "lstm.peepholes" : "lstm"));
        Value x = f.input("x", ElementType.F32, "R", "G");
        Value u = f.input("u", ElementType.F32, "G", "H");
        Value p = peepholes ? f.input("p", ElementType.F32, 3, "H") : Value.ABSENT;
        Value h = state(f, "h");
        Value c = state(f, "c");
        Value all = f.plus(x, product(f, h, u));
        Value i = bounded(f, seen(f, gate(f, all, 0), p, 0, c), activations.get(0));
        Value forget = bounded(f, seen(f, gate(f, all, 1), p, 1, c), activations.get(0));
        Value g = bounded(f, gate(f, all, 2), activations.get(1));
        Value next = f.plus(f.times(forget, c), f.times(i, g));
        Value o = bounded(f, seen(f, gate(f, all, 3), p, 2, next), activations.get(0));
        f.next(c, next);
        return ended(f, h, f.times(o, f.activate(activations.get(2), next)));
    }

    private static Value seen(FunctionBuilder f, Value gate, Value p, int row, Value c) {
        return p.isAbsent() ? gate : f.plus(gate, f.times(f.slice(p, 0, row, 1), c));
    }

    /** With d [H], the candidate's hidden bias, if the reset comes after the product. */
    Function gru(boolean resetAfter) {
        FunctionBuilder f = Function.builder(name(resetAfter ? "gru.after" : "gru.before"));
        Value x = f.input("x", ElementType.F32, "R", "G");
        Value u = f.input("u", ElementType.F32, "G", "H");
        Value d = resetAfter ? f.input("d", ElementType.F32, "H") : Value.ABSENT;
        Value h = state(f, "h");
        Value product = product(f, h, u);
        Value r = bounded(f, f.plus(gate(f, x, 0), gate(f, product, 0)), activations.get(0));
        Value z = bounded(f, f.plus(gate(f, x, 1), gate(f, product, 1)), activations.get(0));
        Value hidden = resetAfter
                ? f.times(r, f.plus(gate(f, product, 2), d))
                : product(f, f.times(r, h), f.add(new Structure.Slice(0, H.times(2), H, 1), u));
        Value n = bounded(f, f.plus(gate(f, x, 2), hidden), activations.get(1));
        // h' = n + z (h - n)
        Value difference = f.add(new Elementwise.Binary(BinaryFunction.SUBTRACT), h, n);
        return ended(f, h, f.plus(n, f.times(z, difference)));
    }
}
