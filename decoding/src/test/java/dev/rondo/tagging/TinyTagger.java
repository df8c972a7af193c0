package dev.rondo.tagging;

import dev.rondo.Model;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.Normalisation;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.graph.GraphTextParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Small models with random weights that read sequences, made of graph text. */
public final class TinyTagger {
    /** A GRU in both directions over words: 3 tags. */
    public static final String WORDS = """
        function sequence(tokens: i32[B,T], lengths: i32[B]) -> logits {
            weight table: f32[7,4]
            weight u: f32[15,5]
            weight w: f32[15,4]
            weight ub: f32[15,5]
            weight wb: f32[15,4]
            weight out: f32[3,10]
            x = gather(@table, tokens)
            f, fh = gru(x, @u, weight_input=@w, reset_after=false, lengths=lengths)
            b, bh = gru(x, @ub, weight_input=@wb, reset_after=false, lengths=lengths, reverse=true)
            y = concat(f, b, axis=2)
            logits = linear(y, @out)
        }
        """;

    /** Words and the mean of their characters. */
    public static final String CHARACTERS = """
        function sequence(tokens: i32[B,T], lengths: i32[B], characters: i32[B,T,C], character_lengths: i32[B,T]) -> logits {
            weight table: f32[7,4]
            weight letters: f32[6,4]
            weight u: f32[15,5]
            weight w: f32[15,8]
            weight out: f32[3,5]
            x = gather(@table, tokens)
            c = gather(@letters, characters)
            rows = reshape(c, shape=[B*T,C,4])
            sizes = reshape(character_lengths, shape=[B*T])
            pooled = pool_time(rows, lengths=sizes, pooling=mean)
            words = reshape(pooled, shape=[B,T,4])
            both = concat(x, words, axis=2)
            f, fh = gru(both, @u, weight_input=@w, reset_after=false, lengths=lengths)
            logits = linear(f, @out)
        }
        """;

    /** A chain of 3 tags, as a file tells it. */
    public static final String CHAIN = """
        function chain() -> start, transitions, end {
            weight s: f32[3]
            weight t: f32[3,3]
            weight e: f32[3]
            start = reshape(@s, shape=[3])
            transitions = reshape(@t, shape=[3,3])
            end = reshape(@e, shape=[3])
        }
        """;

    /** Anything that has the form of posterior probabilities. */
    public static final String MARGINALS = """
        function marginals(logits: f32[B,T,3], lengths: i32[B]) -> marginals {
            valid = length_mask(lengths, size=T)
            mask = reshape(valid, shape=[B,T,1])
            marginals = softmax(logits, mask=mask)
        }
        """;

    private TinyTagger() {}

    /** A writer with a task and pipelines of words, characters and labels; each may be left out. */
    public static RondoFileWriter writer(String task, String... pipelines) {
        var writer = new RondoFileWriter().metadata("task", task);
        for (String name : pipelines) {
            writer.text(
                    switch (name) {
                        case "characters" ->
                            pipeline(name, Segmentation.CHARACTERS, 0, "<unk>", "a", "b", "c", "d", "e");
                        case "labels" -> pipeline(name, Segmentation.WORDS, -1, "X", "Y", "Z");
                        default ->
                            pipeline(name, Segmentation.WORDS, 0, "<unk>", "a", "be", "cad", "dead", "##ad", "##^e");
                    });
        }
        return writer;
    }

    /** A pipeline. */
    public static TextPipeline pipeline(String name, Segmentation unit, int unknown, String... tokens) {
        return new TextPipeline(
                name, Normalisation.NONE, unit, List.of(tokens), List.of(), new SpecialIds(unknown, -1, -1, -1));
    }

    /** The model of a writer, with functions of graph text and random weights. */
    public static Model load(RondoFileWriter writer, String... functions) {
        Set<String> written = new HashSet<>();
        var random = new SplittableRandom(5);
        for (String text : functions) {
            for (Function function : GraphTextParser.parse(text)) {
                writer.function(FunctionCodec.encode(function));
                function.weights().stream()
                        .filter(w -> written.add(w.tensorName()))
                        .forEach(weight -> {
                            List<Integer> shape = weight.type().dims().stream()
                                    .map(d -> (int) d.fixed())
                                    .toList();
                            var values = new float[shape.stream().reduce(1, (a, b) -> a * b)];
                            for (int i = 0; i < values.length; i++) {
                                values[i] = (float) random.nextDouble(-2, 2);
                            }
                            writer.tensor(weight.tensorName(), Encoding.F32, new Layout.Rows(), shape, () -> values);
                        });
            }
        }
        try {
            Path path = Files.createTempFile("tagger", ".rondo");
            try {
                writer.write(path);
                return Model.load(path);
            } finally {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
