package dev.rondo.bench;

import dev.rondo.search.BeamOptions;
import dev.rondo.search.Constraints;
import dev.rondo.search.LengthPenalty;
import dev.rondo.search.Sentence;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What every runtime translates, and how.
 *
 * @param sources       ids of each sentence, the longest first, so that those of a batch are about as long
 * @param batch         sentences that are searched together
 * @param begin         the token that is fed first
 * @param lengthPenalty log-probabilities are divided by {@code length^lengthPenalty}
 * @param minFactor     results are at least so many times as long as their source
 */
record TranslationPlan(
        int[][] sources, int batch, int beamSize, int begin, int end, double lengthPenalty, double minFactor) {
    private static final double MAX_FACTOR = 1.5;
    private static final int MAX_EXTRA = 5;
    private static final int MAX_LENGTH = 100;

    double maxFactor() {
        return MAX_FACTOR;
    }

    int maxExtra() {
        return MAX_EXTRA;
    }

    int maxLength() {
        return MAX_LENGTH;
    }

    TranslationPlan withBatch(int size) {
        return new TranslationPlan(sources, size, beamSize, begin, end, lengthPenalty, minFactor);
    }

    /** So many of the sources, evenly chosen. */
    TranslationPlan part(int count) {
        int[][] some = IntStream.range(0, Math.min(count, sources.length))
                .mapToObj(i -> sources[(int) ((2L * i + 1) * sources.length / (2L * Math.min(count, sources.length)))])
                .toArray(int[][]::new);
        return new TranslationPlan(some, batch, beamSize, begin, end, lengthPenalty, minFactor);
    }

    /** Every second batch, from that one on. */
    TranslationPlan half(int first) {
        int[][] some = IntStream.range(0, batches())
                .filter(i -> i % 2 == first)
                .mapToObj(this::batch)
                .flatMap(Arrays::stream)
                .toArray(int[][]::new);
        return new TranslationPlan(some, batch, beamSize, begin, end, lengthPenalty, minFactor);
    }

    BeamOptions options() {
        return BeamOptions.of(beamSize)
                .withLengthPenalty(new LengthPenalty.Power(lengthPenalty))
                .withConstraints(Constraints.NONE
                        .withMinFactor(minFactor)
                        .withMaxFactor(MAX_FACTOR, MAX_EXTRA)
                        .withMaxLength(MAX_LENGTH));
    }

    /** The sources of a batch. */
    int[][] batch(int index) {
        return Arrays.copyOfRange(sources, index * batch, Math.min(sources.length, (index + 1) * batch));
    }

    int batches() {
        return (sources.length + batch - 1) / batch;
    }

    List<Sentence> sentences(int[][] of) {
        return Arrays.stream(of)
                .map(source -> Sentence.of(begin).withSourceLength(source.length))
                .toList();
    }

    TranslationNetwork.Limits limits() {
        return new TranslationNetwork.Limits(
                batch,
                beamSize,
                Arrays.stream(sources).mapToInt(source -> source.length).max().orElse(1));
    }
}
