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
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A character model with weights that mean nothing: it takes as long as a trained one. */
final class RandomLanguageModel {
    private static final int GATES = 4;

    private RandomLanguageModel() {}

    /** Writes Embedding(65, 128), LSTM(128, 512), Linear(512, 65), with bf16 matrices. */
    static void write(Path path) throws IOException {
        write(path, Text.ALL.getFirst(), Encoding.BF16);
    }

    /** Writes the model of a text, with its matrices in that encoding. */
    static void write(Path path, Text text, Encoding encoding) throws IOException {
        // A line break and what follows the space in ASCII.
        List<String> vocabulary = Stream.concat(
                        Stream.of("\n"),
                        IntStream.range(0, text.symbols() - 1).mapToObj(i -> Character.toString(' ' + i)))
                .toList();
        CellWeights lstm = text.lstm();
        int rows = GATES * text.hidden();
        var gates = new Layout.Panels(GATES);
        new RondoFileWriter()
                .metadata("task", LanguageModel.TASK)
                .text(new TextPipeline(
                        "text", Normalisation.NONE, Segmentation.CHARACTERS, vocabulary, List.of(), SpecialIds.NONE))
                .function(FunctionCodec.encode(step(text)))
                .tensor(
                        "embedding",
                        encoding,
                        new Layout.Rows(),
                        List.of(text.symbols(), text.embedding()),
                        text::table)
                .tensor("U", encoding, gates, List.of(rows, text.hidden()), lstm::hidden)
                .tensor("W", encoding, gates, List.of(rows, text.embedding()), lstm::input)
                .tensor("b", Encoding.F32, new Layout.Rows(), List.of(rows), lstm::bias)
                .tensor("out", encoding, new Layout.Panels(1), List.of(text.symbols(), text.hidden()), text::out)
                .tensor("out_bias", Encoding.F32, new Layout.Rows(), List.of(text.symbols()), text::bias)
                .write(path);
    }

    private static Function step(Text text) {
        FunctionBuilder f = Function.builder("step");
        int hidden = text.hidden();
        Value token = f.input("token", ElementType.I32, "B");
        Value h = f.state("h", "B", hidden);
        Value c = f.state("c", "B", hidden);
        List<Value> next = f.addAll(
                new Recurrent.LstmCell(LstmActivations.STANDARD),
                List.of("h_next", "c_next"),
                List.of(
                        f.gather(f.weight("embedding", text.symbols(), text.embedding()), token),
                        h,
                        c,
                        f.weight("U", GATES * hidden, hidden),
                        f.weight("W", GATES * hidden, text.embedding()),
                        f.weight("b", GATES * hidden),
                        Value.ABSENT,
                        Value.ABSENT));
        f.next(h, next.get(0));
        f.next(c, next.get(1));
        f.output(f.add(
                "logits",
                new Contraction.Linear(),
                next.get(0),
                f.weight("out", text.symbols(), hidden),
                f.weight("out_bias", text.symbols())));
        return f.build();
    }
}
