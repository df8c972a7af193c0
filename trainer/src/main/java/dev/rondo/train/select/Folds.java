package dev.rondo.train.select;

import dev.rondo.train.SeededRandom;
import dev.rondo.train.rule.Settings;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Things dealt into parts, each of which is held out once. The same seed deals alike. Sizes of parts differ by one at most.
 *
 * @param count of the parts
 * @param of    the part of each thing
 */
public record Folds(int count, int[] of) {
    /** @throws dev.rondo.error.InputException when there are fewer than 2 parts, or things of none of them */
    public Folds {
        of = of.clone();
        Settings.require(count >= 2 && count <= of.length, "folds", "are 2 to " + of.length + ", the examples", count);
        int folds = count;
        boolean known = Arrays.stream(of).allMatch(f -> f >= 0 && f < folds);
        Settings.require(known, "folds", "are numbered from 0 to " + (count - 1), Arrays.toString(of));
    }

    /** Things in a random order, dealt in turn. */
    public static Folds random(int things, int count, long seed) {
        return stratified(new int[Math.max(0, things)], count, seed);
    }

    /**
     * Those of each class dealt in turn, in a random order: each part has the share of each class that all have, to one thing.
     *
     * @param classes of the things, from 0
     */
    public static Folds stratified(int[] classes, int count, long seed) {
        Settings.require(
                count >= 2 && count <= classes.length, "folds", "are 2 to " + classes.length + ", the examples", count);
        int[] order = SeededRandom.of(seed, count).permutation(classes.length);
        int[] sorted = Arrays.stream(order)
                .boxed()
                // Stable: within a class the order stays random.
                .sorted((a, b) -> Integer.compare(classes[a], classes[b]))
                .mapToInt(Integer::intValue)
                .toArray();
        int[] of = new int[classes.length];
        for (int i = 0; i < sorted.length; i++) {
            of[sorted[i]] = i % count;
        }
        return new Folds(count, of);
    }

    @Override
    public int[] of() {
        return of.clone();
    }

    /** The things of a part, in ascending order. */
    public int[] held(int fold) {
        return IntStream.range(0, of.length).filter(i -> of[i] == fold).toArray();
    }

    /** The things of all other parts, in ascending order. */
    public int[] training(int fold) {
        return IntStream.range(0, of.length).filter(i -> of[i] != fold).toArray();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Folds that && count == that.count && Arrays.equals(of, that.of);
    }

    @Override
    public int hashCode() {
        return 31 * count + Arrays.hashCode(of);
    }
}
