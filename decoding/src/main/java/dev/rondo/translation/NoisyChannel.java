package dev.rondo.translation;

import dev.rondo.error.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.function.ToDoubleFunction;

/**
 * Ranks translations y of x anew, by {@code ln P(y|x) + channel · ln P(x|y) + prior · ln P(y)}: the noisy channel beside the direct model
 * (Yee et al. 2019, equation 4). A translation that leaves something out explains its source badly.
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
                    "weights of a noisy channel", "are finite", channel + " and " + prior, "0.1 to 1 is usual");
        }
        this.reverse = reverse;
        this.language = language;
        this.channel = channel;
        this.prior = prior;
    }

    /**
     * The same candidates in their new order, with their new scores; of equals the one that was better. Empty ones come last,
     * and those that the language model finds impossible.
     */
    public Translation rank(String source, Translation translation) {
        var texts = new ArrayList<String>();
        for (Translation.Candidate candidate : translation.nBest()) {
            if (hasText(candidate)) {
                texts.add(candidate.text());
            }
        }
        Iterator<Double> back =
                reverse.score(texts, Collections.nCopies(texts.size(), source)).iterator();
        var candidates = new ArrayList<Translation.Candidate>();
        for (Translation.Candidate candidate : translation.nBest()) {
            double score = Double.NEGATIVE_INFINITY;
            if (hasText(candidate)) {
                double direct = candidate.hypothesis().logProb() + channel * back.next();
                score = prior == 0 ? direct : score(direct, language.applyAsDouble(candidate.text()));
            }
            candidates.add(
                    new Translation.Candidate(candidate.text(), candidate.tokens(), score, candidate.hypothesis()));
        }
        candidates.sort(Comparator.comparingDouble(c -> -c.score()));
        return new Translation(translation.source(), candidates);
    }

    private double score(double direct, double sentence) {
        // Also against a negative weight.
        return sentence == Double.NEGATIVE_INFINITY ? sentence : direct + prior * sentence;
    }

    private static boolean hasText(Translation.Candidate candidate) {
        return !candidate.tokens().isEmpty() && !candidate.text().isBlank();
    }
}
