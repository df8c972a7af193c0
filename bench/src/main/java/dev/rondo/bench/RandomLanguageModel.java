package dev.rondo.bench;

import dev.rondo.LanguageModel;
import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.Normalisation;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A character model of a usual size with weights that mean nothing: it takes as long as a trained one. */
final class RandomLanguageModel {
    private static final int SYMBOLS = 65;
    private static final int EMBEDDING = 128;
    private static final int HIDDEN = 512;
    private static final int GATES = 4;

    private final Random random = new Random(1);
    private final RondoFileWriter writer = new RondoFileWriter();

    private RandomLanguageModel() {}

    /** Writes Embedding(65, 128), LSTM(128, 512), Linear(512, 65), with bf16 matrices. */
    static void write(Path path) throws IOException {
        new RandomLanguageModel().build().write(path);
    }

    private RondoFileWriter build() {
        // A line break and what follows the space in ASCII.
        List<String> vocabulary = Stream.concat(
                        Stream.of("\n"), IntStream.range(0, SYMBOLS - 1).mapToObj(i -> Character.toString(' ' + i)))
                .toList();
        writer.metadata("task", LanguageModel.TASK);
        writer.text(new TextPipeline(
                "text", Normalisation.NONE, Segmentation.CHARACTERS, vocabulary, List.of(), SpecialIds.NONE));
        writer.function(FunctionCodec.encode(step()));
        var rows = new Layout.Rows();
        var gates = new Layout.Panels(GATES);
        weight("embedding", Encoding.BF16, rows, SYMBOLS, EMBEDDING);
        weight("U", Encoding.BF16, gates, GATES * HIDDEN, HIDDEN);
        weight("W", Encoding.BF16, gates, GATES * HIDDEN, EMBEDDING);
        weight("b", Encoding.F32, rows, GATES * HIDDEN);
        weight("out", Encoding.BF16, new Layout.Panels(1), SYMBOLS, HIDDEN);
        weight("out_bias", Encoding.F32, rows, SYMBOLS);
        return writer;
    }

    private void weight(String name, Encoding encoding, Layout layout, Integer... shape) {
        int count = Stream.of(shape).reduce(1, Math::multiplyExact);
        float limit = (float) (1 / Math.sqrt(HIDDEN));
        writer.tensor(name, encoding, layout, List.of(shape), () -> CellWeights.uniform(random, count, limit));
    }

    private static Function step() {
        FunctionBuilder f = Function.builder("step");
        Value token = f.input("token", ElementType.I32, "B");
        Value h = f.state("h", "B", HIDDEN);
        Value c = f.state("c", "B", HIDDEN);
        List<Value> next = f.addAll(
                new Recurrent.LstmCell(LstmActivations.STANDARD),
                List.of("h_next", "c_next"),
                List.of(
                        f.gather(f.weight("embedding", SYMBOLS, EMBEDDING), token),
                        h,
                        c,
                        f.weight("U", GATES * HIDDEN, HIDDEN),
                        f.weight("W", GATES * HIDDEN, EMBEDDING),
                        f.weight("b", GATES * HIDDEN),
                        Value.ABSENT,
                        Value.ABSENT));
        f.next(h, next.get(0));
        f.next(c, next.get(1));
        f.output(f.add(
                "logits",
                new Contraction.Linear(),
                next.get(0),
                f.weight("out", SYMBOLS, HIDDEN),
                f.weight("out_bias", SYMBOLS)));
        return f.build();
    }
}
