package dev.rondo.kernel;

import dev.rondo.graph.Activation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.UnaryFunction;
import java.lang.foreign.MemorySegment;

/**
 * Kernels that can be exchanged between two runs of a plan: the plain ones, until the vector kernels are compiled. Belongs to one thread at a
 * time. Every kernel that an implementation has is passed on, so that a run never mixes two implementations.
 */
public final class SwitchingKernels implements Kernels {
    private Kernels now = Kernels.plain();

    /** Makes these kernels do the work from now on. */
    public void use(Kernels kernels) {
        now = kernels;
    }

    @Override
    public void linear(View x, Weights w, View bias, View out) {
        now.linear(x, w, bias, out);
    }

    @Override
    public void addLinear(View x, Weights w, int firstGroup, int groupCount, View out) {
        now.addLinear(x, w, firstGroup, groupCount, out);
    }

    @Override
    public void pack(View dense, Weights out) {
        now.pack(dense, out);
    }

    @Override
    public void packTransposed(View dense, Weights out) {
        now.packTransposed(dense, out);
    }

    @Override
    public void matmul(View a, View b, boolean transposeB, MemorySegment scratch, View out) {
        now.matmul(a, b, transposeB, scratch, out);
    }

    @Override
    public void outerSum(View a, View b, MemorySegment scratch, View out) {
        now.outerSum(a, b, scratch, out);
    }

    @Override
    public void activate(Activation f, View x, View out) {
        now.activate(f, x, out);
    }

    @Override
    public void unary(UnaryFunction f, View x, View out) {
        now.unary(f, x, out);
    }

    @Override
    public void binary(BinaryFunction f, View a, View b, View out) {
        now.binary(f, a, b, out);
    }

    @Override
    public void lstmCell(LstmActivations f, View gates, View cPrev, View peepholes, View h, View c) {
        now.lstmCell(f, gates, cPrev, peepholes, h, c);
    }

    @Override
    public void gruCell(GruGates f, View gatesX, View gatesH, View hPrev, View h) {
        now.gruCell(f, gatesX, gatesH, hPrev, h);
    }

    @Override
    public void gruReset(GruGates f, View gates, View hPrev, View resetHidden) {
        now.gruReset(f, gates, hPrev, resetHidden);
    }

    @Override
    public void gruUpdate(GruGates f, View gates, View hPrev, View h) {
        now.gruUpdate(f, gates, hPrev, h);
    }

    @Override
    public void softmax(View x, View mask, boolean log, View out) {
        now.softmax(x, mask, log, out);
    }

    @Override
    public void layerNorm(View x, View gain, View bias, float epsilon, View out) {
        now.layerNorm(x, gain, bias, epsilon, out);
    }

    @Override
    public void gather(Weights table, View indices, View out) {
        now.gather(table, indices, out);
    }

    @Override
    public void reduceRows(Reduction f, View x, View out) {
        now.reduceRows(f, x, out);
    }

    @Override
    public void reduceColumns(Reduction f, View x, View out) {
        now.reduceColumns(f, x, out);
    }

    @Override
    public void argMax(View x, View out) {
        now.argMax(x, out);
    }

    @Override
    public void copy(View x, View out) {
        now.copy(x, out);
    }
}
