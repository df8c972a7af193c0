package dev.rondo.train.seq2seq;

import dev.rondo.Model;
import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.architecture.seq2seq.Encoder;
import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.EncoderDecoderGraph;
import dev.rondo.graph.Function;
import dev.rondo.train.BatchSource;
import dev.rondo.train.Evaluation;
import dev.rondo.train.Initialisation;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.Workers;
import dev.rondo.train.data.PairBatches;
import dev.rondo.train.run.ModelTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The training of an encoder-decoder on pairs of sentences. */
final class EncoderDecoderTask implements ModelTask {
    private final EncoderDecoderSettings settings;
    private final PairCorpora corpora;
    private final EncoderDecoder architecture;
    private final EncoderDecoderGraph graph;
    private final Function function;
    private final PairBatches pairs;
    private final BatchSource batches;
    private final Workers workers;
    private final ValidationBleu bleu;
    private PairEvaluation evaluation;

    EncoderDecoderTask(EncoderDecoderSettings settings, PairCorpora corpora, Workers workers) {
        this.settings = settings;
        this.corpora = corpora;
        this.workers = workers;
        this.architecture = new NetworkBuilder(
                        settings.network(),
                        corpora.pipelines().source().vocabulary().size(),
                        corpora.pipelines().target().vocabulary().size())
                .build();
        this.graph = new EncoderDecoderGraph(architecture);
        boolean sampled = settings.sampling().isUsed();
        this.function = sampled
                ? graph.scheduledSampling(settings.regularisation())
                : graph.training(settings.regularisation());
        this.pairs = new PairBatches(
                corpora.training(),
                settings.batchSize(),
                settings.training().shards(),
                settings.training().seed());
        this.batches = sampled
                ? new SampledBatches(
                        pairs, settings.sampling(), settings.training().seed())
                : pairs;
        this.bleu = new ValidationBleu(
                corpora.references(),
                settings.validation().beamSize(),
                settings.training().shards(),
                workers);
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
        return pairs.capacity();
    }

    @Override
    public BatchSource batches() {
        return batches;
    }

    @Override
    public void initialise(ParameterStore parameters, long seed) {
        for (Parameter parameter : architecture.parameters()) {
            Initialisation begin =
                    Initialisation.usual(parameter, settings.network().initialisation());
            parameters.initialise(parameter.name(), begin, parameter.groups(), seed);
        }
        if (settings.network().cell() instanceof Cell.Lstm) {
            double bias = settings.network().forgetBias();
            recurrentLayers().forEach(layer -> Initialisation.openForgetGates(layer, bias, parameters));
        }
    }

    private List<RecurrentParameters> recurrentLayers() {
        var layers = new ArrayList<>(architecture.decoder().layers());
        architecture.decoder().second().ifPresent(layers::add);
        if (architecture.encoder() instanceof Encoder.Recurrent recurrent) {
            for (Encoder.Layer layer : recurrent.layers()) {
                layers.add(layer.forward());
                layer.backward().ifPresent(layers::add);
            }
        }
        return layers;
    }

    @Override
    public Evaluation evaluate(ParameterStore parameters, double trainingLoss) {
        if (evaluation == null) {
            int shards = settings.training().shards();
            int rows = Math.max(1, settings.batchSize() / shards);
            evaluation =
                    new PairEvaluation(graph.evaluation(), parameters, corpora.validation(), rows, shards, workers);
        }
        double loss = evaluation.loss();
        return switch (settings.validation().measure()) {
            case LOSS -> Evaluation.ofLoss(loss);
            case BLEU -> Evaluation.ofQuality(loss, bleu(parameters));
        };
    }

    private double bleu(ParameterStore parameters) {
        try {
            Path file = Files.createTempFile("rondo", ".rondo");
            try {
                write(file, parameters, Map.of());
                try (Model model = Model.open(file)) {
                    return bleu.of(model);
                }
            } finally {
                Files.delete(file);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException("the model to be validated could not be written", failed);
        }
    }

    @Override
    public Map<String, String> figures(Evaluation best) {
        return best.hasQuality() ? Map.of("training.validation_bleu", Double.toString(best.quality())) : Map.of();
    }

    @Override
    public void write(Path path, ParameterStore parameters, Map<String, String> metadata) throws IOException {
        EncoderDecoderFile.write(path, architecture, parameters, corpora.pipelines(), settings.encoding(), metadata);
    }

    @Override
    public Map<String, String> description() {
        var entries = new LinkedHashMap<>(EncoderDecoderSettingsText.write(settings));
        entries.put("data.sha256", corpora.fingerprint());
        entries.put("data.pairs", "" + corpora.training().size());
        entries.put("data.validation_pairs", "" + corpora.validation().size());
        entries.put(
                "data.source_vocabulary_size",
                "" + corpora.pipelines().source().vocabulary().size());
        entries.put(
                "data.target_vocabulary_size",
                "" + corpora.pipelines().target().vocabulary().size());
        return entries;
    }
}
