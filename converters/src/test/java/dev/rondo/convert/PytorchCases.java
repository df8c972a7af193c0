package dev.rondo.convert;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.convert.safetensors.SafetensorsFile;
import dev.rondo.convert.safetensors.SafetensorsTensor;
import dev.rondo.convert.safetensors.SafetensorsWriter;
import dev.rondo.format.ReferenceCase;
import dev.rondo.verify.Verification;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The cases of PyTorch among the test resources, and what is done with every one of them. */
final class PytorchCases {
    static final Path FOLDER = Path.of("src/test/resources/pytorch/cases");

    private PytorchCases() {}

    static Path file(String name, String file) {
        return FOLDER.resolve(name).resolve(file);
    }

    /**
     * Writes one run of a case.
     *
     * @param names in the file written, by name in the case; of those the case has not, none is written
     */
    static Path run(String name, Map<String, String> names, Path to) throws IOException {
        var writer = new SafetensorsWriter();
        try (SafetensorsFile io = SafetensorsFile.open(file(name, "io.safetensors"))) {
            for (Map.Entry<String, String> entry : names.entrySet()) {
                SafetensorsTensor tensor = io.tensors().get(entry.getKey());
                if (tensor != null) {
                    List<Integer> shape =
                            tensor.shape().stream().map(Math::toIntExact).toList();
                    writer.tensor(
                            entry.getValue(),
                            tensor.dtype(),
                            shape,
                            tensor.data().toArray(ValueLayout.JAVA_BYTE));
                }
            }
        }
        writer.write(to);
        return to;
    }

    /** Requires that a model computes all its reference vectors within their tolerance, with every kernel. */
    static List<ReferenceCase> verify(Path file) throws IOException {
        return verify(file, _ -> {});
    }

    /** @param look at the reference vectors while the model is open */
    static List<ReferenceCase> verify(Path file, Consumer<List<ReferenceCase>> look) throws IOException {
        try (Model model = Model.load(file)) {
            assertTrue(!model.references().isEmpty(), "reference vectors");
            for (ReferenceCase reference : model.references()) {
                for (Model.Kernel kernel : List.of(Model.Kernel.PLAIN, Model.Kernel.BEST)) {
                    Verification verification = Verification.of(model, kernel, reference);
                    assertTrue(verification.holds(), reference.name() + ", " + kernel + ": " + verification.outputs());
                }
            }
            look.accept(model.references());
            return new ArrayList<>(model.references());
        }
    }
}
