package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.format.TextPipeline;
import dev.rondo.ngram.NgramScore;
import dev.rondo.train.ngram.NgramSettings;
import dev.rondo.train.ngram.NgramTraining;
import dev.rondo.train.ngram.Smoothing;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** A language model of n-grams instead of a network. */
final class NgramOptions {
    private static final double DELTA = 0.1;

    private static final Set<String> OWN = Set.of("--smoothing", "--delta", "--cutoffs", "--half");

    private static final Set<String> SHARED = Set.of(
            "--ngram",
            "--data",
            "--valid",
            "--out",
            "--unit",
            "--vocabulary-size",
            "--min-count",
            "--vocabulary-of",
            "--json",
            "--debug");

    private static final Set<String> OF_VOCABULARIES = Set.of("--unit", "--vocabulary-size", "--min-count");

    @Option(
            names = "--ngram",
            paramLabel = "N",
            description = "Count n-grams of up to N tokens in the lines of the data, instead of training a network.")
    private Integer order;

    @Option(
            names = "--smoothing",
            paramLabel = "KIND",
            description = "With --ngram: kneser-ney, interpolated (default); modified-kneser-ney; katz; backoff, with "
                    + "absolute discounting; or add-delta.")
    private String smoothing;

    @Option(
            names = "--delta",
            paramLabel = "DELTA",
            description = "With --smoothing add-delta: what is added to each count (default: 0.1).")
    private Double delta;

    @Option(
            names = "--cutoffs",
            paramLabel = "N",
            split = ",",
            description =
                    "With --ngram: n-grams that occur so often or less are left out, by order; 0,0,1,1 leaves out "
                            + "those of three and more tokens that occur once (default: none is left out).")
    private List<Integer> cutoffs;

    @Option(names = "--half", description = "With --ngram: store probabilities in 16 bits instead of 32.")
    private boolean half;

    @Option(
            names = "--vocabulary-of",
            paramLabel = "MODEL",
            description =
                    "Tokens are those of another model, of its text 'target' or else its only one, so that both can"
                            + " decode together; each line is a sentence.")
    private Path vocabularyOf;

    /** Whether tokens are those of another model. */
    boolean hasVocabulary() {
        return vocabularyOf != null;
    }

    /** All files that are read for it. */
    List<Path> files() {
        return vocabularyOf == null ? List.of() : List.of(vocabularyOf);
    }

    /** Options that name that model again, to resume. */
    String commandLine() {
        return vocabularyOf == null ? "" : " --vocabulary-of " + CorpusOptions.quoted(vocabularyOf);
    }

    boolean isGiven() {
        return order != null;
    }

    /** Refuses what does not go together. */
    void check(CommandSpec spec) {
        for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
            String name = option.longestName();
            if (order == null && OWN.contains(name)) {
                throw new InputException(name, "goes with --ngram", "no --ngram", "add --ngram N, or leave it out");
            }
            if (order != null && !OWN.contains(name) && !SHARED.contains(name)) {
                throw new InputException(
                        name,
                        "is not given with --ngram: n-grams are counted once, in all of the data, without a network",
                        "both",
                        name.equals("--validation-fraction") ? "name a text with --valid" : "leave it out");
            }
            if (vocabularyOf != null && OF_VOCABULARIES.contains(name)) {
                throw new InputException(
                        name, "is not given with --vocabulary-of, which brings the vocabulary", "both", "leave it out");
            }
        }
    }

    /** Counts, estimates, writes and prints. */
    void run(CorpusOptions corpus, Path out, boolean json, PrintWriter print) throws IOException {
        NgramSettings settings = settings();
        var taken = new ArrayList<Path>(corpus.files());
        Optional.ofNullable(vocabularyOf).ifPresent(taken::add);
        OutputFile.check("--out", out, taken);
        long start = System.nanoTime();
        String text = corpus.sentences();
        TextPipeline pipeline = vocabularyOf == null ? corpus.vocabulary(text) : vocabulary();
        NgramTraining.Result result = NgramTraining.estimate(settings, pipeline, text);
        Optional<String> valid = corpus.validation();
        Optional<NgramScore> score = valid.map(other -> NgramTraining.score(pipeline, result, other));
        NgramTraining.write(out, settings, pipeline, result);
        double seconds = (System.nanoTime() - start) / 1e9;
        if (json) {
            Json.print(json(result, score, out, seconds), print);
            return;
        }
        print.printf(Locale.ROOT, "sentences   %,d, %,d tokens with their ends%n", result.sentences(), result.tokens());
        for (int k = 1; k <= result.table().levels().size(); k++) {
            String discount = result.discounts().isEmpty()
                    ? ""
                    : ", discount " + result.discounts().get(k - 1);
            print.printf(
                    Locale.ROOT,
                    "%-12s%,d%s%n",
                    k + "-grams",
                    result.table().levels().get(k - 1).count(),
                    discount);
        }
        score.ifPresent(s -> print.printf(
                Locale.ROOT,
                "validation  perplexity %.4f of %,d tokens with ends, %,d unknown%n",
                s.perplexity(),
                s.tokens(),
                s.unknown()));
        print.printf(Locale.ROOT, "time        %.1f s%n", seconds);
        print.printf(Locale.ROOT, "model       %s, %,d bytes%n", out, Files.size(out));
        print.flush();
    }

    private static ObjectNode json(NgramTraining.Result result, Optional<NgramScore> score, Path out, double seconds)
            throws IOException {
        ObjectNode node = Json.object();
        node.put("model", out.toString());
        node.put("bytes", Files.size(out));
        node.put("sentences", result.sentences());
        node.put("tokens", result.tokens());
        ArrayNode counts = node.putArray("ngrams");
        result.table().levels().forEach(level -> counts.add(level.count()));
        result.discounts().forEach(node.putArray("discounts")::add);
        score.ifPresent(s -> NgramEvaluation.put(s, node.putObject("validation")));
        node.put("seconds", seconds);
        return node;
    }

    private NgramSettings settings() {
        String kind = smoothing == null ? "kneser-ney" : smoothing;
        if (delta != null && !kind.equals("add-delta")) {
            throw new InputException("--delta", "goes with --smoothing add-delta", kind, "leave it out");
        }
        Smoothing chosen = Choice.of(
                "--smoothing",
                kind,
                Map.of(
                        "kneser-ney", new Smoothing.KneserNey(),
                        "modified-kneser-ney", new Smoothing.ModifiedKneserNey(),
                        "katz", new Smoothing.Katz(),
                        "backoff", new Smoothing.Backoff(),
                        "add-delta", new Smoothing.AddDelta(delta == null ? DELTA : delta)));
        return new NgramSettings(order, chosen, cutoffs == null ? List.of() : cutoffs, half);
    }

    /** The target side of a translator, or the only text of another model. */
    TextPipeline vocabulary() throws IOException {
        try (Model model = Model.open(vocabularyOf)) {
            List<TextPipeline> texts = model.texts();
            return texts.stream()
                    .filter(text -> text.name().equals("target") || texts.size() == 1)
                    .findFirst()
                    .orElseThrow(() -> new InputException(
                            "--vocabulary-of " + vocabularyOf,
                            "has one text, or one named target",
                            texts.stream().map(TextPipeline::name).toList().toString(),
                            "name a translator or a language model"));
        }
    }
}
