package dev.rondo.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.convert.ConversionRequest.Tolerance;
import dev.rondo.format.ReferenceCase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What PyTorch computed with its own encoder-decoders is what the converted functions compute. */
class EncoderDecoderTest {
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
        assertEquals(sorted(states), references.getFirst().outputs().keySet().stream().sorted().toList());
        assertEquals(sorted(outputs), references.get(1).outputs().keySet().stream().sorted().toList());
    }

    private static List<String> sorted(String names) {
        return List.of(names.split(";")).stream().sorted().toList();
    }

    private ConversionReport convert(String name) throws IOException {
        return Conversion.convert(
                ConversionRequest.of(PytorchCases.file(name, "model.safetensors"), folder.resolve("model.rondo"))
                        .withConfig(PytorchCases.file(name, "config.json"))
                        .withIo(
                                List.of(new ConversionRequest.Io(
                                        Optional.empty(), PytorchCases.file(name, "io.safetensors"))),
                                TOLERANCE));
    }
}
