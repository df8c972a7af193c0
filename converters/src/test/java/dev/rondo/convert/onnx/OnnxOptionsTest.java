package dev.rondo.convert.onnx;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.convert.Conversion;
import dev.rondo.convert.ConversionReport;
import dev.rondo.convert.ConversionRequest;
import dev.rondo.convert.draft.GraphOptions;
import dev.rondo.error.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said about a graph is used, or refused by name. */
class OnnxOptionsTest {
    private static final NodeCases BUNDLE = NodeCases.load("node-cases");
    /** y = x + x, with x: float[2^31,2^31,2^31]. */
    private static final String HUGE =
            "08083a430a0e0a01780a017812017922034164641201675a230a0178121e0a1c080112180a060880808080080a060880"
                    + "808080080a0608808080800862090a017912040a02080142040a001011";
    /** y = x + w, with x: float[B,3] and a tensor w that is listed as an input too. */
    private static final String DEFAULT =
            "08083a670a0e0a01780a017712017922034164641201672a15080310014201774a0c0000803f0000803f0000803f5a14"
                    + "0a0178120f0a0d080112090a031201420a0208035a0f0a0177120a0a08080112040a02080362140a0179120f0a0d0801"
                    + "12090a031201420a02080342040a001011";

    @TempDir
    Path folder;

    private ConversionReport convert(byte[] model, GraphOptions options) throws IOException {
        Path source = Files.write(folder.resolve("model.onnx"), model);
        return Conversion.convert(
                ConversionRequest.of(source, folder.resolve("model.rondo")).withGraph(options));
    }

    private void refused(String part, byte[] model, GraphOptions options) {
        var error = assertThrows(InputException.class, () -> convert(model, options));
        assertTrue(error.getMessage().contains(part), error.getMessage());
        assertFalse(Files.exists(folder.resolve("model.rondo")));
    }

    private static byte[] node(String name) {
        return BUNDLE.entries().get("models/" + name + ".onnx");
    }

    private static GraphOptions fix(String name, String value) {
        return new GraphOptions(Map.of(), Map.of(), Map.of(name, value), Map.of());
    }

    @Test
    void anInputHasOneRole() {
        var states = Map.of("x", List.of("sum"));
        var fixed = Map.of("x", "1");
        var contexts = Map.of("x", 1);
        refused("[--fix, --state]", node("test_add"), new GraphOptions(states, Map.of(), fixed, Map.of()));
        refused("[--context, --state]", node("test_add"), new GraphOptions(states, contexts, Map.of(), Map.of()));
        refused("[--context, --fix]", node("test_add"), new GraphOptions(Map.of(), contexts, fixed, Map.of()));
    }

    @Test
    void aStateKeepsItsRank() {
        refused(
                "one type",
                node("test_flatten_axis1"),
                new GraphOptions(Map.of("a", List.of("b")), Map.of(), Map.of(), Map.of()));
    }

    @Test
    void tensorsListedAsInputsAreNone() throws IOException {
        byte[] model = HexFormat.of().parseHex(DEFAULT);
        refused("'w'", model, fix("w", "[5,5,5]"));
        refused("'w'", model, new GraphOptions(Map.of("w", List.of("y")), Map.of(), Map.of(), Map.of()));
        refused("'w'", model, new GraphOptions(Map.of(), Map.of(), Map.of(), Map.of("w", "3")));
        refused("'-2'", model, fix("B", "-2"));
        convert(model, fix("B", "2"));
    }

    @Test
    void fixedValuesFitTheirInput() throws IOException {
        refused("as many numbers", HexFormat.of().parseHex(HUGE), fix("x", "1"));
        refused("1e99", node("test_clip"), fix("min", "1e99"));
        convert(node("test_clip"), fix("min", "-Infinity"));
        convert(node("test_reduce_l1_default_axes_keepdims_example"), fix("axes", "[]"));
    }

    @Test
    void whatACastLeavesOutIsSaid() throws IOException {
        String said = convert(node("test_cast_FLOAT_to_DOUBLE"), GraphOptions.NONE)
                .interpretation()
                .toString();
        assertTrue(said.contains("Cast: DOUBLE as f32"), said);
    }
}
