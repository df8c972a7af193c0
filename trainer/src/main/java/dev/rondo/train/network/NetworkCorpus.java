package dev.rondo.train.network;

import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.NetworkInput;
import dev.rondo.error.InputException;
import dev.rondo.format.TextPipeline;
import dev.rondo.train.data.Scaling;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The data of a run as a network is fed with it.
 *
 * @param test          none where there are no test samples
 * @param input         what the network reads
 * @param results       what it gives
 * @param outputs       how many numbers for each, or classes
 * @param labels        names of the classes or tags; none for numbers
 * @param pipelines     of the file
 * @param inputScaling  of numbers, done already; the file's network does it itself
 * @param targetScaling likewise
 * @param keepsOutputs  whether the model that the network begins as gives the same classes, tags or numbers
 * @param metadata      what else the file says about its data
 * @param fingerprint   SHA-256 of all data
 */
record NetworkCorpus(
        Examples training,
        Examples validation,
        Optional<Examples> test,
        NetworkInput input,
        LayerStack.Results results,
        int outputs,
        List<String> labels,
        List<TextPipeline> pipelines,
        Optional<Scaling> inputScaling,
        Optional<Scaling> targetScaling,
        boolean keepsOutputs,
        Map<String, String> metadata,
        String fingerprint) {
    /**
     * Reads the data.
     *
     * @param start what the network begins as, whose vocabularies it takes over
     * @throws InputException when there are too few samples, or some that do not fit
     */
    static NetworkCorpus of(NetworkTrainingSettings settings, NetworkData data, Optional<PretrainedNetwork> start) {
        return switch (data) {
            case NetworkData.Texts(var parts) -> TextCorpus.of(settings, present(parts), start);
            case NetworkData.Sentences(var parts) -> SentenceCorpus.of(settings, present(parts), start);
            case NetworkData.Features(var parts, var inputs) ->
                NumberCorpus.classes(settings, present(parts), inputs, start);
            case NetworkData.Numbers numbers -> {
                present(numbers.parts());
                yield NumberCorpus.values(settings, numbers, start);
            }
        };
    }

    /** The words that the network reads. */
    List<String> vocabulary() {
        return pipelines.stream()
                .filter(p -> p.name().equals(TextCorpus.PIPELINE))
                .findFirst()
                .map(TextPipeline::vocabulary)
                .orElseThrow(() -> new InputException(
                        "word vectors", "are for networks that read words", "numbers", "leave them out"));
    }

    private static <T> Parts<T> present(Parts<T> parts) {
        if (parts.training().isEmpty() || parts.validation().isEmpty()) {
            throw new InputException(
                    "data",
                    "has samples to train on and samples for validation",
                    parts.training().size() + " and " + parts.validation().size(),
                    "give more data, or another share for validation");
        }
        return parts;
    }
}
