package dev.rondo.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.convert.ConversionRequest.Tolerance;
import dev.rondo.convert.safetensors.SafetensorsFile;
import dev.rondo.convert.safetensors.SafetensorsTensor;
import dev.rondo.convert.safetensors.SafetensorsWriter;
import dev.rondo.format.Encoding;
import dev.rondo.format.ReferenceCase;
import dev.rondo.verify.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What PyTorch computed with its own encoder-decoders is what the converted functions compute. */
class EncoderDecoderTest {
    private static final String MODEL = "model.safetensors";
    private static final Tolerance TOLERANCE = new Tolerance(1e-5, 1e-4);

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "attn_dot, memory;h0, logits;attention",
        "attn_seq2seq_bahdanau, memory;h0, logits;attention",
        "attn_seq2seq_luong_general, memory;h0;h1;c0;c1, logits;attention",
        "seq2seq_last, h0;h1;c0;c1, logits",
        "seq2seq_every, context;h0, logits",
        "seq2seq_both, context;h0, logits",
        "seq2seq_lowrank, memory;h0;h1;c0;c1, logits;attention",
        "seq2seq_conditional, memory;h0, logits;attention",
        "seq2seq_deep, memory;h0;h1;h2;h3;c0;c1;c2;c3, logits;attention",
        "seq2seq_heads, h0, logits;attention",
        "seq2seq_joint, memory;h0;h1, logits;attention",
        "seq2seq_pointer, memory;h0, logits;attention",
        "seq2seq_copy, memory;h0;c0, logits;attention"
    })
    void computesWhatPytorchDoes(String name, String states, String outputs) throws IOException {
        ConversionReport report = convert(name);
        assertEquals(2, report.references().size());
        List<ReferenceCase> references = PytorchCases.verify(report.output());
        assertEquals("encode", references.getFirst().function());
        assertEquals("step", references.get(1).function());
        assertEquals(
                sorted(states),
                references.getFirst().outputs().keySet().stream().sorted().toList());
        assertEquals(
                sorted(outputs),
                references.get(1).outputs().keySet().stream().sorted().toList());
    }

    /** The comparison can fail: what fits in shape and is in the wrong order is seen. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        attn_dot|["context", "state"]|["state", "context"]
        attn_dot|"tanh"|"relu"
        attn_dot|"score": "dot"|"score": "scaled_dot"
        seq2seq_lowrank|"last_of_layer"|"last"
        seq2seq_conditional|"mean"|"max"
        seq2seq_deep|"residual"|"none"
        seq2seq_heads|"heads": 3|"heads": 2
        seq2seq_pointer|"relu"|"tanh"
        """)
    void aWrongDecisionIsSeen(String name, String right, String wrong) throws IOException {
        String text = Files.readString(PytorchCases.file(name, "config.json"));
        Path config = folder.resolve("config.json");
        Files.writeString(config, text.replace(right, wrong));
        ConversionReport report = convert(name, config);
        try (Model model = Model.load(report.output())) {
            boolean holds = model.references().stream()
                    .allMatch(r -> Verification.of(model, Model.Kernel.PLAIN, r).holds());
            assertEquals(!text.contains(right), holds, name + ": " + right + " to " + wrong);
        }
    }

    /** Columns of the first layer in another order, gates in another order, and the other convention of z, all at once. */
    @Test
    void gatesAndColumns() throws IOException {
        Path source = folder.resolve("model.safetensors");
        var writer = new SafetensorsWriter();
        try (SafetensorsFile file = SafetensorsFile.open(PytorchCases.file("seq2seq_every", MODEL))) {
            for (SafetensorsTensor tensor : file.tensors().values()) {
                float[] values = tensor.toFloats();
                if (tensor.name().startsWith("decoder.")) {
                    int block = values.length / 3;
                    float[] changed = new float[values.length];
                    System.arraycopy(values, 0, changed, block, block);
                    for (int i = 0; i < block; i++) {
                        changed[i] = -values[block + i];
                    }
                    System.arraycopy(values, 2 * block, changed, 2 * block, block);
                    values = changed;
                }
                writer.floats(
                        tensor.name(),
                        tensor.shape().stream().map(Math::toIntExact).toList(),
                        values);
            }
        }
        writer.write(source);
        Path config = folder.resolve("config.json");
        Files.writeString(
                config,
                Files.readString(PytorchCases.file("seq2seq_every", "config.json"))
                        .replace("\"prefix\": \"decoder\"", """
                            "gate_order": "zrh", "update_gate": "replaces",
                            "layers": [{"weight_input": "decoder.weight_ih", "weight_hidden": "decoder.weight_hh",
                                        "bias": "decoder.bias_ih", "hidden_bias": "decoder.bias_hh"}]
                            """));
        PytorchCases.verify(convert("seq2seq_every", source, config).output());
    }

    @Test
    void tiedAndSharedTensorsAreStoredOnce() throws IOException {
        List<String> names = convert("seq2seq_copy").tensors().stream()
                .map(ConversionReport.TensorReport::name)
                .toList();
        assertTrue(names.contains("encoder.embedding") && !names.contains("decoder.embedding"), names + "");
        names = convert("seq2seq_conditional").tensors().stream()
                .map(ConversionReport.TensorReport::name)
                .toList();
        assertTrue(names.contains("decoder.embedding") && !names.contains("output.weight"), names + "");
        names = convert("seq2seq_lowrank").tensors().stream()
                .map(ConversionReport.TensorReport::name)
                .toList();
        assertTrue(names.contains("bridge.hidden0.weight") && !names.contains("bridge.hidden1.weight"), names + "");
        names = convert("seq2seq_joint").tensors().stream()
                .map(ConversionReport.TensorReport::name)
                .toList();
        assertTrue(names.contains("attention.query.weight") && !names.contains("attention.joint.weight"), names + "");
    }

    @Test
    void smallerTypes() throws IOException {
        String name = "attn_seq2seq_bahdanau";
        ConversionReport report =
                Conversion.convert(request(name, PytorchCases.file(name, MODEL), PytorchCases.file(name, "config.json"))
                        .withDtype(Encoding.BF16));
        try (Model model = Model.load(report.output())) {
            for (ReferenceCase reference : model.references()) {
                Verification coarse = Verification.of(model, Model.Kernel.BEST, reference);
                assertTrue(
                        coarse.outputs().stream().allMatch(f -> f.absolute() < 0.2 && f.absolute() > 1e-5),
                        coarse.outputs() + "");
            }
        }
    }

    private static List<String> sorted(String names) {
        return List.of(names.split(";")).stream().sorted().toList();
    }

    private ConversionReport convert(String name) throws IOException {
        return convert(name, PytorchCases.file(name, "config.json"));
    }

    private ConversionReport convert(String name, Path config) throws IOException {
        return convert(name, PytorchCases.file(name, MODEL), config);
    }

    private ConversionReport convert(String name, Path source, Path config) throws IOException {
        return Conversion.convert(request(name, source, config));
    }

    private ConversionRequest request(String name, Path source, Path config) {
        return ConversionRequest.of(source, folder.resolve("model.rondo"))
                .withConfig(config)
                .withIo(
                        List.of(new ConversionRequest.Io(Optional.empty(), PytorchCases.file(name, "io.safetensors"))),
                        TOLERANCE);
    }
}
