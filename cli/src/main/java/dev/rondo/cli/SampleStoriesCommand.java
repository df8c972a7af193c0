package dev.rondo.cli;

import dev.rondo.format.AtomicFile;
import dev.rondo.train.memory.StoryGenerator;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes stories with questions. */
@Command(
        name = "stories",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Writes stories with questions in the format of bAbI: persons walk through rooms and, with two facts,"
                        + " take and drop objects. Whatever was written is replaced.")
final class SampleStoriesCommand implements Callable<Integer> {
    private static final int MAX_QUESTIONS = 10_000_000;

    @Option(
            names = "--facts",
            paramLabel = "N",
            defaultValue = "1",
            description = "Sentences that an answer follows from: 1 asks where a person is, 2 where an object is "
                    + "(default: ${DEFAULT-VALUE}).")
    private int facts;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Questions (default: ${DEFAULT-VALUE}).")
    private int count;

    @Option(
            names = "--sentences",
            paramLabel = "N",
            description = "Of a story (default: 10 with one fact, 20 with two).")
    private Integer sentences;

    @Option(
            names = "--questions",
            paramLabel = "N",
            defaultValue = "5",
            description = "Of a story, at most: some stories have nothing to ask (default: ${DEFAULT-VALUE}).")
    private int questions;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "The same seed gives the same file (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            required = true,
            description = "The text to write.")
    private Path out;

    @Override
    public Integer call() throws IOException {
        Range.check(count >= 1 && count <= MAX_QUESTIONS, "--count", "is 1 to " + MAX_QUESTIONS, count);
        int length = sentences == null ? StoryGenerator.of(facts, seed).sentences() : sentences;
        var generator = new StoryGenerator(facts, length, questions, seed);
        OutputFile.check("--out", out, List.of());
        AtomicFile.write(out, fresh -> {
            try (BufferedWriter text = Files.newBufferedWriter(fresh)) {
                generator.write(count, text);
            }
            return true;
        });
        return Main.DONE;
    }
}
