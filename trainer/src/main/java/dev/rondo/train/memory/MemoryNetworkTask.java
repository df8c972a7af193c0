package dev.rondo.train.memory;

import dev.rondo.Model;
import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.memory.MemoryNetwork;
import dev.rondo.architecture.memory.MemoryNetworkGraph;
import dev.rondo.architecture.memory.SentenceEncoding;
import dev.rondo.format.Encoding;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.memory.QuestionAnswering;
import dev.rondo.train.BatchSource;
import dev.rondo.train.Evaluation;
import dev.rondo.train.Initialisation;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.Shard;
import dev.rondo.train.run.ModelTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The training of a memory network on stories. */
final class MemoryNetworkTask implements ModelTask {
    /** As in the paper. */
    private static final double DEVIATION = 0.1;

    private static final int ROWS_OF_EVALUATION = 64;

    private final MemoryNetworkSettings settings;
    private final StoryCorpus corpus;
    private final MemoryNetwork architecture;
    private final MemoryNetworkGraph graph;
    private final Function function;
    private final StoryBatches batches;
    private Shard test;

    MemoryNetworkTask(MemoryNetworkSettings settings, StoryCorpus corpus) {
        this.settings = settings;
        this.corpus = corpus;
        this.architecture = new MemoryNetwork(
                corpus.pipeline().vocabulary().size(),
                settings.size(),
                settings.sentences(),
                corpus.reading().words(),
                settings.hops(),
                settings.tying(),
                switch (settings.encoding()) {
                    case BAG -> new SentenceEncoding.Bag();
                    case POSITION -> new SentenceEncoding.Position();
                    case RECURRENT -> MemoryNetwork.recurrent(settings.size());
                },
                settings.temporal(),
                true);
        this.graph = new MemoryNetworkGraph(architecture);
        this.function = graph.training();
        this.batches = new StoryBatches(corpus, settings);
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
        return Map.of("B", settings.batchSize() / settings.training().shards(), "S", settings.sentences());
    }

    @Override
    public BatchSource batches() {
        return batches;
    }

    @Override
    public void initialise(ParameterStore parameters, long seed) {
        for (Parameter parameter : architecture.parameters()) {
            if (parameter.name().equals(MemoryNetwork.POSITION)) {
                parameters.set(MemoryNetwork.POSITION, architecture.positions());
                continue;
            }
            Initialisation begin = switch (parameter.role()) {
                case EMBEDDING, VECTOR, LINEAR, OUTPUT -> new Initialisation.Normal(DEVIATION);
                case BIAS,
                        HIDDEN_BIAS,
                        PEEPHOLES,
                        STATISTIC,
                        OUTPUT_BIAS,
                        GAIN,
                        WEIGHT_HIDDEN,
                        WEIGHT_INPUT,
                        PROJECTION,
                        CONVOLUTION -> Initialisation.usual(parameter);
            };
            parameters.initialise(parameter.name(), begin, parameter.groups(), seed);
        }
    }

    /** By the cross-entropy of an answer, with softmax also while training is without; the quality is the accuracy, of 100. */
    @Override
    public Evaluation evaluate(ParameterStore parameters, double trainingLoss) {
        if (test == null) {
            test = Shard.forward(
                    graph.evaluation(),
                    parameters,
                    Map.of("B", ROWS_OF_EVALUATION, "S", settings.sentences()),
                    Model.Kernel.BEST);
        }
        List<StoryCorpus.Question> all = corpus.validation();
        double loss = 0;
        double correct = 0;
        for (int from = 0; from < all.size(); from += ROWS_OF_EVALUATION) {
            StoryBatches.fill(
                    test,
                    all.subList(from, Math.min(all.size(), from + ROWS_OF_EVALUATION)),
                    corpus.reading().words());
            test.run();
            loss += sum(test.floats("losses"));
            correct += sum(test.floats("correct"));
        }
        return Evaluation.ofLoss(loss / all.size(), 100 * correct / all.size());
    }

    private static double sum(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }

    @Override
    public Map<String, String> figures(Evaluation best) {
        return best.hasQuality() ? Map.of("training.validation_accuracy", "" + best.quality()) : Map.of();
    }

    @Override
    public Map<String, String> description() {
        var entries = new LinkedHashMap<>(MemoryNetworkSettingsText.write(settings));
        entries.put("data.sha256", corpus.fingerprint());
        entries.put("data.training_questions", "" + corpus.training().size());
        entries.put("data.vocabulary_size", "" + architecture.vocabularySize());
        return entries;
    }

    @Override
    public void write(Path path, ParameterStore parameters, Map<String, String> metadata) throws IOException {
        var writer = new RondoFileWriter();
        writer.metadata("task", QuestionAnswering.TASK);
        writer.metadata(QuestionAnswering.SENTENCES, "" + settings.sentences());
        writer.metadata(QuestionAnswering.ORDER, QuestionAnswering.LATEST_FIRST);
        metadata.forEach(writer::metadata);
        writer.text(corpus.pipeline());
        writer.function(FunctionCodec.encode(graph.answer()));
        for (Parameter parameter : architecture.parameters()) {
            writer.tensor(
                    parameter.name(),
                    Encoding.F32,
                    parameter.layout(),
                    parameter.shape(),
                    () -> parameters.get(parameter.name()));
        }
        writer.write(path);
    }
}
