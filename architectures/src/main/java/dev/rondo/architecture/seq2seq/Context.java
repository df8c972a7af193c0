package dev.rondo.architecture.seq2seq;

/** What a step of the decoder sees of the source, beside what its states began with. */
public sealed interface Context {
    /** Nothing. */
    record None() implements Context {}

    /** The same vector at every step (Cho et al. 2014), in the input of the first layer. */
    record Fixed(Summary summary) implements Context {}

    /** Another part of the source at every step. */
    record Attended(Attention attention) implements Context {}
}
