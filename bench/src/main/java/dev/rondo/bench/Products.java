package dev.rondo.bench;

import com.sun.management.ThreadMXBean;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.kernel.KernelProvider;
import dev.rondo.kernel.Kernels;
import dev.rondo.kernel.View;
import dev.rondo.kernel.Weights;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The matrix products of training against {@code torch.mm}, one thread each, in turn: a table of GFLOP/s and of ratios round by round.
 * Laying matrices out counts; PyTorch writes into memory that is there already. Both sides compute on the same numbers, and their results must agree.
 *
 * <p>Argument: a Python with PyTorch, {@code python3} when absent. Run it from the root of the repository, where it finds its script.
 */
public final class Products {
    private static final String SCRIPT = "bench/src/main/scripts/products.py";
    private static final double TO_REACH = 1;
    private static final int ROUNDS = 15;
    private static final long STRETCH_NANOS = 60_000_000;
    private static final long WARM_UP_NANOS = 1_500_000_000;
    private static final long PATIENCE_NANOS = 20_000_000_000L;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /**
     * One product: out [m, n] over k.
     *
     * @param kind linear: x [m,k] W [n,k]ᵀ; transposed: x [m,k] W [k,n]; outer: a [k,m]ᵀ b [k,n]
     * @param times products with one matrix
     * @param stride elements from one row of x to the next
     */
    private record Product(String kind, int m, int k, int n, int times, int stride) {
        @Override
        public String toString() {
            String shape = switch (kind) {
                case "linear" -> "x[%d,%d] W[%d,%d]ᵀ".formatted(m, k, n, k);
                case "transposed" -> "dy[%d,%d] W[%d,%d]".formatted(m, k, k, n);
                default -> "a[%d,%d]ᵀ b[%d,%d]".formatted(k, m, k, n);
            };
            String rows = stride == k || kind.equals("outer") ? "" : ", rows " + stride + " apart";
            return shape + rows + (times == 1 ? "" : ", W packed once for " + times);
        }

        double flops() {
            return 2.0 * m * k * n;
        }
    }

    private static final List<Product> ALL = List.of(
            // The character model: LSTM of 512 units, embedding 128, 65 characters, 32 streams of 128.
            new Product("linear", 32, 512, 2048, 128, 512),
            new Product("linear", 32, 512, 2048, 128, 128 * 512),
            new Product("linear", 4096, 512, 65, 1, 512),
            new Product("linear", 4096, 128, 2048, 1, 128),
            new Product("transposed", 32, 2048, 512, 128, 2048),
            new Product("transposed", 32, 2048, 512, 128, 128 * 2048),
            new Product("transposed", 4096, 65, 512, 1, 65),
            new Product("outer", 2048, 4096, 512, 1, 2048),
            new Product("outer", 65, 4096, 512, 1, 65),
            // The translation model: GRU of 320 units, embedding 256, 6000 words, 64 sentences of 15.
            new Product("linear", 960, 256, 960, 1, 256),
            new Product("linear", 64, 320, 960, 15, 320),
            new Product("linear", 960, 256, 6000, 1, 256),
            new Product("transposed", 960, 6000, 256, 1, 6000),
            new Product("outer", 6000, 960, 256, 1, 6000));

    private Products() {}

    public static void main(String[] args) throws IOException {
        var verdicts = new Verdicts();
        print(System.out, args.length > 0 ? args[0] : "python3", verdicts);
        System.out.println();
        verdicts.print(System.out);
    }

    static void print(PrintStream out, String python, Verdicts verdicts) throws IOException {
        Process process = new ProcessBuilder(python, Path.of(SCRIPT).toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader answers = process.inputReader();
                PrintWriter questions = new PrintWriter(process.outputWriter(), true)) {
            String peer = answers.readLine();
            boolean torch = peer != null && peer.startsWith("torch");
            KernelProvider provider = KernelProvider.best();
            out.println(provider.name() + " kernels, " + provider.bits() + " bit; "
                    + (torch ? peer : python + " has no PyTorch: our side only") + "\n");
            out.println("| product | Rondo, GFLOP/s | torch.mm, GFLOP/s | ratio | bytes a product |");
            out.println("|---|--:|--:|--:|--:|");
            for (Product product : ALL) {
                measure(product, torch ? answers : null, questions, out, verdicts);
            }
        } finally {
            process.destroy();
        }
    }

