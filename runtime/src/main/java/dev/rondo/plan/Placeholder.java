package dev.rondo.plan;

/** Stands in until the first type of this package: javac refuses to export an empty one. */
final class Placeholder {
    private Placeholder() {}
}
