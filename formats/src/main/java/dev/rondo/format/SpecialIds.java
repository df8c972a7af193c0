package dev.rondo.format;

/**
 * The ids of tokens with a meaning of their own; -1 where there is none.
 *
 * @param unknown stands for what the vocabulary lacks
 * @param begin   precedes a sequence
 * @param end     ends a sequence
 * @param padding fills up shorter rows of a batch
 */
public record SpecialIds(int unknown, int begin, int end, int padding) {
    /** No special tokens. */
    public static final SpecialIds NONE = new SpecialIds(-1, -1, -1, -1);
}
