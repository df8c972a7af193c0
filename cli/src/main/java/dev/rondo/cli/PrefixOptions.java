package dev.rondo.cli;

import dev.rondo.error.InputException;
import dev.rondo.search.Variety;
import dev.rondo.translation.TranslationOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** How translations begin, and what else could stand there. */
final class PrefixOptions {
    @Option(names = "--prefix", paramLabel = "TEXT", description = "Every translation begins with this.")
    private String prefix;

    @Option(
            names = "--prefix-file",
            paramLabel = "FILE",
            description = "Translation i begins with line i of this file, which may be empty.")
    private Path file;

    @Option(
            names = "--prefix-bias",
            paramLabel = "B",
            description = "Translations are drawn to the prefix instead, and may leave it: the probability of its next "
                    + "token is mixed with 1, B parts of all; above 0 and below 1.")
    private Double bias;

    @Option(
            names = "--alternatives",
            paramLabel = "N",
            description =
                    "The N best tokens after the prefix, each continued: a line each, after the sentence's number.")
    private Integer alternatives;

    /**
     * The prefixes of sentences in their order.
     *
     * @param name    where they come from
     * @param all     one each; empty for none
     * @param forEach given to every sentence
     * @param bias    0 when translations must begin so
     */
    record Prefixes(String name, Optional<List<String>> all, String forEach, double bias) {
        /** Those of some sentences. */
        List<String> of(long from, int count) {
            if (all.isEmpty()) {
                return Collections.nCopies(count, forEach);
            }
            check(from + count <= all.get().size(), "at least " + (from + count));
            return all.get().subList((int) from, (int) from + count);
        }

        /** Checks that as many sentences came as there are prefixes. */
        void end(long sentences) {
            check(all.isEmpty() || all.get().size() == sentences, "" + sentences);
        }

        private void check(boolean fits, String sentences) {
            if (!fits) {
                throw new InputException(
                        name,
                        "has a line for each sentence, empty for no prefix",
                        all.get().size() + " lines and " + sentences + " sentences",
                        "give one of them for each of the other");
            }
        }
    }

    /** All files that are read for it. */
    List<Path> files() {
        return Stream.ofNullable(file).toList();
    }

    /** Whether each sentence has several results. */
    boolean lists() {
        return alternatives != null;
    }

    /** Reads the file, if there is one. */
    Prefixes prefixes() throws IOException {
        if (prefix != null && file != null) {
            throw new InputException("--prefix and --prefix-file", "exclude each other", "both", "leave one out");
        }
        if (bias != null && prefix == null && file == null) {
            throw new InputException("--prefix-bias", "belongs to --prefix or --prefix-file", "none", "give one");
        }
        Range.check(bias == null || bias > 0 && bias < 1, "--prefix-bias", "is above 0 and below 1", bias);
        return new Prefixes(
                "--prefix-file " + file,
                file == null ? Optional.empty() : Optional.of(lines(TextFile.read(file))),
                prefix == null ? "" : prefix,
                bias == null ? 0 : bias);
    }

    private static List<String> lines(String text) {
        var lines = new ArrayList<String>();
        for (int start = 0; start < text.length(); ) {
            int end = text.indexOf('\n', start);
            int next = end < 0 ? text.length() : end;
            String line = text.substring(start, next);
            lines.add(line.endsWith("\r") ? line.substring(0, line.length() - 1) : line);
            start = next + 1;
        }
        return lines;
    }

    /** Adds the alternatives to a search. */
    TranslationOptions apply(TranslationOptions options) {
        if (alternatives == null) {
            return options;
        }
        Range.check(alternatives >= 1 && alternatives <= 1024, "--alternatives", "is 1 to 1024", alternatives);
        refuse(bias != null, "--prefix-bias, for they follow a prefix that stands");
        refuse(options.beam().nBest() > 1, "--n-best, for each is the best of its kind");
        refuse(!options.beam().variety().equals(Variety.NONE), "--diverse-groups and --sample");
        return options.withBeam(options.beam().withVariety(new Variety.Alternatives(alternatives)));
    }

    private static void refuse(boolean given, String other) {
        if (given) {
            throw new InputException("--alternatives", "excludes " + other, "both", "leave one out");
        }
    }
}