    private static void measure(
            Product product, BufferedReader answers, PrintWriter questions, PrintStream out, Verdicts verdicts)
            throws IOException {
        try (Arena arena = Arena.ofShared()) {
            int rows = product.m;
            View result = View.f32(arena.allocate(4L * rows * product.n, 64), rows, product.n);
            Runnable run = bind(product, result, arena);
            warmUp(run);
            if (answers != null) {
                questions.printf(
                        "prepare %s %d %d %d %d %d%n",
                        product.kind, rows, product.k, product.n, product.times, product.stride);
                agree(Double.parseDouble(answers.readLine()), result);
                ask(WARM_UP_NANOS / 5, answers, questions);
            }
            double[] ours = new double[ROUNDS];
            double[] theirs = new double[ROUNDS];
            double[] ratios = new double[ROUNDS];
            long calls = 0;
            long bytes = THREADS.getCurrentThreadAllocatedBytes();
            for (int round = 0; round < ROUNDS; round++) {
                long start = THREADS.getCurrentThreadCpuTime();
                long nanos = 0;
                int count = 0;
                for (; nanos < STRETCH_NANOS; count++) {
                    run.run();
                    nanos = THREADS.getCurrentThreadCpuTime() - start;
                }
                calls += (long) count * product.times;
                ours[round] = product.flops() * count * product.times / nanos;
                if (answers != null) {
                    bytes -= THREADS.getCurrentThreadAllocatedBytes();
                    theirs[round] = product.flops() / ask(STRETCH_NANOS, answers, questions);
                    ratios[round] = ours[round] / theirs[round];
                    bytes += THREADS.getCurrentThreadAllocatedBytes();
                }
            }
            bytes = THREADS.getCurrentThreadAllocatedBytes() - bytes;
            if (answers != null) {
                verdicts.add(new Verdict(
                        product.toString(), "torch.mm", TO_REACH, Spread.of(ratios), "0.9–1.05, packing not counted"));
            }
            out.printf(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %d |%n",
                    product,
                    Spread.of(ours).text(0),
                    answers == null ? "" : Spread.of(theirs).text(0),
                    answers == null ? "" : Spread.of(ratios).text(2),
                    bytes / calls);
        }
    }

    /** Nanoseconds a product. */
    private static double ask(long nanos, BufferedReader answers, PrintWriter questions) throws IOException {
        questions.println("run " + nanos);
        return Double.parseDouble(answers.readLine());
    }

    /** Until all is compiled: then a call allocates nothing. */
    private static void warmUp(Runnable run) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        long start = THREADS.getCurrentThreadCpuTime();
        long bytes = -1;
        while (System.nanoTime() < end && (bytes != 0 || THREADS.getCurrentThreadCpuTime() - start < WARM_UP_NANOS)) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            run.run();
            bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
        }
    }

    private static void agree(double expected, View out) {
        double sum = 0;
        for (int m = 0; m < out.rows; m++) {
            for (int n = 0; n < out.cols; n++) {
                sum += Math.abs(out.get(m, n));
            }
        }
        if (!(Math.abs(sum - expected) <= 1e-4 * expected)) {
            throw new IllegalStateException("results differ: magnitudes sum to " + sum + " and " + expected);
        }
    }

    private static Runnable bind(Product product, View out, Arena arena) {
        Kernels kernels = Kernels.best();
        if (product.kind.equals("outer")) {
            View a = matrix(product.k, product.m, product.m, arena);
            View b = matrix(product.k, product.n, product.n, arena);
            MemorySegment scratch = arena.allocate(Kernels.outerSumScratch(product.m, product.n), 64);
            return () -> kernels.outerSum(a, b, scratch, out);
        }
        boolean transposed = product.kind.equals("transposed");
        View x = matrix(product.m, product.k, product.stride, arena);
        int rows = transposed ? product.k : product.n;
        int columns = transposed ? product.n : product.k;
        View dense = matrix(rows, columns, columns, arena);
        MemorySegment panels = arena.allocate(Kernels.matmulScratch(product.k, product.n), 64);
        Weights packed = new Weights(panels, Encoding.F32, new Layout.Panels(1), product.n, product.k);
        return () -> {
            if (transposed) {
                kernels.packTransposed(dense, packed);
            } else {
                kernels.pack(dense, packed);
            }
            for (int i = 0; i < product.times; i++) {
                kernels.linear(x, packed, null, out);
            }
        };
    }

    /** Numbers between -0.5 and 0.5 that the script has too. */
    private static View matrix(int rows, int columns, int stride, Arena arena) {
        View view = new View(arena.allocate(4L * rows * stride, 64), 0, rows, columns, 4L * stride);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                long at = (long) r * columns + c;
                view.put(r, c, (float) (at * 7919 % 1009 - 504) / 1009);
            }
        }
        return view;
    }
}
