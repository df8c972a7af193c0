package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.error.InputException;
import dev.rondo.train.select.Bayesian;
import dev.rondo.train.select.Search;
import dev.rondo.train.select.SearchLog;
import dev.rondo.train.select.SearchSpace;
import dev.rondo.train.select.Strategy;
import dev.rondo.train.select.Trial;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Searches settings of a training. */
@Command(
        name = "search",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        customSynopsis = "rondo search --space DIMENSION... --out MODEL [OPTION]... -- train KIND [OPTION]...",
        description = {
            "Runs a training over and over, each time with other values in the places of {name}, and keeps the best"
                    + " model.",
            "A dimension is name=FROM..TO, perhaps followed by log, int and levels N, or name=VALUE,VALUE. Every trial"
                + " is in the log before the next begins: after an interruption the same command goes on, and comes to"
                + " what it would have come to. docs/training.md tells more."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            " 0:done",
            " 1:no trial gave a model",
            " 2:bad usage or bad input",
            " 3:internal failure",
            " 130:stopped by Ctrl-C"
        })
final class SearchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--space",
            paramLabel = "DIMENSION",
            required = true,
            description =
                    "What is searched; may be repeated. 'hidden=32..256 log int', 'dropout=0..0.6', 'cell=lstm,gru'.")
    private List<String> space = new ArrayList<>();

    @Option(
            names = {"-o", "--out"},
            paramLabel = "MODEL",
            required = true,
            description = "The .rondo file of the best trial.")
    private Path out;

    @Option(
            names = "--strategy",
            paramLabel = "KIND",
            defaultValue = "bayesian",
            description = "bayesian, random or grid (default: ${DEFAULT-VALUE}).")
    private String strategy;

    @Option(
            names = "--trials",
            paramLabel = "N",
            defaultValue = "30",
            description = "In all, those of the log included; a larger number goes on with a finished search (default:"
                    + " ${DEFAULT-VALUE}).")
    private int trials;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "Of the search; trainings have their own (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--measure",
            paramLabel = "KEY",
            description = "What is to be as good as possible, of the JSON that the training prints (default: the"
                    + " validation's quality, where there is one, else validation_loss). Losses, perplexities and"
                    + " errors are better when lower.")
    private String measure;

    @Option(
            names = "--log",
            paramLabel = "FILE",
            description = "The trials, a line each (default: beside the model, with the ending .search.tsv).")
    private Path log;

    @Option(names = "--chart", paramLabel = "FILE", description = "Draws the best so far, and each dimension, as SVG.")
    private Path chart;

    @Option(names = "--verbose", description = "Also print how each training goes.")
    private boolean verbose;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Parameters(
            arity = "1..*",
            paramLabel = "COMMAND",
            description = "After --: the training, without --out, --checkpoint, --curve, --json.")
    private List<String> words;

    @Override
    public Integer call() throws IOException {
        Strategy chosen = Choice.of(
                "--strategy",
                strategy,
                Map.of("bayesian", new Bayesian(), "random", new Strategy.Random(), "grid", new Strategy.Grid()));
        SearchSpace declared = SearchSpace.parse(space);
        PrintWriter err = spec.commandLine().getErr();
        var search = new Search(declared, chosen, trials, seed);
        var objective = new SearchTrials(
                words, declared, out, Optional.ofNullable(measure).map(Measure::named), search.size(), err, verbose);
        log = Optional.ofNullable(log).orElse(OutputFile.sibling(out, ".search.tsv"));
        checkFiles(objective);
        List<Trial> found;
        try (SearchLog written = SearchLog.open(log, identity(chosen, declared), declared)) {
            written.dropped()
                    .ifPresent(line -> say(err, "the last line of the log was not whole and is dropped: " + line));
            if (!written.trials().isEmpty()) {
                say(err, "going on after trial " + written.trials().size() + " of " + log);
            }
            objective.resume(written.trials());
            found = search.run(written, objective);
        }
        return report(found, declared, objective, err);
    }

    private void checkFiles(SearchTrials objective) throws IOException {
        var taken = new ArrayList<>(read());
        OutputFile.check("--out", out, taken);
        for (Path file : objective.files()) {
            OutputFile.check("--out, whose trials write " + file + ",", file, taken);
        }
        taken.add(out);
        OutputFile.check("--log", log, taken);
        taken.add(log);
        taken.addAll(objective.files());
        if (chart != null) {
            OutputFile.check("--chart", chart, taken);
        }
    }

    /** The files that the training is told, most likely to read them. */
    private List<Path> read() {
        var files = new ArrayList<Path>();
        for (String word : words) {
            for (String part : List.of(word, word.substring(word.indexOf('=') + 1))) {
                try {
                    Path file = Path.of(part);
                    if (!part.isEmpty() && Files.isRegularFile(file)) {
                        files.add(file);
                    }
                } catch (InvalidPathException ignored) {
                    // A word that is no path.
                }
            }
        }
        return files;
    }

    /** What must not change when a search goes on. */
    private Map<String, String> identity(Strategy chosen, SearchSpace declared) {
        var identity = new LinkedHashMap<String, String>();
        identity.put("strategy", chosen.text());
        identity.put("seed", Long.toString(seed));
        declared.dimensions().forEach(d -> identity.put("dimension " + d.name(), d.toString()));
        identity.put("measure", measure == null ? "usual" : measure);
        identity.put("command", String.join(" ", words));
        return identity;
    }

    private int report(List<Trial> found, SearchSpace declared, SearchTrials objective, PrintWriter err)
            throws IOException {
        var report = new SearchReport(declared, found);
        if (chart != null && !found.isEmpty()) {
            try {
                report.draw(chart);
            } catch (IOException failed) {
                // What was found matters more than its picture.
                say(err, "no chart: " + failed.getMessage());
            }
        }
        if (objective.exitCode() != Main.DONE) {
            say(err, "stopped after trial " + found.size() + "; the same command goes on");
            return objective.exitCode();
        }
        Optional<Trial> best = Search.best(found);
        PrintWriter print = spec.commandLine().getOut();
        if (json) {
            ObjectNode node = Json.object();
            if (best.isPresent()) {
                node.put("model", out.toString());
            }
            node.put("log", log.toString());
            report.json(node);
            Json.print(node, print);
        } else {
            report.print(print);
            best.ifPresent(trial -> print.println("best   rondo "
                    + objective.command(declared.named(trial.values())).stream()
                            .map(CorpusOptions::quoted)
                            .collect(Collectors.joining(" "))
                    + " --out "
                    + CorpusOptions.quoted(out)));
            print.flush();
        }
        if (best.isPresent() && !Files.exists(out)) {
            throw new InputException(
                    "--out",
                    "is where the best trial of the log left its model",
                    out + ", which does not exist",
                    "train it anew with the command that is printed, or name the file");
        }
        return best.isPresent() ? Main.DONE : Main.NO;
    }

    private static void say(PrintWriter err, String text) {
        err.println(text);
        err.flush();
    }
}
