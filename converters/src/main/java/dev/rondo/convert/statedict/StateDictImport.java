package dev.rondo.convert.statedict;

import dev.rondo.architecture.LanguageModelArchitecture;
import dev.rondo.architecture.LanguageModelGraph;
import dev.rondo.architecture.Layer;
import dev.rondo.architecture.LayerGraph;
import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.chain.ChainGraph;
import dev.rondo.architecture.seq2seq.EncoderDecoder;
import dev.rondo.architecture.seq2seq.EncoderDecoderGraph;
import dev.rondo.convert.draft.DraftWeights;
import dev.rondo.convert.draft.ModelDraft;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.convert.json.ConfigObject;
import dev.rondo.convert.json.StrictJson;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.format.Normalisation;
import dev.rondo.format.ReferenceCase;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Function;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The model that a state dict and a configuration describe. */
public final class StateDictImport {
    /** What stands around every source: begin, end or both. */
    private static final String SURROUND = "text.source.surround";

    private StateDictImport() {}

    /**
     * Resolves a configuration against the tensors of a state dict; without one, the architecture that names and shapes
     * tell, if it was confirmed.
     *
     * @param file    the name of the source, for messages
     * @param tensors by name
     */
    public static ModelDraft draft(String file, Map<String, SourceTensor> tensors, StateDictOptions options)
            throws IOException {
        if (options.config().isEmpty()) {
            String inferred = StackInference.config(file, tensors, options.inference());
            if (!options.inference().confirmed()) {
                throw new InputException(
                        "--config",
                        "is needed for weights without a graph, unless the inferred architecture is confirmed",
                        "neither; inferred from names and shapes: " + inferred,
                        "confirm it with --yes, or write it to a file, edit it and pass --config"
                                + " (docs/architectures.md)");
            }
            ConfigObject config = ConfigObject.parse("the inferred configuration", inferred);
            var lines = new LinkedHashMap<String, String>();
            lines.put(
                    "architecture",
                    "inferred from names and shapes, and confirmed: " + inferred.replaceAll("\\s+", " "));
            return draft(file, tensors, config, options, lines);
        }
        return draft(file, tensors, ConfigObject.read(options.config().get()), options, new LinkedHashMap<>());
    }

    private static ModelDraft draft(
            String file,
            Map<String, SourceTensor> tensors,
            ConfigObject config,
            StateDictOptions options,
            Map<String, String> interpretation)
            throws IOException {
        var source = new SourceTensors(file, tensors);
        return switch (config.text("architecture")) {
            case "language-model" -> languageModel(config, source, options);
            case "tagger" -> stack(new StackReader(source).tagger(config), source, options, interpretation);
            case "classifier" -> stack(new StackReader(source).classifier(config), source, options, interpretation);
            case "layers" -> stack(new StackReader(source).layers(config), source, options, interpretation);
            case "encoder-decoder" -> encoderDecoder(config, source, options);
            case "memory-network" -> new MemoryNetworkImport(config, source).draft(options, tokens(options));
            case String other ->
                throw config.error(
                        "architecture",
                        "must be language-model, tagger, classifier, encoder-decoder, memory-network or layers",
                        StrictJson.quote(other),
                        "other architectures are not converted from a configuration yet");
        };
    }

    private static ModelDraft languageModel(ConfigObject config, SourceTensors source, StateDictOptions options)
            throws IOException {
        LanguageModelConfig read = ConfigReader.languageModel(config);
        var weights = new DraftWeights();
        var collected = LanguageModelWeights.collect(read, source, new WeightCollector(weights));
        List<String> unused = unused(source, read.allowUnused(), options);
        LanguageModelArchitecture architecture = collected.architecture();
        Optional<TextPipeline> text = read.text().pipeline("text", tokens(options), architecture.vocabularySize());
        var graph = new LanguageModelGraph(architecture);
        var functions = new ArrayList<>(List.of(graph.step(), graph.sequence(), graph.logProbs()));
        List<ReferenceCase> references = ReferenceVectors.read(options.io(), read.reference(), functions);
        if (references.stream().noneMatch(r -> r.function().equals(LanguageModelGraph.LOG_PROBS))) {
            functions.removeLast();
        }
        return new ModelDraft(
                "language-model",
                functions,
                weights.store(functions, options.choice()),
                text.stream().toList(),
                Map.of(),
                references,
                collected.interpretation(),
                source.size(),
                unused);
    }

