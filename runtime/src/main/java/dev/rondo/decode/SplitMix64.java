package dev.rondo.decode;

/**
 * A pseudorandom generator with 64 bits of state: a Weyl sequence, hashed. Ours, so that a seed gives the same numbers on
 * every JDK. It is for sampling and not for secrets.
 *
 * <p>{@code state += 0x9e3779b97f4a7c15; z = state; z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9; z = (z ^ z >>> 27) *
 * 0x94d049bb133111eb; return z ^ z >>> 31} (Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014;
 * constants of Vigna's splitmix64.c).
 */
final class SplitMix64 {
    private static final long STEP = 0x9e3779b97f4a7c15L;

    /** The seed, and a step for each number since. */
    long state;

    SplitMix64(long seed) {
        this.state = seed;
    }

    long nextLong() {
        state += STEP;
        long z = state;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    /** Uniform in [0, 1): a multiple of 2^-53. */
    double nextDouble() {
        return (nextLong() >>> 11) * 0x1p-53;
    }
}
