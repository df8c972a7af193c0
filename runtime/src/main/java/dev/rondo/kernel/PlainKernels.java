package dev.rondo.kernel;

import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation.Normalisation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.UnaryFunction;
import java.lang.foreign.MemorySegment;

/** The kernels as the plainest possible loops; elementary functions and sums of a row go through f64 and are rounded once. */
final class PlainKernels implements Kernels {

    @Override
    public void linear(View x, Weights w, View bias, MemorySegment scratch, View out) {
        PlainProducts.start(bias, out);
        PlainProducts.addLinear(x, w, 0, w.groups(), scratch, out);
    }

    @Override
    public void addLinear(View x, Weights w, int firstGroup, int groupCount, MemorySegment scratch, View out) {
        PlainProducts.addLinear(x, w, firstGroup, groupCount, scratch, out);
    }

    @Override
    public void pack(View dense, Weights out) {
        PlainProducts.pack(dense, out);
    }

    @Override
    public void packTransposed(View dense, Weights out) {
        PlainProducts.packTransposed(dense, out);
    }

    @Override
    public void matmul(View a, View b, boolean transposeB, MemorySegment scratch, View out) {
        PlainProducts.matmul(a, b, transposeB, out);
    }

    @Override
    public void outerSum(View a, View b, MemorySegment scratch, View out) {
        PlainProducts.outerSum(a, b, out);
    }

    @Override
    public void activate(Activation f, View x, View out) {
        PlainElements.activate(f, x, out);
    }

    @Override
    public void unary(UnaryFunction f, View x, View out) {
        PlainElements.unary(f, x, out);
    }

    @Override
    public void binary(BinaryFunction f, View a, View b, View out) {
        PlainElements.binary(f, a, b, out);
    }

    @Override
    public void lstmCell(LstmActivations f, View gates, View cPrev, View peepholes, View h, View c) {
        PlainCells.lstm(f, gates, cPrev, peepholes, h, c);
    }

    @Override
    public void gruCell(GruGates f, View gatesX, View gatesH, View hPrev, View h) {
        PlainCells.gru(f, gatesX, gatesH, hPrev, h);
    }

    @Override
    public void gruReset(GruGates f, View gates, View hPrev, View resetHidden) {
        PlainCells.gruReset(f, gates, hPrev, resetHidden);
    }

    @Override
    public void gruUpdate(GruGates f, View gates, View hPrev, View h) {
        PlainCells.gruUpdate(f, gates, hPrev, h);
    }

    @Override
    public void softmax(View x, View mask, boolean log, View out) {
        PlainRows.softmax(x, mask, log, out);
    }

    @Override
    public void layerNorm(View x, View gain, View bias, float epsilon, View out) {
        PlainRows.layerNorm(x, gain, bias, epsilon, out);
    }

    @Override
    public void gather(Weights table, View indices, View out) {
        PlainProducts.gather(table, indices, out);
    }

    @Override
    public void reduceRows(Reduction f, View x, View out) {
        PlainRows.reduceRows(f, x, out);
    }

    @Override
    public void reduceColumns(Reduction f, View x, View out) {
        PlainRows.reduceColumns(f, x, out);
    }

    @Override
    public void argMax(View x, View out) {
        PlainRows.argMax(x, out);
    }

    @Override
    public void topK(View x, Normalisation normalisation, View values, View indices) {
        PlainRows.topK(x, normalisation, values, indices);
    }

    @Override
    public void additiveScores(View query, View keys, View vector, View mask, View out) {
        PlainRows.additiveScores(query, keys, vector, mask, out);
    }

    @Override
    public void copy(View x, View out) {
        PlainElements.copy(x, out);
    }
}
