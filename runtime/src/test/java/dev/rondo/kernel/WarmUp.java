package dev.rondo.kernel;

import com.sun.management.ThreadMXBean;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.UnaryFunction;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Runs every kernel in this JVM from its first, interpreted call until it allocates nothing, and prints a line per kernel: its name, whether the last result has the bits of
 * the first, and the bytes that a call still allocates. {@link WarmUpTest} starts it in a JVM of its own. An argument selects
 * kernels by part of their name; {@code -Drondo.patience} is how many seconds each has: many, for where other programs keep the compiler from its core.
 */
final class WarmUp {

    private static final int HIDDEN = 35;
    private static final int INPUT = 23;
    private static final int WINDOW = 400;
    private static final long PATIENCE = Long.getLong("rondo.patience", 90) * 1_000_000_000L;

    private final Kernels kernels;
    private final Random random = new Random(3);
    private final Memories memories = new Memories(3);
    private final List<Case> cases = new ArrayList<>();

    /** One kernel with its operands; {@code restore} puts back what the kernel overwrites. */
    private record Case(String name, Runnable restore, Runnable call, View... results) {}

    private WarmUp(Kernels kernels) {
        this.kernels = kernels;
    }

    public static void main(String[] args) {
        WarmUp warmUp = new WarmUp(Kernels.best());
        warmUp.products();
        warmUp.cells();
        warmUp.elements();
        warmUp.rows();
        String wanted = args.length > 0 ? args[0] : "";
        for (Case c : warmUp.cases) {
            if (c.name.contains(wanted)) {
                run(c);
            }
        }
    }

