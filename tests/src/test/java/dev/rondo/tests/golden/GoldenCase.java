package dev.rondo.tests.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.tests.oracle.NdArray;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * What another system computed: one folder of {@code src/test/resources/golden}.
 *
 * @param architecture what the weights do not say; null where the case has none
 * @param weights by the names that the source framework gives them; empty where weights are inputs
 */
public record GoldenCase(
        String name,
        JsonNode architecture,
        Map<String, NdArray> weights,
        Map<String, NdArray> inputs,
        Map<String, NdArray> outputs,
        double atol,
        double rtol) {

    /** Reads {@code family/name}. */
    public static GoldenCase load(String family, String name) {
        String folder = "/golden/" + family + "/" + name + "/";
        try {
            JsonNode json = new ObjectMapper().readTree(bytes(folder + "case.json"));
            boolean weighted = GoldenCase.class.getResource(folder + "model.safetensors") != null;
            Map<String, NdArray> weights = weighted ? Safetensors.read(bytes(folder + "model.safetensors")) : Map.of();
            Map<String, NdArray> io = Safetensors.read(bytes(folder + "io.safetensors"));
            return new GoldenCase(
                    family + "/" + name,
                    json.get("architecture"),
                    weights,
                    part(io, "in."),
                    part(io, "out."),
                    json.get("tolerance").get("atol").doubleValue(),
                    json.get("tolerance").get("rtol").doubleValue());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public NdArray input(String input) {
        return inputs.get(input);
    }

    public NdArray output(String output) {
        return outputs.get(output);
    }

    /** A number of the architecture. */
    int number(String key) {
        return architecture.get(key).intValue();
    }

    boolean flag(String key) {
        return architecture.get(key).booleanValue();
    }

    private static Map<String, NdArray> part(Map<String, NdArray> io, String prefix) {
        Map<String, NdArray> part = new TreeMap<>();
        io.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                part.put(name.substring(prefix.length()), value);
            }
        });
        return part;
    }

    private static byte[] bytes(String resource) throws IOException {
        try (InputStream in = GoldenCase.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new FileNotFoundException(resource);
            }
            return in.readAllBytes();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
