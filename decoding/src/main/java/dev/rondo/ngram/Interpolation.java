package dev.rondo.ngram;

import dev.rondo.LanguageModel;
import dev.rondo.error.InputException;
import dev.rondo.format.SpecialIds;
import dev.rondo.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Two models that predict the same tokens of a text: {@code P(w) = λ P_recurrent(w) + (1 − λ) P_ngram(w)} (Jelinek and
 * Mercer 1980). The n-grams begin anew at each line; the recurrent model reads on, so it knows what came before.
 */
public final class Interpolation {
    private static final int MAX_ROUNDS = 200;
    private static final double ENOUGH = 1e-7;

    private final double[] ngrams;
    private final double[] recurrent;

    private Interpolation(double[] ngrams, double[] recurrent) {
        this.ngrams = ngrams;
        this.recurrent = recurrent;
    }

    /**
     * Both models read a text: its lines that are not blank, with their ends.
     *
     * @param recurrent of the vocabulary of the n-grams, with begin and end of sentences
     * @throws InputException when nothing is to be predicted, the vocabulary has no begin and end of sentences, or lacks
     *                        something of the text and has no unknown token
     */
    public static Interpolation of(NgramModel ngrams, LanguageModel recurrent, String text) {
        Tokenizer tokenizer = recurrent.tokenizer();
        SpecialIds special = tokenizer.pipeline().special();
        if (special.begin() < 0 || special.end() < 0) {
            throw new InputException(
                    "vocabulary", "has begin and end of sentences", special.toString(), "train with --vocabulary-of");
        }
        var lines = new ArrayList<int[]>();
        Sentences.forEach(tokenizer, text, lines::add);
        if (lines.isEmpty()) {
            throw new InputException("text", "has a token to predict", "none", "give a longer text");
        }
        return new Interpolation(ofNgrams(ngrams, lines, special), ofRecurrent(recurrent, lines, special));
    }

    private static double[] ofNgrams(NgramModel model, List<int[]> lines, SpecialIds special) {
        NgramContext context = model.context();
        return lines.stream()
                .flatMapToDouble(line -> {
                    model.begin(context);
                    double[] found = new double[line.length + 1];
                    for (int i = 0; i < line.length; i++) {
                        found[i] = model.advance(context, line[i]);
                    }
                    found[line.length] = model.advance(context, special.end());
                    return Arrays.stream(found);
                })
                .toArray();
    }

    /** The model is given a begin before the first line by itself, and the others here; those are not predicted. */
    private static double[] ofRecurrent(LanguageModel model, List<int[]> lines, SpecialIds special) {
        int count = lines.stream().mapToInt(line -> line.length + 2).sum() - 1;
        int[] tokens = new int[count];
        int at = 0;
        for (int[] line : lines) {
            if (at > 0) {
                tokens[at++] = special.begin();
            }
            System.arraycopy(line, 0, tokens, at, line.length);
            at += line.length;
            tokens[at++] = special.end();
        }
        double[] all = model.score(tokens).logProbs();
        double[] found = new double[count - lines.size() + 1];
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (tokens[i] != special.begin()) {
                found[kept++] = all[i];
            }
        }
        return found;
    }

    /** How many tokens are predicted, ends included. */
    public int tokens() {
        return ngrams.length;
    }

    /** {@code e^(−mean ln P)}. */
    public double perplexity(double weight) {
        double sum = 0;
        for (int i = 0; i < ngrams.length; i++) {
            sum += mixed(i, weight);
        }
        return Math.exp(-sum / ngrams.length);
    }

    /** ln P of a token: the larger of the two, and what the other adds. */
    private double mixed(int i, double weight) {
        double a = Math.log(weight) + recurrent[i];
        double b = Math.log1p(-weight) + ngrams[i];
        double larger = Math.max(a, b);
        return larger == Double.NEGATIVE_INFINITY ? larger : larger + Math.log1p(Math.exp(Math.min(a, b) - larger));
    }

    /** The weight that makes this text most likely, by expectation maximisation: the likelihood has one maximum. */
    public double bestWeight() {
        double weight = 0.5;
        for (int round = 0; round < MAX_ROUNDS; round++) {
            double sum = 0;
            for (int i = 0; i < ngrams.length; i++) {
                double both = mixed(i, weight);
                sum += both == Double.NEGATIVE_INFINITY ? weight : Math.exp(Math.log(weight) + recurrent[i] - both);
            }
            double next = sum / ngrams.length;
            boolean done = Math.abs(next - weight) < ENOUGH;
            weight = next;
            if (done) {
                break;
            }
        }
        return weight;
    }
}
