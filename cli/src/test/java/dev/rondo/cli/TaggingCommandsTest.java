package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.Normalisation;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.graph.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Taggers and classifiers from the command line. */
class TaggingCommandsTest {
    private static final String TAGGED = """
        the\tD
        can\tN
        rusts\tV

        we\tP
        can\tV
        the\tD
        fish\tN

        we\tP
        walked\tV

        we\tP
        talked\tV
        """;

    @TempDir
    Path folder;

    private Fixture rondo;
    private Path data;
    private Path model;

    @BeforeEach
    void start() throws IOException {
        rondo = new Fixture(folder);
        data = rondo.write("train.tsv", TAGGED);
        model = rondo.path("hmm.rondo");
    }

    private int train(Object... more) {
        var args = new ArrayList<Object>(List.of("train", "hmm", "--data", data, "--out", model));
        Collections.addAll(args, more);
        return rondo.run(args.toArray());
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper().readTree(rondo.out);
    }

    @Test
    void aTaggerIsCountedAndTags() throws IOException {
        assertEquals(0, train("--valid", data), rondo.err);
        assertTrue(rondo.out.contains("sentences   4, 11 tokens"), rondo.out);
        assertTrue(rondo.out.contains("accuracy 100.00 %"), rondo.out);
        assertEquals(0, rondo.runOn("the can rusts\n\n  we   stalked\r\n", "tag", model), rondo.err);
        assertEquals("the_D can_N rusts_V\n\nwe_P stalked_V\n", rondo.out);
        assertEquals(0, rondo.runOn("we can", "tag", model, "--columns"), rondo.err);
        assertEquals("we\tP\ncan\tV\n\n", rondo.out);
        assertEquals(0, rondo.runOn("we can", "tag", model, "--columns", "--scores", "--plain"), rondo.err);
        assertTrue(rondo.out.matches("we\tP\t[01]\\.\\d{4}\ncan\tV\t[01]\\.\\d{4}\n\n"), rondo.out);
        assertEquals(0, rondo.runOn("we can", "tag", model, "--scores"), rondo.err);
        assertTrue(rondo.out.matches("we_P_[01]\\.\\d{4} can_V_[01]\\.\\d{4}\n"), rondo.out);
        assertEquals(0, rondo.runOn("we\nthe can\n", "tag", model, "--json", "--scores"), rondo.err);
        JsonNode second = new ObjectMapper().readTree(rondo.out.lines().toList().get(1));
        assertEquals(2, second.get("line").intValue());
        assertEquals("[\"D\",\"N\"]", second.get("tags").toString());
        assertTrue(second.get("probabilities").get(0).doubleValue() > 0.5);
    }

    @Test
    void conlluAndSeveralFilesAndSettings() throws IOException {
        Path conllu = rondo.write(
                "a.conllu",
                "# text\n"
                        + "1-2\tdella\t_\t_\t_\t_\t_\t_\t_\t_\n"
                        + "1\tdi\tdi\tADP\tE\t_\t_\t_\t_\t_\n"
                        + "2\tla\til\tDET\tRD\t_\t_\t_\t_\t_\n");
        assertEquals(0, rondo.run("train", "hmm", "--data", conllu, conllu, "--out", model, "--json"), rondo.err);
        assertEquals(2, json().get("sentences").intValue());
        assertEquals(2, json().get("tags").intValue());
        assertEquals(0, rondo.runOn("di la", "tag", model));
        assertEquals("di_ADP la_DET\n", rondo.out);
        assertEquals(
                0,
                rondo.run(
                        "train",
                        "hmm",
                        "--data",
                        conllu,
                        "--out",
                        model,
                        "--tag-column",
                        5,
                        "--add",
                        0.5,
                        "--suffix",
                        0,
                        "--rare",
                        1,
                        "--prior",
                        0,
                        "--no-capitals"),
                rondo.err);
        assertEquals(0, rondo.runOn("di la", "tag", model));
        assertEquals("di_E la_RD\n", rondo.out);
    }

