package dev.rondo.search;

/**
 * What a search walks: {@code step(token, state…) -> scores, state…} for several hypotheses of several sentences at once.
 * Row {@code sentence * width + hypothesis}. For one thread.
 */
public interface StepFunction {
    /** The number of tokens, V. */
    int vocabularySize();
}
