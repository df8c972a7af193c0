package dev.rondo.bench;

import dev.rondo.architecture.LayerStack;
import dev.rondo.bench.Rounds.Timing;
import dev.rondo.format.Encoding;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Taggers and classifiers, one text at a time on one core: Rondo, its faces (text in, answer out), ONNX Runtime. Nothing is measured
 * before all of them give the same answers to some texts.
 */
final class Layers {
    private static final double TO_REACH = 1.5;
    private static final double TOLERANCE = 1e-4;
    private static final double HALF_TOLERANCE = 0.1;
    /** Texts whose answers are compared. */
    private static final int CHECKED = 8;
    /** A face makes lists and strings; what is not compiled makes a thousand times as much. */
    private static final long BYTES_OF_AN_ANSWER = 5_000;

    private final PrintStream out;
    private final Rounds.Effort effort;
    private final Verdicts verdicts;

    Layers(PrintStream out, Rounds.Effort effort, Verdicts verdicts) {
        this.out = out;
        this.effort = effort;
        this.verdicts = verdicts;
    }

    void print(List<LayeredNetwork> networks) throws IOException {
        for (LayeredNetwork network : networks) {
            out.printf(
                    "- %s: `%s`, %d %s, %d %s%n",
                    network.name(),
                    network.network(),
                    network.steps(),
                    network.readsCharacters() ? "characters" : "words",
                    network.outputs(),
                    tags(network) ? "tags" : "classes");
        }
        out.println(
                "\n| a text | runtime | µs | times ONNX Runtime's speed | bytes | most different from ONNX Runtime |");
        out.println("|---|---|--:|--:|--:|--:|");
        double share = 1;
        for (LayeredNetwork network : networks) {
            share = Math.min(share, compare(network));
        }
        out.printf(Locale.ROOT, "%nThe working thread had a core for at least %.0f %% of its time.%n", 100 * share);
    }

    private static boolean tags(LayeredNetwork network) {
        return network.results() == LayerStack.Results.TAGS;
    }

    /** The contenders at one network, and the file that ours read. */
    private record Contenders(Path full, Path half, InThread f32, InThread bf16, InThread face, InThread ort)
            implements AutoCloseable {
        static Contenders open(LayeredNetwork network) throws IOException {
            Path full = Files.createTempFile("bench", ".rondo");
            Path half = Files.createTempFile("bench", ".rondo");
            RondoLayers.write(full, network, Encoding.F32);
            RondoLayers.write(half, network, Encoding.BF16);
            return new Contenders(
                    full,
                    half,
                    new InThread(RondoLayers.open(full, network), inputs(network)),
                    new InThread(RondoLayers.open(half, network), inputs(network)),
                    new InThread(FacadeLayers.open(full, network), inputs(network)),
                    new InThread(new OrtLayers(network), inputs(network)));
        }

        List<InThread> all() {
            return List.of(f32, bf16, face, ort);
        }

        @Override
        public void close() throws IOException {
            all().forEach(InThread::close);
            Files.delete(full);
            Files.delete(half);
        }
    }

    /**
     * Whether all contenders give the same answers.
     *
     * @return how far f32 and bf16 are from ONNX Runtime at most
     * @throws IllegalStateException when they do not
     */
    static double[] agreement(LayeredNetwork network) throws IOException {
        try (Contenders contenders = Contenders.open(network)) {
            return agreement(network, contenders);
        }
    }

    private static double[] agreement(LayeredNetwork network, Contenders all) {
        double full = difference(network, all.f32, all.ort, TOLERANCE);
        double half = difference(network, all.bf16, all.ort, HALF_TOLERANCE);
        checkFace(network, all.face, all.f32);
        return new double[] {full, half};
    }

    /** The share of the time that the thread had a core. */
    private double compare(LayeredNetwork network) throws IOException {
        try (Contenders contenders = Contenders.open(network)) {
            double[] errors = agreement(network, contenders);
            var rounds = new Rounds(effort, BYTES_OF_AN_ANSWER);
            List<Timing> timings = rounds.run(List.copyOf(contenders.all()));
            Timing peer = timings.getLast();
            List<String> names = List.of("Rondo f32", "Rondo bf16", face(network), "ONNX Runtime f32");
            for (int i = 0; i < names.size(); i++) {
                Timing own = timings.get(i);
                out.printf(
                        Locale.ROOT,
                        "| %s | %s | %.1f | %s | %s | %s |%n",
                        network.name(),
                        names.get(i),
                        own.medianNanos() / 1000,
                        own == peer ? "" : own.ratioTo(peer).text(2),
                        Spread.of(own.bytes()).text(0),
                        i < errors.length ? text(errors[i]) : "");
            }
            verdicts.add(new Verdict(
                    network.name() + ", Rondo f32",
                    "ONNX Runtime f32",
                    TO_REACH,
                    timings.getFirst().ratioTo(peer),
                    "–"));
            return rounds.coreShare();
        }
    }

    private static String face(LayeredNetwork network) {
        return "Rondo f32, " + (tags(network) ? "`TaggerSession.tag(text)`" : "`ClassifierSession.classify(text)`");
    }

    private static String text(double error) {
        return String.format(Locale.ROOT, "%.1e", error);
    }

    /** Each text's number. */
    private static Inputs inputs(LayeredNetwork network) {
        return new Inputs(IntStream.range(0, network.texts().size())
                .mapToObj(i -> new float[] {i})
                .toArray(float[][]::new));
    }

    /** The largest difference of logits. */
    private static double difference(LayeredNetwork network, InThread ours, InThread theirs, double tolerance) {
        double worst = 0;
        for (int i = 0; i < CHECKED; i++) {
            float[] a = outputs(ours, i);
            float[] b = outputs(theirs, i);
            if (a.length != b.length) {
                throw new IllegalStateException(network.name() + ": " + a.length + " logits, and " + b.length);
            }
            for (int j = 0; j < a.length; j++) {
                worst = Math.max(worst, Math.abs((double) a[j] - b[j]));
            }
        }
        if (!(worst <= tolerance)) {
            throw new IllegalStateException(
                    network.name() + ": logits are within " + tolerance + " of ONNX Runtime's; got " + worst);
        }
        return worst;
    }

    private static void checkFace(LayeredNetwork network, InThread face, InThread function) {
        for (int i = 0; i < CHECKED; i++) {
            float[] ids = outputs(face, i);
            float[] logits = outputs(function, i);
            int k = network.outputs();
            for (int row = 0; row < logits.length / k; row++) {
                int best = 0;
                for (int j = 1; j < k; j++) {
                    best = logits[row * k + j] > logits[row * k + best] ? j : best;
                }
                if (ids[row] != best) {
                    throw new IllegalStateException(
                            network.name() + ": its face says " + ids[row] + " for the best, " + best);
                }
            }
        }
    }

    private static float[] outputs(InThread runner, int text) {
        runner.engine().run(new float[] {text});
        return runner.engine().outputs();
    }
}
