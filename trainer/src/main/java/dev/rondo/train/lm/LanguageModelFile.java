package dev.rondo.train.lm;

import dev.rondo.LanguageModel;
import dev.rondo.architecture.LanguageModelArchitecture;
import dev.rondo.architecture.LanguageModelGraph;
import dev.rondo.architecture.Parameter;
import dev.rondo.format.Encoding;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.train.ParameterStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes language models to files. */
public final class LanguageModelFile {
    private LanguageModelFile() {}

    /**
     * Writes a model with the functions {@code step}, {@code sequence} and {@code log_probs}.
     *
     * @param parameters of the architecture, under its names
     * @param encoding   of the matrices; vectors are f32
     * @param metadata   what else it says about itself
     * @throws IOException when the file cannot be written
     */
    public static void write(
            Path path,
            LanguageModelArchitecture architecture,
            ParameterStore parameters,
            TextPipeline text,
            Encoding encoding,
            Map<String, String> metadata)
            throws IOException {
        write(path, functions(architecture), architecture.parameters(), parameters, text, encoding, metadata);
    }

    static List<Function> functions(LanguageModelArchitecture architecture) {
        var graph = new LanguageModelGraph(architecture);
        return List.of(graph.step(), graph.sequence(), graph.logProbs());
    }

    /** Any functions of a language model. */
    static void write(
            Path path,
            List<Function> functions,
            List<Parameter> tensors,
            ParameterStore parameters,
            TextPipeline text,
            Encoding encoding,
            Map<String, String> metadata)
            throws IOException {
        var writer = new RondoFileWriter();
        writer.metadata("task", LanguageModel.TASK);
        metadata.forEach(writer::metadata);
        writer.text(text);
        for (Function function : functions) {
            writer.function(FunctionCodec.encode(function));
        }
        for (Parameter parameter : tensors) {
            writer.tensor(
                    parameter.name(),
                    parameter.role().isMatrix() ? encoding : Encoding.F32,
                    parameter.layout(),
                    parameter.shape(),
                    () -> parameters.get(parameter.name()));
        }
        writer.write(path);
    }
}
