package dev.rondo.plan;

import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.Product;
import dev.rondo.kernel.View;
import dev.rondo.kernel.Weights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A recurrent cell or layer. A layer makes the pre-activations of some time steps in one product, then walks them; the
 * rows of a batch that still run are taken in runs of neighbours, so a row costs what it contains.
 */
final class RecurrentStep extends Step {
    /** Time steps whose pre-activations are made in one product; they should still lie in cache when their turn comes. */
    static final int CHUNK = 64;

    /** The operands of one node; those that are not given are null. */
    record Operands(Operand x, Operand h, Operand c, Operand lengths, Operand y, Operand hOut, Operand cOut) {
        boolean isLayer() {
            return y != null;
        }
    }

    private final Operands in;
    private final RecurrentCell cell;
    private final InputShare share;
    private final Step[] preparations;
    private final boolean reverse;
    private final boolean repeat;
    private final Kernels kernels;
    private final Lengths lengths;
    private final View gates;
    private final View hPrev;
    private final View cPrev;
    private final View h;
    private final View c;
    private final View y;
    /** Of a cell whose two shares are products, which then take turns; else null. */
    private final Product input;

    private final Product recurrence;
    private boolean backwards;
    private int rows;
    private int steps;

    /** @param preparations what must be done at each call first: packing of weights that are fed or computed */
    RecurrentStep(
            Operands in,
            RecurrentCell cell,
            InputShare share,
            List<Step> preparations,
            boolean reverse,
            boolean repeat,
            Kernels kernels) {
        this.in = in;
        this.cell = cell;
        this.share = share;
        this.preparations = preparations.toArray(new Step[0]);
        this.reverse = reverse;
        this.repeat = repeat;
        this.kernels = kernels;
        this.lengths = in.lengths == null ? null : new Lengths(in.lengths, "recurrent layer to " + in.y.name);
        this.gates = new View(share.gates(), 0, 0, 0, 0);
        this.h = in.hOut.view();
        this.c = in.cOut == null ? null : in.cOut.view();
        this.hPrev = in.isLayer() ? h : in.h.view();
        this.cPrev = in.isLayer() || in.c == null ? c : in.c.view();
        this.y = in.isLayer() ? in.y.view() : null;
        Product recurrent = cell.recurrence(gates, hPrev);
        this.input = in.isLayer() || recurrent == null ? null : share.product(gates);
        this.recurrence = input == null ? null : recurrent;
    }

    @Override
    public void resize() {
        for (Step preparation : preparations) {
            preparation.resize();
        }
        rows = in.x.dims[0];
        steps = in.isLayer() ? in.x.dims[1] : 1;
        share.resize(rows, steps);
        rowsOf(in.hOut, h);
        if (c != null) {
            rowsOf(in.cOut, c);
        }
        if (!in.isLayer()) {
            rowsOf(in.h, hPrev);
            if (in.c != null) {
                rowsOf(in.c, cPrev);
            }
        }
        gates.cols = cell.gateWidth();
        if (input != null) {
            gates.window(rows, gates.cols).rowStride = gates.cols * 4L;
            cell.resize(rows);
        }
        if (y != null) {
            y.window(rows, in.y.dims[2]).rowStride = (long) steps * in.y.dims[2] * 4;
        }
    }

    private static void rowsOf(Operand operand, View view) {
        operand.asMatrix(view, operand.dims[0], operand.dims[1]);
    }

    @Override
    public void run() {
        for (Step preparation : preparations) {
            preparation.run();
        }
        compute();
    }

    @Override
    public void runAgain() {
        for (Step preparation : preparations) {
            preparation.runAgain();
        }
        compute();
    }

    private void compute() {
        share.check();
        if (!in.isLayer()) {
            if (input != null) {
                kernels.linearPair(input, recurrence, backwards);
                backwards = !backwards;
                cell.finish(gates, hPrev, cPrev, h, c);
            } else {
                share.fill(0, 1);
                stepRows(0, rows, 0, 1, 0);
            }
            return;
        }
        if (lengths != null) {
            lengths.check(steps);
        }
        begin(in.h, in.hOut);
        if (c != null) {
            begin(in.c, in.cOut);
        }
        // Without rows there may be billions of steps, and nothing to do in them.
        for (int done = 0; done < steps && rows > 0; done += CHUNK) {
            int size = Math.min(CHUNK, steps - done);
            int first = reverse ? steps - done - size : done;
            share.fill(first, size);
            for (int i = 0; i < size; i++) {
                int t = reverse ? first + size - 1 - i : first + i;
                stepActive(t, first, size);
            }
        }
        if (lengths != null) {
            pad();
        }
    }

