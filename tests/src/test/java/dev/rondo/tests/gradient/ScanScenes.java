package dev.rondo.tests.gradient;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.List;

/** Scans over bodies of every kind: rows that mix, states that only pass through, scans in scans. */
final class ScanScenes {
    private static final Dim B = Dim.named("B");
    private static final Dim T = Dim.named("T");

    private ScanScenes() {}

    static void scan(Scene s) {
        switch (s.between(0, 7)) {
            case 0 -> numbers(s);
            case 1 -> nested(s);
            case 2, 3 -> decoder(s);
            default -> rows(s);
        }
    }

    /** Steps of one number each: a [T], state [], {@code s' = tanh(a s + b)}. */
    private static void numbers(Scene s) {
        FunctionBuilder body = Function.builder("numbers");
        Value a = body.input("a", ElementType.F32);
        Value b = body.input("b", ElementType.F32);
        Value state = body.state("s");
        Value next = body.activate(Activation.TANH, body.plus(body.times(a, state), b));
        body.next(state, next);
        body.output(next);
        body.output(body.times(state, a));
        var over = s.flip() ? List.of("a") : List.of("a", "b");
        s.add(
                new Scan(body.build(), over, s.flip(), s.flip()),
                s.real("T"),
                over.size() == 2 ? s.real("T") : s.real(),
                s.maybe(s.real()),
                Value.ABSENT);
    }

    /** Each step scans three steps of its own, with the state of the outer one, and feeds it back. */
    private static void nested(Scene s) {
        int inputs = s.size();
        int units = s.size();
        FunctionBuilder inner = Function.builder("inner");
        Value x = inner.input("x", ElementType.F32, "B", inputs);
        Value u = inner.input("u", ElementType.F32, units, units);
        Value w = inner.input("w", ElementType.F32, units, inputs);
        Value h = inner.state("h", "B", units);
        var cell = new Recurrent.ElmanCell(s.one(Activation.TANH, Activation.SIGMOID));
        Value now = inner.add(cell, x, h, u, w, Value.ABSENT);
        inner.next(h, now);
        inner.output(now);
        boolean repeat = s.flip();
        var innerScan = new Scan(inner.build(), List.of("x"), s.flip(), repeat);

        FunctionBuilder body = Function.builder("outer");
        Value xs = body.input("xs", ElementType.F32, "B", 3, inputs);
        Value outerU = body.input("u", ElementType.F32, units, units);
        Value outerW = body.input("w", ElementType.F32, units, inputs);
        Value shortened = body.input("short", ElementType.I32, "B");
        Value state = body.state("h", "B", units);
        boolean shorter = s.flip();
        List<Value> results = body.addAll(
                innerScan, List.of(), List.of(xs, outerU, outerW, state, shorter ? shortened : Value.ABSENT));
        body.next(state, results.get(1));
        body.output(body.times(results.get(1), state));
        body.output(body.add(new Aggregation.PoolTime(Aggregation.Pooling.MEAN), results.get(0), Value.ABSENT));
        s.add(
                new Scan(body.build(), List.of("xs"), s.flip(), s.flip()),
                s.real("B", "T", 3, inputs),
                s.matrix(units, units),
                s.matrix(units, inputs),
                s.whole(new ValueType(ElementType.I32, List.of(B)), 0, 3),
                s.maybe(s.real("B", units)),
                s.lengths(B, T));
    }

    /** A cell that looks at a memory in each step, as decoders do: what is dear in it is saved, weights' sums are put off. */
    private static void decoder(Scene s) {
        int inputs = s.size();
        int units = s.size();
        int width = s.size();
        FunctionBuilder body = Function.builder("decoder");
        Value x = body.input("x", ElementType.F32, "B", inputs);
        Value u = body.input("u", ElementType.F32, 3 * units, units);
        Value w = body.input("w", ElementType.F32, 3 * units, inputs);
        Value b = body.input("b", ElementType.F32, 3 * units);
        Value d = body.input("d", ElementType.F32, units);
        Value q = body.input("q", ElementType.F32, width, units);
        Value o = body.input("o", ElementType.F32, inputs, width);
        var given = new ArrayList<>(List.of(
                s.real("B", "T", inputs),
                s.matrix(3 * units, units),
                s.matrix(3 * units, inputs),
                s.matrix(3 * units),
                s.matrix(units),
                s.matrix(width, units),
                s.matrix(inputs, width)));
        Value v = Value.ABSENT;
        if (s.flip()) {
            v = body.input("v", ElementType.F32, width);
            given.add(s.matrix(width));
        }
        Value memory = body.state("memory", "B", 3, width);
        given.add(s.real("B", 3, width));
        Value h = body.state("h", "B", units);
        given.add(s.maybe(s.real("B", units)));
        boolean resetAfter = s.flip();
        var cell = new Recurrent.GruCell(Activation.SIGMOID, Activation.TANH, resetAfter);
        Value feed = s.flip() ? x : body.activate(Activation.TANH, x);
        Value next = body.add(cell, feed, h, u, w, b, resetAfter ? d : Value.ABSENT);
        Value query = body.reshape(body.linear(next, q, Value.ABSENT), "B", 1, width);
        Value keys = s.flip() ? memory : body.activate(Activation.TANH, memory);
        Value context = body.addAll(
                        new Aggregation.Attention(s.one(1f, 0.5f)),
                        List.of(),
                        List.of(query, keys, memory, v, Value.ABSENT))
                .getFirst();
        Value seen = body.linear(body.reshape(context, "B", width), o, Value.ABSENT);
        body.next(h, s.flip() ? body.times(next, next) : next);
        body.output(body.plus(seen, x));
        if (s.flip()) {
            body.output(next);
        }
        given.add(s.lengths(B, T));
        s.add(new Scan(body.build(), List.of("x"), s.flip(), s.flip()), given.toArray(Value[]::new));
    }

