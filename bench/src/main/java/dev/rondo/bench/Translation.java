package dev.rondo.bench;

import dev.rondo.bench.Rounds.Timing;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Translates a {@link TranslationTask} by beam search: Rondo, the same search over ONNX Runtime, and the model and its search in
 * PyTorch. Nothing is measured before all of them give the same scores.
 */
final class Translation {
    private static final int[] BATCHES = {1, 16};
    private static final double FASTER_THAN_ORT = 1.5;
    private static final double FASTER_THAN_TORCH = 3;
    private static final double AGREEMENT = 0.99;
    private static final double TOLERANCE = 1e-4;
    /** Sentences of a run; they lie evenly in the text. */
    private static final int TIMED = 48;

    private static final int TIMED_QUICKLY = 16;
    /** More than the results of a sentence take. */
    private static final long BYTES_OF_A_RESULT = 20_000;

    private final PrintStream out;
    private final Rounds.Effort effort;
    private final Verdicts verdicts;
    private final boolean quick;

    Translation(PrintStream out, Rounds.Effort effort, Verdicts verdicts) {
        this.out = out;
        this.effort = effort;
        this.verdicts = verdicts;
        this.quick = effort.rounds() < Rounds.Effort.FULL.rounds();
    }

    /**
     * A contender at work.
     *
     * @param watched   what it does; null of another process
     * @param agreement the share of sentences that it translates as Rondo f32 does
     */
    private record Row(Contender contender, Runner runner, WatchedNetwork watched, double agreement) {}

    void print() throws IOException {
        try (TranslationTask task = TranslationTask.open()) {
            out.println(task.text());
            for (int batch : BATCHES) {
                compare(task, task.plan().withBatch(batch));
            }
            Core.unpin();
            int widest = BATCHES[BATCHES.length - 1];
            new TranslationThreads(out, effort)
                    .print(task, task.plan().part(sentences()).withBatch(widest));
        }
    }

    private int sentences() {
        return quick ? TIMED_QUICKLY : TIMED;
    }

    private void compare(TranslationTask task, TranslationPlan all) throws IOException {
        TranslationPlan timed = all.part(sentences());
        TranslationPlan checked = quick ? timed : all;
        checkScores(task, timed);
        var rows = new ArrayList<Row>();
        try {
            int[][] expected = translations(task, Contender.RONDO_F32, checked);
            for (Contender contender : List.of(Contender.RONDO_F32, Contender.RONDO_BF16, Contender.ORT_F32)) {
                double agreement = agreement(expected, translations(task, contender, checked));
                var watched = new WatchedNetwork(task.open(contender, timed, 1));
                var runner = new InThread(new TranslationEngine(timed, watched), new Inputs(new float[1][1]));
                rows.add(new Row(contender, runner, watched, agreement));
            }
            Optional<PeerProgram> torch = PeerProgram.translation();
            if (torch.isPresent()) {
                double agreement;
                try (Subprocess whole = torch(torch.get(), task.weights(), checked, 1)) {
                    checkScores(task, whole, checked);
                    agreement = agreement(expected, split(whole.outputs(1)));
                }
                rows.add(new Row(Contender.TORCH, torch(torch.get(), task.weights(), timed, 1), null, agreement));
            }
            print(timed, rows, new Rounds(effort, BYTES_OF_A_RESULT * timed.sources().length));
        } finally {
            rows.forEach(row -> row.runner.close());
        }
    }

    /** PyTorch, ready to translate. */
    static Subprocess torch(PeerProgram program, TranslationWeights weights, TranslationPlan plan, int threads)
            throws IOException {
        Path folder = Files.createTempDirectory("bench");
        try {
            new TorchTranslation(weights, plan).write(folder);
            return Subprocess.open(program, "prepare " + folder + " " + threads);
        } finally {
            Files.delete(folder.resolve("model.safetensors"));
            Files.delete(folder.resolve("plan.json"));
            Files.delete(folder);
        }
    }

    private static void checkScores(TranslationTask task, TranslationPlan plan) {
        try (var ours = task.open(Contender.RONDO_F32, plan, 1);
                var theirs = task.open(Contender.ORT_F32, plan, 1)) {
            require(
                    Contender.ORT_F32,
                    TranslationAgreement.worstError(ours, theirs, plan.batch(0), plan.beamSize(), 1));
        }
    }

