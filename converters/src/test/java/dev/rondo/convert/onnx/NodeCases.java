package dev.rondo.convert.onnx;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * A bundle that {@code onnx_node_cases.py} or {@code onnx_dynamic_cases.py} writes.
 *
 * @param cases   in the order of their names
 * @param entries of the bundle, by name
 */
record NodeCases(List<NodeCase> cases, Map<String, byte[]> entries) {

    /**
     * A line of the bundle.
     *
     * @param aside why it is not among those to pass; then it has no files
     * @param io    the entry that holds its values
     * @param fixed values given with {@code --fix}, by input
     */
    record NodeCase(
            String name,
            String operator,
            Optional<String> aside,
            double atol,
            double rtol,
            String io,
            Map<String, String> fixed) {
        String model() {
            return "models/" + name + ".onnx";
        }
    }

    static NodeCases load(String name) {
        var entries = new HashMap<String, byte[]>();
        try (InputStream in = NodeCases.class.getResourceAsStream("/onnx/" + name + ".zip");
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.put(entry.getName(), zip.readAllBytes());
            }
            var cases = new ArrayList<NodeCase>();
            for (String line : new String(entries.get("cases.jsonl"), StandardCharsets.UTF_8).split("\n")) {
                cases.add(read(new ObjectMapper().readTree(line)));
            }
            return new NodeCases(cases, entries);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static NodeCase read(JsonNode line) {
        var fixed = new LinkedHashMap<String, String>();
        line.path("fix")
                .properties()
                .forEach(e -> fixed.put(e.getKey(), e.getValue().asText()));
        return new NodeCase(
                line.get("name").asText(),
                line.get("op").asText(),
                Optional.ofNullable(line.get("aside")).map(JsonNode::asText),
                line.path("atol").asDouble(),
                line.path("rtol").asDouble(),
                line.path("io").asText(),
                fixed);
    }
}
