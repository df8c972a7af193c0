package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.tagging.Tagger;
import dev.rondo.tagging.TaggerSession;
import dev.rondo.tagging.Tagging;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tags. */
@Command(
        name = "tag",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Tags the tokens of standard input, a sentence a line, tokens separated by white space: token_TAG, a line"
                    + " each.",
            "A file: rondo tag MODEL < FILE."
        })
final class TagCommand implements Callable<Integer> {
    private static final int BATCH = 16;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "A .rondo file with a tagger.")
    private Path file;

    @Option(
            names = "--columns",
            description = "Print a line a token, token and tag with a tab between, and an empty line after a sentence.")
    private boolean columns;

    @Option(
            names = "--scores",
            description =
                    "Print how probable each tag is, given the whole sentence: token_TAG_0.98, or a third column.")
    private boolean scores;

    @Option(names = "--json", description = "Print a JSON object a sentence.")
    private boolean json;

    @Mixin
    private KernelOption kernels;

    @Override
    public Integer call() throws IOException {
        if (json && columns) {
            throw new InputException("--json and --columns", "exclude each other", "both", "leave one out");
        }
        try (Model model = Model.open(file)) {
            Tagger tagger = Tagger.of(model, kernels.kernel());
            TaggerSession session = tagger.session(BATCH, scores);
            ReadLines.answer(spec, "a sentence a line; Ctrl-D ends", (first, lines, out) -> {
                List<List<String>> sentences =
                        lines.stream().map(tagger::tokens).toList();
                long line = first;
                for (Tagging tagging : session.tagAll(sentences)) {
                    print(line, tagging, out);
                    line++;
                }
            });
        }
        return Main.DONE;
    }

    private void print(long line, Tagging tagging, PrintWriter out) {
        if (json) {
            out.println(json(line, tagging));
            return;
        }
        for (int i = 0; i < tagging.tokens().size(); i++) {
            String between = columns ? "\t" : "_";
            out.print(columns || i == 0 ? "" : " ");
            out.print(tagging.tokens().get(i) + between + tagging.tags().get(i));
            if (scores) {
                out.print(between + String.format(Locale.ROOT, "%.4f", tagging.probability(i)));
            }
            out.print(columns ? "\n" : "");
        }
        out.print("\n");
    }

    private String json(long line, Tagging tagging) {
        ObjectNode node = Json.object();
        node.put("line", line);
        ArrayNode tokens = node.putArray("tokens");
        tagging.tokens().forEach(tokens::add);
        ArrayNode tags = node.putArray("tags");
        tagging.tags().forEach(tags::add);
        if (scores) {
            ArrayNode probabilities = node.putArray("probabilities");
            for (int i = 0; i < tagging.tags().size(); i++) {
                probabilities.add(tagging.probability(i));
            }
        }
        return Json.line(node);
    }
}
