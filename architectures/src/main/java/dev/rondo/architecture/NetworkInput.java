package dev.rondo.architecture;

/** What a network reads. */
public sealed interface NetworkInput {
    /** Tokens: ids i32[B,T] below {@code vocabulary}, and lengths i32[B]. */
    record Tokens(int vocabulary) implements NetworkInput {}

    /** Words and, if the network spells them, their characters: ids i32[B,T] and i32[B,T,C], and the lengths of both. */
    record Words(int vocabulary, int characters) implements NetworkInput {}

    /** Numbers at each step: f32[B,T,size], and lengths i32[B]. */
    record Steps(int size) implements NetworkInput {}

    /** Numbers without time: f32[B,size]. */
    record Vectors(int size) implements NetworkInput {}
}
