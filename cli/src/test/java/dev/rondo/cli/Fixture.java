package dev.rondo.cli;

import dev.rondo.convert.safetensors.SafetensorsWriter;
import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.graph.Value;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** Runs commands in this JVM, in a folder with small models. */
final class Fixture {
    static final int VOCABULARY = 7;
    private static final int INPUT = 3;
    private static final int HIDDEN = 5;

    final Path folder;
    String out;
    String err;

    Fixture(Path folder) {
        this.folder = folder;
    }

    /** Runs a command; the exit code. */
    int run(Object... args) {
        return runOn("", args);
    }

    /** Runs a command that reads a text; the exit code. */
    int runOn(String in, Object... args) {
        return runOn(in.getBytes(StandardCharsets.UTF_8), args);
    }

    int runOn(byte[] in, Object... args) {
        var outText = new StringWriter();
        var errText = new StringWriter();
        String[] texts = new String[args.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = args[i].toString();
        }
        int code = Main.run(texts, new ByteArrayInputStream(in), new PrintWriter(outText), new PrintWriter(errText));
        out = outText.toString();
        err = errText.toString();
        return code;
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    Path write(String name, String text) throws IOException {
        return Files.writeString(path(name), text);
    }

    /** An Elman language model as PyTorch would save it, random. */
    Path source() throws IOException {
        var random = new SplittableRandom(11);
        var writer = new SafetensorsWriter();
        add(writer, random, "embedding.weight", VOCABULARY, INPUT);
        add(writer, random, "rnn.weight_ih_l0", HIDDEN, INPUT);
        add(writer, random, "rnn.weight_hh_l0", HIDDEN, HIDDEN);
        add(writer, random, "rnn.bias_ih_l0", HIDDEN);
        add(writer, random, "rnn.bias_hh_l0", HIDDEN);
        add(writer, random, "decoder.weight", VOCABULARY, HIDDEN);
        add(writer, random, "decoder.bias", VOCABULARY);
        writer.write(path("source.safetensors"));
        return path("source.safetensors");
    }

    private static void add(SafetensorsWriter writer, SplittableRandom random, String name, Integer... shape) {
        int count = 1;
        for (int dim : shape) {
            count *= dim;
        }
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(-1.5, 1.5);
        }
        writer.floats(name, List.of(shape), values);
    }

    Path config() throws IOException {
        return write("config.json", """
            {
              "architecture": "language-model",
              "cell": "elman",
              "embedding": "embedding.weight",
              "parameters": "pytorch",
              "recurrent": "rnn",
              "output": {"weight": "decoder.weight", "bias": "decoder.bias"},
              "segmentation": "characters",
              "vocabulary": ["\\n", " ", "a", "b", "c", "d", "é"]
            }
            """);
    }

    /** The model above, converted. */
    Path languageModel() throws IOException {
        Path model = path("model.rondo");
        int code = run("convert", source(), "-o", model, "--config", config());
        if (code != 0) {
            throw new AssertionError(err);
        }
        return model;
    }

    /** Three inputs, four hidden units, two outputs: 26 parameters. No task. */
    Path perceptron() throws IOException {
        var f = Function.builder("apply");
        Value x = f.input("x", ElementType.F32, "B", 3);
        Value hidden = f.activate(Activation.SIGMOID, f.linear(x, f.weight("w1", 4, 3), f.weight("b1", 4)));
        Value y = f.linear(hidden, f.weight("w2", 2, 4), f.weight("b2", 2));
        f.output(y);
        Path path = path("perceptron.rondo");
        new RondoFileWriter()
                .function(FunctionCodec.encode(f.build()))
                .tensor("w1", Encoding.F32, new Layout.Rows(), List.of(4, 3), () -> new float[12])
                .tensor("b1", Encoding.F32, new Layout.Rows(), List.of(4), () -> new float[4])
                .tensor("w2", Encoding.F32, new Layout.Rows(), List.of(2, 4), () ->
                        new float[] {1, 1, 1, 1, 2, 2, 2, 2})
                .tensor("b2", Encoding.F32, new Layout.Rows(), List.of(2), () -> new float[] {0.5f, -1})
                .write(path);
        return path;
    }
}
