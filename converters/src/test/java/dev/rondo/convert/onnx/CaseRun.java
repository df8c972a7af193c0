package dev.rondo.convert.onnx;

import dev.rondo.Model;
import dev.rondo.convert.Conversion;
import dev.rondo.convert.ConversionRequest;
import dev.rondo.convert.draft.GraphOptions;
import dev.rondo.convert.onnx.NodeCases.NodeCase;
import dev.rondo.error.RondoException;
import dev.rondo.format.ReferenceCase;
import dev.rondo.format.TensorData;
import dev.rondo.graph.Function;
import dev.rondo.verify.TensorFile;
import dev.rondo.verify.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Converts a case of a bundle and compares what both kernels compute.
 *
 * @param folder for the files of one case at a time
 */
record CaseRun(NodeCases bundle, Path folder) {
    /**
     * Vector kernels round otherwise than plain ones, and not alike on every machine: they are held to this where a case asks
     * for less, so that the list is the same everywhere.
     */
    private static final double ROUNDING = 1e-6;

    /** Why a case fails, if it does. Anything but an error of the converter's or runtime's own is a fault, not a failure. */
    Optional<String> failure(NodeCase node) throws IOException {
        Path source = Files.write(folder.resolve("model.onnx"), bundle.entries().get(node.model()));
        Path io = Files.write(folder.resolve("io.safetensors"), bundle.entries().get(node.io()));
        Path target = folder.resolve("model.rondo");
        try {
            Conversion.convert(ConversionRequest.of(source, target)
                    .withGraph(new GraphOptions(Map.of(), Map.of(), node.fixed(), Map.of())));
            try (Model model = Model.load(target)) {
                return difference(model, node, io);
            }
        } catch (RondoException refused) {
            return Optional.of(refused.getMessage());
        }
    }

    private static Optional<String> difference(Model model, NodeCase node, Path io) throws IOException {
        Function function = model.function(OnnxImport.RUN);
        TensorFile values = TensorFile.read(io, function);
        Map<String, TensorData> inputs = new LinkedHashMap<>(values.inputs());
        inputs.keySet().removeAll(node.fixed().keySet());
        Optional<String> plain = difference(model, Model.Kernel.PLAIN, node, node.atol(), inputs, values.outputs());
        return plain.isPresent()
                ? plain
                : difference(model, Model.Kernel.BEST, node, Math.max(node.atol(), ROUNDING), inputs, values.outputs());
    }

    private static Optional<String> difference(
            Model model,
            Model.Kernel kernel,
            NodeCase node,
            double atol,
            Map<String, TensorData> inputs,
            Map<String, TensorData> outputs) {
        var reference = new ReferenceCase(node.name(), OnnxImport.RUN, false, atol, node.rtol(), inputs, outputs);
        return Verification.of(model, kernel, reference).outputs().stream()
                .filter(finding -> !finding.holds())
                .map(f -> kernel + ": " + f.output() + "[" + f.worst() + "] is " + f.got() + ", expected " + f.want())
                .findFirst();
    }
}
