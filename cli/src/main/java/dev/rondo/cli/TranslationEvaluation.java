package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.error.InputException;
import dev.rondo.text.Tokenizer;
import dev.rondo.train.data.ParallelText;
import dev.rondo.train.metric.Bleu;
import dev.rondo.train.metric.BleuScore;
import dev.rondo.train.metric.Chrf;
import dev.rondo.train.metric.Tokenisation;
import dev.rondo.translation.Translation;
import dev.rondo.translation.Words;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How well a model translates a text: BLEU and chrF of its translations, and how likely it finds the references.
 *
 * @param text         sources and references
 * @param translations of the sources
 * @param logProb      of all references
 * @param tokens       of the references, their ends included
 */
record TranslationEvaluation(
        ParallelText text, List<String> translations, double logProb, long tokens, double seconds) {
    static TranslationEvaluation of(ParallelTranslation translation, Tokenizer target, ParallelText text) {
        long start = System.nanoTime();
        List<String> translations = translation.translate(text.sources()).stream()
                .map(Translation::text)
                .toList();
        double seconds = (System.nanoTime() - start) / 1e9;
        var sources = new ArrayList<String>();
        var references = new ArrayList<String>();
        long tokens = 0;
        for (int i = 0; i < text.size(); i++) {
            if (!Words.of(text.sources().get(i)).isEmpty()) {
                sources.add(text.sources().get(i));
                references.add(text.targets().get(i));
                tokens += 1L + target.encode(text.targets().get(i)).length;
            }
        }
        if (sources.isEmpty()) {
            // The mean of no tokens is no number.
            throw new InputException("--source", "has a sentence to translate", "empty lines", "give other texts");
        }
        double logProb = translation.score(sources, references).stream()
                .mapToDouble(Double::doubleValue)
                .sum();
        return new TranslationEvaluation(text, translations, logProb, tokens, seconds);
    }

    private double crossEntropy() {
        return -logProb / tokens;
    }

    private BleuScore bleu(Tokenisation tokenisation) {
        return Bleu.corpus(translations, List.of(text.targets()), Bleu.Options.DEFAULT.with(tokenisation));
    }

    /** How many translations are the reference, letter by letter. */
    private int exact() {
        int same = 0;
        for (int i = 0; i < text.size(); i++) {
            same += translations.get(i).equals(text.targets().get(i)) ? 1 : 0;
        }
        return same;
    }

    BleuByLength byLength() {
        return BleuByLength.of(text, translations);
    }

    /** The figures of all sentences. */
    void put(ObjectNode node) {
        node.put("sentences", text.size());
        node.put("exact", exact());
        put(node, "bleu", Tokenisation.NONE);
        put(node, "bleu_13a", Tokenisation.MTEVAL_13A);
        node.put("chrf", Chrf.corpus(translations, text.targets()));
        node.put("tokens", tokens);
        node.put("nats_per_token", crossEntropy());
        node.put("perplexity", Math.exp(crossEntropy()));
        node.put("seconds", seconds);
        node.put("sentences_per_second", text.size() / seconds);
    }

    private void put(ObjectNode node, String name, Tokenisation tokenisation) {
        BleuScore score = bleu(tokenisation);
        node.put(name, score.score());
        node.put(name + "_signature", Bleu.Options.DEFAULT.with(tokenisation).signature(1));
        node.put(name + "_brevity_penalty", score.brevityPenalty());
    }

    /** The figures of all sentences. */
    void print(PrintWriter out) {
        out.printf(Locale.ROOT, "sentences           %d%n", text.size());
        int exact = exact();
        out.printf(Locale.ROOT, "exact               %d, %.2f %%%n", exact, 100.0 * exact / text.size());
        for (Tokenisation tokenisation : Tokenisation.values()) {
            out.printf(
                    Locale.ROOT,
                    "BLEU                %s, %s%n",
                    bleu(tokenisation),
                    Bleu.Options.DEFAULT.with(tokenisation).signature(1));
        }
        out.printf(Locale.ROOT, "chrF                %.2f%n", Chrf.corpus(translations, text.targets()));
        out.printf(Locale.ROOT, "nats per token      %.6f%n", crossEntropy());
        out.printf(Locale.ROOT, "perplexity          %.4f%n", Math.exp(crossEntropy()));
        out.printf(Locale.ROOT, "sentences a second  %.1f%n", text.size() / seconds);
    }
}
