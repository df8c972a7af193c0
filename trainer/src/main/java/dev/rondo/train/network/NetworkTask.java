package dev.rondo.train.network;

import dev.rondo.architecture.Layer;
import dev.rondo.architecture.LayerGraph;
import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.NetworkText;
import dev.rondo.architecture.Objective;
import dev.rondo.architecture.chain.Chain;
import dev.rondo.architecture.chain.ChainGraph;
import dev.rondo.error.InputException;
import dev.rondo.graph.Function;
import dev.rondo.train.BatchSource;
import dev.rondo.train.Evaluation;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.Workers;
import dev.rondo.train.embedding.PretrainedVectors;
import dev.rondo.train.run.ModelTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The training of a network of layers. */
final class NetworkTask implements ModelTask {
    private final NetworkTrainingSettings settings;
    private final NetworkCorpus corpus;
    private final Optional<PretrainedNetwork> start;
    private final Optional<PretrainedVectors> vectors;
    private final LayerStack stack;
    private final Optional<Chain> chain;
    private final Function function;
    private final ExampleBatches batches;
    private final NetworkEvaluation evaluation;
    private Optional<NetworkScores> validation = Optional.empty();
    private Optional<NetworkScores> test = Optional.empty();

    NetworkTask(
            NetworkTrainingSettings settings,
            NetworkCorpus corpus,
            Optional<PretrainedNetwork> start,
            Optional<PretrainedVectors> vectors,
            Workers workers) {
        this.start = start;
        this.vectors = vectors;
        this.settings = settings;
        this.corpus = corpus;
        this.stack = NetworkText.parse(settings.network(), corpus.input(), corpus.results(), corpus.outputs());
        check(stack);
        checkSteps(stack, corpus.training().capacity(1).getOrDefault("T", 0));
        this.chain = settings.objective().kind() == ObjectiveSettings.Kind.CHAIN
                ? Optional.of(Chain.of(corpus.outputs()))
                : Optional.empty();
        ObjectiveSettings objective = settings.objective();
        var graph = new LayerGraph(stack);
        this.function = graph.training(objective(objective, corpus.results(), chain));
        // What is smooth for training is not what is asked for.
        var judged = ObjectiveSettings.of(objective.kind());
        int shards = settings.training().shards();
        Examples training = corpus.training();
        this.batches = new ExampleBatches(
                training,
                // A chain gives a loss to whole sentences.
                chain.isPresent() ? training.size() : training.targetCount(),
                settings.batchSize(),
                shards,
                settings.training().seed());
        this.evaluation = new NetworkEvaluation(
                graph,
                objective(judged, corpus.results(), chain),
                chain,
                corpus,
                Math.max(1, settings.batchSize() / shards),
                shards,
                workers);
    }

    private void check(LayerStack made) {
        boolean steps = corpus.results() == LayerStack.Results.TAGS;
        if (made.givesSteps() != steps) {
            throw new InputException(
                    "network",
                    steps
                            ? "gives something for each token, as tags want"
                            : "gives one result for each sample, so it pools over time",
                    settings.network(),
                    steps ? "leave out what pools" : "add pool(max), pool(last) or ends");
        }
    }

    /** That windows fit at least the longest training sample, and rows of places are enough for it. */
    private void checkSteps(LayerStack made, int longest) {
        long steps = longest;
        for (Layer layer : made.layers()) {
            if (steps < 1 || layer instanceof Layer.Repeat) {
                return;
            }
            if (layer instanceof Layer.Conv1d conv) {
                steps = Math.floorDiv(steps + conv.before() + conv.after() - conv.reach(), conv.stride()) + 1;
            } else if (layer instanceof Layer.PoolWindow pool) {
                steps = Math.floorDiv(steps - pool.size(), pool.stride()) + 1;
            } else if (layer instanceof Layer.Positions places && steps > places.maxSteps()) {
                throw new InputException(
                        "network, positions(" + places.maxSteps() + ")",
                        "has as many places as the longest training sample has steps",
                        "" + steps,
                        "give it more");
            }
            if (steps < 1) {
                throw new InputException(
                        "network",
                        "leaves at least one step of the longest training sample, of " + longest + " steps",
                        "windows that are longer",
                        "take smaller windows, or convolutions without 'valid'");
            }
        }
    }

