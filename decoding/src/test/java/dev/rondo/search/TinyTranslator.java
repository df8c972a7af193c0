package dev.rondo.search;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Port;
import dev.rondo.Session;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.graph.GraphTextParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A GRU that reads and one that writes, with attention, and random weights; sentences may be of different lengths. */
public final class TinyTranslator {
    public static final int TOKENS = 300;
    public static final int BEGIN = 1;
    public static final int END = 2;

    private static final String ENCODE = """
        function encode(source: i32[B,S], source_lengths: i32[B]) {
            state memory: f32[B,S,12] <- memory_next
            state valid: bool[B,S] <- valid_next
            state h: f32[ROWS,12] <- h_next
            weight table: f32[300,8]
            weight w: f32[36,8]
            weight u: f32[36,12]
            weight b: f32[36]
            weight bn: f32[12]
            x = gather(@table, source)
            memory_next, last = gru(x, @u, weight_input=@w, bias=@b, hidden_bias=@bn, lengths=source_lengths,
                reset_after=true)
            valid_next = length_mask(source_lengths, size=S)
            row = reshape(last, shape=[B,1,12])
            wide = expand(row, shape=[B,EACH,12])
            h_next = reshape(wide, shape=[ROWS,12])
        }
        """;

    private static final String STEP = """
        function step(token: i32[ROWS]) -> logits, attention {
            state memory: f32[B,S,12]
            state valid: bool[B,S]
            state h: f32[ROWS,12] <- h_next
            weight table: f32[300,8]
            weight ws: f32[36,20]
            weight us: f32[36,12]
            weight bs: f32[36]
            weight bsn: f32[12]
            weight out: f32[300,24]
            weight out_bias: f32[300]
            word = gather(@table, token)
            query = reshape(h, shape=[B,EACH,12])
            mask = reshape(valid, shape=[B,1,S])
            context_row, weights = attention(query, memory, memory, mask=mask)
            context = reshape(context_row, shape=[ROWS,12])
            attention = reshape(weights, shape=[ROWS,S])
            x = concat(word, context, axis=1)
            h_next = gru_cell(x, h, @us, weight_input=@ws, bias=@bs, hidden_bias=@bsn, reset_after=true)
            seen = concat(h_next, context, axis=1)
            logits = linear(seen, @out, bias=@out_bias)
        }
        """;

    private TinyTranslator() {}

    /** @param shared whether hypotheses share the memory of their sentence: rows B·K; else all states have rows B */
    static Model load(boolean shared) {
        return load(shared, new RondoFileWriter());
    }

    /** With what the writer has already. */
    public static Model load(boolean shared, RondoFileWriter writer) {
        Map<String, Function> functions = new LinkedHashMap<>();
        for (String text : List.of(ENCODE, STEP)) {
            GraphTextParser.parse(text.replace("ROWS", shared ? "B*K" : "B").replace("EACH", shared ? "K" : "1"))
                    .forEach(f -> functions.put(f.name(), f));
        }
        functions.values().forEach(f -> writer.function(FunctionCodec.encode(f)));
        var random = new SplittableRandom(3);
        var written = new LinkedHashMap<String, float[]>();
        for (Function function : functions.values()) {
            function.weights()
                    .forEach(weight -> written.computeIfAbsent(weight.tensorName(), name -> {
                        List<Integer> shape = weight.type().dims().stream()
                                .map(d -> (int) d.fixed())
                                .toList();
                        var values = new float[shape.stream().reduce(1, (a, b) -> a * b)];
                        for (int i = 0; i < values.length; i++) {
                            values[i] = (float) random.nextDouble(-1, 1);
                        }
                        if (name.equals("out_bias")) {
                            // Sentences do end.
                            values[END] += 5.5f;
                            values[0] += 5;
                        }
                        writer.tensor(name, Encoding.F32, new Layout.Rows(), shape, () -> values);
                        return values;
                    }));
        }
        try {
            Path path = Files.createTempFile("translator", ".rondo");
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

    static Session session(Model model, Model.Kernel kernel, boolean shared, int sentences, int beam) {
        Capacity capacity = shared
                ? Capacity.of("B", sentences).and("K", beam).and("S", 9)
                : Capacity.of("B", sentences * beam).and("S", 9);
        return model.session(capacity, kernel);
    }

    /** Reads sources, and is ready to be searched. */
    static void encode(Session session, int[]... sources) {
        int longest = 0;
        for (int[] source : sources) {
            longest = Math.max(longest, source.length);
        }
        session.size("B", sources.length).size("S", longest);
        if (session.model().function("encode").dimensionNames().contains("K")) {
            session.size("K", 1);
        }
        Call encode = session.call("encode");
        Port source = encode.input("source");
        Port lengths = encode.input("source_lengths");
        for (int i = 0; i < sources.length; i++) {
            for (int j = 0; j < longest; j++) {
                source.set(i * longest + j, j < sources[i].length ? (long) sources[i][j] : 0L);
            }
            lengths.set(i, (long) sources[i].length);
        }
        encode.run();
    }

    static int[][] sources(int count) {
        var random = new SplittableRandom(5);
        var sources = new int[count][];
        for (int i = 0; i < count; i++) {
            sources[i] = new int[1 + random.nextInt(9)];
            for (int j = 0; j < sources[i].length; j++) {
                sources[i][j] = 3 + random.nextInt(TOKENS - 3);
            }
        }
        return sources;
    }
}
