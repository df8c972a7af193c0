package dev.rondo.bench;

import dev.rondo.Model;
import dev.rondo.bench.Rounds.Timing;
import dev.rondo.format.Encoding;
import dev.rondo.format.RondoFile;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.text.Tokenizer;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Translation by beam search: Rondo, the same search over ONNX Runtime, and the model and its search in PyTorch. The property
 * {@code model} names a model file of the family that {@link TranslationWeights} knows; without, a random one of that size
 * translates, and its results are made as long as their sources. The property {@code sources} names a text, a sentence a line;
 * without it is the Multi30k test of 2016 beside the checkout, or made up.
 */
final class Translation {
    private static final Path TEST_2016 = Path.of("../shared/data/multi30k/test_2016_flickr.en");
    private static final int BEAM = 5;
    private static final double LENGTH_PENALTY = 1;
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

    /** A contender with its name. */
    private record Row(String name, Runner runner, WatchedNetwork watched) {}

    /** @param given a model file; null for a random one */
    void print(String given) throws IOException {
        List<String> lines = lines();
        Path file = given == null ? random(lines) : Path.of(given);
        Path half = Files.createTempFile("bench", ".rondo");
        rewrite(file, half, Encoding.BF16);
        try (Model model = Model.open(file);
                Model halfModel = Model.open(half)) {
            TranslationPlan all = plan(model, lines, given == null ? 1 : 0);
            out.printf(
                    Locale.ROOT,
                    "Model: %s. Beam %d, log-probability divided by length^%s.%n",
                    given == null ? "random weights, " + RandomTranslationModel.MULTI30K : file.getFileName(),
                    BEAM,
                    LENGTH_PENALTY);
            TranslationWeights weights = TranslationWeights.of(model);
            for (int batch : BATCHES) {
                compare(model, halfModel, weights, all.withBatch(batch));
            }
        } finally {
            Files.delete(half);
            if (given == null) {
                Files.delete(file);
            }
        }
    }

    private static Path random(List<String> lines) throws IOException {
        Path file = Files.createTempFile("bench", ".rondo");
        RandomTranslationModel.MULTI30K.write(file, lines.stream().flatMap(line -> Stream.of(line.split(" "))));
        return file;
    }

    private List<String> lines() throws IOException {
        String named = System.getProperty("sources");
        if (named != null || Files.exists(TEST_2016)) {
            Path path = named == null ? TEST_2016 : Path.of(named);
            List<String> lines = Files.readAllLines(path);
            out.println("Sources: " + path.getFileName() + ", " + lines.size() + " sentences.");
            return lines;
        }
        out.println("Sources: made up, since " + TEST_2016 + " is not there; SOURCES=FILE names others.");
        var random = new Random(1);
        return IntStream.range(0, 200)
                .mapToObj(i -> String.join(
                        " ",
                        IntStream.range(0, 8 + random.nextInt(11))
                                .mapToObj(j -> "w" + random.nextInt(5000))
                                .toList()))
                .toList();
    }

    /** The same model with its matrices in another encoding. */
    private static void rewrite(Path from, Path to, Encoding encoding) throws IOException {
        var writer = new RondoFileWriter();
        try (RondoFile file = RondoFile.load(from)) {
            file.metadata().forEach(writer::metadata);
            file.texts().forEach(writer::text);
            file.functions().forEach(writer::function);
            file.tensors().forEach((name, tensor) -> writer.tensor(
                    name,
                    tensor.shape().size() == 2 ? encoding : tensor.encoding(),
                    tensor.layout(),
                    tensor.shape(),
                    tensor::toFloats));
            writer.write(to);
        }
    }

    private static TranslationPlan plan(Model model, List<String> lines, double minFactor) {
        Tokenizer tokenizer = Tokenizer.of(pipeline(model, "source"));
        SpecialIds special = pipeline(model, "target").special();
        int[][] sources = lines.stream()
                .map(tokenizer::encode)
                .filter(source -> source.length > 0)
                .sorted(Comparator.comparingInt((int[] source) -> -source.length))
                .toArray(int[][]::new);
        return new TranslationPlan(sources, 1, BEAM, special.begin(), special.end(), LENGTH_PENALTY, minFactor);
    }

    private static TextPipeline pipeline(Model model, String name) {
        return model.texts().stream()
                .filter(text -> text.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("translation model: must have a text pipeline " + name));
    }

