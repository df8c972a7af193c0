package dev.rondo.train.ngram;

import dev.rondo.LanguageModel;
import dev.rondo.error.InputException;
import dev.rondo.format.NgramTable;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.ngram.NgramModel;
import dev.rondo.ngram.NgramScore;
import dev.rondo.ngram.Sentences;
import dev.rondo.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Makes language models of n-grams from texts. The same text and settings give the same bytes. */
public final class NgramTraining {
    private NgramTraining() {}

    /**
     * What was made.
     *
     * @param table     packed
     * @param sentences that were counted
     * @param tokens    that were counted, ends included
     * @param discounts what was taken from counts, for people, by order; empty for add-delta
     */
    public record Result(NgramTable table, long sentences, long tokens, List<String> discounts) {
        /** Keeps a copy of the list. */
        public Result {
            discounts = List.copyOf(discounts);
        }
    }

    /**
     * Counts the n-grams of a text, sentence by sentence, and estimates a model.
     *
     * @param pipeline whose ids the model has
     * @param text     each line a sentence; lines without tokens are none
     * @throws InputException when there is no sentence, one is none (see {@link Sentences}), or memory is too small
     */
    public static Result estimate(NgramSettings settings, TextPipeline pipeline, String text) {
        var stream = new SentenceStream(pipeline.special());
        Sentences.forEach(Tokenizer.of(pipeline), text, stream::add);
        return estimate(settings, stream, pipeline.vocabulary().size(), pipeline.special());
    }

    private static Result estimate(NgramSettings settings, SentenceStream stream, int vocabulary, SpecialIds special) {
        if (stream.sentences() == 0) {
            throw new InputException("training text", "has sentences", "none", "give a longer text");
        }
        var trie =
                new NgramTrie(NgramCounts.of(stream, vocabulary, settings.order()), special, settings.cutoffsByOrder());
        var estimate = NgramEstimate.of(trie, settings.smoothing());
        long marks = special.begin() < 0 ? 1 : 2;
        return new Result(
                estimate.table(settings.halved()),
                stream.sentences(),
                stream.length() - marks * stream.sentences(),
                estimate.discounts().stream().map(Discount::text).toList());
    }

    /**
     * Writes a model file.
     *
     * @throws IOException when it cannot be written
     */
    public static void write(Path path, NgramSettings settings, TextPipeline pipeline, Result result)
            throws IOException {
        var writer = new RondoFileWriter()
                .metadata("task", LanguageModel.TASK)
                .metadata("kind", NgramModel.KIND)
                .metadata("smoothing", name(settings.smoothing()))
                .text(pipeline)
                .ngrams(result.table());
        for (int k = 0; k < result.discounts().size(); k++) {
            writer.metadata("discounts of order " + (k + 1), result.discounts().get(k));
        }
        writer.metadata("trained-on", result.sentences() + " sentences, " + result.tokens() + " tokens");
        writer.write(path);
    }

    /** How well the result predicts another text. */
    public static NgramScore score(TextPipeline pipeline, Result result, String text) {
        return NgramScore.of(NgramModel.of(result.table(), Optional.of(pipeline)), text);
    }

    private static String name(Smoothing smoothing) {
        return switch (smoothing) {
            case Smoothing.AddDelta(double delta) -> "add-delta " + delta;
            case Smoothing.Backoff _ -> "backoff";
            case Smoothing.Katz _ -> "katz";
            case Smoothing.KneserNey _ -> "kneser-ney";
            case Smoothing.ModifiedKneserNey _ -> "modified-kneser-ney";
        };
    }
}