    private static ModelDraft encoderDecoder(ConfigObject config, SourceTensors source, StateDictOptions options)
            throws IOException {
        EncoderDecoderConfig read = new EncoderDecoderReader(source).read(config);
        var weights = new DraftWeights();
        var collected = new EncoderDecoderWeights(source, new WeightCollector(weights));
        EncoderDecoder architecture = collected.collect(read);
        List<String> unused = unused(source, read.allowUnused(), options);
        Optional<VocabularyFile> separate = VocabularyFile.read(options.vocabulary());
        var texts = new ArrayList<TextPipeline>();
        read.source()
                .pipeline(
                        "source",
                        separate.flatMap(VocabularyFile::source),
                        architecture.encoder().embedding().vocabularySize())
                .ifPresent(texts::add);
        read.target()
                .pipeline(
                        "target",
                        separate.flatMap(VocabularyFile::target),
                        architecture.decoder().embedding().vocabularySize())
                .ifPresent(texts::add);
        var graph = new EncoderDecoderGraph(architecture);
        Function encode = graph.encode();
        Function step = graph.step();
        List<Function> functions = List.of(encode, step);
        return new ModelDraft(
                EncoderDecoder.TASK,
                functions,
                weights.store(functions, options.choice()),
                texts,
                read.surround().isEmpty()
                        ? Map.of()
                        : Map.of(SURROUND, read.surround().get()),
                EncoderDecoderVectors.read(options.io(), read.reference(), encode, step),
                collected.interpretation(),
                source.size(),
                unused);
    }

    private static ModelDraft stack(
            StackConfig config, SourceTensors source, StateDictOptions options, Map<String, String> interpretation)
            throws IOException {
        var weights = new DraftWeights();
        var collector = new WeightCollector(weights);
        var collected = new LayerWeights(source, collector, config.input().size());
        LayerStack stack = collected.collect(config.layers(), config.input().steps(), config.results());
        List<Function> chain = List.of();
        if (config.chain().isPresent()) {
            var scores =
                    new ChainWeights(source, collector).collect(config.chain().get(), stack.outputSize());
            chain = new ChainGraph(scores).functions();
            interpretation.put("chain", chainText(config.chain().get()));
        }
        List<String> unused = unused(source, config.allowUnused(), options);
        if (config.texts().tokens().isEmpty() && options.vocabulary().isPresent()) {
            throw new InputException(
                    "--vocabulary",
                    "goes with a model that reads tokens, whose configuration says how text is cut (key segmentation)",
                    "none there",
                    "add the key, or leave the vocabulary out");
        }
        List<TextPipeline> texts = texts(config, stack, options);
        var called = new ArrayList<>(new LayerGraph(stack).functions());
        called.addAll(chain);
        List<Function> functions = called.stream()
                .flatMap(f -> Stream.concat(f.bodies().stream(), Stream.of(f)))
                .distinct()
                .toList();
        interpretation.putAll(collected.interpretation());
        return new ModelDraft(
                config.task(),
                functions,
                weights.store(functions, options.choice()),
                texts,
                Map.of(),
                ReferenceVectors.read(
                        options.io(),
                        config.reference(),
                        called.stream().filter(f -> !f.inputs().isEmpty()).toList()),
                interpretation,
                source.size(),
                unused);
    }

    private static String chainText(StackConfig.ChainConfig chain) {
        return "transitions[" + (chain.fromRows() ? "before, behind" : "behind, before")
                + "] in the source, [before, behind] here";
    }

    private static List<TextPipeline> texts(StackConfig config, LayerStack stack, StateDictOptions options)
            throws IOException {
        var texts = new ArrayList<TextPipeline>();
        StackConfig.Texts wanted = config.texts();
        switch (stack.layers().getFirst()) {
            case Layer.Embedding table -> addText(texts, wanted.tokens(), "text", tokens(options), table);
            case Layer.SpelledWords(var words, var characters, var _) -> {
                addText(texts, wanted.tokens(), "words", tokens(options), words);
                addText(texts, wanted.characters(), "characters", Optional.empty(), characters);
            }
            default -> {}
        }
        if (!wanted.labels().isEmpty()) {
            if (wanted.labels().size() != stack.outputSize()) {
                throw new FormatException(
                        "labels",
                        "must name each of the " + stack.outputSize() + " outputs",
                        wanted.labels().size() + " names",
                        "is it the list of this model?");
            }
            texts.add(new TextPipeline(
                    "labels", Normalisation.NONE, Segmentation.WORDS, wanted.labels(), List.of(), SpecialIds.NONE));
        }
        return texts;
    }

    private static void addText(
            List<TextPipeline> texts,
            Optional<TextConfig> config,
            String name,
            Optional<TextConfig.Separate> separate,
            Layer.Embedding table) {
        config.flatMap(c -> c.pipeline(name, separate, table.rows())).ifPresent(texts::add);
    }

    private static List<String> unused(SourceTensors source, List<String> allowed, StateDictOptions options) {
        var all = new ArrayList<>(allowed);
        all.addAll(options.allowUnused());
        return source.unused(all);
    }

    private static Optional<TextConfig.Separate> tokens(StateDictOptions options) throws IOException {
        return options.vocabulary().isEmpty()
                ? Optional.empty()
                : Optional.of(new TextConfig.Separate(
                        ConfigObject.readTexts(options.vocabulary().get(), "vocabulary"), List.of()));
    }
}
