package dev.rondo.convert.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.Model;
import dev.rondo.convert.Conversion;
import dev.rondo.convert.ConversionReport;
import dev.rondo.convert.ConversionRequest;
import dev.rondo.convert.safetensors.SafetensorsFile;
import dev.rondo.convert.safetensors.SafetensorsWriter;
import dev.rondo.graph.Value;
import dev.rondo.verify.Verification;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipFile;

/** A folder with model files of one Keras model, what Keras computed with it, and how near we have to come. */
record KerasCase(Path folder, JsonNode json) {
    static KerasCase of(Path folder) throws IOException {
        return new KerasCase(folder, new ObjectMapper().readTree(Files.readString(folder.resolve("case.json"))));
    }

    /** The folders of cases below one, by name; none where there is no such folder. */
    static List<Path> folders(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (var list = Files.list(root)) {
            return list.filter(f -> Files.isRegularFile(f.resolve("case.json")))
                    .sorted()
                    .toList();
        }
    }

    /** Converts a model file of the case; one of weights only with the configuration of the archive. */
    ConversionReport convert(String file, Path temp) throws IOException {
        return Conversion.convert(request(file, temp));
    }

    /** Converts with the reference vectors, and recomputes them with plain and vector kernels. */
    void verify(String file, Path temp) throws IOException {
        ConversionReport report = convert(file, temp);
        var tolerance = new ConversionRequest.Tolerance(
                json.at("/tolerance/atol").asDouble(),
                json.at("/tolerance/rtol").asDouble());
        Path io = renamed(report.functions().getLast().outputs(), temp);
        ConversionRequest request = request(file, temp)
                .withIo(List.of(new ConversionRequest.Io(java.util.Optional.of("predict"), io)), tolerance);
        Conversion.convert(request);
        try (Model model = Model.load(request.output())) {
            assertEquals(1, model.references().size());
            for (Model.Kernel kernel : List.of(Model.Kernel.PLAIN, Model.Kernel.BEST)) {
                Verification verification =
                        Verification.of(model, kernel, model.references().getFirst());
                assertEquals(json.get("outputs").size(), verification.outputs().size());
                assertTrue(
                        verification.holds(), () -> folder.getFileName() + ", " + file + ": " + verification.outputs());
            }
        }
    }

    private ConversionRequest request(String file, Path temp) throws IOException {
        ConversionRequest request = ConversionRequest.of(folder.resolve(file), temp.resolve("model.rondo"));
        if (!file.endsWith(".weights.h5")) {
            return request;
        }
        Path config = temp.resolve("config.json");
        try (ZipFile zip = new ZipFile(folder.resolve("model.keras").toFile());
                InputStream in = zip.getInputStream(zip.getEntry("config.json"))) {
            Files.write(config, in.readAllBytes());
        }
        return request.withConfig(config);
    }

    /** The cases number the outputs; the model names them, in the same order. */
    private Path renamed(List<Value> outputs, Path temp) throws IOException {
        var names = new ArrayList<String>();
        json.get("outputs").fieldNames().forEachRemaining(names::add);
        var writer = new SafetensorsWriter();
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("io.safetensors"))) {
            for (var tensor : file.tensors().values()) {
                String name = tensor.name();
                if (name.startsWith("out.")) {
                    name = "out."
                            + outputs.get(names.indexOf(name.substring(4))).name();
                }
                writer.tensor(
                        name,
                        tensor.dtype(),
                        tensor.shape().stream().map(Math::toIntExact).toList(),
                        tensor.data().toArray(ValueLayout.JAVA_BYTE));
            }
            Path renamed = temp.resolve("io.safetensors");
            writer.write(renamed);
            return renamed;
        }
    }
}
