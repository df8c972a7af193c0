package dev.rondo.convert.onnx;

import dev.rondo.convert.draft.DraftWeights;
import dev.rondo.convert.draft.EncodingChoice;
import dev.rondo.convert.draft.GraphOptions;
import dev.rondo.convert.draft.ModelDraft;
import dev.rondo.convert.draft.OpenFiles;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.convert.onnx.file.OnnxGraph;
import dev.rondo.convert.onnx.file.OnnxModel;
import dev.rondo.convert.onnx.file.OnnxReader;
import dev.rondo.convert.onnx.file.OnnxTensor;
import dev.rondo.convert.onnx.graph.Constants;
import dev.rondo.convert.onnx.graph.FunctionGraph;
import dev.rondo.convert.onnx.op.OperatorTable;
import dev.rondo.error.FormatException;
import dev.rondo.error.RondoException;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** ONNX models as functions of one model. */
public final class OnnxImport {
    /** The name of the function that a single model becomes. */
    public static final String RUN = "run";

    /** Older forms of an operator differ by attributes, which are refused where they are not understood. */
    private static final long OLDEST = 1;

    private static final long NEWEST = 28;

    private final OperatorTable table = OperatorTable.standard();
    private final Constants constants = new Constants();
    private final Map<String, String> interpretation = new LinkedHashMap<>();
    private final List<String> allowUnused;
    private final Boundary boundary;
    private final List<String> unused = new ArrayList<>();
    private int tensors;

    private OnnxImport(GraphOptions options, List<String> allowUnused) {
        this.allowUnused = allowUnused;
        this.boundary = new Boundary(options, interpretation);
    }

    /**
     * Reads models and lowers every node of theirs.
     *
     * @param sources     by the name of the function that each becomes; {@code ""} stands for {@link #RUN}
     * @param options     what the graphs do not say about themselves
     * @param allowUnused patterns of tensors that may stay unused
     * @param files       what keeps the sources open until the model is written
     * @throws RondoException when a file breaks a rule, an operator is not converted, or an option names nothing
     * @throws IOException    when a file cannot be read
     */
    public static ModelDraft draft(
            Map<String, Path> sources,
            GraphOptions options,
            List<String> allowUnused,
            OpenFiles files,
            EncodingChoice encodings)
            throws IOException {
        var models = new LinkedHashMap<String, OnnxModel>();
        for (Map.Entry<String, Path> source : sources.entrySet()) {
            String name = source.getKey().isEmpty() ? RUN : source.getKey();
            models.put(name, OnnxReader.read(source.getValue(), files));
        }
        return new OnnxImport(options, allowUnused).draft(models, encodings);
    }

    private ModelDraft draft(Map<String, OnnxModel> models, EncodingChoice encodings) {
        boundary.check(models);
        var functions = new ArrayList<Function>();
        models.forEach((name, model) -> {
            try {
                functions.add(function(name, model));
            } catch (FormatException wrong) {
                throw wrong.at(model.file(), -1);
            }
        });
        var used = new LinkedHashSet<String>();
        var all = new LinkedHashSet<Function>();
        functions.forEach(f -> all.addAll(f.bodies()));
        all.addAll(functions);
        all.forEach(f -> f.weights().stream().map(Value::tensorName).forEach(used::add));
        var weights = new DraftWeights();
        constants.store(weights, used);
        return new ModelDraft(
                "functions",
                List.copyOf(all),
                weights.store(functions, encodings),
                List.of(),
                Map.of(),
                List.of(),
                interpretation,
                tensors,
                unused);
    }

    private Function function(String name, OnnxModel model) {
        long opset = model.opsets().getOrDefault("", 0L);
        if (opset < OLDEST || opset > NEWEST) {
            throw new FormatException(
                    "ONNX model",
                    "uses version " + OLDEST + " to " + NEWEST + " of ONNX's operator set",
                    "" + opset,
                    "export it with a version in this range");
        }
        if (!model.functions().isEmpty()) {
            throw new FormatException(
                    "ONNX model",
                    "has no functions of its own",
                    model.functions().toString(),
                    "inline them: onnx.inliner.inline_local_functions(model)");
        }
        OnnxGraph source = model.graph();
        var graph = new FunctionGraph(name, constants);
        var walk = new GraphWalk(source, graph, table, opset, interpretation);
        interpretation.put(
                "onnx." + name,
                "opset " + opset + (model.producer().isBlank() ? "" : ", written by " + model.producer()));
        source.outputs().forEach(o -> graph.reserve(o.name()));
        source.inputs().forEach(i -> graph.reserve(i.name()));
        var edge = boundary.inputs(source, graph, walk);
        walk.run(source);
        boundary.outputs(source, graph, walk, edge);
        checkUnused(source, walk);
        return graph.build();
    }

    private void checkUnused(OnnxGraph source, GraphWalk walk) {
        tensors += source.initializers().size();
        Set<String> forgotten = new LinkedHashSet<>();
        for (OnnxTensor tensor : source.initializers()) {
            String name = tensor.name();
            if (!walk.used().contains(name)) {
                boolean may = walk.leftOut().contains(name)
                        || allowUnused.stream().anyMatch(pattern -> SourceTensors.matches(pattern, name));
                (may ? unused : forgotten).add(name);
            }
        }
        if (!forgotten.isEmpty()) {
            throw new FormatException(
                    "ONNX model",
                    "every tensor is used by a node",
                    "not used: " + forgotten.stream().limit(20).toList(),
                    "allow it with --allow-unused PATTERN, or export the model again");
        }
    }
}
