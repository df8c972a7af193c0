package dev.rondo.train.gradient;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.training.AttentionBackward;
import dev.rondo.architecture.training.Training;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Node;
import dev.rondo.graph.Op;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the gradient of a scan leaves inside the backward scan, and what it does after it. That it is right, tests elsewhere hold. */
class ScanGradientTest {
    private static final int N = 4;
    private static final Value NONE = Value.ABSENT;

    /** A decoder's step: a cell, attention over a memory, a linear map. */
    private static Function body(boolean rowsMix) {
        FunctionBuilder f = Function.builder("body");
        Value x = f.input("x", ElementType.F32, "B", 3 * N);
        Value memory = f.state("memory", "B", "S", N);
        Value h = f.state("h", "B", N);
        var cell = new Recurrent.GruCell(Activation.SIGMOID, Activation.TANH, true);
        Value next = f.add(cell, x, h, f.weight("u", 3 * N, N), NONE, NONE, f.weight("d", N));
        Value query = f.reshape(f.linear(next, f.weight("q", N, N), NONE), "B", 1, N);
        Value context = f.addAll(
                        new Aggregation.Attention(1), List.of(), List.of(query, memory, memory, f.weight("v", N), NONE))
                .getFirst();
        Value seen = f.plus(f.reshape(context, "B", N), next);
        if (rowsMix) {
            seen = f.plus(seen, f.add(new Aggregation.Reduce(Reduction.SUM, 0, true), next));
        }
        f.next(h, f.linear(seen, f.weight("o", N, N), f.weight("b", N)));
        f.output(seen);
        return f.build();
    }

    private static Function gradient(boolean rowsMix, boolean lengths, boolean repeat) {
        FunctionBuilder f = Function.builder("f");
        Value x = f.input("x", ElementType.F32, "B", "T", 3 * N);
        Value memory = f.input("memory", ElementType.F32, "B", "S", N);
        Value given = lengths ? f.input("lengths", ElementType.I32, "B") : NONE;
        var scan = new Scan(body(rowsMix), List.of("x"), false, repeat);
        Value y = f.addAll(scan, List.of(), List.of(x, memory, NONE, given)).getFirst();
        var sum = new Aggregation.Reduce(Reduction.SUM, -1, false);
        f.output(f.add("loss", sum, f.add(sum, f.add(sum, y))));
        Function fed = Parameters.asInputs(f.build());
        List<Value> all = fed.inputs().stream()
                .filter(v -> v.type().element() == ElementType.F32)
                .toList();
        return Gradient.of(fed, fed.output("loss").orElseThrow(), all);
    }

    private static Node backward(Function gradient) {
        return gradient.nodes().stream()
                .filter(n -> n.op() instanceof Scan scan && scan.body().name().endsWith("/backward"))
                .findFirst()
                .orElseThrow();
    }

    private static long count(Function f, Class<? extends Op> op) {
        return f.nodes().stream().filter(n -> op.isInstance(n.op())).count();
    }

    private static void sumsAreAfterTheScan(Function gradient) {
        Function inside = ((Scan) backward(gradient).op()).body();
        assertEquals(0, count(inside, Training.OuterSum.class), inside::toString);
        assertEquals(0, count(inside, AttentionBackward.AdditiveKeys.class), inside::toString);
        assertEquals(0, count(inside, AttentionBackward.OuterSums.class), inside::toString);
        // u, q and o; of the memory as values and as keys.
        assertEquals(3, count(gradient, Training.OuterSum.class), gradient::toString);
        assertTrue(count(gradient, AttentionBackward.AdditiveKeys.class) > 0, gradient::toString);
        assertEquals(1, count(gradient, AttentionBackward.OuterSums.class), gradient::toString);
    }

    private static void productsAreSaved(Function gradient) {
        Function inside = ((Scan) backward(gradient).op()).body();
        assertEquals(0, count(inside, Contraction.Linear.class), inside::toString);
        assertEquals(0, count(inside, Training.GruTrace.class), inside::toString);
        assertEquals(0, count(inside, Aggregation.Attention.class), inside::toString);
        assertEquals(1, inside.states().size(), inside::toString);
    }

    @Test
    void onlyTheRecurrenceStaysInside() {
        Function gradient = gradient(false, false, false);
        sumsAreAfterTheScan(gradient);
        productsAreSaved(gradient);
    }

    @Test
    void lengthsAreThoseOfTheScanWhereRowsDoNotMix() {
        Function gradient = gradient(false, true, false);
        sumsAreAfterTheScan(gradient);
        productsAreSaved(gradient);
        assertFalse(backward(gradient).inputs().getLast().isAbsent());
        assertEquals(0, count(gradient, Structure.LengthMask.class));
    }

    @Test
    void aMaskStandsForLengthsWhereRowsMixOrPaddingRepeats() {
        for (Function gradient : List.of(gradient(true, true, false), gradient(false, true, true))) {
            sumsAreAfterTheScan(gradient);
            assertTrue(backward(gradient).inputs().getLast().isAbsent());
            assertEquals(1, count(gradient, Structure.LengthMask.class));
        }
    }
}
