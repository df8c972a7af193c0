package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What networks cannot be trained on is refused in one line, before anything is written. */
class NetworkBadInputTest {
    @TempDir
    Path folder;

    private Fixture rondo;
    private Path model;

    @BeforeEach
    void start() {
        rondo = new Fixture(folder);
        model = rondo.path("model.rondo");
    }

    @AfterEach
    void nothingWasWritten() {
        assertFalse(Files.exists(model));
    }

    private void refused(String part, String kind, Object... more) {
        var args = new ArrayList<Object>(List.of("train", kind, "--out", model, "--no-curve"));
        Collections.addAll(args, more);
        assertEquals(Main.BAD_INPUT, rondo.run(args.toArray()), () -> rondo.out + rondo.err);
        assertTrue(rondo.err.startsWith("rondo: "), rondo.err);
        assertEquals(1, rondo.err.lines().count(), rondo.err);
        assertTrue(rondo.err.contains(part), () -> part + " in " + rondo.err);
        assertFalse(rondo.err.contains("Exception"), rondo.err);
    }

    private void refusedText(String part, String text, Object... more) throws IOException {
        var args = new ArrayList<Object>(List.of("--data", rondo.write("data.tsv", text)));
        Collections.addAll(args, more);
        refused(part, "classify", args.toArray());
    }

    @Test
    void textsWithClasses() throws IOException {
        refused("--data", "classify");
        refusedText("is the file empty?", "");
        refusedText("at least two classes", "a\tx\n".repeat(30));
        refusedText("line 2", "a\tx\njust a text\n");
        refusedText("line 3", "a\tx\n\n\tx\n");
        refusedText("line 2: has a text", "a\tx\nb\t \n");
        refusedText("line 1", "a\t" + "x".repeat(1 << 20) + "x\n");
        refusedText("--max-length", "a\tx\nb\ty\n".repeat(20) + "a\t" + "x ".repeat(20_000) + "\n");
        refusedText("no sample; is --max-length", "a\tx y\nb\ty z\n".repeat(20), "--max-length", 1);
        refusedText("samples for validation", "a\tx\nb\ty\n");
        refusedText("below 1 together", "a\tx\nb\ty\n".repeat(9), "--valid-share", 0.5, "--test-share", 0.5);
        refusedText("names or all numbers", "a\tx\n", "--label-column", "kind");
        refusedText("no 'kind'", "a\tx\n", "--label-column", "kind", "--text-column", "text");
        refusedText("belongs to --numbers", "a\tx\nb\ty\n".repeat(9), "--columns", "1");
        refusedText("of class and text are two", "a\tx\n", "--label-column", 1, "--text-column", 1);
        refusedText("exclude each other", "a\tx\n", "--valid", model, "--valid-share", 0.1);
    }

    @Test
    void aClassThatTrainingHasNotSeen() throws IOException {
        Path valid = rondo.write("valid.tsv", "c\tx\n");
        refusedText("'c'", "a\tx\nb\ty\n".repeat(9), "--valid", valid);
    }

    @Test
    void bytesThatAreNoText() throws IOException {
        Path data = rondo.path("data.tsv");
        Files.write(data, new byte[] {'a', '\t', (byte) 0xC3, '\n'});
        refused("UTF-8", "classify", "--data", data);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "lstm(8) pool(max); embedding",
                "embedding(8) lstm(8); pool over time",
                "embedding(8) lsmt(8) pool(max); lsmt",
                "embedding(8) pool(max; brackets",
                "embedding(0) pool(max); size",
                "embedding(8) conv(4, 5, valid) pool(max); leaves at least one step",
                "embedding(8) downsample(max, 9) pool(max); leaves at least one step",
                "embedding(8) positions(3) pool(max); as many places"
            })
    void networksThatAreNone(String network, String part) throws IOException {
        refusedText(part, "a\tx x x x\nb\ty\n".repeat(20), "--network", network);
    }

    @Test
    void tables() throws IOException {
        String rows = "a,b,y\n1,2,3\n2,3,4\n3,4,5\n";
        Path data = rondo.write("data.csv", rows);
        refused("--target", "regress", "--data", data);
        refused("no 'z'", "regress", "--data", data, "--target", "z");
        refused("line 1: has a number in column 1", "regress", "--data", data, "--target", 3);
        refused("--horizon", "regress", "--data", data, "--target", "y", "--horizon", 2);
        refused("at least as long", "regress", "--data", data, "--target", "y", "--window", 9);
        refused("named once each", "regress", "--data", data, "--target", "y", "--columns", "a,a");
        refused("others than the targets", "regress", "--data", data, "--target", "y", "--columns", "a,y");
        refused(
                "others than the class",
                "classify",
                "--numbers",
                "--data",
                data,
                "--label-column",
                "y",
                "--columns",
                "y");
        Path twice = rondo.write("twice.csv", "a,a,y\n1,2,3\n");
        refused("'a' twice", "regress", "--data", twice, "--target", "y");
        Path years = rondo.write("years.csv", "2020,2021,y\n1,2,3\n");
        refused("'2020'; give column 1 another name", "regress", "--data", years, "--target", "y");
        Path unnamed = rondo.write("unnamed.csv", "a,k\n1,A\n2,\n");
        refused("line 3: has a class", "classify", "--numbers", "--data", unnamed, "--label-column", "k");
        Path words = rondo.write("words.csv", "a,y\n1,2\nmany,3\n");
        refused("line 3: has a number in column 1; got 'many'", "regress", "--data", words, "--target", "y");
        Path ragged = rondo.write("ragged.csv", "a,y\n1,2\n1,2,3\n");
        refused("line 3", "regress", "--data", ragged, "--target", "y");
        Path open = rondo.write("open.csv", "a,y\n1,\"2\n");
        refused("line 2", "regress", "--data", open, "--target", "y");
        Path huge = rondo.write("huge.csv", "a,y\n1,1e99\n");
        refused("line 2", "regress", "--data", huge, "--target", "y");
    }

    @Test
    void taggedSentences() throws IOException {
        Path data = rondo.write("data.tsv", "a\tX\nb\tY\n\n".repeat(20));
        Path other = rondo.write("other.tsv", "a\tZ\n\n");
        refused("'Z'", "tag", "--data", data, "--valid", other);
        refused("has tagged sentences", "tag", "--data", rondo.write("empty.tsv", ""));
        refused("line 2", "tag", "--data", rondo.write("short.tsv", "a\tX\nb\n"));
        refused("a chain gives a loss", "tag", "--data", data, "--crf", "--class-weights", "balanced");
        refused("--class-weights", "tag", "--data", data, "--class-weights", "even");
        refused("are two columns", "tag", "--data", data, "--token-column", 2);
        assertEquals(
                Main.BAD_INPUT,
                rondo.run("train", "hmm", "--out", model, "--data", data, "--tag-column", 1),
                rondo.err);
        refused("something for each step", "tag", "--data", data, "--network", "embedding(4) pool(max)");
    }
}
