package dev.rondo.translation;

import dev.rondo.error.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Ranks translations y of x anew, by {@code ln P(y|x) + channel · ln P(x|y) + prior · ln P(y)}: the noisy channel beside the direct model
 * (Yee et al. 2019, equation 4). A translation that leaves something out explains its source badly. Which weights are good depends
 * on the models: choose them by the BLEU of sentences set apart.
 */
public final class NoisyChannel {
    private final TranslationSession reverse;
    private final ToDoubleFunction<String> language;
    private final double channel;
    private final double prior;

    /**
     * For one thread, the reverse session's.
     *
     * @param reverse  translates back, from the target's language to the source's
     * @param language {@code ln P(y)} of a text in the target's language: {@code text -> model.score(text).logProb()}
     * @param channel  the weight of {@code ln P(x|y)}
     * @param prior    the weight of {@code ln P(y)}
     */
    public NoisyChannel(TranslationSession reverse, ToDoubleFunction<String> language, double channel, double prior) {
        if (!(Math.abs(channel) <= 1e6 && Math.abs(prior) <= 1e6)) {
            throw new InputException(
                    "weights of a noisy channel",
                    "are finite",
                    channel + " and " + prior,
                    "choose them by the BLEU of sentences set apart");
        }
        this.reverse = reverse;
        this.language = language;
        this.channel = channel;
        this.prior = prior;
    }

    /**
     * The same candidates in their new order, with their new scores; of equals the one that was better. Last, with negative
     * infinity, come those that are empty, or that the reverse model cannot read: no source comes of them. So do those that the
     * language model finds impossible. A model whose weight is 0 is not asked.
     *
     * @throws InputException when the reverse model's target vocabulary lacks something of the source and has no unknown token,
     *     or the language model gives NaN or positive infinity
     */
    public Translation rank(String source, Translation translation) {
        List<Translation.Candidate> given = translation.nBest();
        var readable = new boolean[given.size()];
        var texts = new ArrayList<String>();
        for (int i = 0; i < readable.length; i++) {
            readable[i] = canBeRead(given.get(i));
            if (readable[i]) {
                texts.add(given.get(i).text());
            }
        }
        List<Double> scores = channel == 0
                ? Collections.nCopies(texts.size(), 0.0)
                : reverse.score(texts, Collections.nCopies(texts.size(), source));
        Iterator<Double> back = scores.iterator();
        var candidates = new ArrayList<Translation.Candidate>();
        for (int i = 0; i < readable.length; i++) {
            Translation.Candidate one = given.get(i);
            double score = Double.NEGATIVE_INFINITY;
            if (readable[i]) {
                double sentence = prior == 0 ? 0 : logProb(one.text());
                score = one.hypothesis().logProb() + weighted(channel, back.next()) + weighted(prior, sentence);
            }
            candidates.add(new Translation.Candidate(one.text(), one.tokens(), score, one.hypothesis()));
        }
        candidates.sort(Comparator.comparingDouble(c -> -c.score()));
        return new Translation(translation.source(), candidates);
    }

    private double logProb(String text) {
        double logProb = language.applyAsDouble(text);
        if (Double.isNaN(logProb) || logProb == Double.POSITIVE_INFINITY) {
            throw new InputException(
                    "language model of the noisy channel",
                    "gives ln P(y), a number or negative infinity",
                    logProb + " for '" + text + "'",
                    "correct the function");
        }
        return logProb;
    }

    private static double weighted(double weight, double logProb) {
        // Impossible also against a negative weight, or one of 0.
        return logProb == Double.NEGATIVE_INFINITY ? logProb : weight * logProb;
    }

    private boolean canBeRead(Translation.Candidate candidate) {
        return hasText(candidate) && (channel == 0 || reverse.canRead(candidate.text()));
    }

    private static boolean hasText(Translation.Candidate candidate) {
        return !candidate.tokens().isEmpty() && !candidate.text().isBlank();
    }
}
