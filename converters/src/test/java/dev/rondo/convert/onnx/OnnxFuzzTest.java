package dev.rondo.convert.onnx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.convert.draft.EncodingChoice;
import dev.rondo.convert.draft.GraphOptions;
import dev.rondo.convert.draft.ModelDraft;
import dev.rondo.convert.draft.OpenFiles;
import dev.rondo.convert.draft.StoredTensor;
import dev.rondo.error.RondoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged models: each is converted all the same, or ends in an error that Rondo or the file system gives. */
class OnnxFuzzTest {
    private static final int ROUNDS = 2000;

    @TempDir
    Path folder;

    @Test
    void damagedModelsEndInNamedErrors() throws IOException {
        NodeCases bundle = NodeCases.load("node-cases");
        List<NodeCases.NodeCase> cases =
                bundle.cases().stream().filter(c -> c.aside().isEmpty()).toList();
        var random = new Random(20);
        Path file = folder.resolve("model.onnx");
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            NodeCases.NodeCase c = cases.get(random.nextInt(cases.size()));
            Files.write(file, damaged(bundle.entries().get(c.model()), random));
            try {
                convert(file, c.fixed());
            } catch (RondoException | IOException named) {
                refused++;
            } catch (RuntimeException | Error wrong) {
                throw new AssertionError("round " + round + ", " + c.name(), wrong);
            }
        }
        assertTrue(refused > ROUNDS / 4, refused + " of " + ROUNDS + " refused");
    }

    private static void convert(Path file, Map<String, String> fixed) throws IOException {
        try (OpenFiles files = new OpenFiles()) {
            ModelDraft draft = OnnxImport.draft(
                    Map.of("", file),
                    new GraphOptions(Map.of(), Map.of(), fixed, Map.of()),
                    List.of("*"),
                    files,
                    EncodingChoice.KEEP);
            for (StoredTensor tensor : draft.tensors()) {
                if (tensor instanceof StoredTensor.Floats floats) {
                    floats.values().get();
                }
            }
        }
    }

    private static byte[] damaged(byte[] model, Random random) {
        byte[] bytes = model.clone();
        for (int i = 1 + random.nextInt(4); i > 0 && bytes.length > 1; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes[at] = -1;
                case 3 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
                default -> {
                    int length = Math.min(random.nextInt(20), bytes.length - at);
                    System.arraycopy(bytes, random.nextInt(bytes.length - length + 1), bytes, at, length);
                }
            }
        }
        return bytes;
    }
}
