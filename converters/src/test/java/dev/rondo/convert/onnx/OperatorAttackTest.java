package dev.rondo.convert.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.convert.Conversion;
import dev.rondo.convert.ConversionRequest;
import dev.rondo.convert.GraphOptions;
import dev.rondo.convert.onnx.NodeCases.NodeCase;
import dev.rondo.error.RondoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Node cases with bytes changed: sizes, axes, pads, kernels, names that are not what the operator takes. Each is converted or
 * refused by an error of ours. {@code -Drondo.onnx.attacks=N} makes N of them, {@code -Drondo.onnx.seed=S} others.
 */
class OperatorAttackTest {
    private static final int ATTACKS = Integer.getInteger("rondo.onnx.attacks", 600);
    private static final long SEED = Long.getLong("rondo.onnx.seed", 1);
    private static final byte[] TELLING = {0, 1, 2, 7, 8, 16, 0x7F, (byte) 0x80, (byte) 0xFF};

    @TempDir
    Path folder;

    @Test
    void changedBytes() throws IOException {
        NodeCases bundle = NodeCases.load("node-cases");
        List<NodeCase> cases =
                bundle.cases().stream().filter(c -> c.aside().isEmpty()).toList();
        var random = new SplittableRandom(SEED);
        var escaped = new TreeMap<String, String>();
        int converted = 0;
        int refused = 0;
        for (int i = 0; i < ATTACKS; i++) {
            NodeCase node = cases.get(random.nextInt(cases.size()));
            byte[] model = bundle.entries().get(node.model()).clone();
            for (int n = random.nextInt(1, 4); n > 0; n--) {
                int at = random.nextInt(model.length);
                model[at] = random.nextBoolean()
                        ? TELLING[random.nextInt(TELLING.length)]
                        : (byte) random.nextInt(256);
            }
            try {
                convert(node, model);
                converted++;
            } catch (RondoException expected) {
                refused++;
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError other) {
                escaped.put(node.name() + " attack " + i, other + " at " + other.getStackTrace()[0]);
            }
        }
        assertEquals(Map.of(), escaped);
        assertTrue(converted > ATTACKS / 20 && refused > ATTACKS / 20, converted + " converted, " + refused + " refused");
    }

    private void convert(NodeCase node, byte[] model) throws IOException {
        Path source = Files.write(folder.resolve("model.onnx"), model);
        Conversion.convert(ConversionRequest.of(source, folder.resolve("model.rondo"))
                .withGraph(new GraphOptions(Map.of(), Map.of(), node.fixed(), Map.of())));
    }
}
