package dev.rondo.ngram;

import dev.rondo.error.InputException;
import dev.rondo.text.Tokenizer;

/**
 * How likely a model of n-grams finds sentences. Logarithms are natural.
 *
 * @param sentences      each ends with a predicted end token, where the model has one
 * @param tokens         predicted, ends and unknown ones included
 * @param ends           end tokens
 * @param unknown        tokens that stand for what the vocabulary lacks
 * @param logProb        of all tokens together
 * @param endLogProb     of the end tokens
 * @param unknownLogProb of the unknown tokens
 */
public record NgramScore(
        long sentences,
        long tokens,
        long ends,
        long unknown,
        double logProb,
        double endLogProb,
        double unknownLogProb) {

    /**
     * Scores the sentences of a text: its lines.
     *
     * @throws InputException when the model has no vocabulary, the vocabulary lacks something and has no unknown token, or
     *                        nothing is to be predicted
     */
    public static NgramScore of(NgramModel model, String text) {
        Tokenizer tokenizer = model.tokenizer()
                .orElseThrow(() -> new InputException(
                        "model", "has a vocabulary", "none", "score ids, or train the model with its vocabulary"));
        var scorer = new Scorer(model);
        Sentences.forEach(tokenizer, text, scorer::read);
        if (scorer.tokens == 0) {
            throw new InputException("text", "has a token to predict", "none", "give a longer text");
        }
        return scorer.score();
    }

    /** {@code e^(-logProb / tokens)}: everything that is predicted counts. */
    public double perplexity() {
        return perplexity(logProb, tokens);
    }

    /** That of the tokens that are no ends. */
    public double perplexityWithoutEnds() {
        return perplexity(logProb - endLogProb, tokens - ends);
    }

    /** That of the tokens that the vocabulary has, ends included. */
    public double perplexityWithoutUnknown() {
        return perplexity(logProb - unknownLogProb, tokens - unknown);
    }

    private static double perplexity(double logProb, long tokens) {
        return Math.exp(-logProb / tokens);
    }

    private static final class Scorer {
        private final NgramModel model;
        private final NgramContext context;
        private long sentences;
        private long tokens;
        private long ends;
        private long unknown;
        private double logProb;
        private double endLogProb;
        private double unknownLogProb;

        Scorer(NgramModel model) {
            this.model = model;
            this.context = model.context();
        }

        void read(int[] sentence) {
            model.begin(context);
            for (int token : sentence) {
                double one = model.advance(context, token);
                logProb += one;
                if (token == model.special().unknown()) {
                    unknown++;
                    unknownLogProb += one;
                }
            }
            tokens += sentence.length;
            if (model.special().end() >= 0) {
                double end = model.advance(context, model.special().end());
                logProb += end;
                endLogProb += end;
                ends++;
                tokens++;
            }
            sentences++;
        }

        NgramScore score() {
            return new NgramScore(sentences, tokens, ends, unknown, logProb, endLogProb, unknownLogProb);
        }
    }
}
