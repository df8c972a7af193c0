package dev.rondo.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.convert.safetensors.SafetensorsWriter;
import dev.rondo.format.RondoFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Makes the tiny language model of {@code samples/models}: random weights, all printable ASCII characters, with reference
 * vectors computed by plain loops in double precision. To write it anew:
 *
 * <pre>{@code
 * mvn -pl converters -am test -Dtest=TinyModelTest -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Drondo.tiny=../samples/models/tiny.rondo
 * }</pre>
 */
class TinyModelTest {
    private static final int V = 95;
    private static final int E = 16;
    private static final int H = 32;
    private static final int STEPS = 24;
    private static final long SEED = 1;

    @TempDir
    Path folder;

    @Test
    void tinyModel() throws IOException {
        Path model = convert();
        assertTrue(Files.size(model) <= 100_000, Files.size(model) + " bytes");
        try (RondoFile file = RondoFile.map(model)) {
            assertEquals(V, file.texts().getFirst().vocabulary().size());
            assertEquals("log_probs", file.references().getFirst().function());
        }
        byte[] first = Files.readAllBytes(model);
        assertArrayEquals(first, Files.readAllBytes(convert()));
        String target = System.getProperty("rondo.tiny");
        if (target != null) {
            Files.copy(model, Path.of(target), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private Path convert() throws IOException {
        Path source = folder.resolve("tiny.safetensors");
        Path io = folder.resolve("io.safetensors");
        Path config = folder.resolve("tiny.json");
        Path model = folder.resolve("tiny.rondo");
        var random = new SplittableRandom(SEED);
        new SafetensorsWriter()
                .floats("embedding.weight", List.of(V, E), uniform(random, V * E, 1))
                .floats("lstm.weight_ih_l0", List.of(4 * H, E), uniform(random, 4 * H * E, Math.sqrt(3.0 / E)))
                .floats("lstm.weight_hh_l0", List.of(4 * H, H), uniform(random, 4 * H * H, Math.sqrt(3.0 / H)))
                .floats("lstm.bias_ih_l0", List.of(4 * H), uniform(random, 4 * H, 0.2))
                .floats("lstm.bias_hh_l0", List.of(4 * H), uniform(random, 4 * H, 0.2))
                .floats("decoder.weight", List.of(V, H), uniform(random, V * H, 2))
                .floats("decoder.bias", List.of(V), uniform(random, V, 0.5))
                .write(source);
        List<String> characters =
                IntStream.rangeClosed(' ', '~').mapToObj(Character::toString).toList();
        Files.writeString(config, """
            {"architecture": "language-model", "cell": "lstm", "embedding": "embedding.weight",
             "parameters": "pytorch", "recurrent": "lstm",
             "output": {"weight": "decoder.weight", "bias": "decoder.bias"},
             "segmentation": "characters", "vocabulary": VOCABULARY,
             "reference": {"axes": "T", "atol": 2e-5, "rtol": 1e-4}}
            """.replace("VOCABULARY", new ObjectMapper().writeValueAsString(characters)));
        ConversionRequest request = ConversionRequest.of(source, model).withConfig(config);
        Conversion.convert(request);
        try (RondoFile file = RondoFile.load(model)) {
            writeReference(file, io);
        }
        Conversion.convert(request.withIo(io));
        return model;
    }

    private static void writeReference(RondoFile file, Path io) throws IOException {
        var evaluator = new Evaluator(file);
        long[] tokens = new long[STEPS];
        float[] logProbs = new float[STEPS * V];
        for (int t = 0; t < STEPS; t++) {
            tokens[t] = (7 * t + 3) % V;
            double[] scores = evaluator.step("step", "logits", (int) tokens[t]);
            double sum = 0;
            for (double score : scores) {
                sum += Math.exp(score);
            }
            for (int v = 0; v < V; v++) {
                logProbs[t * V + v] = (float) (scores[v] - Math.log(sum));
            }
        }
        new SafetensorsWriter()
                .longs("in.token", List.of(STEPS), tokens)
                .floats("out.log_probs", List.of(STEPS, V), logProbs)
                .floats("out.h", List.of(H), floats(evaluator.states.get("h0")))
                .floats("out.c", List.of(H), floats(evaluator.states.get("c0")))
                .write(io);
    }

    private static float[] uniform(SplittableRandom random, int count, double bound) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
        }
        return values;
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
