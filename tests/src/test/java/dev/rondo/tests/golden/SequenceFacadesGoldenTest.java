package dev.rondo.tests.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.classification.Classification;
import dev.rondo.classification.Classifier;
import dev.rondo.classification.ClassifierSession;
import dev.rondo.convert.Conversion;
import dev.rondo.convert.ConversionRequest;
import dev.rondo.tagging.Tagger;
import dev.rondo.tagging.TaggerSession;
import dev.rondo.tests.oracle.NdArray;
import dev.rondo.tests.session.Places;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** PyTorch's tagger and classifier, converted, answer through the faces of taggers and classifiers what they answer there. */
class SequenceFacadesGoldenTest {
    private static final Path CASES = Places.root().resolve("converters/src/test/resources/pytorch/cases");
    private static final double ATOL = 1e-5;
    private static final double RTOL = 1e-4;

    private static final String TAGGER = """
        {"architecture": "tagger", "embedding": "embedding.weight",
         "cell": "lstm", "parameters": "pytorch", "recurrent": "rnn", "bidirectional": true,
         "output": {"prefix": "out"}, VOCABULARY}
        """;

    private static final String CLASSIFIER = """
        {"architecture": "classifier", "embedding": "embedding.weight",
         "cell": "gru", "reset_after": true, "parameters": "pytorch", "recurrent": "rnn",
         "pooling": ["mean", "max"], "hidden": [{"prefix": "fc1", "activation": "relu"}],
         "output": {"prefix": "fc2"}, VOCABULARY}
        """;

    @TempDir
    Path folder;

    private Model convert(String name, String config, int words) throws IOException {
        String vocabulary = words == 0
                ? "\"vocabulary\": \"none\""
                : "\"segmentation\": \"words\", \"padding_token\": \"w0\", \"vocabulary\": "
                        + IntStream.range(0, words)
                                .mapToObj(id -> "\"w" + id + "\"")
                                .collect(Collectors.joining(",", "[", "]"));
        Path json = Files.writeString(folder.resolve("config.json"), config.replace("VOCABULARY", vocabulary));
        Path file = folder.resolve("model.rondo");
        Conversion.convert(ConversionRequest.of(CASES.resolve(name).resolve("model.safetensors"), file)
                .withConfig(json));
        return Model.load(file);
    }

    private static Map<String, NdArray> io(String name) throws IOException {
        return Safetensors.read(Files.readAllBytes(CASES.resolve(name).resolve("io.safetensors")));
    }

    /** The ids of a row up to its length. */
    private static int[] row(Map<String, NdArray> io, int b) {
        int length = (int) io.get("in.lengths").at(b);
        return IntStream.range(0, length)
                .map(t -> (int) io.get("in.ids").at(b, t))
                .toArray();
    }

    private static List<String> words(int[] ids) {
        return IntStream.of(ids).mapToObj(id -> "w" + id).toList();
    }

    private static void near(double wanted, double got, String what) {
        assertEquals(wanted, got, ATOL + RTOL * Math.abs(wanted), what);
    }

    @ParameterizedTest
    @EnumSource
    void tagger(Model.Kernel kernel) throws IOException {
        Map<String, NdArray> io = io("tagger");
        int rows = io.get("in.ids").size(0);
        int k = io.get("out.logits").size(2);
        try (Model model = convert("tagger", TAGGER, 0)) {
            TaggerSession session = Tagger.of(model, kernel).session();
            for (int b = 0; b < rows; b++) {
                int[] ids = row(io, b);
                int[] tags = new int[ids.length];
                session.tag(ids, ids.length, tags);
                MemorySegment logits = session.logits();
                for (int t = 0; t < ids.length; t++) {
                    assertEquals(io.get("out.tags").at(b, t), tags[t]);
                    for (int j = 0; j < k; j++) {
                        near(
                                io.get("out.logits").at(b, t, j),
                                logits.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) t * k + j),
                                "logit " + j + " of place " + t);
                    }
                }
            }
        }
        try (Model model = convert("tagger", TAGGER, 41)) {
            Tagger tagger = Tagger.of(model, kernel);
            List<List<String>> sentences =
                    IntStream.range(0, rows).mapToObj(b -> words(row(io, b))).toList();
            var together = tagger.session(rows, true).tagAll(sentences);
            for (int b = 0; b < rows; b++) {
                for (int t = 0; t < sentences.get(b).size(); t++) {
                    assertEquals(
                            Integer.toString((int) io.get("out.tags").at(b, t)),
                            together.get(b).tags().get(t));
                    int at = b;
                    int place = t;
                    double sum = IntStream.range(0, k)
                            .mapToDouble(j -> Math.exp(io.get("out.logits").at(at, place, j)))
                            .sum();
                    int tag = together.get(b).ids()[t];
                    near(
                            Math.exp(io.get("out.logits").at(b, t, tag)) / sum,
                            together.get(b).probability(t),
                            "probability");
                }
            }
            assertTrue(rows > 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void classifier(Model.Kernel kernel) throws IOException {
        Map<String, NdArray> io = io("classifier");
        int rows = io.get("in.ids").size(0);
        int k = io.get("out.probs").size(1);
        try (Model model = convert("classifier", CLASSIFIER, 33)) {
            Classifier classifier = Classifier.of(model, kernel);
            ClassifierSession session = classifier.session();
            var texts = new ArrayList<String>();
            for (int b = 0; b < rows; b++) {
                int[] ids = row(io, b);
                texts.add(String.join(" ", words(ids)));
                assertArrayEquals(ids, classifier.ids(texts.getLast()));
                float[] p = new float[k];
                assertEquals(io.get("out.class").at(b), session.classify(ids, ids.length, p));
                for (int j = 0; j < k; j++) {
                    near(io.get("out.probs").at(b, j), p[j], "class " + j);
                }
            }
            List<Classification> together = classifier.session(rows).classifyAll(texts);
            for (int b = 0; b < rows; b++) {
                assertEquals(
                        Integer.toString((int) io.get("out.class").at(b)),
                        together.get(b).label());
                near(
                        io.get("out.probs").at(b, together.get(b).id()),
                        together.get(b).probability(),
                        "probability");
            }
        }
    }
}
