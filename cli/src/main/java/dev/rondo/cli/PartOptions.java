package dev.rondo.cli;

import dev.rondo.error.InputException;
import dev.rondo.train.network.Parts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** The files of samples, and which samples validate and test. */
final class PartOptions {
    /** Options that name the data. */
    static final Set<String> DATA = Set.of("--data", "--valid", "--test", "--valid-share", "--test-share");

    private static final double VALID_SHARE = 0.1;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            arity = "1..*",
            description = "Samples to train on, in UTF-8; several files are read as one.")
    private List<Path> data = List.of();

    @Option(
            names = "--valid",
            paramLabel = "FILE",
            description = "Samples that decide which parameters are the best (default: a share of the data).")
    private Path valid;

    @Option(
            names = "--test",
            paramLabel = "FILE",
            description = "Samples that judge the model in the end, and nothing before.")
    private Path test;

    @Option(
            names = "--valid-share",
            paramLabel = "SHARE",
            description =
                    "The share of the data that is set apart when there is no --valid; of classes, of each alike"
                            + " (default: 0.1).")
    private Double validShare;

    @Option(
            names = "--test-share",
            paramLabel = "SHARE",
            description = "The share of the data that is set apart when there is no --test (default: 0).")
    private Double testShare;

    /** Reads the samples of a file. */
    interface Reader<T> {
        List<T> read(Path file) throws IOException;
    }

    /** Deals samples out. */
    interface Dealer<T> {
        Parts<T> deal(List<T> samples, double validShare, double testShare);
    }

    List<Path> files() {
        var files = new ArrayList<>(data);
        for (Path other : new Path[] {valid, test}) {
            if (other != null) {
                files.add(other);
            }
        }
        return files;
    }

    /** Options that name the data again, to resume. */
    String commandLine() {
        var words = new ArrayList<String>();
        if (!data.isEmpty()) {
            words.add("--data");
            data.forEach(file -> words.add(CorpusOptions.quoted(file)));
        }
        add(words, "--valid", valid == null ? null : CorpusOptions.quoted(valid));
        add(words, "--test", test == null ? null : CorpusOptions.quoted(test));
        add(words, "--valid-share", validShare);
        add(words, "--test-share", testShare);
        return String.join(" ", words);
    }

    static void add(List<String> words, String option, Object value) {
        if (value != null) {
            words.add(option);
            words.add(value.toString());
        }
    }

    /** @throws InputException when no file is named, or one both as a share and as a file */
    void check() {
        if (data.isEmpty()) {
            throw new InputException("--data", "names the file to train on", "none", "give a file");
        }
        excludes("--valid", valid, validShare);
        excludes("--test", test, testShare);
    }

    private static void excludes(String option, Path file, Double share) {
        if (file != null && share != null) {
            throw new InputException(
                    option + " and " + option + "-share", "exclude each other", "both", "leave one of them out");
        }
    }

    boolean areGiven() {
        return !data.isEmpty();
    }

    double validShare() {
        return validShare == null ? VALID_SHARE : validShare;
    }

    double testShare() {
        return testShare == null ? 0 : testShare;
    }

    /** Samples of each class alike. */
    <T> Parts<T> stratified(Reader<T> reader, Function<T, String> label, long seed) throws IOException {
        return parts(reader, (all, valid, test) -> Parts.deal(all, label, valid, test, seed));
    }

    /** All samples, those for validation and test apart. */
    <T> Parts<T> parts(Reader<T> reader, Dealer<T> dealer) throws IOException {
        check();
        var all = new ArrayList<T>();
        for (Path file : data) {
            all.addAll(reader.read(file));
        }
        Parts<T> dealt = dealer.deal(all, valid == null ? validShare() : 0, testShare());
        return new Parts<>(
                dealt.training(),
                valid == null ? dealt.validation() : reader.read(valid),
                test == null ? dealt.test() : reader.read(test));
    }
}
