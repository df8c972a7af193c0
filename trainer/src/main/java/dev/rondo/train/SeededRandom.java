package dev.rondo.train;

/**
 * A pseudorandom generator, SplitMix64 (Steele, Lea and Flood 2014), ours so that a seed gives the same numbers on every
 * JDK. Streams of one seed that must not depend on each other have each a generator of their own.
 */
public final class SeededRandom {
    private static final long STEP = 0x9E3779B97F4A7C15L;

    private long state;

    /** The generator of a seed. */
    public SeededRandom(long seed) {
        this.state = seed;
    }

    /** The generator of a part of what a seed decides: an epoch, a parameter, a shard. */
    public static SeededRandom of(long seed, long... part) {
        return new SeededRandom(hash(seed, part));
    }

    /** A number that depends on all of these. */
    public static long hash(long seed, long... part) {
        long hash = mix(seed + STEP);
        for (long p : part) {
            hash = mix(hash + STEP ^ mix(p + STEP));
        }
        return hash;
    }

    private static long mix(long z) {
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    public long nextLong() {
        state += STEP;
        return mix(state);
    }

    /** Uniform in [0, 1): a multiple of 2^-53. */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1p-53;
    }

    /** Uniform in [0, bound), up to a bias of 2^-32. */
    public int nextInt(int bound) {
        return (int) (((nextLong() >>> 32) * bound) >>> 32);
    }

    /** Normal with mean 0 and deviation 1 (Box and Muller 1958). */
    public double nextGaussian() {
        double radius = Math.sqrt(-2 * StrictMath.log(1 - nextDouble()));
        return radius * StrictMath.cos(2 * Math.PI * nextDouble());
    }

    /** A random order of 0 to n-1 (Fisher and Yates). */
    public int[] permutation(int n) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