    @Test
    void taggersAreJudged() throws IOException {
        train();
        Path test = rondo.write("test.tsv", "the\tD\ncan\tN\n\nwe\tP\nbalked\tN\nrusts\tX\n");
        Path chart = rondo.path("confusion.svg");
        assertEquals(0, rondo.run("eval", model, "--data", test, "--confusion", chart), rondo.err);
        assertTrue(rondo.out.contains("accuracy            60.00 %"), rondo.out);
        assertTrue(rondo.out.contains("known words       75.00 % of 4"), rondo.out);
        assertTrue(rondo.out.contains("unknown words     0.00 % of 1"), rondo.out);
        assertTrue(rondo.out.contains("macro"), rondo.out);
        assertTrue(Files.readString(chart).contains("<svg"));
        assertEquals(0, rondo.run("eval", model, "--data", test, "--json"), rondo.err);
        assertEquals(0.6, json().get("accuracy").doubleValue(), 1e-12);
        assertEquals(1, json().get("labels").get("D").get("f1").doubleValue(), 1e-12);
        // X, which the model does not know, is the last label: once there, never found.
        assertEquals(1, json().get("labels").get("X").get("count").intValue());
        assertEquals(0, json().get("labels").get("X").get("recall").doubleValue());
        assertFalse(json().has("spans"));
    }

    @Test
    void spansAreJudgedWhereTagsMarkThem() throws IOException {
        data = rondo.write(
                "names.tsv", "Jim\tB-PER\nsaw\tO\nNew\tB-LOC\nYork\tI-LOC\n\nJim\tB-PER\nsaw\tO\nJim\tB-PER\n");
        train();
        assertEquals(0, rondo.run("eval", model, "--data", data, "--json"), rondo.err);
        assertEquals(1, json().get("spans").get("micro").get("f1").doubleValue(), 1e-12);
        assertEquals(4, json().get("spans").get("micro").get("count").intValue());
        assertEquals(0, rondo.run("eval", model, "--data", data), rondo.err);
        assertTrue(rondo.out.contains("all (micro)"), rondo.out);
    }

    private void refuse(String part, Object... args) {
        assertEquals(2, rondo.run(args), rondo.out);
        assertEquals(1, rondo.err.lines().count(), rondo.err);
        assertTrue(rondo.err.contains(part), rondo.err);
    }

    @Test
    void oneErrorForWhatIsWrong() throws IOException {
        train();
        Path bad = rondo.write("bad.tsv", "a\tX\nb\n");
        Path empty = rondo.write("empty.tsv", "\n\n");
        refuse("line 2", "train", "hmm", "--data", bad, "--out", rondo.path("x.rondo"));
        refuse("has tagged sentences", "train", "hmm", "--data", empty, "--out", rondo.path("x.rondo"));
        refuse("--format", "train", "hmm", "--data", data, "--out", rondo.path("x.rondo"), "--format", "iob");
        refuse("--tag-column", "train", "hmm", "--data", data, "--out", rondo.path("x.rondo"), "--tag-column", 0);
        refuse("must be another file", "train", "hmm", "--data", data, "--out", data);
        refuse("longest suffix", "train", "hmm", "--data", data, "--out", rondo.path("x.rondo"), "--suffix", 99);
        refuse("ten columns", "eval", model, "--data", data, "--format", "conllu");
        refuse("line 2", "eval", model, "--data", bad);
        refuse("--first", "eval", model, "--data", data, "--first", "0.5");
        refuse("--label", "eval", model, "--data", data, "--label", "2");
        refuse("--confusion", "eval", model, "--data", data, "--confusion", data);
        refuse("exclude each other", "tag", model, "--json", "--columns");
        refuse("must have the task tagger", "tag", rondo.languageModel());
        refuse("must have the task classifier", "classify", model);
        refuse("--confusion", "eval", rondo.languageModel(), "--data", data, "--confusion", rondo.path("c.svg"));
        assertEquals(2, rondo.runOn(new byte[] {'a', '\n', (byte) 0xFF}, "tag", model));
        assertTrue(rondo.err.contains("standard input, line 2"), rondo.err);
        assertFalse(Files.exists(rondo.path("x.rondo")));
        var many = new StringBuilder();
        for (int i = 0; i < 4200; i++) {
            many.append("the\t").append(i).append('\n');
        }
        refuse("at most 4096", "eval", model, "--data", rondo.write("many.tsv", many.toString()));
        Path some = rondo.write("some.tsv", many.substring(0, many.indexOf("the\t450")));
        refuse("at most 400", "eval", model, "--data", some, "--confusion", rondo.path("c.svg"));
    }

