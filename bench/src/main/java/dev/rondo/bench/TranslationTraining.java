package dev.rondo.bench;

import dev.rondo.Model;
import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.EncoderDecoderGraph;
import dev.rondo.architecture.seq2seq.Regularisation;
import dev.rondo.graph.Function;
import dev.rondo.train.BatchSource;
import dev.rondo.train.Clipping;
import dev.rondo.train.Initialisation;
import dev.rondo.train.LearningRate;
import dev.rondo.train.Optimizer;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.Penalty;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.Shard;
import dev.rondo.train.StepReport;
import dev.rondo.train.Trainer;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingSettings;
import dev.rondo.train.TrainingTask;
import dev.rondo.train.Workers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Trains the network of Multi30k on random sentences of the lengths that batches of Multi30k have, with two threads, and
 * prints target tokens a second: {@code src/main/scripts/translation_training.py} does the same.
 */
final class TranslationTraining implements TrainingTask, BatchSource {
    private static final String SCRIPT = "bench/src/main/scripts/translation_training.py";
    private static final double TO_REACH = 1;
    private static final int STEPS = 51;
    private static final int BATCH = 64;
    private static final int SHARDS = 2;
    private static final int SHORTEST = 8;
    private static final int LENGTHS = 17;
    private static final int VOCABULARY = 6000;
    private static final int EMBEDDING = 256;
    private static final int HIDDEN = 320;
    private static final int LAYERS = 2;
    private static final double DROPOUT = 0.4;

    private final EncoderDecoder architecture =
            new ConditionalGru(VOCABULARY, EMBEDDING, HIDDEN, LAYERS, true).architecture();
    private final Function function = new EncoderDecoderGraph(architecture)
            .training(new Regularisation(DROPOUT, DROPOUT, DROPOUT, DROPOUT, 0, 0));

    /** Both programs in turn, in processes of their own; left out where Python has no PyTorch. */
    static void print(PrintStream out, int rounds, Verdicts verdicts) throws IOException {
        List<String> torch = List.of(PeerProgram.PYTHON, SCRIPT, "--steps", "" + STEPS);
        List<String> rondo = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                TranslationTraining.class.getName(),
                "" + STEPS);
        if (!PeerProgram.hasTorch()) {
            out.println("Left out: " + PeerProgram.PYTHON + " has no PyTorch.");
            return;
        }
        out.println("| round | PyTorch, target tokens/s (of CPU time) | Rondo (of CPU time) | ratio (of CPU time) |");
        out.println("|--:|--:|--:|--:|");
        var ratios = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            double[] theirs = rates(torch);
            double[] ours = rates(rondo);
            ratios[round] = ours[0] / theirs[0];
            out.printf(
                    Locale.ROOT,
                    "| %d | %.0f (%.0f) | %.0f (%.0f) | %.2f (%.2f) |%n",
                    round + 1,
                    theirs[0],
                    theirs[1],
                    ours[0],
                    ours[1],
                    ratios[round],
                    ours[1] / theirs[1]);
        }
        verdicts.add(
                new Verdict("training step of a translator, 2 threads", "PyTorch", TO_REACH, Spread.of(ratios), "–"));
    }

    /** The first two numbers of the last line that a program prints. */
    private static double[] rates(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String last = "";
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                last = line;
            }
        }
        String[] numbers = last.split(" ");
        if (numbers.length < 2) {
            throw new IOException(command + ": prints two rates; got '" + last + "'");
        }
        return new double[] {Double.parseDouble(numbers[0]), Double.parseDouble(numbers[1])};
    }

    /**
     * Trains as many steps as the argument says, and prints targets a second of the second half of them, of time on the
     * clock and of time of the processor.
     */
    public static void main(String[] args) throws IOException {
        int steps = args.length > 0 ? Integer.parseInt(args[0]) : STEPS;
        var task = new TranslationTraining();
        var settings = new TrainingSettings(
                Optimizer.adam(),
                LearningRate.constant(4e-4),
                Penalty.NONE,
                new Clipping.GlobalNorm(1),
                1,
                steps,
                1_000_000,
                0,
                1,
                List.of(),
                SHARDS,
                SHARDS,
                1);
        var counts = new ArrayList<Double>();
        var seconds = new ArrayList<Double>();
        var cpu = new ArrayList<Double>();
        try (var trainer = new Trainer(task, settings, Workers.of(SHARDS), Model.Kernel.BEST)) {
            trainer.train(Optional.empty(), new TrainingListener() {
                private Duration before = Duration.ZERO;

                @Override
                public void step(StepReport report) {
                    double count = targets(report.step() - 1);
                    counts.add(count);
                    seconds.add(count / report.targetsPerSecond());
                    Duration now =
                            ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
                    cpu.add(now.minus(before).toNanos() / 1e9);
                    before = now;
                }
            });
        }
        // Lengths come round: whole rounds from the end.
        int from = Math.max(0, counts.size() - Math.max(1, counts.size() / 2 / LENGTHS) * LENGTHS);
        double count =
                counts.subList(from, counts.size()).stream().mapToDouble(d -> d).sum();
        double time = seconds.subList(from, seconds.size()).stream()
                .mapToDouble(d -> d)
                .sum();
        double busy = cpu.subList(from, cpu.size()).stream().mapToDouble(d -> d).sum();
        System.out.printf(Locale.ROOT, "%.0f %.0f%n", count / time, count / busy);
    }

    private static int longest(long batch) {
        return SHORTEST + (int) (batch * 7 % LENGTHS);
    }

    private static int length(long batch, int row) {
        return longest(batch) - row % 3;
    }

    private static double targets(long batch) {
        double targets = 0;
        for (int row = 0; row < BATCH; row++) {
            targets += length(batch, row) + 1;
        }
        return targets;
    }

    @Override
    public Function function() {
        return function;
    }

    @Override
    public Map<String, Integer> capacity() {
        int longest = SHORTEST + LENGTHS - 1;
        return Map.of("B", BATCH / SHARDS, "S", longest, "T", longest + 1);
    }

    @Override
    public BatchSource batches() {
        return this;
    }

    @Override
    public void initialise(ParameterStore parameters, long seed) {
        for (Parameter parameter : architecture.parameters()) {
            boolean matrix = parameter.shape().size() > 1;
            Initialisation begin = matrix ? new Initialisation.Xavier() : new Initialisation.Constant(0.01);
            parameters.initialise(parameter.name(), begin, 1, seed);
        }
    }

    @Override
    public long batchesPerEpoch() {
        return 1_000_000;
    }

    @Override
    public long targetsPerBatch() {
        return (long) targets(0);
    }

    @Override
    public void fill(int epoch, long batch, List<Shard> shards) {
        int rows = BATCH / SHARDS;
        int longest = longest(batch);
        var random = SeededRandom.of(batch);
        for (Shard shard : shards) {
            shard.size("B", rows);
            shard.size("S", longest);
            shard.size("T", longest + 1);
            for (int row = 0; row < rows; row++) {
                int length = length(batch, shard.index() * rows + row);
                shard.input("source_lengths").set(row, length);
                shard.input("target_lengths").set(row, length + 1);
                for (int t = 0; t <= longest; t++) {
                    int at = row * (longest + 1) + t;
                    if (t < longest) {
                        shard.input("source").set(row * longest + t, t < length ? random.nextInt(VOCABULARY) : 0);
                    }
                    shard.input("previous").set(at, t <= length ? random.nextInt(VOCABULARY) : 0);
                    shard.input("target").set(at, t <= length ? random.nextInt(VOCABULARY) : 0);
                }
            }
        }
    }
}
