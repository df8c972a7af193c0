package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stories from sampling to answers, and a Turing machine from training to copies. */
class MemoryCommandsTest {
    private static final String STORY = "Mary went to the kitchen.\nJohn moved to the office.\n";

    @TempDir
    Path folder;

    private Fixture rondo;

    @BeforeEach
    void start() {
        rondo = new Fixture(folder);
    }

    private Path stories(String name, int count, int seed) {
        Path file = rondo.path(name);
        assertEquals(
                Main.DONE,
                rondo.run(
                        "sample",
                        "stories",
                        "--sentences",
                        4,
                        "--questions",
                        2,
                        "--count",
                        count,
                        "--seed",
                        seed,
                        "-o",
                        file),
                () -> rondo.err);
        return file;
    }

    private Path network() {
        Path model = rondo.path("stories.rondo");
        int code = rondo.run(
                "train",
                "stories",
                "--data",
                stories("train.txt", 600, 1),
                "--valid",
                stories("valid.txt", 60, 2),
                "--out",
                model,
                "--size",
                12,
                "--memory",
                8,
                "--linear-start",
                0,
                "--hops",
                2,
                "--epochs",
                4,
                "--optimizer",
                "adam",
                "--learning-rate",
                0.02,
                "--warm-up",
                2,
                "--no-curve");
        assertEquals(Main.DONE, code, () -> rondo.err);
        assertTrue(rondo.out.contains("accuracy"), rondo.out);
        return model;
    }

    @Test
    void samplesAreThoseOfTheirSeed() throws IOException {
        String first = Files.readString(stories("a.txt", 20, 1));
        assertEquals(first, Files.readString(stories("b.txt", 20, 1)));
        assertNotEquals(first, Files.readString(stories("c.txt", 20, 2)));
        assertEquals(20, first.lines().filter(l -> l.contains("\t")).count());
        assertEquals(Main.BAD_INPUT, rondo.run("sample", "stories", "--facts", 3, "-o", rondo.path("d.txt")));
        assertEquals(Main.BAD_INPUT, rondo.run("sample", "stories", "--count", 0, "-o", rondo.path("d.txt")));
        assertEquals(Main.BAD_INPUT, rondo.run("sample"));
    }

    @Test
    void aTrainedNetworkAnswers() throws IOException {
        Path model = network();
        Path test = stories("test.txt", 50, 3);
        assertEquals(Main.DONE, rondo.run("eval", model, "--data", test, "--json"), () -> rondo.err);
        JsonNode result = new ObjectMapper().readTree(rondo.out);
        assertEquals(50, result.get("questions").intValue());
        assertTrue(result.get("accuracy").doubleValue() > 30, rondo.out);
        assertEquals(
                100.0 * result.get("correct").intValue() / 50,
                result.get("accuracy").doubleValue());
        Path map = rondo.path("map.svg");
        assertEquals(
                Main.DONE, rondo.runOn(STORY + "Where is Mary?\n", "answer", model, "--heatmap", map), () -> rondo.err);
        assertTrue(rondo.out.matches("[a-z]+\n"), rondo.out);
        String svg = Files.readString(map);
        String title = "Where is Mary? " + rondo.out.strip();
        for (String label : List.of(title, "Mary went to the kitchen.", "John moved to the office.", "hop 1", "hop 2")) {
            assertTrue(svg.contains(label), label);
        }
        // Numbered as in the data, the same story has the same answer; an empty line and line 1 begin another.
        String alone = rondo.out;
        String numbered = "1 " + STORY.replace("\n", "\n2 ").replaceFirst("2 $", "3 Where is Mary?\tkitchen\t1\n");
        assertEquals(Main.DONE, rondo.runOn("Bob left.\n" + numbered, "answer", model), () -> rondo.err);
        assertEquals(alone, rondo.out);
        assertEquals(
                Main.DONE,
                rondo.runOn("Bob left.\n\n" + STORY + "Where is Mary?\nWhere is John?\n", "answer", model, "--json"));
        List<String> lines =
                rondo.out.lines().filter(l -> l.contains("\"answer\"")).toList();
        assertTrue(lines.getFirst().contains(alone.strip()), rondo.out);
    }