    /** Counts words for and against: class "good" for what is good. */
    private Path classifier() throws IOException {
        var f = Function.builder("sequence");
        Value tokens = f.input("tokens", ElementType.I32, "B", "T");
        Value lengths = f.input("lengths", ElementType.I32, "B");
        Value rows = f.gather(f.weight("table", 3, 2), tokens);
        Value mean = f.add(new Aggregation.PoolTime(Aggregation.Pooling.MEAN), rows, lengths);
        f.output(f.add("probs", new Aggregation.Softmax(false), mean, Value.ABSENT));
        Path path = rondo.path("classifier.rondo");
        new RondoFileWriter()
                .metadata("task", "classifier")
                .text(pipeline("words", 0, "<unk>", "good", "bad"))
                .text(pipeline("labels", -1, "-", "+"))
                .function(FunctionCodec.encode(f.build()))
                .tensor("table", Encoding.F32, new Layout.Rows(), List.of(3, 2), () -> new float[] {0, 0, -1, 2, 1, -1})
                .write(path);
        return path;
    }

    private static TextPipeline pipeline(String name, int unknown, String... tokens) {
        return new TextPipeline(
                name,
                Normalisation.NONE,
                Segmentation.WORDS,
                List.of(tokens),
                List.of(),
                new SpecialIds(unknown, -1, -1, -1));
    }

    @Test
    void classifiersClassifyAndAreJudged() throws IOException {
        Path file = classifier();
        assertEquals(0, rondo.runOn("a good film\nbad\n\n", "classify", file), rondo.err);
        assertEquals("+\n-\n-\n", rondo.out);
        assertEquals(0, rondo.runOn("good", "classify", file, "--scores"), rondo.err);
        assertEquals("+\t0.9526\t-\t0.0474\n", rondo.out);
        assertEquals(0, rondo.runOn("good", "classify", file, "--json"), rondo.err);
        assertEquals("+", json().get("label").textValue());
        assertEquals(0.0474, json().get("probabilities").get("-").doubleValue(), 1e-4);
        Path test = rondo.write("test.tsv", "+\tgood\n-\tgood bad bad\n+\tbad\n\n?\tgood\n");
        assertEquals(0, rondo.run("eval", file, "--data", test, "--confusion", rondo.path("c.svg")), rondo.err);
        assertTrue(rondo.out.contains("accuracy            50.00 %"), rondo.out);
        assertTrue(Files.readString(rondo.path("c.svg")).contains("<svg"));
        Path turned = rondo.write("turned.tsv", "good\t1\t+\n");
        assertEquals(0, rondo.run("eval", file, "--data", turned, "--label", 3, "--text", 1, "--json"), rondo.err);
        assertEquals(1, json().get("accuracy").doubleValue());
        assertEquals(-Math.log(0.9526), json().get("nats_per_text").doubleValue(), 1e-3);
        refuse("line 1", "eval", file, "--data", rondo.write("one.tsv", "good\n"));
        refuse("has a text with its class", "eval", file, "--data", rondo.write("none.tsv", "\n"));
        refuse("--tag-column", "eval", file, "--data", test, "--tag-column", 1);
    }
}
