package dev.rondo.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.convert.ConversionRequest.Tolerance;
import dev.rondo.error.RondoException;
import dev.rondo.format.ReferenceCase;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Function;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every type of layer of a configuration: what PyTorch computes with it, and configurations that are wrong. */
class LayerVocabularyTest {
    private static final Tolerance TOLERANCE = new Tolerance(1e-5, 1e-5);

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "layers_blocks, sequence",
        "layers_attention, sequence",
        "layers_cells, hyper0 sequence",
        "layers_points, predict",
        "layers_repeat, predict",
        "classifier_images, predict",
        "classifier_ends, sequence",
        "tagger_spelled, sequence chain chain_forward chain_backward marginals",
        "tagger_borders, sequence step chain chain_forward chain_backward marginals"
    })
    void computesWhatPytorchComputes(String name, String functions) throws IOException {
        var files = new ArrayList<ConversionRequest.Io>();
        for (String io : List.of("io.safetensors", "io2.safetensors")) {
            Path file = PytorchCases.file(name, io);
            if (Files.exists(file)) {
                files.add(new ConversionRequest.Io(Optional.empty(), file));
            }
        }
        ConversionReport report = Conversion.convert(
                request(name).withConfig(PytorchCases.file(name, "config.json")).withIo(files, TOLERANCE));
        assertEquals(
                List.of(functions.split(" ")),
                report.functions().stream().map(Function::name).toList());
        List<ReferenceCase> references = PytorchCases.verify(out());
        assertEquals(files.size(), references.size());
    }

    private static ConversionRequest request(String name, Path out) {
        return ConversionRequest.of(PytorchCases.file(name, "model.safetensors"), out);
    }

    private ConversionRequest request(String name) {
        return request(name, out());
    }

    private Path out() {
        return folder.resolve("out.rondo");
    }
}
