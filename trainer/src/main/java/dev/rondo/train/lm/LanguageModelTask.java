package dev.rondo.train.lm;

import dev.rondo.graph.Function;
import dev.rondo.train.BatchSource;
import dev.rondo.train.Evaluation;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.Workers;
import dev.rondo.train.data.TokenStreams;
import dev.rondo.train.run.ModelTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The training of a language model on a corpus. */
final class LanguageModelTask implements ModelTask {
    /** The entry for the model that this one began as. */
    static final String FROM = "data.from_sha256";

    /** A validation text gets as many streams as give each this many times the tokens it warms up with. */
    private static final int SHARE_OF_WARM_UP = 4;

    private final LanguageModelSettings settings;
    private final Corpus corpus;
    private final LanguageNetwork network;
    private final Optional<PretrainedModel> from;
    private final Function function;
    private final TokenStreams batches;
    private final Workers workers;
    private StreamEvaluation evaluation;

    LanguageModelTask(LanguageModelSettings settings, Corpus corpus, Workers workers) {
        this(settings, corpus, Optional.empty(), workers);
    }

    /** @param from whose network and parameters this one begins with */
    LanguageModelTask(LanguageModelSettings settings, Corpus corpus, Optional<PretrainedModel> from, Workers workers) {
        this.from = from;
        this.workers = workers;
        this.settings = settings;
        this.corpus = corpus;
        int vocabulary = corpus.pipeline().vocabulary().size();
        this.network = LanguageNetwork.of(settings, vocabulary, from.map(PretrainedModel::architecture));
        this.function = network.training();
        this.batches = new TokenStreams(
                corpus.training(),
                corpus.pipeline().special().begin(),
                settings.batchSize(),
                settings.steps(),
                settings.initialStateDeviation(),
                settings.training().seed());
    }

    LanguageNetwork network() {
        return network;
    }

    @Override
    public String version() {
        return "1";
    }

    @Override
    public Function function() {
        return function;
    }

    @Override
    public Map<String, Integer> capacity() {
        return Map.of("B", settings.batchSize() / settings.training().shards(), "T", settings.steps());
    }

    @Override
    public BatchSource batches() {
        return batches;
    }

    @Override
    public void initialise(ParameterStore parameters, long seed) {
        if (from.isPresent()) {
            parameters.load(from.get().tensors());
        } else {
            network.initialise(parameters, seed);
        }
    }

    @Override
    public Evaluation evaluate(ParameterStore parameters, double trainingLoss) {
        if (evaluation == null) {
            int streams = corpus.validation().length / (SHARE_OF_WARM_UP * settings.steps());
            evaluation = evaluation(parameters, Math.clamp(streams, 1, settings.batchSize()));
        }
        return Evaluation.ofLoss(evaluation.loss());
    }

    /** With the mean cross-entropy of the validation text read in one stream: what the model's file scores, but for rounding. */
    @Override
    public TrainingResult exact(TrainingResult result, ParameterStore parameters) {
        return result.withBest(Evaluation.ofLoss(evaluation(parameters, 1).loss()));
    }

    @Override
    public void write(Path path, ParameterStore parameters, Map<String, String> metadata) throws IOException {
        LanguageModelFile.write(
                path,
                network.functions(),
                network.parameters(),
                parameters,
                corpus.pipeline(),
                settings.encoding(),
                metadata);
    }

    private StreamEvaluation evaluation(ParameterStore parameters, int streams) {
        return new StreamEvaluation(
                network.evaluation(),
                parameters,
                corpus.validation(),
                streams,
                settings.steps(),
                settings.steps(),
                settings.training().shards(),
                workers);
    }

    @Override
    public Map<String, String> description() {
        var entries = new LinkedHashMap<>(LanguageModelSettingsText.write(settings));
        entries.put("data.sha256", corpus.fingerprint());
        entries.put("data.training_tokens", "" + corpus.training().length);
        entries.put("data.vocabulary_size", "" + corpus.pipeline().vocabulary().size());
        from.ifPresent(model -> entries.put(FROM, model.fingerprint()));
        return entries;
    }
}