    /** What a body of rows may hold; the values given to its inputs and states stand beside them. */
    private static void rows(Scene s) {
        int inputs = s.size();
        int units = s.size();
        int tags = s.size();
        FunctionBuilder body = Function.builder("body");
        var given = new ArrayList<Value>();
        var begins = new ArrayList<Value>();
        var over = new ArrayList<>(List.of("x"));
        Value x = body.input("x", ElementType.F32, "B", inputs);
        given.add(s.real("B", "T", inputs));
        Value w = body.input("w", ElementType.F32, units, inputs);
        given.add(s.matrix(units, inputs));
        Value u = body.input("u", ElementType.F32, units, units);
        given.add(s.matrix(units, units));
        Value h = body.state("h", "B", units);
        begins.add(s.maybe(s.real("B", units)));
        Value z = body.plus(body.linear(x, w, Value.ABSENT), body.linear(h, u, Value.ABSENT));
        if (s.flip()) {
            // Read only, as the memory of attention.
            Value memory = body.state("memory", "B", units);
            begins.add(s.maybe(s.real("B", units)));
            z = body.plus(z, body.times(memory, h));
        }
        if (s.flip()) {
            // Whole numbers in a state: the tag before.
            Value tag = body.input("tag", ElementType.I32, "B");
            over.add("tag");
            given.add(s.whole(new ValueType(ElementType.I32, List.of(B, T)), 0, tags - 1));
            Value before = body.state("before", new ValueType(ElementType.I32, List.of(B)));
            begins.add(s.maybe(s.whole(new ValueType(ElementType.I32, List.of(B)), 0, tags - 1)));
            body.next(before, tag);
            Value table = body.input("table", ElementType.F32, tags, units);
            given.add(s.matrix(tags, units));
            z = body.plus(z, body.gather(table, before));
        }
        if (s.flip()) {
            // Rows mix, and rows are the second dimension of what stays the same.
            Value mixed = body.add(
                    new Aggregation.Reduce(Reduction.SUM, 0, true),
                    body.times(z, x.type().dim(1).is(1) ? x : body.slice(x, 1, 0, 1)));
            Value other = body.input("other", ElementType.F32, 2, "B");
            given.add(s.real(2, "B"));
            Value column = body.reshape(body.slice(other, 0, 1, 1), "B", 1);
            z = body.plus(body.plus(z, mixed), column);
        }
        Value next = body.activate(s.one(Activation.TANH, Activation.SIGMOID, Activation.SOFTSIGN), z);
        body.next(h, next);
        if (s.flip()) {
            // A state that goes on from step to step, a second one that gets the first one's value.
            Value late = body.state("late", "B", units);
            begins.add(s.maybe(s.real("B", units)));
            body.next(late, h);
            body.output(body.times(late, next));
        }
        if (s.flip()) {
            // Two sequences with the very same cotangent, which the backward scan gives once.
            Value twin = body.input("twin", ElementType.F32, "B", inputs);
            over.add("twin");
            given.add(s.real("B", "T", inputs));
            Value other = body.input("other_twin", ElementType.F32, "B", inputs);
            over.add("other_twin");
            given.add(s.real("B", "T", inputs));
            body.output(body.plus(other, twin));
        }
        if (s.flip()) {
            body.output(next);
        }
        if (s.flip()) {
            body.output(h);
        }
        given.addAll(begins);
        given.add(s.lengths(B, T));
        s.result(s.f.addAll(new Scan(body.build(), over, s.flip(), s.flip()), List.of(), given));
    }
}
