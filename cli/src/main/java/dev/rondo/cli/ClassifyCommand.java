package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.Model;
import dev.rondo.classification.Classification;
import dev.rondo.classification.Classifier;
import dev.rondo.classification.ClassifierSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Classifies. */
@Command(
        name = "classify",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Says which class each line of standard input belongs to, a line each.",
            "A file: rondo classify MODEL < FILE."
        })
final class ClassifyCommand implements Callable<Integer> {
    private static final int BATCH = 32;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "A .rondo file with a classifier of texts.")
    private Path file;

    @Option(
            names = "--scores",
            description = "Print all classes with their probabilities, the most probable first, with tabs between.")
    private boolean scores;

    @Option(names = "--json", description = "Print a JSON object a line.")
    private boolean json;

    @Mixin
    private KernelOption kernels;

    @Override
    public Integer call() throws IOException {
        try (Model model = Model.open(file)) {
            Classifier classifier = Classifier.of(model, kernels.kernel());
            ClassifierSession session = classifier.session(BATCH);
            ReadLines.answer(spec, "a text a line; Ctrl-D ends", (first, lines, out) -> {
                long line = first;
                for (Classification found : session.classifyAll(lines)) {
                    print(line, classifier.labels(), found, out);
                    line++;
                }
            });
        }
        return Main.DONE;
    }

    private void print(long line, List<String> labels, Classification found, PrintWriter out) {
        if (json) {
            ObjectNode node = Json.object();
            node.put("line", line);
            node.put("label", found.label());
            ObjectNode probabilities = node.putObject("probabilities");
            for (int i = 0; i < labels.size(); i++) {
                probabilities.put(labels.get(i), found.probabilities()[i]);
            }
            out.println(Json.line(node));
        } else if (scores) {
            out.print(IntStream.range(0, labels.size())
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> -found.probabilities()[i]))
                    .map(i -> String.format(Locale.ROOT, "%s\t%.4f", labels.get(i), found.probabilities()[i]))
                    .collect(Collectors.joining("\t", "", "\n")));
        } else {
            out.print(found.label() + "\n");
        }
    }
}
