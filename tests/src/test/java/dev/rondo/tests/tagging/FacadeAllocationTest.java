package dev.rondo.tests.tagging;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.rondo.Model;
import dev.rondo.architecture.chain.Chain;
import dev.rondo.architecture.chain.ChainGraph;
import dev.rondo.classification.Classifier;
import dev.rondo.classification.ClassifierSession;
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
import dev.rondo.tagging.Tagger;
import dev.rondo.tagging.TaggerSession;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Known words and ids are tagged and classified without a byte of garbage; Viterbi's path too. */
@Tag("allocation")
class FacadeAllocationTest {
    private static final int RUNS = 5_000;
    private static final long PATIENCE = 20_000_000_000L;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final String TAGGER = """
        function sequence(tokens: i32[B,T], lengths: i32[B]) -> logits {
            weight table: f32[50,16]
            weight u: f32[64,16]
            weight w: f32[64,16]
            weight out: f32[8,16]
            x = gather(@table, tokens)
            y, h, c = lstm(x, @u, weight_input=@w, lengths=lengths)
            logits = linear(y, @out)
        }
        """;

    private static final String CLASSIFIER = """
        function sequence(tokens: i32[B,T], lengths: i32[B]) -> probs {
            weight table: f32[50,16]
            weight u: f32[64,16]
            weight w: f32[64,16]
            weight out: f32[8,16]
            x = gather(@table, tokens)
            y, h, c = lstm(x, @u, weight_input=@w, lengths=lengths)
            pooled = pool_time(y, lengths=lengths, pooling=mean)
            logits = linear(pooled, @out)
            probs = softmax(logits)
        }
        """;

    @TempDir
    Path folder;

    private Model model(String task, String text, boolean chain) throws IOException {
        var functions = new ArrayList<>(GraphTextParser.parse(text));
        if (chain) {
            functions.add(new ChainGraph(Chain.of(8)).chain());
        }
        List<String> words = IntStream.range(0, 50).mapToObj(i -> "w" + i).toList();
        var writer = new RondoFileWriter()
                .metadata("task", task)
                .text(new TextPipeline(
                        "words",
                        Normalisation.NONE,
                        Segmentation.WORDS,
                        words,
                        List.of(),
                        new SpecialIds(0, -1, -1, -1)));
        var random = new SplittableRandom(2);
        var written = new HashSet<String>();
        for (Function function : functions) {
            writer.function(FunctionCodec.encode(function));
            function.weights().stream().filter(w -> written.add(w.tensorName())).forEach(weight -> {
                List<Integer> shape =
                        weight.type().dims().stream().map(d -> (int) d.fixed()).toList();
                var values = new float[shape.stream().reduce(1, (a, b) -> a * b)];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) random.nextDouble(-1, 1);
                }
                writer.tensor(weight.tensorName(), Encoding.F32, new Layout.Rows(), shape, () -> values);
            });
        }
        Path file = folder.resolve(task + chain + ".rondo");
        writer.write(file);
        return Model.load(file);
    }

    /** Runs until a whole round allocates nothing. */
    private static void assertAllocatesNothing(String what, Runnable run) {
        long allocated = -1;
        long end = System.nanoTime() + PATIENCE;
        while (allocated != 0 && System.nanoTime() < end) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < RUNS; i++) {
                run.run();
            }
            allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        }
        assertEquals(0, allocated, what + ": bytes in " + RUNS + " runs");
    }

    @Test
    void tagging() throws IOException {
        List<List<String>> sentences =
                List.of(List.of("w1", "w7", "w3"), List.of("w2"), List.of("w9", "zzz", "w4", "w5"));
        int[][] ids = {{1, 7, 3}, {2}, {9, 0, 4, 5}};
        int[] tags = new int[4];
        for (boolean chain : new boolean[] {false, true}) {
            try (Model model = model("tagger", TAGGER, chain)) {
                TaggerSession session = Tagger.of(model).session();
                assertAllocatesNothing("words, chain " + chain, () -> {
                    for (int i = 0; i < 3; i++) {
                        session.tag(sentences.get(i), tags);
                    }
                });
                assertAllocatesNothing("ids, chain " + chain, () -> {
                    for (int[] sentence : ids) {
                        session.tag(sentence, sentence.length, tags);
                    }
                });
            }
        }
    }

    @Test
    void classifying() throws IOException {
        int[][] ids = {{1, 7, 3}, {2}, {9, 0, 4, 5}, {}};
        float[] probabilities = new float[8];
        try (Model model = model("classifier", CLASSIFIER, false)) {
            ClassifierSession session = Classifier.of(model).session();
            assertAllocatesNothing("ids", () -> {
                for (int[] text : ids) {
                    session.classify(text, text.length, probabilities);
                }
            });
        }
    }
}
