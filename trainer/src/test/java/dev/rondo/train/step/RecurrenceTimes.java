package dev.rondo.train.step;

import dev.rondo.architecture.training.Training;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.Packing;
import dev.rondo.graph.ValueType;
import dev.rondo.kernel.KernelProvider;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import dev.rondo.kernel.Weights;
import dev.rondo.train.kernel.TrainingKernels;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * Times the steps of an LSTM's training through time and their parts, interleaved: medians in milliseconds of processor
 * time, so that other processes disturb little. Memory is of automatic arenas, as everywhere: a loop that has met confined
 * memory too is compiled again and again.
 *
 * <p>Run, after {@code mvn -pl trainer -am test-compile}: {@code java --add-modules jdk.incubator.vector -cp
 * trainer/target/classes:trainer/target/test-classes:architectures/target/classes:runtime/target/classes:formats/target/classes
 * dev.rondo.train.step.RecurrenceTimes [B T H]}
 */
final class RecurrenceTimes {
    private static final int ROUNDS = 11;
    private static final long ROUND_NANOS = 60_000_000;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private RecurrenceTimes() {}

    public static void main(String[] args) {
        int rows = args.length > 0 ? Integer.parseInt(args[0]) : 32;
        int steps = args.length > 1 ? Integer.parseInt(args[1]) : 128;
        int units = args.length > 2 ? Integer.parseInt(args[2]) : 512;
        System.out.println(KernelProvider.best() + ", B=" + rows + " T=" + steps + " H=" + units);
        ValueType sequence = ValueType.f32(rows, steps, units);
        ValueType wide = ValueType.f32(rows, steps, 4 * units);
        ValueType hidden = ValueType.f32(4 * units, units);
        Random random = new Random(1);
        var parts = new LinkedHashMap<String, Runnable>();
        var trace = new OneNode(new Training.LstmTrace(false, false), true, Map.of(), wide, null, null, hidden)
                .fill(random, 0.1f, 1);
        var backward = new OneNode(
                        new Training.LstmBackward(false), true, Map.of(), wide, sequence, hidden, null, sequence)
                .fill(random, 0.1f, 1);
        parts.put("trace", trace::run);
        parts.put("backward", backward::run);
        addParts(parts, Arena.ofAuto(), rows, steps, units);
        measure(parts, 8e-6 * rows * steps * units * units);
    }

    private static void addParts(Map<String, Runnable> parts, Arena arena, int rows, int steps, int units) {
        Kernels products = Kernels.best();
        TrainingKernels kernels = TrainingKernels.best();
        View dense = view(arena, 4 * units, units);
        Weights forward = weights(arena, 4 * units, units);
        products.pack(dense, forward);
        Weights transposed = weights(arena, units, 4 * units);
        products.packTransposed(dense, transposed);
        View h = view(arena, rows, units);
        View dz = view(arena, rows, 4 * units);
        View product = view(arena, rows, 4 * units);
        View dh = view(arena, rows, units);
        parts.put("trace: products", () -> times(steps, () -> products.linear(h, forward, null, product)));
        parts.put("backward: products", () -> times(steps, () -> products.linear(dz, transposed, null, dh)));
        parts.put("trace: pack", () -> products.pack(dense, forward));
        parts.put("backward: pack", () -> products.packTransposed(dense, transposed));
        View c = view(arena, rows, units);
        View dc = view(arena, rows, units);
        View state = view(arena, rows, units);
        View dzRows = view(arena, rows, 4 * units);
        View x = sequence(arena, rows, steps, 4 * units);
        View gates = sequence(arena, rows, steps, 4 * units);
        View cells = sequence(arena, rows, steps, units);
        View y = sequence(arena, rows, steps, units);
        View dy = sequence(arena, rows, steps, units);
        View dzAll = sequence(arena, rows, steps, 4 * units);
        parts.put("trace: cells", () -> {
            for (int t = 0; t < steps; t++) {
                kernels.lstmTrace(product, to(x, t), c, to(gates, t), to(cells, t), state, to(y, t));
            }
        });
        parts.put("backward: cells", () -> {
            for (int t = steps - 1; t >= 0; t--) {
                kernels.lstmBackward(to(gates, t), to(cells, t), c, to(dy, t), dh, dc, to(dzAll, t), dzRows);
            }
        });
    }

    private static View sequence(Arena arena, int rows, int steps, int cols) {
        View view = view(arena, rows * steps, cols).window(rows, cols);
        view.rowStride *= steps;
        return view;
    }

    private static View to(View view, int step) {
        return view.at(step * view.cols * 4L);
    }

    private static void times(int count, Runnable run) {
        for (int i = 0; i < count; i++) {
            run.run();
        }
    }

    private static View view(Arena arena, int rows, int cols) {
        View view = View.f32(arena.allocate(rows * (long) cols * 4, 64), rows, cols);
        Random random = new Random(2);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < cols; c++) {
                view.put(r, c, 0.1f * (float) random.nextGaussian());
            }
        }
        return view;
    }

    private static Weights weights(Arena arena, int rows, int columns) {
        Layout layout = new Layout.Panels(1);
        long bytes = Packing.byteSize(Encoding.F32, layout, rows, columns);
        return new Weights(arena.allocate(bytes, 64), Encoding.F32, layout, rows, columns);
    }

    private static void measure(Map<String, Runnable> parts, double megaflop) {
        double[][] millis = new double[parts.size()][ROUNDS];
        for (int round = -5; round < ROUNDS; round++) {
            int part = 0;
            for (Runnable run : parts.values()) {
                long begin = THREADS.getCurrentThreadCpuTime();
                int runs = 0;
                long nanos = 0;
                for (; nanos < ROUND_NANOS; nanos = THREADS.getCurrentThreadCpuTime() - begin) {
                    run.run();
                    runs++;
                }
                millis[part++][Math.max(0, round)] = nanos / 1e6 / runs;
            }
        }
        int part = 0;
        for (String name : parts.keySet()) {
            Arrays.sort(millis[part]);
            double median = millis[part++][ROUNDS / 2];
            String rate = name.endsWith("pack") ? "" : String.format("  %6.1f GFLOP/s of products", megaflop / median);
            System.out.printf("%-20s %9.3f%s%n", name, median, rate);
        }
    }
}