    private static void begin(Operand initial, Operand state) {
        if (initial == null) {
            Copies.zero(state.segment, 0, state.byteSize());
        } else {
            Copies.copy(initial.segment, 0, state.segment, 0, state.byteSize());
        }
    }

    /** Runs the rows whose sequence has a step t. */
    private void stepActive(int t, int first, int size) {
        if (lengths == null) {
            stepRows(0, rows, t, size, first);
            return;
        }
        int from = 0;
        while (from < rows) {
            if (t >= lengths.get(from)) {
                from++;
                continue;
            }
            int to = from + 1;
            while (to < rows && t < lengths.get(to)) {
                to++;
            }
            stepRows(from, to, t, size, first);
            from = to;
        }
    }

    private void stepRows(int from, int to, int t, int size, int first) {
        int count = to - from;
        long width = gates.cols * 4L;
        gates.at(((long) from * size + t - first) * width).window(count, gates.cols).rowStride = size * width;
        move(h, from, count);
        if (c != null) {
            move(c, from, count);
        }
        if (hPrev != h) {
            move(hPrev, from, count);
        }
        if (cPrev != c) {
            move(cPrev, from, count);
        }
        cell.step(gates, hPrev, cPrev, h, c);
        if (y != null) {
            y.at((from * (long) steps + t) * y.cols * 4).window(count, y.cols);
            kernels.copy(h, y);
        }
    }

    private static void move(View view, int from, int count) {
        view.at(from * view.rowStride).window(count, view.cols);
    }

    /** What stands beyond a row's length: zero, or the last output when the row ran up to there. */
    private void pad() {
        long step = y.cols * 4L;
        for (int b = 0; b < rows; b++) {
            int length = lengths.get(b);
            long last = ((long) b * steps + length - 1) * step;
            for (int t = length; t < steps; t++) {
                long at = ((long) b * steps + t) * step;
                if (repeat && !reverse && length > 0) {
                    Copies.copy(in.y.segment, last, in.y.segment, at, step);
                } else {
                    Copies.zero(in.y.segment, at, step);
                }
            }
        }
    }

    /** Makes the input's share of the pre-activations, bias included, for some time steps: gates [B, size, width]. */
    abstract static sealed class InputShare {
        private final MemorySegment gates;
        private final int capacity;
        final View to;
        int rows;
        int steps;

        InputShare(int gateWidth, int maxRows, int maxSteps, Arena arena) {
            long elements = (long) maxRows * Math.min(maxSteps, CHUNK) * gateWidth;
            this.capacity = gateWidth;
            this.gates = Operand.memory(arena, "pre-activations", elements * 4);
            this.to = new View(gates, 0, 0, gateWidth, gateWidth * 4L);
        }

        final MemorySegment gates() {
            return gates;
        }

        void resize(int rows, int steps) {
            this.rows = rows;
            this.steps = steps;
        }

        /** Checks values that address memory. */
        void check() {}

        /** Fills for steps first to first+size-1 of every row; one product when that is everything. */
        final void fill(int first, int size) {
            if (size == steps) {
                to.at(0).window(rows * steps, capacity);
                rows(0);
                return;
            }
            for (int b = 0; b < rows; b++) {
                to.at((long) b * size * capacity * 4).window(size, capacity);
                rows(b * (long) steps + first);
            }
        }

        /** The same for one step as a product, or null when it is none. */
        Product product(View out) {
            return null;
        }

        /** Fills the rows of {@link #to} from input row {@code from} on. */
        abstract void rows(long from);

        /** {@code W x + b}. */
        static final class Weighted extends InputShare {
            private final Operand x;
            private final Weights weights;
            private final View bias;
            private final View from;
            private final MemorySegment scratch;
            private final Kernels kernels;

            Weighted(
                    Operand x,
                    Weights weights,
                    View bias,
                    int gateWidth,
                    int maxRows,
                    int maxSteps,
                    Kernels kernels,
                    Arena arena) {
                super(gateWidth, maxRows, maxSteps, arena);
                this.x = x;
                this.weights = weights;
                this.bias = bias;
                this.kernels = kernels;
                this.scratch = Operand.scratch(arena, weights);
                this.from = x.view();
            }

            @Override
            Product product(View out) {
                return new Product(from, weights, bias, scratch, out);
            }

