package dev.rondo.bench;

import dev.rondo.convert.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes a language model of 100 MB as PyTorch names its tensors, with its configuration: what conversion is timed on. */
final class RandomStateDict {
    private static final int VOCABULARY = 12_000;
    private static final int HIDDEN = 710;
    private static final int LAYERS = 2;
    private static final int GATES = 4;

    private RandomStateDict() {}

    /** @param args the folder for model.safetensors and config.json */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        var random = new SplittableRandom(20261121);
        var writer = new SafetensorsWriter();
        add(writer, random, "embedding.weight", VOCABULARY, HIDDEN);
        for (int layer = 0; layer < LAYERS; layer++) {
            add(writer, random, "rnn.weight_ih_l" + layer, GATES * HIDDEN, HIDDEN);
            add(writer, random, "rnn.weight_hh_l" + layer, GATES * HIDDEN, HIDDEN);
            add(writer, random, "rnn.bias_ih_l" + layer, GATES * HIDDEN);
            add(writer, random, "rnn.bias_hh_l" + layer, GATES * HIDDEN);
        }
        add(writer, random, "decoder.weight", VOCABULARY, HIDDEN);
        add(writer, random, "decoder.bias", VOCABULARY);
        writer.write(folder.resolve("model.safetensors"));
        String tokens =
                IntStream.range(0, VOCABULARY).mapToObj(i -> "\"w" + i + "\"").collect(Collectors.joining(","));
        Files.writeString(folder.resolve("config.json"), """
            {
              "architecture": "language-model",
              "cell": "lstm",
              "parameters": "pytorch",
              "recurrent": "rnn",
              "embedding": "embedding.weight",
              "output": {"weight": "decoder.weight", "bias": "decoder.bias"},
              "vocabulary": [%s],
              "segmentation": "words"
            }
            """.formatted(tokens));
    }

    private static void add(SafetensorsWriter writer, SplittableRandom random, String name, Integer... shape) {
        float[] values = new float[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-0.1, 0.1);
        }
        writer.floats(name, List.of(shape), values);
    }
}
