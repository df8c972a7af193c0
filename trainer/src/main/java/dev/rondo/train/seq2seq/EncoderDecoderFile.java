package dev.rondo.train.seq2seq;

import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.EncoderDecoderGraph;
import dev.rondo.format.Encoding;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.data.PairVocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Writes encoder-decoders to files. */
public final class EncoderDecoderFile {
    private EncoderDecoderFile() {}

    /**
     * Writes a model with the functions {@code encode} and {@code step}.
     *
     * @param parameters of the architecture, under its names
     * @param pipelines  of source and target
     * @param encoding   of the matrices; vectors are f32
     * @param metadata   what else it says about itself
     * @throws IOException when the file cannot be written
     */
    public static void write(
            Path path,
            EncoderDecoder architecture,
            ParameterStore parameters,
            PairVocabulary.Pipelines pipelines,
            Encoding encoding,
            Map<String, String> metadata)
            throws IOException {
        var writer = new RondoFileWriter();
        writer.metadata("task", EncoderDecoder.TASK);
        metadata.forEach(writer::metadata);
        writer.text(pipelines.source());
        writer.text(pipelines.target());
        var graph = new EncoderDecoderGraph(architecture);
        writer.function(FunctionCodec.encode(graph.encode()));
        writer.function(FunctionCodec.encode(graph.step()));
        for (Parameter parameter : architecture.parameters()) {
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