    private void compare(Model model, Model half, TranslationWeights weights, TranslationPlan all) throws IOException {
        TranslationPlan timed = all.part(quick ? TIMED_QUICKLY : TIMED);
        TranslationPlan checked = quick ? timed : all;
        var onnx = new OnnxTranslation(weights);
        checkScores(model, onnx, timed);
        int[][] expected = translations(checked, new RondoTranslation(model, checked.limits()));
        var rows = new ArrayList<Row>();
        var agreements = new ArrayList<Double>();
        try {
            rows.add(row("Rondo f32", timed, new RondoTranslation(model, timed.limits())));
            agreements.add(1.0);
            rows.add(row("Rondo bf16", timed, new RondoTranslation(half, timed.limits())));
            agreements.add(agreement(expected, translations(checked, new RondoTranslation(half, checked.limits()))));
            rows.add(row("ONNX Runtime f32", timed, new OrtTranslation(onnx, timed.limits(), 1)));
            agreements.add(agreement(expected, translations(checked, new OrtTranslation(onnx, checked.limits(), 1))));
            PeerProgram.translation().ifPresent(program -> {
                try (Subprocess whole = torch(program, weights, checked)) {
                    checkScores(model, whole, checked);
                    agreements.add(agreement(expected, split(whole.outputs(1))));
                }
                rows.add(new Row("PyTorch f32", torch(program, weights, timed), null));
            });
            print(timed, rows, agreements, new Rounds(effort, BYTES_OF_A_RESULT * timed.sources().length));
        } finally {
            rows.forEach(row -> row.runner.close());
        }
    }

    private static Row row(String name, TranslationPlan plan, TranslationNetwork network) {
        var watched = new WatchedNetwork(network);
        var engine = new TranslationEngine(plan, watched);
        return new Row(name, new InThread(engine, new Inputs(new float[1][1])), watched);
    }

    private static Subprocess torch(PeerProgram program, TranslationWeights weights, TranslationPlan plan) {
        try {
            Path folder = Files.createTempDirectory("bench");
            try {
                new TorchTranslation(weights, plan).write(folder);
                return Subprocess.open(program, "prepare " + folder + " 1");
            } finally {
                Files.delete(folder.resolve("model.safetensors"));
                Files.delete(folder.resolve("plan.json"));
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void checkScores(Model model, OnnxTranslation onnx, TranslationPlan plan) {
        try (var ours = new RondoTranslation(model, plan.limits());
                var theirs = new OrtTranslation(onnx, plan.limits(), 1)) {
            require("ONNX Runtime", TranslationAgreement.worstError(ours, theirs, plan.batch(0), BEAM, 1));
        }
    }

    private static void checkScores(Model model, Subprocess torch, TranslationPlan plan) {
        int[] forced = {plan.begin(), 17, 4, 200, 5};
        try (var ours = new RondoTranslation(model, plan.limits())) {
            float[] scores = TranslationAgreement.scores(ours, plan.sources()[1], forced);
            String tokens = String.join(" ", Arrays.stream(forced).mapToObj(String::valueOf).toList());
            require("PyTorch", TranslationAgreement.difference(scores, torch.numbers("logits 1 " + tokens)));
        }
    }

    private static void require(String peer, double error) {
        if (!(error < TOLERANCE)) {
            throw new IllegalStateException(
                    peer + ": computes the scores of our model to " + TOLERANCE + "; got an error of " + error);
        }
    }

    private static int[][] translations(TranslationPlan plan, TranslationNetwork network) {
        try (var engine = new TranslationEngine(plan, network)) {
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

    private void print(TranslationPlan plan, List<Row> rows, List<Double> agreements, Rounds rounds) {
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
                    row.name,
                    1e9 * count / timing.medianNanos(),
                    i == 0 ? "" : ours.ratioTo(timing).text(2),
                    100 * agreements.get(i),
                    row.watched == null ? "| | | | | | " : parts(row, count));
            if (row.name.startsWith("ONNX")) {
                verdict(plan, row.name, FASTER_THAN_ORT, ours.ratioTo(timing));
            } else if (row.name.startsWith("PyTorch")) {
                verdict(plan, row.name, FASTER_THAN_TORCH, ours.ratioTo(timing));
            }
            if (!row.name.startsWith("Rondo") && agreements.get(i) < AGREEMENT) {
                out.println("\n" + row.name + " translates otherwise than Rondo more often than rounding explains.\n");
            }
        }
        out.printf(Locale.ROOT, "%nWorking threads had a core for %.0f %% of the time.%n", 100 * rounds.coreShare());
    }

    private void verdict(TranslationPlan plan, String peer, double toReach, Spread reached) {
        verdicts.add(new Verdict(
                "beam-5 translation, " + plan.batch() + " at a time, Rondo f32", peer, toReach, reached, "–"));
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
