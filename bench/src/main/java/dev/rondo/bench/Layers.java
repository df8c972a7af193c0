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
 * before all of them give the same answers to all texts.
 */
final class Layers {
    private static final double TO_REACH = 1.5;
    private static final double TOLERANCE = 1e-4;
    private static final double HALF_TOLERANCE = 0.1;
    /** A face makes lists and strings. */
    private static final long BYTES_OF_AN_ANSWER = 40_000;

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
        out.println("\n| a text | runtime | µs | times ONNX Runtime's speed | bytes | most different from ONNX Runtime |");
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

    /** The share of the time that the thread had a core. */
    private double compare(LayeredNetwork network) throws IOException {
        Path full = Files.createTempFile("bench", ".rondo");
        Path half = Files.createTempFile("bench", ".rondo");
        RondoLayers.write(full, network, Encoding.F32);
        RondoLayers.write(half, network, Encoding.BF16);
        try (var f32 = new InThread(RondoLayers.open(full, network), inputs(network));
                var bf16 = new InThread(RondoLayers.open(half, network), inputs(network));
                var face = new InThread(FacadeLayers.open(full, network), inputs(network));
                var ort = new InThread(new OrtLayers(network), inputs(network))) {
            List<InThread> runners = List.of(f32, bf16, face, ort);
            String facade = tags(network) ? "Rondo f32, `TaggerSession.tag(text)`" : "Rondo f32, `ClassifierSession.classify(text)`";
            List<String> names = List.of("Rondo f32", "Rondo bf16", facade, "ONNX Runtime f32");
            int texts = network.texts().size();
            double error = difference(network, f32, ort, texts, TOLERANCE);
            double halfError = difference(network, bf16, ort, texts, HALF_TOLERANCE);
            checkFace(network, face, f32, texts);
            var rounds = new Rounds(effort, BYTES_OF_AN_ANSWER);
            List<Timing> timings = rounds.run(List.copyOf(runners));
            Timing peer = timings.getLast();
            List<String> errors = List.of(text(error), text(halfError), "", "");
            for (int i = 0; i < runners.size(); i++) {
                Timing own = timings.get(i);
                out.printf(
                        Locale.ROOT,
                        "| %s | %s | %.1f | %s | %s | %s |%n",
                        network.name(),
                        names.get(i),
                        own.medianNanos() / 1000,
                        own == peer ? "" : own.ratioTo(peer).text(2),
                        Spread.of(own.bytes()).text(0),
                        errors.get(i));
            }
            verdicts.add(new Verdict(
                    network.name() + ", Rondo f32",
                    "ONNX Runtime f32",
                    TO_REACH,
                    timings.getFirst().ratioTo(peer),
                    "–"));
            return rounds.coreShare();
        } finally {
            Files.delete(full);
            Files.delete(half);
        }
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
    private static double difference(
            LayeredNetwork network, InThread ours, InThread theirs, int texts, double tolerance) {
        double worst = 0;
        for (int i = 0; i < texts; i++) {
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

    private static void checkFace(LayeredNetwork network, InThread face, InThread function, int texts) {
        for (int i = 0; i < texts; i++) {
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
