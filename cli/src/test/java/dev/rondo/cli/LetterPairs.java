package dev.rondo.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SplittableRandom;

/** Letters and their capitals: the texts of a translator that is trained in seconds. */
final class LetterPairs {
    private LetterPairs() {}

    /** Writes texts to train with and to judge by. */
    static void write(Fixture rondo) throws IOException {
        write(rondo, "train", 800, 1);
        write(rondo, "valid", 40, 2);
    }

    /** Upper case of letters. */
    private static void write(Fixture rondo, String name, int lines, long seed) throws IOException {
        var random = new SplittableRandom(seed);
        var source = new StringBuilder();
        var target = new StringBuilder();
        for (int i = 0; i < lines; i++) {
            int words = 1 + random.nextInt(4);
            for (int k = 0; k < words; k++) {
                char c = (char) ('a' + random.nextInt(5));
                source.append(c).append(k + 1 < words ? " " : "\n");
                target.append(Character.toUpperCase(c)).append(k + 1 < words ? " " : "\n");
            }
        }
        rondo.write(name + ".source", source.toString());
        rondo.write(name + ".target", target.toString());
    }

    /** A small network on those texts; later options take the place of earlier ones. */
    static Object[] command(Fixture rondo, Path out, Object... more) {
        var options = new LinkedHashMap<Object, Object>();
        options.put("--source", rondo.path("train.source"));
        options.put("--target", rondo.path("train.target"));
        options.put("--valid-source", rondo.path("valid.source"));
        options.put("--valid-target", rondo.path("valid.target"));
        options.put("--out", out);
        options.put("--unit", "words");
        options.put("--embedding", 16);
        options.put("--hidden", 16);
        options.put("--batch", 16);
        options.put("--learning-rate", 0.02);
        options.put("--warm-up", 10);
        options.put("--schedule", "cosine");
        options.put("--dropout-input", 0);
        options.put("--dropout-memory", 0);
        options.put("--dropout-output", 0);
        for (Object one : more) {
            options.remove(one);
        }
        var args = new ArrayList<Object>(List.of("train", "seq2seq"));
        options.forEach((name, value) -> {
            args.add(name);
            args.add(value);
        });
        Collections.addAll(args, more);
        return args.toArray();
    }

    /** A language model of the target's sentences. */
    static Object[] languageModel(Fixture rondo, Path out, Object... more) {
        var args = new ArrayList<Object>(List.of("train", "lm", "--data", rondo.path("train.target")));
        args.addAll(List.of("--valid", rondo.path("valid.target"), "--out", out, "--hidden", 8, "--embedding", 4));
        args.addAll(List.of("--batch", 4, "--steps", 8, "--max-steps", 20, "--no-curve"));
        Collections.addAll(args, more);
        return args.toArray();
    }
}
