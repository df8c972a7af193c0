package dev.rondo.bench;

import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.EncoderDecoderGraph;
import dev.rondo.format.Encoding;
import dev.rondo.format.Normalisation;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.FunctionCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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

    /** @param source words of the source to know, the first ones of all that are different */
    void write(Path path, Stream<String> source) throws IOException {
        EncoderDecoder network = new ConditionalGru(words, embedding, hidden, 1, false).architecture();
        var graph = new EncoderDecoderGraph(network);
        var writer = new RondoFileWriter()
                .metadata("task", EncoderDecoder.TASK)
                .text(pipeline("source", source))
                .text(pipeline("target", Stream.empty()))
                .function(FunctionCodec.encode(graph.encode()))
                .function(FunctionCodec.encode(graph.step()));
        int index = 0;
        for (Parameter parameter : network.parameters()) {
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
            case EMBEDDING, VECTOR, GAIN, STATISTIC -> 1;
            case OUTPUT -> OUTPUT_SCALE / (float) Math.sqrt(fanIn);
            case WEIGHT_INPUT, WEIGHT_HIDDEN, LINEAR, PROJECTION, CONVOLUTION -> (float) (1.7 / Math.sqrt(fanIn));
            case BIAS, HIDDEN_BIAS, PEEPHOLES, OUTPUT_BIAS -> 0.1f;
        };
        return CellWeights.uniform(new Random(seed), count, range);
    }
}
