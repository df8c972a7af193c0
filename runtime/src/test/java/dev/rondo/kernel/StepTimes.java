package dev.rondo.kernel;

import com.sun.management.ThreadMXBean;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.Packing;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.LstmActivations;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Times steps: median of rounds, microseconds, and bytes allocated per step.
 *
 * <p>Run, after {@code mvn -pl runtime -am test-compile}: {@code java --add-modules jdk.incubator.vector -cp
 * runtime/target/classes:runtime/target/test-classes:formats/target/classes dev.rondo.kernel.StepTimes [plain]}; {@code -Donly="lstm f32"} selects
 */
final class StepTimes {

    private static final int ROUNDS = 11;
    private static final long ROUND_NANOS = 60_000_000;

    private StepTimes() {}

    public static void main(String[] args) {
        KernelProvider provider = args.length > 0 ? KernelProvider.plain() : KernelProvider.best();
        System.out.println(provider);
        for (Encoding encoding : new Encoding[] {Encoding.F32, Encoding.BF16, Encoding.INT8, Encoding.F16}) {
            for (int[] s : new int[][] {{1, 40}, {64, 64}, {128, 128}, {256, 256}, {512, 512}, {1024, 1024}}) {
                report("lstm", encoding, 1, s[0], s[1], () -> lstm(provider.kernels(), encoding, 1, s[0], s[1]));
            }
        }
        for (int size : new int[] {128, 256}) {
            report("gru", Encoding.F32, 1, size, size, () -> gru(provider.kernels(), Encoding.F32, size, size));
            report("gru", Encoding.INT8, 1, size, size, () -> gru(provider.kernels(), Encoding.INT8, size, size));
            report("gru", Encoding.BF16, 1, size, size, () -> gru(provider.kernels(), Encoding.BF16, size, size));
        }
        for (int batch : new int[] {2, 4, 5, 8, 16}) {
            report(
                    "lstm",
                    Encoding.F32,
                    batch,
                    256,
                    256,
                    () -> lstm(provider.kernels(), Encoding.F32, batch, 256, 256));
            report(
                    "lstm",
                    Encoding.BF16,
                    batch,
                    256,
                    256,
                    () -> lstm(provider.kernels(), Encoding.BF16, batch, 256, 256));
            report(
                    "lstm",
                    Encoding.INT8,
                    batch,
                    256,
                    256,
                    () -> lstm(provider.kernels(), Encoding.INT8, batch, 256, 256));
        }
        for (Encoding encoding : new Encoding[] {Encoding.F32, Encoding.BF16}) {
            report(
                    "beam of 5",
                    encoding,
                    5,
                    256,
                    8000,
                    () -> projection(provider.kernels(), encoding, new Layout.Panels(1), 5, 256, 8000));
        }
        for (Encoding encoding : new Encoding[] {Encoding.F32, Encoding.BF16, Encoding.INT8}) {
            report(
                    "projection",
                    encoding,
                    1,
                    512,
                    32000,
                    () -> projection(provider.kernels(), encoding, new Layout.Panels(1), 1, 512, 32000));
            report(
                    "projection rows",
                    encoding,
                    1,
                    512,
                    32000,
                    () -> projection(provider.kernels(), encoding, new Layout.Rows(), 1, 512, 32000));
        }
        report("softmax", Encoding.F32, 1, 32000, 32000, () -> softmax(provider.kernels()));
        report("top-8", Encoding.F32, 1, 32000, 8, () -> topK(provider.kernels()));
        report("attention dot", Encoding.F32, 1, 50, 512, () -> attention(provider.kernels(), false));
        report("attention add", Encoding.F32, 1, 50, 512, () -> attention(provider.kernels(), true));
        for (boolean transpose : new boolean[] {false, true}) {
            String name = transpose ? "matmul transposed" : "matmul";
            report(name, Encoding.F32, 256, 512, 1024, () -> matmul(provider.kernels(), transpose));
        }
    }

    private static void report(String what, Encoding encoding, int batch, int in, int out, Supplier<Runnable> prepare) {
        String name = what + " " + encoding.text();
        if (!name.contains(System.getProperty("only", ""))) {
            return;
        }
        Runnable step = prepare.get();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int perRound = warmUp(threads, step);
        double[] micros = new double[ROUNDS];
        long bytes = threads.getCurrentThreadAllocatedBytes();
        for (int r = 0; r < ROUNDS; r++) {
            long start = System.nanoTime();
            for (int i = 0; i < perRound; i++) {
                step.run();
            }
            micros[r] = (System.nanoTime() - start) / 1e3 / perRound;
        }
        bytes = threads.getCurrentThreadAllocatedBytes() - bytes;
        Arrays.sort(micros);
        System.out.printf(
                "%-18s %-5s B=%-3d %5d %5d  median %9.3f us  min %9.3f  %.3f bytes/step%n",
                what,
                encoding.text(),
                batch,
                in,
                out,
                micros[ROUNDS / 2],
                micros[0],
                bytes / (double) perRound / ROUNDS);
    }

    /** Runs until some windows of a round's length have allocated nothing, or for ten seconds; returns the calls per round. */
    private static int warmUp(ThreadMXBean threads, Runnable step) {
        int calls = 1;
        int quiet = 0;
        long end = System.nanoTime() + 10_000_000_000L;
        while (quiet < 10 && System.nanoTime() < end) {
            long bytes = threads.getCurrentThreadAllocatedBytes();
            long stop = System.nanoTime() + ROUND_NANOS;
            for (calls = 0; System.nanoTime() < stop; calls++) {
                step.run();
            }
            quiet = threads.getCurrentThreadAllocatedBytes() == bytes ? quiet + 1 : 0;
        }
        return Math.max(1, calls);
    }

