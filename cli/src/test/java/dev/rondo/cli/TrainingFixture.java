package dev.rondo.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Trains very small models on a text that is easy to learn. */
final class TrainingFixture {
    static final String TEXT = "the cat sat on the mat. the dog sat on the log.\n".repeat(40);

    final Fixture rondo;
    final Path data;

    TrainingFixture(Path folder) throws IOException {
        rondo = new Fixture(folder);
        data = rondo.write("data.txt", TEXT);
    }

    /** The command line for a network of eight units. */
    List<Object> command(Path out, Object... more) {
        var args = new ArrayList<Object>(List.of("train", "lm", "--data", data, "--out", out));
        args.addAll(List.of("--hidden", 8, "--embedding", 4, "--batch", 4, "--steps", 8, "--warm-up", 2));
        Collections.addAll(args, more);
        return args;
    }

    /** Trains; the exit code. */
    int train(Path out, Object... more) {
        return rondo.run(command(out, more).toArray());
    }
}
