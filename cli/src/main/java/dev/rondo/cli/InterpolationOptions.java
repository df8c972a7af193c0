package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.format.TextPipeline;
import dev.rondo.ngram.Interpolation;
import dev.rondo.ngram.NgramModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** A recurrent model beside one of n-grams: how well each and both together predict a text. */
final class InterpolationOptions {
    @Option(
            names = "--interpolate",
            paramLabel = "MODEL",
            description = "With a model of n-grams: a recurrent model of the same vocabulary (train it with"
                + " --vocabulary-of). Each token has the probability W times the recurrent one's and 1 - W times that"
                + " of the n-grams.")
    private Path recurrent;

    @Option(
            names = "--weight",
            paramLabel = "W",
            description = "That of the recurrent model (default: 0.5, or what suits the text of --weight-from best).")
    private Double weight;

    @Option(
            names = "--weight-from",
            paramLabel = "FILE",
            description = "A text that chooses the weight: not the one that is judged.")
    private Path tuning;

    boolean isGiven() {
        return recurrent != null;
    }

    /** The models of the options, beside the one that is evaluated. */
    List<Path> files() {
        return Stream.ofNullable(recurrent).toList();
    }

    /** Refuses what does not go together. */
    void check() {
        if (recurrent == null && (weight != null || tuning != null)) {
            throw new InputException(
                    weight == null ? "--weight-from" : "--weight", "belongs to --interpolate", "none", "leave it out");
        }
        if (weight != null && tuning != null) {
            throw new InputException(
                    "--weight and --weight-from", "exclude each other", "both", "leave one of them out");
        }
        Range.check(weight == null || weight >= 0 && weight <= 1, "--weight", "lies between 0 and 1", weight);
    }

    /** Measures and prints. */
    void run(NgramModel ngrams, String text, Model.Kernel kernel, boolean json, PrintWriter out) throws IOException {
        try (Model model = Model.open(recurrent)) {
            LanguageModel language = LanguageModel.of(model, kernel);
            List<String> words = language.tokenizer().pipeline().vocabulary();
            List<String> others = ngrams.tokenizer()
                    .map(t -> t.pipeline())
                    .map(TextPipeline::vocabulary)
                    .orElse(List.of());
            if (!words.equals(others)) {
                throw new InputException(
                        "--interpolate " + recurrent,
                        "has the vocabulary of the n-grams",
                        "another of " + words.size() + " tokens",
                        "train it with --vocabulary-of the n-grams");
            }
            double share = weight == null ? 0.5 : weight;
            if (tuning != null) {
                share = Interpolation.of(ngrams, language, TextFile.read(tuning))
                        .bestWeight();
            }
            print(Interpolation.of(ngrams, language, text), share, json, out);
        }
    }

    private static void print(Interpolation found, double share, boolean json, PrintWriter out) {
        if (json) {
            ObjectNode node = Json.object();
            node.put("tokens", found.tokens());
            node.put("perplexity_ngrams", found.perplexity(0));
            node.put("perplexity_recurrent", found.perplexity(1));
            node.put("weight", share);
            node.put("perplexity", found.perplexity(share));
            Json.print(node, out);
            return;
        }
        out.printf(Locale.ROOT, "tokens              %d, ends included%n", found.tokens());
        out.printf(Locale.ROOT, "perplexity          %.4f of the n-grams%n", found.perplexity(0));
        out.printf(Locale.ROOT, "                    %.4f of the recurrent model%n", found.perplexity(1));
        out.printf(Locale.ROOT, "                    %.4f of both, weight %.3f%n", found.perplexity(share), share);
    }
}