    private static Weights weights(
            Arena arena, Encoding encoding, Layout layout, int rows, int columns, Random random) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (random.nextFloat() - 0.5f) * 0.1f;
        }
        MemorySegment data = arena.allocate(Packing.byteSize(encoding, layout, rows, columns), 64);
        Packing.pack(values, rows, columns, encoding, layout, data);
        return new Weights(data, encoding, layout, rows, columns);
    }

    private static View values(Arena arena, int rows, int cols, Random random) {
        View view = View.f32(arena.allocate(4L * rows * cols + 64, 64), rows, cols);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < cols; c++) {
                view.put(r, c, random.nextFloat() - 0.5f);
            }
        }
        return view;
    }

    private static MemorySegment scratch(Arena arena, Weights a, Weights b) {
        return arena.allocate(Math.max(Kernels.linearScratch(a), Kernels.linearScratch(b)) + 64, 64);
    }

    private static Runnable lstm(Kernels kernels, Encoding encoding, int batch, int in, int hidden) {
        Arena arena = Arena.ofShared();
        Random random = new Random(1);
        Weights wx = weights(arena, encoding, new Layout.Panels(4), 4 * hidden, in, random);
        Weights wh = weights(arena, encoding, new Layout.Panels(4), 4 * hidden, hidden, random);
        View bias = values(arena, 1, wx.paddedRows(), random);
        View x = values(arena, batch, in, random);
        View gates = values(arena, batch, wx.paddedRows(), random);
        View h = values(arena, batch, hidden, random);
        View c = values(arena, batch, hidden, random);
        MemorySegment scratch = scratch(arena, wx, wh);
        return () -> {
            kernels.linear(x, wx, bias, scratch, gates);
            kernels.addLinear(h, wh, 0, 4, scratch, gates);
            kernels.lstmCell(LstmActivations.STANDARD, gates, c, null, h, c);
        };
    }

    private static Runnable gru(Kernels kernels, Encoding encoding, int in, int hidden) {
        Arena arena = Arena.ofShared();
        Random random = new Random(1);
        Weights wx = weights(arena, encoding, new Layout.Panels(3), 3 * hidden, in, random);
        Weights wh = weights(arena, encoding, new Layout.Panels(3), 3 * hidden, hidden, random);
        View bias = values(arena, 1, wx.paddedRows(), random);
        View x = values(arena, 1, in, random);
        View gatesX = values(arena, 1, wx.paddedRows(), random);
        View gatesH = values(arena, 1, wx.paddedRows(), random);
        View h = values(arena, 1, hidden, random);
        MemorySegment scratch = scratch(arena, wx, wh);
        return () -> {
            kernels.linear(x, wx, bias, scratch, gatesX);
            kernels.linear(h, wh, bias, scratch, gatesH);
            kernels.gruCell(GruGates.STANDARD, gatesX, gatesH, h, h);
        };
    }

    private static Runnable projection(Kernels kernels, Encoding encoding, Layout layout, int batch, int in, int out) {
        Arena arena = Arena.ofShared();
        Random random = new Random(1);
        Weights w = weights(arena, encoding, layout, out, in, random);
        View x = values(arena, batch, in, random);
        View y = values(arena, batch, out, random);
        MemorySegment scratch = scratch(arena, w, w);
        return () -> kernels.linear(x, w, null, scratch, y);
    }

    private static Runnable softmax(Kernels kernels) {
        Arena arena = Arena.ofShared();
        View x = values(arena, 1, 32000, new Random(1));
        View out = values(arena, 1, 32000, new Random(1));
        return () -> kernels.softmax(x, null, false, out);
    }

    private static Runnable topK(Kernels kernels) {
        Arena arena = Arena.ofShared();
        View x = values(arena, 1, 32000, new Random(1));
        View best = values(arena, 1, 8, new Random(1));
        View places = View.dense(arena.allocate(64, 64), 0, 1, 8, Long.BYTES);
        return () -> kernels.topK(x, Aggregation.Normalisation.LOG_SOFTMAX, best, places);
    }

    /** What a plan does for one query over a memory of 50 places. */
    private static Runnable attention(Kernels kernels, boolean additive) {
        Arena arena = Arena.ofShared();
        Random random = new Random(1);
        View query = values(arena, 1, 512, random);
        View keys = values(arena, 50, 512, random);
        View memory = values(arena, 50, 512, random);
        View vector = values(arena, 1, 512, random);
        View weights = values(arena, 1, 50, random);
        View context = values(arena, 1, 512, random);
        return () -> {
            if (additive) {
                kernels.additiveScores(query, keys, vector, null, weights);
            } else {
                kernels.matmul(query, keys, true, weights);
            }
            kernels.softmax(weights, null, false, weights);
            kernels.matmul(weights, memory, false, context);
        };
    }

    private static Runnable matmul(Kernels kernels, boolean transpose) {
        Arena arena = Arena.ofShared();
        View a = values(arena, 256, 512, new Random(1));
        View b = transpose ? values(arena, 1024, 512, new Random(1)) : values(arena, 512, 1024, new Random(1));
        View out = values(arena, 256, 1024, new Random(1));
        return () -> kernels.matmul(a, b, transpose, out);
    }
}