    private static void run(Case c) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        c.restore.run();
        c.call.run();
        long first = bits(c);
        long end = System.nanoTime() + PATIENCE;
        long bytes = 1;
        for (int quiet = 0, windows = 0; (quiet < 3 || windows < 30) && System.nanoTime() < end; windows++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < WINDOW; i++) {
                c.restore.run();
                c.call.run();
            }
            bytes = threads.getCurrentThreadAllocatedBytes() - before;
            quiet = bytes == 0 ? quiet + 1 : 0;
        }
        System.out.println(c.name + (bits(c) == first ? " same " : " differs ") + bytes / WINDOW);
    }

    private static long bits(Case c) {
        long hash = 1;
        for (View view : c.results) {
            for (int r = 0; r < view.rows; r++) {
                for (int i = 0; i < view.cols; i++) {
                    hash = hash * 31 + Float.floatToRawIntBits(view.get(r, i));
                }
            }
        }
        return hash;
    }

    private View values(int rows, int cols) {
        return memories.floats(Values.ORDINARY.rows(rows, cols, random), cols);
    }

    private Weights weights(int rows, int columns, Encoding encoding, Layout layout) {
        return memories.weights(Values.ORDINARY.rows(rows, columns, random), columns, encoding, layout);
    }

    private void add(String name, View result, Runnable call) {
        cases.add(new Case(name, () -> {}, call, result));
    }

    private void products() {
        for (Encoding encoding : new Encoding[] {Encoding.F32, Encoding.BF16, Encoding.F16, Encoding.INT8}) {
            for (int groups : new int[] {4, 3, 1, 0}) {
                Layout layout = groups == 0 ? new Layout.Rows() : new Layout.Panels(groups);
                Weights w = weights(HIDDEN * Math.max(1, groups), INPUT, encoding, layout);
                for (int batch : new int[] {1, 7, 13}) {
                    View x = values(batch, INPUT);
                    View out = values(batch, groups > 1 ? w.paddedRows() : w.rows());
                    View bias = values(1, out.cols);
                    String name = "linear-" + encoding.text() + "-" + groups + "-" + batch;
                    MemorySegment scratch = memories.scratch(Kernels.linearScratch(w));
                    add(name, out, () -> kernels.linear(x, w, bias, scratch, out));
                }
            }
        }
        View a = values(7, INPUT);
        View b = values(INPUT, HIDDEN);
        View bt = values(HIDDEN, INPUT);
        View out = values(7, HIDDEN);
        add("matmul", out, () -> kernels.matmul(a, b, false, out));
        add("matmul-transposed", out, () -> kernels.matmul(a, bt, true, out));
        View many = values(67, INPUT);
        View product = values(67, HIDDEN);
        MemorySegment scratch = memories.scratch(Kernels.matmulScratch(INPUT, HIDDEN));
        add("matmul-scratch", product, () -> kernels.matmul(many, b, false, scratch, product));
        add("matmul-scratch-transposed", product, () -> kernels.matmul(many, bt, true, scratch, product));
        View sums = values(INPUT, HIDDEN);
        MemorySegment panels = memories.scratch(Kernels.outerSumScratch(INPUT, HIDDEN));
        add("outer-sum", sums, () -> kernels.outerSum(many, product, panels, sums));
        for (int groups : new int[] {3, 1}) {
            Weights packed = weights(HIDDEN * groups, INPUT, Encoding.F32, new Layout.Panels(groups));
            View seen = View.f32(packed.data(), 1, packed.paddedRows() * INPUT);
            View dense = values(HIDDEN * groups, INPUT);
            View transpose = values(INPUT, HIDDEN * groups);
            add("pack-" + groups, seen, () -> kernels.pack(dense, packed));
            add("pack-transposed-" + groups, seen, () -> kernels.packTransposed(transpose, packed));
        }
        View indices = memories.view(2, 1, Integer.BYTES);
        View gathered = values(2, INPUT);
        indices.segment.set(Memory.I32, indices.offset, 3);
        indices.segment.set(Memory.I32, indices.offset + indices.rowStride, 1);
        for (Encoding encoding : new Encoding[] {Encoding.F32, Encoding.BF16}) {
            Weights table = weights(5, INPUT, encoding, new Layout.Rows());
            add("gather-" + encoding.text(), gathered, () -> kernels.gather(table, indices, gathered));
        }
    }

    private void cells() {
        int panels = (HIDDEN + 15) / 16 * 16;
        View start = values(2, 4 * panels);
        View gates = values(2, 4 * panels);
        View cPrev = values(2, HIDDEN);
        View h = values(2, HIDDEN);
        View c = values(2, HIDDEN);
        View peepholes = values(3, HIDDEN);
        Runnable restore = () -> kernels.copy(start, gates);
        LstmActivations standard = LstmActivations.STANDARD;
        cases.add(new Case("lstm", restore, () -> kernels.lstmCell(standard, gates, cPrev, null, h, c), h, c));
        cases.add(new Case(
                "lstm-peepholes", restore, () -> kernels.lstmCell(standard, gates, cPrev, peepholes, h, c), h, c));
        View startX = values(2, 3 * panels);
        View x = values(2, 3 * panels);
        View u = values(2, 3 * panels);
        View rh = values(2, HIDDEN);
        Runnable restoreX = () -> kernels.copy(startX, x);
        cases.add(new Case("gru", restoreX, () -> kernels.gruCell(GruGates.STANDARD, x, u, cPrev, h), h));
        cases.add(new Case(
                "gru-halves",
                restoreX,
                () -> {
                    kernels.gruReset(GruGates.STANDARD, x, cPrev, rh);
                    kernels.gruUpdate(GruGates.STANDARD, x, cPrev, h);
                },
                rh,
                h));
    }

    private void elements() {
        View x = values(3, HIDDEN);
        View y = values(3, HIDDEN);
        View column = values(3, 1);
        View out = values(3, HIDDEN);
        for (Activation.Kind kind : Activation.Kind.values()) {
            Activation f = new Activation(kind, 0.3f, 0.7f);
            add("activate-" + kind.text(), out, () -> kernels.activate(f, x, out));
        }
        for (UnaryFunction f : UnaryFunction.values()) {
            add("unary-" + f.text(), out, () -> kernels.unary(f, x, out));
        }
        for (BinaryFunction f :
                new BinaryFunction[] {BinaryFunction.ADD, BinaryFunction.DIVIDE, BinaryFunction.MAXIMUM}) {
            add("binary-" + f.text(), out, () -> kernels.binary(f, x, y, out));
            add("binary-column-" + f.text(), out, () -> kernels.binary(f, x, column, out));
        }
    }

    private void rows() {
        View x = values(3, 77);
        View out = values(3, 77);
        View gain = values(1, 77);
        View mask = memories.bytes(new boolean[3][77], 77);
        mask.segment.fill((byte) 1);
        View column = values(3, 1);
        View row = values(1, 77);
        add("softmax", out, () -> kernels.softmax(x, null, false, out));
        add("softmax-log", out, () -> kernels.softmax(x, mask, true, out));
        add("layer-norm", out, () -> kernels.layerNorm(x, gain, gain, 1e-5f, out));
        for (Reduction f : Reduction.values()) {
            add("reduce-rows-" + f.text(), row, () -> kernels.reduceRows(f, x, row));
            add("reduce-columns-" + f.text(), column, () -> kernels.reduceColumns(f, x, column));
        }
        View index = memories.view(3, 1, Long.BYTES);
        View halves = new View(index.segment, index.offset, 3, 2, index.rowStride);
        add("arg-max", halves, () -> kernels.argMax(x, index));
        View best = values(3, 5);
        View places = memories.view(3, 5, Long.BYTES);
        add("top-k", best, () -> kernels.topK(x, Aggregation.Normalisation.SOFTMAX, best, places));
        View scores = values(3, 3);
        add("additive-scores", scores, () -> kernels.additiveScores(x, x, row, null, scores));
    }
}
