package dev.rondo.kernel;

import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation.Normalisation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.UnaryFunction;
import java.lang.foreign.MemorySegment;

/** The kernels with the Vector API. Only {@link KernelProvider} may name this class: without the module jdk.incubator.vector it does not link. */
final class VectorKernels implements Kernels {

    @Override
    public void linear(View x, Weights w, View bias, MemorySegment scratch, View out) {
        VectorProducts.linear(x, w, bias, scratch, out);
    }

    @Override
    public void addLinear(View x, Weights w, int firstGroup, int groupCount, MemorySegment scratch, View out) {
        VectorProducts.addLinear(x, w, firstGroup, groupCount, scratch, out);
    }

    @Override
    public void linearPair(Product first, Product second, boolean backwards) {
        if (!VectorProducts.takeTurns(first, second, backwards)) {
            Kernels.super.linearPair(first, second, backwards);
        }
    }

    @Override
    public void pack(View dense, Weights out) {
        VectorProducts.pack(dense, out);
    }

    @Override
    public void packTransposed(View dense, Weights out) {
        VectorProducts.packTransposed(dense, out);
    }

    @Override
    public void matmul(View a, View b, boolean transposeB, MemorySegment scratch, View out) {
        VectorProducts.matmul(a, b, transposeB, scratch, out);
    }

    @Override
    public void outerSum(View a, View b, MemorySegment scratch, View out) {
        OuterSums.outerSum(a, b, scratch, out);
    }

    @Override
    public void activate(Activation f, View x, View out) {
        VectorElements.activate(f, x, out);
    }

    @Override
    public void unary(UnaryFunction f, View x, View out) {
        VectorElements.unary(f, x, out);
    }

    @Override
    public void binary(BinaryFunction f, View a, View b, View out) {
        VectorElements.binary(f, a, b, out);
    }

    @Override
    public void lstmCell(LstmActivations f, View gates, View cPrev, View peepholes, View h, View c) {
        VectorCells.lstm(f, gates, cPrev, peepholes, h, c);
    }

    @Override
    public void gruCell(GruGates f, View gatesX, View gatesH, View hPrev, View h) {
        VectorCells.gru(f, gatesX, gatesH, hPrev, h);
    }

    @Override
    public void gruReset(GruGates f, View gates, View hPrev, View resetHidden) {
        VectorCells.gruReset(f, gates, hPrev, resetHidden);
    }

    @Override
    public void gruUpdate(GruGates f, View gates, View hPrev, View h) {
        VectorCells.gruUpdate(f, gates, hPrev, h);
    }

    @Override
    public void softmax(View x, View mask, boolean log, View out) {
        VectorRows.softmax(x, mask, log, out);
    }

    @Override
    public void layerNorm(View x, View gain, View bias, float epsilon, View out) {
        VectorRows.layerNorm(x, gain, bias, epsilon, out);
    }

    @Override
    public void gather(Weights table, View indices, View out) {
        VectorProducts.gather(table, indices, out);
    }

    @Override
    public void reduceRows(Reduction f, View x, View out) {
        VectorRows.reduceRows(f, x, out);
    }

    @Override
    public void reduceColumns(Reduction f, View x, View out) {
        VectorRows.reduceColumns(f, x, out);
    }

    @Override
    public void argMax(View x, View out) {
        VectorRows.argMax(x, out);
    }

    @Override
    public void topK(View x, Normalisation normalisation, View values, View indices) {
        VectorRows.topK(x, normalisation, values, indices);
    }

    @Override
    public void additiveScores(View query, View keys, View vector, View mask, View out) {
        VectorRows.additiveScores(query, keys, vector, mask, out);
    }

    @Override
    public void copy(View x, View out) {
        VectorElements.copy(x, out);
    }
}
