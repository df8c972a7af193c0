package dev.rondo.tests.seq2seq;

import dev.rondo.format.ElementType;
import dev.rondo.tests.oracle.NdArray;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Sentences and their translations.
 *
 * @param source         i32[B,S]
 * @param sourceLengths  i32[B]
 * @param previous       the word before each target word, i32[B,T]
 * @param target         i32[B,T]
 * @param targetLengths  i32[B]
 */
record Pairs(NdArray source, NdArray sourceLengths, NdArray previous, NdArray target, NdArray targetLengths) {

    /** Rows of random lengths, from none; one has all steps. Words beyond a length are random too. */
    static Pairs random(Random random, int rows, int places, int steps, int sourceWords, int targetWords) {
        return new Pairs(
                words(random, sourceWords, rows, places),
                lengths(random, rows, places),
                words(random, targetWords, rows, steps),
                words(random, targetWords, rows, steps),
                lengths(random, rows, steps));
    }

    private static NdArray words(Random random, int below, Integer... shape) {
        return NdArray.tabulate(ElementType.I32, List.of(shape), _ -> random.nextInt(below));
    }

    private static NdArray lengths(Random random, int rows, int most) {
        int longest = random.nextInt(rows);
        return NdArray.tabulate(ElementType.I32, List.of(rows), i -> i[0] == longest ? most : random.nextInt(most + 1));
    }

    int rows() {
        return source.size(0);
    }

    int places() {
        return source.size(1);
    }

    int steps() {
        return target.size(1);
    }

    int sourceLength(int row) {
        return (int) sourceLengths.at(row);
    }

    int targetLength(int row) {
        return (int) targetLengths.at(row);
    }

    /** Inputs of the functions {@code training} and {@code evaluation}. */
    Map<String, NdArray> inputs() {
        return Map.of(
                "source", source,
                "source_lengths", sourceLengths,
                "previous", previous,
                "target", target,
                "target_lengths", targetLengths);
    }

    /** One row without its padding. */
    Pairs alone(int row) {
        int s = sourceLength(row);
        int t = targetLength(row);
        return new Pairs(
                cut(source, row, s), NdArray.ints(s), cut(previous, row, t), cut(target, row, t), NdArray.ints(t));
    }

    private static NdArray cut(NdArray words, int row, int length) {
        return NdArray.tabulate(ElementType.I32, List.of(1, length), i -> words.at(row, i[1]));
    }

    /** The same with other words beyond the lengths, and more of them. */
    Pairs padded(Random random, int more, int sourceWords, int targetWords) {
        return new Pairs(
                padded(source, sourceLengths, random, more, sourceWords),
                sourceLengths,
                padded(previous, targetLengths, random, more, targetWords),
                padded(target, targetLengths, random, more, targetWords),
                targetLengths);
    }

    private static NdArray padded(NdArray words, NdArray lengths, Random random, int more, int below) {
        List<Integer> shape = List.of(words.size(0), words.size(1) + more);
        return NdArray.tabulate(
                ElementType.I32, shape, i -> i[1] < lengths.at(i[0]) ? words.at(i[0], i[1]) : random.nextInt(below));
    }
}
