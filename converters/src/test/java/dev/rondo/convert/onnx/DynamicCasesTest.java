package dev.rondo.convert.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.convert.Conversion;
import dev.rondo.convert.ConversionRequest;
import dev.rondo.convert.onnx.NodeCases.NodeCase;
import dev.rondo.error.RondoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models whose axes have names compute what the onnx package does, with one conversion for every size. */
class DynamicCasesTest {
    private static final NodeCases BUNDLE = NodeCases.load("dynamic-cases");

    @TempDir
    Path folder;

    @Test
    void everySize() throws IOException {
        var run = new CaseRun(BUNDLE, folder);
        var wrong = new ArrayList<String>();
        List<NodeCase> graphs =
                BUNDLE.cases().stream().filter(c -> c.aside().isEmpty()).toList();
        for (NodeCase graph : graphs) {
            run.failure(graph).ifPresent(why -> wrong.add(graph.io() + ": " + why));
        }
        assertEquals(List.of(), wrong);
        assertTrue(graphs.size() > 20, "the bundle is whole");
    }

    static List<NodeCase> refused() {
        return BUNDLE.cases().stream().filter(c -> c.aside().isPresent()).toList();
    }

    @ParameterizedTest
    @MethodSource
    void refused(NodeCase graph) throws IOException {
        Path source = Files.write(folder.resolve("model.onnx"), BUNDLE.entries().get(graph.model()));
        Path target = folder.resolve("model.rondo");
        var refusal =
                assertThrows(RondoException.class, () -> Conversion.convert(ConversionRequest.of(source, target)));
        assertTrue(refusal.getMessage().contains(graph.aside().orElseThrow()), refusal.getMessage());
        assertFalse(Files.exists(target));
    }

    @Test
    void batchNormalisationCostsNothing() throws IOException {
        assertEquals(List.of("linear"), operators("linear_norm"));
        assertEquals(
                1,
                operators("conv1d").stream()
                        .filter("transpose"::equals)
                        .distinct()
                        .count());
        assertTrue(operators("conv1d").stream().noneMatch(List.of("multiply", "add")::contains));
    }

    private List<String> operators(String model) throws IOException {
        Path source = Files.write(folder.resolve("model.onnx"), BUNDLE.entries().get("models/" + model + ".onnx"));
        Path target = folder.resolve("model.rondo");
        Conversion.convert(ConversionRequest.of(source, target));
        try (Model converted = Model.load(target)) {
            return converted.function(OnnxImport.RUN).nodes().stream()
                    .map(node -> node.op().name())
                    .toList();
        }
    }
}
