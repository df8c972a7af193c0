package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.Model;
import dev.rondo.format.ElementType;
import dev.rondo.format.Layout;
import dev.rondo.format.NgramTable;
import dev.rondo.format.ReferenceCase;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.Tensor;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Function;
import dev.rondo.graph.GraphText;
import dev.rondo.graph.State;
import dev.rondo.graph.Value;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what a model file holds. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = "Shows what a model file holds: metadata, text, functions, weights. Computes nothing.")
final class InspectCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "A .rondo file.")
    private Path file;

    @Option(names = "--tensors", description = "List every tensor.")
    private boolean tensors;

    @Option(names = "--function", paramLabel = "F", description = "Print only this function.")
    private String function;

    @Option(names = "--json", description = "Print everything as JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        try (Model model = Model.open(file)) {
            if (json) {
                Json.print(json(model), out);
            } else if (function != null) {
                out.print(GraphText.print(model.function(function)));
            } else {
                summary(model, out);
                out.println();
                out.print(GraphText.print(model.functions().values()));
                if (tensors) {
                    out.println();
                    table(model.tensors().values(), out);
                }
            }
        }
        return Main.DONE;
    }

    /** Weights are what can be trained: the elements of all floating-point tensors, each counted once. */
    private static long parameters(Model model) {
        return model.tensors().values().stream()
                .filter(t -> t.encoding().elementType() == ElementType.F32
                        || t.encoding().elementType() == ElementType.F64)
                .mapToLong(InspectCommand::elements)
                .sum();
    }

    private static long elements(Tensor tensor) {
        return tensor.shape().stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    }

    private static long tensorBytes(Model model) {
        return model.tensors().values().stream()
                .mapToLong(t -> t.data().byteSize())
                .sum();
    }

    private void summary(Model model, PrintWriter out) throws IOException {
        var lines = new LinkedHashMap<String, String>();
        lines.put("file", file + ", " + Files.size(file) + " bytes");
        // Any text may stand there: what would steer a terminal must not reach it.
        model.metadata().forEach((key, value) -> lines.put(key, ErrorLine.onOneLine(value)));
        lines.put("parameters", Long.toString(parameters(model)));
        lines.put("tensors", model.tensors().size() + ", " + tensorBytes(model) + " bytes");
        for (TextPipeline text : model.texts()) {
            lines.put("text " + text.name(), describe(text));
        }
        for (ReferenceCase reference : model.references()) {
            lines.put("reference " + reference.name(), describe(reference));
        }
        model.ngrams().ifPresent(table -> lines.put("n-grams", describe(table)));
        int width = lines.keySet().stream().mapToInt(String::length).max().orElse(0);
        lines.forEach((key, value) -> out.printf(Locale.ROOT, "%-" + width + "s  %s%n", key, value));
    }

    private static String describe(TextPipeline text) {
        SpecialIds special = text.special();
        var ids = new LinkedHashMap<String, Integer>();
        ids.put("unknown", special.unknown());
        ids.put("begin", special.begin());
        ids.put("end", special.end());
        ids.put("padding", special.padding());
        String marks = ids.entrySet().stream()
                .filter(e -> e.getValue() >= 0)
                .map(e -> ", " + e.getKey() + " " + e.getValue())
                .collect(Collectors.joining());
        return name(text.segmentation()) + ", " + text.vocabulary().size() + " tokens, normalisation "
                + name(text.normalisation()) + marks;
    }

    private static String describe(ReferenceCase reference) {
        return "function " + reference.function() + (reference.stepwise() ? " step by step" : "") + ", outputs "
                + String.join(", ", reference.outputs().keySet()) + ", atol " + reference.atol() + ", rtol "
                + reference.rtol();
    }

    private static String describe(NgramTable table) {
        return table.levels().stream().map(l -> "" + l.count()).collect(Collectors.joining(" + ")) + " of order 1 to "
                + table.levels().size() + ", " + ngramBytes(table) + " bytes, values of "
                + table.levels().getFirst().valueBits() + " bits";
    }

    private static long ngramBytes(NgramTable table) {
        return table.levels().stream().mapToLong(l -> l.records().byteSize()).sum();
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static String layout(Layout layout) {
        return switch (layout) {
            case Layout.Rows() -> "rows";
            case Layout.Panels(int groups) -> "panels(" + groups + ")";
        };
    }

    private static void table(Collection<Tensor> tensors, PrintWriter out) {
        List<List<String>> rows = tensors.stream()
                .map(t -> List.of(
                        t.name(),
                        t.encoding().text(),
                        layout(t.layout()),
                        t.shape().toString(),
                        t.data().byteSize() + " bytes"))
                .toList();
        int[] widths = new int[5];
        rows.forEach(row -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        for (List<String> row : rows) {
            var line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i)).repeat(" ", widths[i] - row.get(i).length() + 2);
            }
            out.println(line.toString().stripTrailing());
        }
    }

    private ObjectNode json(Model model) throws IOException {
        ObjectNode result = Json.object();
        result.put("file", file.toString());
        result.put("bytes", Files.size(file));
        result.put("parameters", parameters(model));
        ObjectNode metadata = result.putObject("metadata");
        model.metadata().forEach(metadata::put);
        ArrayNode texts = result.putArray("texts");
        model.texts().forEach(text -> json(text, texts.addObject()));
        ArrayNode functions = result.putArray("functions");
        Map<String, Function> shown = function == null ? model.functions() : Map.of(function, model.function(function));
        shown.values().forEach(f -> json(f, functions.addObject()));
        ArrayNode list = result.putArray("tensors");
        for (Tensor tensor : model.tensors().values()) {
            ObjectNode node = list.addObject();
            node.put("name", tensor.name());
            node.put("encoding", tensor.encoding().text());
            node.put("layout", layout(tensor.layout()));
            ArrayNode shape = node.putArray("shape");
            tensor.shape().forEach(shape::add);
            node.put("bytes", tensor.data().byteSize());
        }
        model.ngrams().ifPresent(table -> {
            ObjectNode node = result.putObject("ngrams");
            ArrayNode counts = node.putArray("counts");
            table.levels().forEach(level -> counts.add(level.count()));
            node.put("bytes", ngramBytes(table));
        });
        ArrayNode references = result.putArray("references");
        for (ReferenceCase reference : model.references()) {
            ObjectNode node = references.addObject();
            node.put("name", reference.name());
            node.put("function", reference.function());
            node.put("stepwise", reference.stepwise());
            node.put("atol", reference.atol());
            node.put("rtol", reference.rtol());
            reference.outputs().keySet().forEach(node.putArray("outputs")::add);
        }
        return result;
    }

    private static void json(TextPipeline text, ObjectNode node) {
        node.put("name", text.name());
        node.put("segmentation", name(text.segmentation()));
        node.put("normalisation", name(text.normalisation()));
        node.put("tokens", text.vocabulary().size());
        ObjectNode special = node.putObject("special");
        special.put("unknown", text.special().unknown());
        special.put("begin", text.special().begin());
        special.put("end", text.special().end());
        special.put("padding", text.special().padding());
    }

    private static void json(Function function, ObjectNode node) {
        node.put("name", function.name());
        types(node.putObject("inputs"), function.inputs());
        types(
                node.putObject("states"),
                function.states().stream().map(State::value).toList());
        types(node.putObject("outputs"), function.outputs());
        node.put("text", GraphText.print(function));
    }

    private static void types(ObjectNode node, List<Value> values) {
        values.forEach(v -> node.put(v.name(), v.type().toString()));
    }
}
