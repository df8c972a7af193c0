package dev.rondo.translation;

/** What becomes of the unknown token in a translation. */
public enum Unknowns {
    /** It stays. */
    KEEP,
    /** A search never chooses it. */
    SUPPRESS,
    /** The token of the source that attention was on takes its place (Jean et al. 2015): names translate themselves. */
    REPLACE
}
