package dev.rondo.search;

import java.util.List;

/**
 * A strategy over one {@link StepFunction}: reusable, for one thread. What it needs it allocates at the first sentences; after
 * those, only results are allocated.
 */
public sealed interface Search permits BeamSearch, SamplingSearch, ExhaustiveSearch {
    /**
     * Searches for all sentences at once. Results do not depend on which sentences share a call, apart from draws:
     * a sentence draws from the seed plus its {@link Sentence#number}, which is i for sentence i unless it says another.
     *
     * @return for each sentence its best hypotheses, best first; none when the constraints leave none
     * @throws dev.rondo.error.InputException when a score is NaN, or a sentence does not fit the options
     */
    List<List<Hypothesis>> run(List<Sentence> sentences, TokenListener listener);

    /** Without a listener. */
    default List<List<Hypothesis>> run(List<Sentence> sentences) {
        return run(sentences, TokenListener.NONE);
    }

    /** One sentence. */
    default List<Hypothesis> run(Sentence sentence) {
        return run(List.of(sentence)).getFirst();
    }
}
