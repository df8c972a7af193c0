package dev.rondo.convert.keras;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rondo.convert.draft.DraftWeights;
import dev.rondo.convert.draft.EncodingChoice;
import dev.rondo.convert.draft.ModelDraft;
import dev.rondo.convert.draft.OpenFiles;
import dev.rondo.error.FormatException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A Keras model as one function, {@code predict}. */
public final class KerasImport {
    /** What training leaves in a file. */
    private static final List<String> TRAINING =
            List.of("optimizer/*", "optimizer_weights/*", "*seed_generator/vars/*");

    private KerasImport() {}

    /** A function and its weights, with what was decided for them. */
    private record Built(List<Function> functions, DraftWeights weights, Map<String, String> interpretation) {}

    /**
     * Reads a model from a {@code .keras} archive or an HDF5 file.
     *
     * @param config      the configuration of a file that holds weights only
     * @param choice      how matrices are stored
     * @param allowUnused patterns of tensors that may stay unused
     */
    public static ModelDraft draft(
            Path source, Optional<Path> config, EncodingChoice choice, List<String> allowUnused, OpenFiles files)
            throws IOException {
        KerasFile file = KerasFile.open(source, config, files);
        ModelSpec model = ModelSpec.read(file.file(), file.model());
        Built built = build(file, model);
        var allowed = new ArrayList<>(TRAINING);
        allowed.addAll(allowUnused);
        List<String> unused = file.tensors().unused(allowed);
        return new ModelDraft(
                "functions",
                built.functions(),
                built.weights().store(built.functions(), choice),
                List.of(),
                Map.of(),
                List.of(),
                built.interpretation(),
                file.tensors().size(),
                unused);
    }

    /** Keras does not say whether two sequences are equally long: they are, if the model does not work otherwise. */
    private static Built build(KerasFile file, ModelSpec model) {
        try {
            return build(file, model, false);
        } catch (ShapeException differ) {
            if (model.inputs().size() < 2) {
                throw differ;
            }
            try {
                return build(file, model, true);
            } catch (ShapeException neither) {
                neither.addSuppressed(differ);
                throw neither;
            }
        }
    }

    private static Built build(KerasFile file, ModelSpec model, boolean equallyLong) {
        var interpretation = new LinkedHashMap<String, String>();
        boolean keras2 = file.version().startsWith("2.") || file.version().startsWith("1.");
        interpretation.put("keras", file.version().isEmpty() ? "version unknown, read as 3" : file.version());
        FunctionBuilder function = Function.builder("predict");
        var weights = new DraftWeights();
        List<String> inputNames =
                model.inputs().stream().map(Argument.Tensor::layer).toList();
        List<String> outputNames = outputNames(model, inputNames);
        Set<String> reserved = new LinkedHashSet<>(inputNames);
        reserved.addAll(outputNames);
        var graph = new Graph(function, weights, interpretation, reserved, keras2);
        var inputs = new ArrayList<Masked>();
        for (String name : inputNames) {
            LayerSpec layer = model.layers().stream()
                    .filter(l -> l.name().equals(name) && l.className().equals("InputLayer"))
                    .findFirst()
                    .orElseThrow(() -> new FormatException(
                            file.file(),
                            -1,
                            "input '" + name + "'",
                            "is an InputLayer",
                            "another layer",
                            "save anew",
                            null));
            String time = equallyLong || inputs.isEmpty() ? "T" : "T_" + plainName(name);
            inputs.add(Masked.of(function.input(name, inputType(layer.config(), time))));
        }
        if (equallyLong) {
            interpretation.put("lengths", "all inputs have as many steps, T: the model works no other way");
        }
        List<Masked> outputs = ModelWalk.run(graph, file.file(), model, file.weights(), inputs);
        for (int i = 0; i < outputs.size(); i++) {
            Value value = outputs.get(i).value();
            function.output(function.add(
                    outputNames.get(i), new Structure.Reshape(value.type().dims()), value));
        }
        interpretation.put("layout", "kernels are stored outputs before inputs; sequences [B,T,features]");
        var functions = new ArrayList<>(graph.bodies());
        functions.add(function.build());
        return new Built(functions, weights, interpretation);
    }

    /** One output is y; several are called as their layers. */
    private static List<String> outputNames(ModelSpec model, List<String> inputs) {
        var names = new ArrayList<String>();
        for (int i = 0; i < model.outputs().size(); i++) {
            boolean only = model.outputs().size() == 1 && !inputs.contains("y");
            String name = !model.outputNames().isEmpty()
                    ? model.outputNames().get(i)
                    : only ? "y" : model.outputs().get(i).layer();
            String unique = inputs.contains(name) ? name + ".out" : name;
            for (int n = 1; names.contains(unique); n++) {
                unique = name + "." + n;
            }
            names.add(unique);
        }
        return names;
    }

    private static ValueType inputType(LayerConfig config, String time) {
        config.only("sparse", "false");
        config.only("ragged", "false");
        JsonNode shape = config.raw(config.has("batch_shape") ? "batch_shape" : "batch_input_shape");
        if (!shape.isArray() || shape.isEmpty() || shape.size() > ValueType.MAX_RANK) {
            throw config.error("batch_shape", "is a list of sizes", LayerConfig.quoted(shape));
        }
        var dims = new ArrayList<Dim>();
        for (JsonNode size : shape) {
            if (!size.isNull() && (!size.isIntegralNumber() || !size.canConvertToInt() || size.intValue() < 0)) {
                throw config.error("batch_shape", "is a list of sizes", LayerConfig.quoted(shape));
            }
            int axis = dims.size();
            String name = axis == 0 ? "B" : axis == 1 ? time : time + "_" + axis;
            dims.add(size.isNull() ? Dim.named(name) : Dim.of(size.intValue()));
        }
        String dtype = config.text("dtype").orElse("float32");
        ElementType element = switch (dtype) {
            case "float32", "float16", "bfloat16", "float64" -> ElementType.F32;
            case "int8", "uint8", "int16", "uint16", "int32" -> ElementType.I32;
            case "int64", "uint32" -> ElementType.I64;
            case "bool" -> ElementType.BOOL;
            default -> throw config.error("dtype", "is a number or bool", "'" + dtype + "'");
        };
        config.done();
        return new ValueType(element, dims);
    }

    private static String plainName(String name) {
        return name.replaceAll("[^A-Za-z0-9_]", "_");
    }
}
