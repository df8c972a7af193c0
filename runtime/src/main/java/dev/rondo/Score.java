package dev.rondo;

/**
 * How likely a language model finds a text: {@code P(w_1..n) = Π P(w_i | w_<i)}. Immutable.
 *
 * <p>Logarithms are natural.
 */
public final class Score {
    private final double logProb;
    private final double[] logProbs;

    /** Keeps the array. */
    Score(double[] logProbs) {
        double sum = 0;
        for (double logProb : logProbs) {
            sum += logProb;
        }
        this.logProb = sum;
        this.logProbs = logProbs;
    }

    /** {@code ln P(w_1..n)}, the sum over the scored tokens. */
    public double logProb() {
        return logProb;
    }

    /** The number of scored tokens. Without a begin token the first token of the text is given, and not scored. */
    public int tokens() {
        return logProbs.length;
    }

    /** {@code ln P(w_i | w_<i)} of each scored token, a copy. */
    public double[] logProbs() {
        return logProbs.clone();
    }

    /** The mean of {@code -ln P(w_i | w_<i)} in nats: the cross-entropy of model and text. */
    public double crossEntropy() {
        return -logProb / tokens();
    }

    /** {@code P(w_1..n)^(-1/n) = e^crossEntropy}; V for a model that finds all V tokens equally likely. */
    public double perplexity() {
        return Math.exp(crossEntropy());
    }

    @Override
    public String toString() {
        return tokens() + " tokens, log-probability " + logProb + ", perplexity " + perplexity();
    }
}
