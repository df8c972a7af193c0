package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.cli.BleuByLength.Group;
import dev.rondo.cli.chart.Axis;
import dev.rondo.cli.chart.LineChart;
import dev.rondo.cli.chart.Series;
import dev.rondo.error.InputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import picocli.CommandLine.Option;

/** How the translations of one model, or of several beside each other, are judged. */
final class ComparisonOptions {
    private static final int COLUMN = 11;

    @Option(
            names = "--by-length",
            description = "Also the BLEU of sentences of like length, by the words of their sources.")
    private boolean byLength;

    @Option(
            names = "--chart",
            paramLabel = "FILE",
            description = "Draw BLEU by length, a line a model, as SVG; with --by-length.")
    private Path chart;

    @Option(
            names = "--against",
            paramLabel = "MODEL",
            description = "Another model that translates the same, with the same options; may be repeated.")
    private List<Path> against = List.of();

    private record Judged(String name, TranslationEvaluation figures) {}

    /** The models, the first one and those against it, in the order given. */
    List<Path> models(Path first) {
        var all = new ArrayList<Path>();
        all.add(first);
        all.addAll(against);
        return all;
    }

    /**
     * Finds out what cannot be compared or written before the work begins.
     *
     * @param first model
     * @param texts that are read
     */
    void check(Path first, List<Path> texts) throws IOException {
        List<Path> models = models(first);
        for (Path other : against) {
            if (models.indexOf(other) != models.lastIndexOf(other)) {
                throw new InputException("--against", "is another model", other + " twice", "leave it out once");
            }
        }
        if (chart == null) {
            return;
        }
        if (!byLength) {
            throw new InputException("--chart", "belongs to --by-length", "none", "give both");
        }
        Range.check(
                models.size() <= LineChart.MAX_SERIES,
                "--chart",
                "shows at most " + LineChart.MAX_SERIES + " models",
                models.size());
        var taken = new ArrayList<>(models);
        taken.addAll(texts);
        OutputFile.check("--chart", chart, taken);
    }

    /**
     * Prints and draws.
     *
     * @param models with an evaluation each, of the same text
     */
    void report(List<Path> models, List<TranslationEvaluation> found, boolean json, PrintWriter out)
            throws IOException {
        List<String> names = names(models);
        List<Judged> judged = IntStream.range(0, names.size())
                .mapToObj(i -> new Judged(names.get(i), found.get(i)))
                .toList();
        if (json) {
            printJson(judged, out);
        } else {
            print(judged, out);
        }
        out.flush();
        if (chart != null) {
            draw(judged).write(chart);
        }
    }

    /** File names without their ending, where they tell the models apart. */
    private static List<String> names(List<Path> models) {
        List<String> names = models.stream()
                .map(m -> String.valueOf(m.getFileName()).replaceFirst("\\.rondo$", ""))
                .toList();
        return new HashSet<>(names).size() == names.size()
                ? names
                : models.stream().map(Path::toString).toList();
    }

    /** The first model's figures, and in them those of the others. */
    private void printJson(List<Judged> models, PrintWriter out) {
        List<ObjectNode> nodes = models.stream().map(this::node).toList();
        if (nodes.size() > 1) {
            for (int i = 0; i < nodes.size(); i++) {
                nodes.get(i).put("model", models.get(i).name);
            }
            nodes.getFirst().putArray("against").addAll(nodes.subList(1, nodes.size()));
        }
        Json.print(nodes.getFirst(), out);
    }

    private ObjectNode node(Judged model) {
        ObjectNode node = Json.object();
        model.figures.put(node);
        if (byLength) {
            put(model.figures.byLength(), node.putArray("by_length"));
        }
        return node;
    }

    private static void put(BleuByLength bleu, ArrayNode array) {
        for (Group group : bleu.groups()) {
            ObjectNode one = array.addObject();
            one.put("from_words", group.from());
            one.put("to_words", group.to());
            one.put("sentences", group.sentences());
            one.put("bleu", group.bleu());
        }
    }

    private void print(List<Judged> models, PrintWriter out) {
        boolean several = models.size() > 1;
        for (Judged model : models) {
            if (several) {
                out.printf("model               %s%n", model.name);
            }
            model.figures.print(out);
            if (several) {
                out.println();
            }
        }
        if (byLength) {
            out.println(several ? "BLEU (none)" : "");
            printTable(several ? models.stream().map(Judged::name).toList() : List.of("BLEU (none)"), models, out);
        }
    }

    /** A line for each length, a column for each model. */
    private static void printTable(List<String> heads, List<Judged> models, PrintWriter out) {
        List<BleuByLength> columns =
                models.stream().map(m -> m.figures.byLength()).toList();
        out.print("words of the source  sentences");
        heads.forEach(head -> out.printf("  %" + COLUMN + "s", head));
        out.println();
        // All translate the same sentences.
        List<Group> lines = columns.getFirst().groups();
        for (int line = 0; line < lines.size(); line++) {
            Group group = lines.get(line);
            out.printf(Locale.ROOT, "%7d to %-8d %12d", group.from(), group.to(), group.sentences());
            for (int column = 0; column < columns.size(); column++) {
                int width = Math.max(COLUMN, heads.get(column).length());
                double bleu = columns.get(column).groups().get(line).bleu();
                out.printf(Locale.ROOT, "  %" + width + ".2f", bleu);
            }
            out.println();
        }
    }

    /** As figure 2 of Bahdanau, Cho and Bengio 2015 shows it. */
    private static LineChart draw(List<Judged> models) {
        return new LineChart(
                "BLEU by length of the source",
                Axis.linear("words of the source"),
                Axis.linear("BLEU"),
                Optional.empty(),
                models.stream()
                        .map(model -> Series.marks(
                                model.name,
                                model.figures.byLength().groups().stream()
                                        .map(g -> new Series.Point(g.middle(), g.bleu()))
                                        .toList()))
                        .toList());
    }
}
