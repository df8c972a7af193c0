package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.train.synthetic.SequenceProblem;
import dev.rondo.train.synthetic.SyntheticEvaluation;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Option;

/** Sequences that a model of a synthetic task is judged by: none of them chose its parameters. */
final class SyntheticOptions {
    static final Set<String> NAMES = Set.of("--sequences", "--seed", "--length");

    private static final int MAX_SEQUENCES = 1 << 24;

    @Option(
            names = "--sequences",
            paramLabel = "N",
            description = "For a model of 'rondo train synthetic' or 'train ntm': how many new sequences it answers.")
    private Integer sequences;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "Of these sequences, which are never those of training or its tests (default:"
                    + " ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--length",
            paramLabel = "N",
            description = "For a model of 'rondo train ntm': vectors of a sequence (default: 40).")
    private Integer length;

    boolean isGiven() {
        return sequences != null;
    }

    /** A machine that copies. */
    void copy(Model model, Model.Kernel kernel, boolean json, PrintWriter out) {
        int count = sequences == null ? 1000 : sequences;
        CopyEvaluation.of(model, kernel, length == null ? 40 : length, count, seed)
                .print(json, out);
    }

    /** A network of a made task, whose sequences are as long as its tests. */
    void run(Path file, Model.Kernel kernel, boolean json, PrintWriter out) throws IOException {
        if (length != null) {
            throw new InputException(
                    "--length", "is for models of 'rondo train ntm'", "another model", "train one of that length");
        }
        int count = sequences == null ? 1000 : sequences;
        Range.check(count >= 1 && count <= MAX_SEQUENCES, "--sequences", "is 1 to " + MAX_SEQUENCES, count);
        SyntheticEvaluation found = SyntheticEvaluation.of(file, count, seed, kernel);
        SequenceProblem problem = found.problem();
        String loss = problem.readsSymbols() ? "nats_per_answer" : "mean_squared_error";
        SequenceProblem.Baseline baseline = problem.baseline();
        if (json) {
            ObjectNode node = Json.object();
            node.put("task", problem.kind());
            node.put("steps", problem.steps());
            node.put("sequences", found.sequences());
            node.put("answers", found.answers());
            node.put(loss, found.loss());
            node.put("accuracy", found.quality());
            if (!Double.isNaN(baseline.loss())) {
                node.put("without_memory_" + loss, baseline.loss());
            }
            node.put("without_memory_accuracy", baseline.quality());
            Json.print(node, out);
            return;
        }
        out.printf(Locale.ROOT, "task                %s, %d steps%n", problem.kind(), problem.steps());
        out.printf(Locale.ROOT, "sequences           %d, %d answers%n", found.sequences(), found.answers());
        out.printf(Locale.ROOT, "%-18s  %.6f%n", loss.replace('_', ' '), found.loss());
        out.printf(
                Locale.ROOT,
                "right answers       %.2f %%, without memory %.2f %%%n",
                found.quality(),
                baseline.quality());
    }
}
