package dev.rondo.bench;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.architecture.seq2seq.Attention;
import dev.rondo.architecture.seq2seq.Bridge;
import dev.rondo.architecture.seq2seq.Connection;
import dev.rondo.architecture.seq2seq.Context;
import dev.rondo.architecture.seq2seq.Decoder;
import dev.rondo.architecture.seq2seq.Embedding;
import dev.rondo.architecture.seq2seq.Encoder;
import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.EncoderDecoderGraph;
import dev.rondo.architecture.seq2seq.Projection;
import dev.rondo.architecture.seq2seq.Readout;
import dev.rondo.architecture.seq2seq.Summary;
import dev.rondo.format.Encoding;
import dev.rondo.format.Normalisation;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Activation;
import dev.rondo.graph.FunctionCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A translation model of the size of one that is trained on Multi30k, with weights that mean nothing: a step takes as long. What it
 * writes ends where the search makes it end.
 *
 * @param words     of either side, special ones included
 * @param embedding size of a word's vector
 * @param hidden    units of a direction of the encoder, of the decoder and of the attention
 */
record RandomTranslationModel(int words, int embedding, int hidden) {
    /** As the trained one. */
    static final RandomTranslationModel MULTI30K = new RandomTranslationModel(7000, 256, 320);

    private static final SpecialIds SPECIAL = new SpecialIds(0, 1, 2, 3);
    private static final long SEED = 20261121;
    /** Of logits: as far apart as those of a trained model, about. */
    private static final float OUTPUT_SCALE = 6;

    EncoderDecoder architecture() {
        Cell cell = new Cell.Gru(true);
        var encoder = new Encoder.Recurrent(
                new Embedding("source.embedding", words, embedding),
                cell,
                List.of(new Encoder.Layer(
                        RecurrentParameters.of("encoder.forward", cell, embedding, hidden),
                        Optional.of(RecurrentParameters.of("encoder.backward", cell, embedding, hidden)),
                        Optional.empty())),
                Connection.NONE);
        var score = new Attention.Score.Additive(
                Projection.of("attention.query", hidden, hidden),
                Projection.unbiased("attention.keys", 2 * hidden, hidden),
                "attention.vector");
        var readout = new Readout(
                List.of(Readout.Part.STATE, Readout.Part.CONTEXT, Readout.Part.EMBEDDING),
                Optional.of(Projection.of("readout", 3 * hidden + embedding, embedding)),
                Activation.TANH);
        return new EncoderDecoder(
                encoder,
                new Bridge.Projected(
                        Summary.MEAN, List.of(Projection.of("bridge", 2 * hidden, hidden)), List.of(), Activation.TANH),
                new Decoder(
                        new Embedding("target.embedding", words, embedding),
                        cell,
                        List.of(RecurrentParameters.of("decoder.first", cell, embedding, hidden)),
                        Optional.of(RecurrentParameters.of("decoder.second", cell, 2 * hidden, hidden)),
                        Connection.NONE,
                        new Context.Attended(new Attention(score, 1, Attention.Query.BETWEEN)),
                        false,
                        readout,
                        Projection.of("output", embedding, words)));
    }

    /** @param source words of the source to know, the first ones of all that are different */
    void write(Path path, Stream<String> source) throws IOException {
        var graph = new EncoderDecoderGraph(architecture());
        var writer = new RondoFileWriter()
                .metadata("task", EncoderDecoder.TASK)
                .text(pipeline("source", source))
                .text(pipeline("target", Stream.empty()))
                .function(FunctionCodec.encode(graph.encode()))
                .function(FunctionCodec.encode(graph.step()));
        int index = 0;
        for (Parameter parameter : architecture().parameters()) {
            long seed = SEED + index++;
            writer.tensor(
                    parameter.name(),
                    Encoding.F32,
                    parameter.layout(),
                    parameter.shape(),
                    () -> values(parameter, seed));
        }
        writer.write(path);
    }

    private TextPipeline pipeline(String name, Stream<String> known) {
        List<String> vocabulary = Stream.of(
                        Stream.of("<unk>", "<s>", "</s>", "<pad>"),
                        known,
                        IntStream.range(0, words).mapToObj(i -> "w" + i))
                .flatMap(s -> s)
                .distinct()
                .limit(words)
                .toList();
        return new TextPipeline(name, Normalisation.NONE, Segmentation.WORDS, vocabulary, List.of(), SPECIAL);
    }

    private static float[] values(Parameter parameter, long seed) {
        int count = parameter.shape().stream().reduce(1, Math::multiplyExact);
        int fanIn = parameter.shape().getLast();
        float range = switch (parameter.role()) {
            case EMBEDDING, VECTOR -> 1;
            case OUTPUT -> OUTPUT_SCALE / (float) Math.sqrt(fanIn);
            case WEIGHT_INPUT, WEIGHT_HIDDEN, LINEAR, PROJECTION, CONVOLUTION -> (float) (1.7 / Math.sqrt(fanIn));
            case BIAS, HIDDEN_BIAS, PEEPHOLES, OUTPUT_BIAS -> 0.1f;
        };
        return CellWeights.uniform(new Random(seed), count, range);
    }
}