            @Override
            void resize(int rows, int steps) {
                super.resize(rows, steps);
                x.asMatrix(from, rows * steps, weights.columns());
            }

            @Override
            void rows(long first) {
                x.asMatrix(from, to.rows, weights.columns());
                kernels.linear(from.at(first * from.rowStride), weights, bias, scratch, to);
            }
        }

        /** Rows of an embedding that has been folded into W and b. */
        static final class Folded extends InputShare {
            private final Weights table;
            private final Indices indices;
            private final View from;
            private final Kernels kernels;

            Folded(
                    Operand index,
                    Weights table,
                    int gateWidth,
                    int maxRows,
                    int maxSteps,
                    Kernels kernels,
                    Arena arena) {
                super(gateWidth, maxRows, maxSteps, arena);
                this.table = table;
                this.indices = new Indices(index, "gather of '" + index.name + "'", arena);
                this.from = indices.view().copy();
                this.kernels = kernels;
            }

            @Override
            void resize(int rows, int steps) {
                super.resize(rows, steps);
                indices.resize();
            }

            @Override
            void check() {
                indices.check(table.rows());
            }

            @Override
            void rows(long first) {
                kernels.gather(table, from.at(first * Integer.BYTES).window(to.rows, 1), to);
            }
        }

        /** Given in natural order, gate by gate. */
        static final class Given extends InputShare {
            private final Operand x;
            private final View bias;
            private final int gates;
            private final int units;
            private final View repeated;
            private final Kernels kernels;

            Given(Operand x, View bias, int gates, int units, int maxRows, int maxSteps, Kernels kernels, Arena arena) {
                super(RecurrentCell.gateWidth(gates, units), maxRows, maxSteps, arena);
                this.x = x;
                this.bias = bias;
                this.gates = gates;
                this.units = units;
                this.kernels = kernels;
                this.repeated = bias == null ? null : bias.copy();
            }

            @Override
            void rows(long first) {
                for (int r = 0; r < to.rows; r++) {
                    long at = (first + r) * gates * units * 4;
                    PanelOrder.scatter(x.segment, at, gates, units, gates, 0, gates(), to.offset + r * to.rowStride);
                }
                if (bias != null) {
                    repeated.window(to.rows, to.cols).rowStride = 0;
                    kernels.binary(dev.rondo.graph.BinaryFunction.ADD, to, repeated, to);
                }
            }
        }
    }

    /** Packs a matrix that is fed or computed. */
    static final class Pack extends Step {
        private final Operand matrix;
        private final View dense;
        private final Weights packed;
        private final Kernels kernels;

        Pack(Operand matrix, Weights packed, Kernels kernels) {
            this.matrix = matrix;
            this.dense = matrix.view();
            this.packed = packed;
            this.kernels = kernels;
        }

        @Override
        public void resize() {
            matrix.asMatrix(dense, packed.rows(), packed.columns());
        }

        @Override
        public void run() {
            kernels.pack(dense, packed);
        }

        @Override
        public void runAgain() {
            if (!matrix.isStill()) {
                run();
            }
        }
    }

    /** Moves rows of gates between the natural order [gate][unit] and panel order [block][gate][16]. */
    static final class PanelOrder extends Step {
        private final Operand row;
        private final int given;
        private final int gates;
        private final int first;
        private final MemorySegment panel;

        /** Puts {@code given} gates of a fed or computed row among {@code gates}, the first at place {@code first}. */
        PanelOrder(Operand row, int given, int gates, int first, MemorySegment panel) {
            this.row = row;
            this.given = given;
            this.gates = gates;
            this.first = first;
            this.panel = panel;
        }

        @Override
        public void resize() {}

        @Override
        public void run() {
            scatter(row.segment, 0, given, row.count() / given, gates, first, panel, 0);
        }

        @Override
        public void runAgain() {
            if (!row.isStill()) {
                run();
            }
        }

        static void scatter(
                MemorySegment from, long at, int given, int units, int gates, int first, MemorySegment to, long toAt) {
            for (int g = 0; g < given; g++) {
                for (int i = 0; i < units; i++) {
                    int place = gates == 1 ? i : Constants.panelIndex(gates, first + g, i);
                    float value = from.get(ValueLayout.JAVA_FLOAT, at + ((long) g * units + i) * 4);
                    to.set(ValueLayout.JAVA_FLOAT, toAt + place * 4L, value);
                }
            }
        }
    }
}
