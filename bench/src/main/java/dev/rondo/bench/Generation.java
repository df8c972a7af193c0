package dev.rondo.bench;

import com.sun.management.ThreadMXBean;
import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.decode.Sampling;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Predicate;

/**
 * Prints how many tokens a language model generates in a second of one core, and the bytes it allocates for each. The
 * argument is a model file; without one, a random model of 65 characters, embedding 128, LSTM 512, bf16.
 */
public final class Generation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /**
     * How long to measure.
     *
     * @param stretch tokens in a round
     */
    record Effort(int rounds, int warmUpMillis, int stretch) {
        static final Effort FULL = new Effort(15, 3000, 2000);
    }

    private final PrintStream out;
    private final Effort effort;

    Generation(PrintStream out, Effort effort) {
        this.out = out;
        this.effort = effort;
    }

    public static void main(String[] args) throws IOException {
        var generation = new Generation(System.out, Effort.FULL);
        Machine.describe().forEach(System.out::println);
        System.out.println();
        if (args.length == 0) {
            generation.printRandom();
        } else {
            Path file = Path.of(args[0]);
            generation.print(file.getFileName().toString(), file);
        }
    }

    void printRandom() throws IOException {
        Path file = Files.createTempFile("bench", ".rondo");
        try {
            RandomLanguageModel.write(file);
            print("random", file);
        } finally {
            Files.delete(file);
        }
    }

    void print(String name, Path file) throws IOException {
        out.println("| model | choice | tokens a second | bytes a token |");
        out.println("|---|---|--:|--:|");
        try (Model model = Model.open(file)) {
            LanguageModel language = LanguageModel.of(model);
            print(name, language, "greedy", Sampling.GREEDY);
            print(name, language, "temperature 0.8", Sampling.of(1).withTemperature(0.8));
        }
    }

    private void print(String name, LanguageModel language, String choice, Sampling sampling) {
        var meter = new Meter(effort);
        int count = language.generate("A", Integer.MAX_VALUE, sampling, meter);
        if (!meter.isFull()) {
            throw new IllegalStateException(name + ": goes on for all rounds; the text ended after " + count);
        }
        double[] speeds = Arrays.stream(meter.nanos)
                .mapToDouble(nanos -> effort.stretch * 1e9 / nanos)
                .toArray();
        double[] bytes = Arrays.stream(meter.bytes)
                .mapToDouble(b -> (double) b / effort.stretch)
                .toArray();
        out.printf(
                "| %s | %s | %s | %s |%n",
                name, choice, Spread.of(speeds).text(0), Spread.of(bytes).text(0));
    }

    /** Reads the text and, once warm, notes CPU time and allocated bytes of each stretch; allocates nothing itself. */
    private static final class Meter implements Predicate<String> {
        private final int stretch;
        private final long warmUpNanos;
        private final long[] nanos;
        private final long[] bytes;
        private int round = -1;
        private int tokens;
        private long startNanos;
        private long startBytes;

        Meter(Effort effort) {
            this.stretch = effort.stretch;
            this.warmUpNanos = effort.warmUpMillis * 1_000_000L;
            this.nanos = new long[effort.rounds];
            this.bytes = new long[effort.rounds];
            begin();
        }

        boolean isFull() {
            return round == nanos.length;
        }

        @Override
        public boolean test(String token) {
            tokens++;
            if (round < 0 && THREADS.getCurrentThreadCpuTime() - startNanos > warmUpNanos) {
                round = 0;
                begin();
            } else if (round >= 0 && tokens == stretch) {
                nanos[round] = THREADS.getCurrentThreadCpuTime() - startNanos;
                bytes[round] = THREADS.getCurrentThreadAllocatedBytes() - startBytes;
                round++;
                begin();
            }
            return !isFull();
        }

        private void begin() {
            tokens = 0;
            startBytes = THREADS.getCurrentThreadAllocatedBytes();
            startNanos = THREADS.getCurrentThreadCpuTime();
        }
    }
}
