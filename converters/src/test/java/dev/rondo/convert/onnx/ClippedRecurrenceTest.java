package dev.rondo.convert.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.Model;
import dev.rondo.convert.Conversion;
import dev.rondo.convert.ConversionRequest;
import dev.rondo.format.TensorData;
import dev.rondo.verify.FunctionRun;
import dev.rondo.verify.TensorFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The attribute clip of recurrent nodes, in both directions, with lengths, initial states and peepholes. */
class ClippedRecurrenceTest {
    private static final Path CASES = Path.of("src/test/resources/onnx");

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"clip-rnn", "clip-lstm", "clip-gru-before", "clip-gru-after"})
    void boundsGatesBeforeTheirActivations(String name) throws IOException {
        Path out = folder.resolve("clip.rondo");
        Conversion.convert(ConversionRequest.of(CASES.resolve(name + ".onnx"), out));
        try (Model model = Model.load(out)) {
            TensorFile io = TensorFile.read(CASES.resolve(name + ".safetensors"), model.function("run"));
            FunctionRun run = FunctionRun.of(model, Model.Kernel.PLAIN, "run", false, io.inputs(), Map.of());
            io.outputs().forEach((output, want) -> {
                TensorData got = run.outputs().get(output);
                assertEquals(want.shape(), got.shape(), output);
                for (int i = 0; i < want.elementCount(); i++) {
                    assertEquals(want.value(i), got.value(i), 1e-6, output + " at " + i);
                }
            });
        }
    }
}