    private static Objective objective(ObjectiveSettings settings, LayerStack.Results results, Optional<Chain> chain) {
        boolean fits = switch (settings.kind()) {
            case CROSS_ENTROPY -> results != LayerStack.Results.VALUES;
            case CHAIN -> results == LayerStack.Results.TAGS;
            case SQUARED, ABSOLUTE -> results == LayerStack.Results.VALUES;
        };
        if (!fits) {
            throw new InputException(
                    "setting objective",
                    "is cross_entropy for classes and tags, chain for tags, squared or absolute for numbers",
                    settings.kind() + " for " + results,
                    "change the setting");
        }
        return switch (settings.kind()) {
            case CROSS_ENTROPY ->
                // Classes have their weights with their samples.
                new Objective.CrossEntropy(
                        settings.smoothing(), settings.balanced() && results == LayerStack.Results.TAGS);
            case CHAIN -> new Objective.RandomField(new ChainGraph(chain.orElseThrow())::losses);
            case SQUARED -> new Objective.SquaredError();
            case ABSOLUTE -> new Objective.AbsoluteError();
        };
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
        return batches.capacity();
    }

    @Override
    public BatchSource batches() {
        return batches;
    }

    @Override
    public void initialise(ParameterStore parameters, long seed) {
        NetworkBeginning.initialise(stack, parameters, seed);
        start.ifPresent(from -> from.load(parameters, NetworkFile.functions(stack, chain), corpus.keepsOutputs()));
        vectors.ifPresent(rows -> rows.copyTo(parameters, "embedding"));
    }

    @Override
    public Evaluation evaluate(ParameterStore parameters, double trainingLoss) {
        evaluation.take(parameters);
        NetworkScores scores = evaluation.scores(corpus.validation());
        if (corpus.results() == LayerStack.Results.VALUES) {
            return Evaluation.ofLoss(scores.loss());
        }
        // Of 0 to 100, as is usual.
        double accuracy = 100 * scores.accuracy();
        return switch (settings.judge()) {
            case LOSS -> Evaluation.ofLoss(scores.loss(), accuracy);
            case ACCURACY -> Evaluation.ofQuality(scores.loss(), accuracy);
        };
    }

    /** The same figures; and those of the test samples, which nothing before has looked at. */
    @Override
    public TrainingResult exact(TrainingResult result, ParameterStore parameters) {
        evaluation.take(parameters);
        validation = Optional.of(evaluation.scores(corpus.validation()));
        test = corpus.test().map(evaluation::scores);
        return result;
    }

    /** Of the parameters that the run leaves; empty before it has ended. */
    Optional<NetworkScores> validation() {
        return validation;
    }

    Optional<NetworkScores> test() {
        return test;
    }

    @Override
    public Map<String, String> figures(Evaluation best) {
        var figures = new LinkedHashMap<>(corpus.metadata());
        if (best.hasQuality()) {
            figures.put("training.validation_accuracy", Double.toString(best.quality()));
        }
        return figures;
    }

    /** With the parameters of {@link #exact}. */
    @Override
    public void write(Path path, ParameterStore parameters, Map<String, String> metadata) throws IOException {
        NetworkFile.write(path, stack, chain, evaluation.parameters(), corpus, settings.encoding(), metadata);
    }

    @Override
    public Map<String, String> description() {
        var entries = new LinkedHashMap<>(NetworkTrainingSettingsText.write(settings));
        entries.put("data.sha256", corpus.fingerprint());
        entries.put("data.samples", "" + corpus.training().size());
        entries.put("data.validation_samples", "" + corpus.validation().size());
        entries.put("data.outputs", "" + corpus.outputs());
        start.ifPresent(from -> entries.put("from.sha256", from.fingerprint()));
        vectors.ifPresent(rows -> {
            var fingerprint = new Fingerprint();
            fingerprint.add(rows.rows());
            entries.put("vectors.sha256", fingerprint.hex());
        });
        return entries;
    }
}
