package dev.rondo.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.error.InputException;
import dev.rondo.train.select.Search;
import dev.rondo.train.select.SearchSpace;
import dev.rondo.train.select.Trial;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Trials of a search: a training command each, with values in the places of their names. Keeps the best model. */
final class SearchTrials implements Search.Objective {
    /** Exit codes above are those of commands that a signal stopped. */
    private static final int SIGNALS = 128;

    /** The search says these itself. */
    private static final Set<String> RESERVED = Set.of(
            "--out",
            "-o",
            "--json",
            "--checkpoint",
            "--resume",
            "--curve",
            "--no-curve",
            "--help",
            "-h",
            "--version",
            "-V");

    private final List<String> words;
    private final Path out;
    private final Path trialOut;
    private final Path checkpoint;
    private final Optional<Measure> asked;
    private final PrintWriter err;
    private final boolean verbose;
    private final int count;
    private double best = Double.NEGATIVE_INFINITY;
    private boolean begun;
    private int exitCode = Main.DONE;

    /**
     * Checks the command.
     *
     * @param words   of the command
     * @param out     the best model
     * @param measure what is as good as possible; empty for the usual
     * @param count   of all trials
     * @param verbose whether the trainings say how they go
     */
    SearchTrials(
            List<String> words,
            SearchSpace space,
            Path out,
            Optional<Measure> measure,
            int count,
            PrintWriter err,
            boolean verbose) {
        this.words = words;
        this.out = out;
        this.trialOut = OutputFile.sibling(out, ".trial.rondo");
        this.checkpoint = OutputFile.sibling(out, ".trial.checkpoint");
        this.asked = measure;
        this.count = count;
        this.err = err;
        this.verbose = verbose;
        check(space);
    }

    private void check(SearchSpace space) {
        if (!words.getFirst().equals("train")) {
            throw new InputException(
                    "command of the search",
                    "begins with train",
                    words.getFirst(),
                    "write, for example, -- train lm …");
        }
        for (String word : words) {
            String option = word.replaceFirst("=.*", "");
            if (RESERVED.contains(option)) {
                throw new InputException(
                        option,
                        "is not said to the command of a search",
                        word,
                        "leave it out; the search has an --out");
            }
        }
        for (String name : space.names()) {
            if (words.stream().noneMatch(w -> w.contains(place(name)))) {
                throw new InputException(
                        "dimension " + name,
                        "stands as " + place(name) + " in the command",
                        String.join(" ", words),
                        "put it where its value belongs");
            }
        }
    }

    private static String place(String name) {
        return "{" + name + "}";
    }

    /** The files beside the best model that trials write. */
    List<Path> files() {
        return List.of(trialOut, checkpoint);
    }

    /** The command with values in their places. */
    List<String> command(Map<String, String> values) {
        var command = new ArrayList<String>();
        for (String word : words) {
            String filled = word;
            for (Map.Entry<String, String> value : values.entrySet()) {
                filled = filled.replace(place(value.getKey()), value.getValue());
            }
            command.add(filled);
        }
        return command;
    }

    /** Goes on after trials of an earlier run. */
    void resume(List<Trial> done) {
        begun = done.stream().anyMatch(t -> !t.failed());
        best = Search.best(done).map(Trial::score).orElse(best);
    }

    /** That of the training that a signal stopped. */
    int exitCode() {
        return exitCode;
    }

    @Override
    public Optional<Trial.Outcome> score(int number, Map<String, String> values) throws IOException {
        long start = System.nanoTime();
        clean();
        var args = new ArrayList<>(command(values));
        args.addAll(
                List.of("--out", trialOut.toString(), "--checkpoint", checkpoint.toString(), "--no-curve", "--json"));
        var printed = new StringWriter();
        var complaints = new StringWriter();
        Writer heard = verbose ? new Tee(err, complaints) : complaints;
        int code = Main.run(
                args.toArray(String[]::new),
                InputStream.nullInputStream(),
                new PrintWriter(printed),
                new PrintWriter(heard));
        double seconds = (System.nanoTime() - start) / 1e9;
        try {
            if (code > SIGNALS) {
                exitCode = code;
                return Optional.empty();
            }
            Trial.Outcome outcome = code == Main.DONE
                    ? outcome(printed.toString(), seconds)
                    : Trial.Outcome.failure(complaint(complaints.toString(), code), seconds);
            boolean isBest = outcome.score() > best;
            if (isBest) {
                Files.move(trialOut, out, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                best = outcome.score();
            }
            begun |= Double.isFinite(outcome.score());
            if (code == Main.BAD_INPUT && !begun) {
                throw new InputException(
                        "trial " + number + ", " + String.join(" ", command(values)),
                        "can be trained",
                        outcome.note(),
                        "try the command by itself");
            }
            err.println(SearchReport.line(number, count, values, outcome, isBest));
            err.flush();
            return Optional.of(outcome);
        } finally {
            clean();
        }
    }

    private void clean() throws IOException {
        for (Path file : files()) {
            Files.deleteIfExists(file);
        }
    }

    /** The score is of the measure that the note names. */
    private Trial.Outcome outcome(String json, double seconds) throws IOException {
        JsonNode result = new ObjectMapper().readTree(json);
        Measure measure = asked.orElseGet(() -> Measure.usual(result));
        return measure.score(result)
                .map(score -> new Trial.Outcome(score, seconds, measure.key()))
                .orElseGet(() -> Trial.Outcome.failure(measure.key() + " is no number", seconds));
    }

    /** Writes to both. */
    private static final class Tee extends Writer {
        private final Writer first;
        private final Writer second;

        Tee(Writer first, Writer second) {
            this.first = first;
            this.second = second;
        }

        @Override
        public void write(char[] text, int from, int count) throws IOException {
            first.write(text, from, count);
            second.write(text, from, count);
        }

        @Override
        public void flush() throws IOException {
            first.flush();
        }

        @Override
        public void close() {
            // They are others'.
        }
    }

    private static String complaint(String err, int code) {
        return err.lines()
                .filter(line -> line.startsWith("rondo: "))
                .reduce((_, last) -> last)
                .map(line -> line.substring("rondo: ".length()))
                .orElse("exit code " + code);
    }
}