    @Test
    void whatFitsNoMemoryNetworkIsRefused() throws IOException {
        Path model = network();
        Path language = rondo.languageModel();
        assertEquals(Main.BAD_INPUT, rondo.runOn(STORY, "answer", language));
        assertTrue(rondo.err.contains("task"), rondo.err);
        assertEquals(Main.BAD_INPUT, rondo.runOn("What " + "is ".repeat(50) + "this?\n", "answer", model));
        assertTrue(rondo.err.contains("words"), rondo.err);
        Path text = rondo.write("text.txt", "no stories here\n");
        assertEquals(Main.BAD_INPUT, rondo.run("eval", model, "--data", text));
        assertTrue(rondo.err.contains("line 1"), rondo.err);
        assertEquals(Main.BAD_INPUT, rondo.run("eval", model, "--data", rondo.path("train.txt"), "--last", 0.1));
        assertEquals(Main.BAD_INPUT, rondo.run("copy", model));
        assertEquals(
                Main.BAD_INPUT,
                rondo.run("train", "stories", "--data", text, "--valid", text, "--out", rondo.path("x.rondo")));
        assertTrue(rondo.err.contains("line 1"), rondo.err);
    }

    @Test
    void aTuringMachineIsTrainedAndCopies() throws IOException {
        Path model = rondo.path("ntm.rondo");
        int code = rondo.run(
                "train",
                "ntm",
                "--out",
                model,
                "--bits",
                2,
                "--max-length",
                2,
                "--eval-length",
                3,
                "--controller",
                "feed-forward",
                "--hidden",
                8,
                "--rows",
                6,
                "--columns",
                4,
                "--batch",
                4,
                "--batches",
                10,
                "--epochs",
                2,
                "--optimizer",
                "adam",
                "--warm-up",
                2,
                "--no-curve");
        assertEquals(Main.DONE, code, () -> rondo.err);
        Path map = rondo.path("map.svg");
        assertEquals(
                Main.DONE,
                rondo.run("copy", model, "--length", 3, "--sequences", 5, "--heatmap", map, "--json"),
                () -> rondo.err);
        JsonNode result = new ObjectMapper().readTree(rondo.out);
        assertEquals(30, result.get("bits").intValue());
        assertEquals(
                100.0 * result.get("wrong").intValue() / 30,
                result.get("bit_error").doubleValue());
        String svg = Files.readString(map);
        for (String label : List.of("read head 1, in 1", "read head 1, mark", "write head 1, out 3")) {
            assertTrue(svg.contains(label), label);
        }
        Object[] copies = {model, "--length", 7, "--sequences", 5, "--seed", 9, "--json"};
        JsonNode[] found = new JsonNode[2];
        for (int i = 0; i < 2; i++) {
            var args = new ArrayList<Object>(List.of(i == 0 ? "copy" : "eval"));
            args.addAll(List.of(copies));
            assertEquals(Main.DONE, rondo.run(args.toArray()), () -> rondo.err);
            found[i] = new ObjectMapper().readTree(rondo.out);
        }
        assertTrue(found[0].get("wrong").asInt() > 0);
        assertEquals(found[0].get("wrong"), found[1].get("wrong"));
        assertEquals(found[0].get("bits"), found[1].get("bits"));
        assertEquals(Main.BAD_INPUT, rondo.run("eval", model, "--data", map));
        assertEquals(Main.BAD_INPUT, rondo.run("copy", model, "--length", 0));
        assertEquals(Main.BAD_INPUT, rondo.run("copy", rondo.languageModel()));
        assertEquals(Main.BAD_INPUT, rondo.run("train", "ntm", "--out", model, "--rows", 4, "--shift", 2));
        assertTrue(rondo.err.contains("shift"), rondo.err);
    }
}
