package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.Model;
import dev.rondo.tagging.Tagger;
import dev.rondo.train.tagging.HiddenMarkovSettings;
import dev.rondo.train.tagging.HiddenMarkovTraining;
import dev.rondo.train.tagging.TaggedCorpus;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes hidden Markov taggers. */
@Command(
        name = "hmm",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        customSynopsis = "rondo train hmm --data FILE... --out MODEL [OPTION]...",
        description = {
            "Makes a tagger by counting: a hidden Markov model, in which each tag depends on the one before, each word"
                    + " on its tag, and unknown words on how they end. The baseline of taggers; it takes a second.",
            "rondo tag tags with it, rondo eval judges it."
        })
final class TrainHiddenMarkovCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--data", paramLabel = "FILE", required = true, arity = "1..*", description = "Tagged sentences.")
    private List<Path> data;

    @Option(names = "--valid", paramLabel = "FILE", description = "Tagged sentences to measure the accuracy on.")
    private Path valid;

    @Option(names = "--out", paramLabel = "MODEL", required = true, description = "The .rondo file to write.")
    private Path out;

    @Mixin
    private TaggedTextOptions texts;

    @Option(
            names = "--add",
            paramLabel = "K",
            description = "Add K to each count of two tags, instead of mixing pairs and single tags by deleted"
                    + " interpolation.")
    private Double add;

    @Option(
            names = "--suffix",
            paramLabel = "N",
            defaultValue = "10",
            description = "Characters at the end by which unknown words are known (default: ${DEFAULT-VALUE}).")
    private int suffix;

    @Option(
            names = "--rare",
            paramLabel = "N",
            defaultValue = "10",
            description = "Endings are learned from words that occur so often or less (default: ${DEFAULT-VALUE}).")
    private int rare;

    @Option(
            names = "--prior",
            paramLabel = "M",
            defaultValue = "0.5",
            description = "How many occurrences of a known word its ending is worth (default: ${DEFAULT-VALUE}).")
    private double prior;

    @Option(names = "--no-capitals", description = "Do not count the endings of words with a capital apart.")
    private boolean noCapitals;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        var settings = new HiddenMarkovSettings(Optional.ofNullable(add), suffix, rare, prior, !noCapitals);
        var taken = new ArrayList<>(data);
        Optional.ofNullable(valid).ifPresent(taken::add);
        OutputFile.check("--out", out, taken);
        long start = System.nanoTime();
        TaggedCorpus corpus = texts.read(data);
        Optional<TaggedCorpus> held = valid == null ? Optional.empty() : Optional.of(texts.read(List.of(valid)));
        HiddenMarkovTraining.Result result = HiddenMarkovTraining.estimate(settings, corpus);
        HiddenMarkovTraining.write(out, result);
        double seconds = (System.nanoTime() - start) / 1e9;
        Optional<TaggerEvaluation> validation = Optional.empty();
        if (held.isPresent()) {
            try (Model model = Model.open(out)) {
                validation = Optional.of(TaggerEvaluation.of(Tagger.of(model), held.get()));
            }
        }
        print(result, validation, seconds);
        return Main.DONE;
    }

    private void print(HiddenMarkovTraining.Result result, Optional<TaggerEvaluation> validation, double seconds)
            throws IOException {
        PrintWriter print = spec.commandLine().getOut();
        int suffixes = result.vocabulary().size() - result.words();
        if (json) {
            ObjectNode node = Json.object();
            node.put("model", out.toString());
            node.put("bytes", Files.size(out));
            node.put("sentences", result.sentences());
            node.put("tokens", result.tokens());
            node.put("tags", result.tags().size());
            node.put("words", result.words());
            node.put("suffixes", suffixes);
            validation.ifPresent(v -> node.put("accuracy", v.metrics().accuracy()));
            node.put("seconds", seconds);
            Json.print(node, print);
            return;
        }
        print.printf(Locale.ROOT, "sentences   %,d, %,d tokens%n", result.sentences(), result.tokens());
        print.printf(Locale.ROOT, "tags        %d%n", result.tags().size());
        print.printf(Locale.ROOT, "vocabulary  %,d words, %,d endings%n", result.words(), suffixes);
        validation.ifPresent(v -> print.printf(
                Locale.ROOT, "validation  accuracy %.2f %%%n", 100 * v.metrics().accuracy()));
        print.printf(Locale.ROOT, "time        %.1f s%n", seconds);
        print.printf(Locale.ROOT, "model       %s, %,d bytes%n", out, Files.size(out));
        print.flush();
    }
}
