package dev.rondo.train;

/**
 * What a run is about to do.
 *
 * @param parameters     numbers that are trained
 * @param frozen         numbers that are not
 * @param epochs         passes over the data
 * @param stepsPerEpoch  in one pass
 * @param steps          of the whole run
 * @param targetsPerStep predictions in a step
 * @param firstStep      steps done before, by the run that this one resumes; else 0
 * @param kernels        which kernels run, for example {@code vector 512 bit}
 * @param threads        that compute
 */
public record TrainingSummary(
        long parameters,
        long frozen,
        int epochs,
        long stepsPerEpoch,
        long steps,
        long targetsPerStep,
        long firstStep,
        String kernels,
        int threads) {}