    private static void checkScores(TranslationTask task, Subprocess torch, TranslationPlan plan) {
        int[] forced = {plan.begin(), 17, 4, 200, 5};
        try (var ours = task.open(Contender.RONDO_F32, plan, 1)) {
            float[] scores = TranslationAgreement.scores(ours, plan.sources()[1], forced);
            String tokens = String.join(
                    " ", Arrays.stream(forced).mapToObj(String::valueOf).toList());
            require(Contender.TORCH, TranslationAgreement.difference(scores, torch.numbers("logits 1 " + tokens)));
        }
    }

    private static void require(Contender peer, double error) {
        if (!(error < TOLERANCE)) {
            throw new IllegalStateException(
                    peer.text() + ": computes the scores of our model to " + TOLERANCE + "; got an error of " + error);
        }
    }

    private static int[][] translations(TranslationTask task, Contender contender, TranslationPlan plan) {
        try (var engine = new TranslationEngine(plan, task.open(contender, plan, 1))) {
            engine.run(new float[1]);
            return split(engine.outputs());
        }
    }

    private static double agreement(int[][] expected, int[][] found) {
        if (expected.length != found.length) {
            throw new IllegalStateException(expected.length + " translations; got " + found.length);
        }
        return (double) IntStream.range(0, found.length)
                        .filter(i -> Arrays.equals(found[i], expected[i]))
                        .count()
                / found.length;
    }

    /** At each -1. */
    private static int[][] split(float[] joined) {
        var all = new ArrayList<int[]>();
        int from = 0;
        for (int i = 0; i < joined.length; i++) {
            if (joined[i] < 0) {
                int begin = from;
                all.add(IntStream.range(begin, i).map(j -> (int) joined[j]).toArray());
                from = i + 1;
            }
        }
        return all.toArray(int[][]::new);
    }

    private void print(TranslationPlan plan, List<Row> rows, Rounds rounds) {
        List<Timing> timings = rounds.run(rows.stream().map(Row::runner).toList());
        int count = plan.sources().length;
        out.printf(
                Locale.ROOT,
                "%n| %d at a time | sentences/s | Rondo f32 is faster by | as translated by Rondo f32 | ms a sentence:"
                        + " reading | steps | regrouping | search | µs a step | rows | bytes a step |%n",
                plan.batch());
        out.println("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        Timing ours = timings.getFirst();
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            Timing timing = timings.get(i);
            out.printf(
                    Locale.ROOT,
                    "| %s | %.1f | %s | %.1f %% | %s |%n",
                    row.contender.text(),
                    1e9 * count / timing.medianNanos(),
                    i == 0 ? "" : ours.ratioTo(timing).text(2),
                    100 * row.agreement,
                    row.watched == null ? "| | | | | | " : parts(row, count));
            switch (row.contender) {
                case ORT_F32 -> verdict(plan, row, FASTER_THAN_ORT, ours.ratioTo(timing));
                case TORCH -> verdict(plan, row, FASTER_THAN_TORCH, ours.ratioTo(timing));
                case RONDO_F32, RONDO_F16, RONDO_BF16, RONDO_INT8, ORT_INT8, C, RTNEURAL, DJL -> {}
            }
        }
        for (Row row : rows) {
            if (!row.contender.isRondo() && row.agreement < AGREEMENT) {
                out.println("\n" + row.contender.text() + " translates otherwise more often than rounding explains.");
            }
        }
        out.printf(Locale.ROOT, "%nWorking threads had a core for %.0f %% of the time.%n", 100 * rounds.coreShare());
    }

    private void verdict(TranslationPlan plan, Row peer, double toReach, Spread reached) {
        String work = "beam-" + plan.beamSize() + " translation, " + plan.batch() + " at a time, Rondo f32";
        verdicts.add(new Verdict(work, peer.contender.text(), toReach, reached, "–"));
    }

    /** One more run, watched. */
    private static String parts(Row row, int sentences) {
        row.watched.clear();
        long nanos = row.runner.run(1);
        WatchedNetwork watched = row.watched;
        double whole = nanos / 1e3;
        double rest = whole - watched.stepMicros() - watched.regroupMicros() - watched.readMicros();
        return String.format(
                Locale.ROOT,
                "%.2f | %.2f | %.2f | %.2f | %.0f | %.1f | %.0f",
                watched.readMicros() / 1e3 / sentences,
                watched.stepMicros() / 1e3 / sentences,
                watched.regroupMicros() / 1e3 / sentences,
                rest / 1e3 / sentences,
                watched.stepMicros() / watched.count(),
                (double) watched.rowCount() / watched.count(),
                watched.bytesOfAStep());
    }
}
