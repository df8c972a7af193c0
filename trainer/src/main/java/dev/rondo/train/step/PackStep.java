package dev.rondo.train.step;

import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.Packing;
import dev.rondo.graph.Node;
import dev.rondo.graph.Value;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import dev.rondo.kernel.Weights;
import dev.rondo.plan.Binder;
import dev.rondo.plan.Operand;
import dev.rondo.plan.Step;
import java.lang.foreign.MemorySegment;

/** Packs some rows of a matrix that is fed, or their transpose, at each run: gates in natural order. */
final class PackStep extends Step {
    private final Operand matrix;
    private final View dense;
    private final boolean transposed;
    private final Weights packed;
    private final Kernels kernels;

    private PackStep(Operand matrix, View dense, boolean transposed, Weights packed, Kernels kernels) {
        this.matrix = matrix;
        this.dense = dense;
        this.transposed = transposed;
        this.packed = packed;
        this.kernels = kernels;
    }

    /**
     * Packs the matrix in a slot, or a part of its gates.
     *
     * @param first the first of the gates
     * @param count how many of them
     * @param gates how many the matrix has
     */
    static PackStep of(Node node, String slot, int first, int count, int gates, boolean transposed, Binder binder) {
        Value value = node.input(slot);
        if (!value.type().dim(0).isFixed() || !value.type().dim(1).isFixed()) {
            throw Binder.unsupported(node, "weights have fixed sizes", value.toString());
        }
        int units = (int) value.type().dim(0).fixed() / gates;
        int rows = count * units;
        int columns = (int) value.type().dim(1).fixed();
        int outputs = transposed ? columns : rows;
        int inputs = transposed ? rows : columns;
        Layout layout = new Layout.Panels(1);
        long bytes = Packing.byteSize(Encoding.F32, layout, outputs, inputs);
        MemorySegment memory = Operand.memory(binder.arena(), "packed " + value, bytes);
        Weights packed = new Weights(memory.asSlice(0, bytes), Encoding.F32, layout, outputs, inputs);
        long row = columns * 4L;
        Operand matrix = binder.operand(value);
        View dense = new View(matrix.segment(), (long) first * units * row, rows, columns, row);
        return new PackStep(matrix, dense, transposed, packed, binder.kernels());
    }

    /** What the step fills. */
    Weights weights() {
        return packed;
    }

    @Override
    public void resize() {}

    @Override
    public void run() {
        if (transposed) {
            kernels.packTransposed(dense, packed);
        } else {
            kernels.pack(dense, packed);
        }
    }

    @Override
    public void runAgain() {
        if (!matrix.isStill()) {
            run();
        }
    }
}
