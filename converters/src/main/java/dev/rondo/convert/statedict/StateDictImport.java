package dev.rondo.convert.statedict;

import dev.rondo.architecture.LanguageModelArchitecture;
import dev.rondo.architecture.LanguageModelGraph;
import dev.rondo.convert.draft.EncodingChoice;
import dev.rondo.convert.draft.ModelDraft;
import dev.rondo.convert.draft.SourceTensor;
import dev.rondo.convert.draft.SourceTensors;
import dev.rondo.convert.json.ConfigObject;
import dev.rondo.convert.safetensors.SafetensorsFile;
import dev.rondo.format.ReferenceCase;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Function;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The model that a state dict and a configuration describe. */
public final class StateDictImport {
    private StateDictImport() {}

    /**
     * Resolves a configuration against the tensors of a state dict.
     *
     * @param file        the name of the source, for messages
     * @param tensors     by name
     * @param config      the architecture
     * @param vocabulary  a JSON list of tokens, when the configuration holds none
     * @param io          reference vectors
     * @param choice      how matrices are stored
     * @param allowUnused patterns of tensors that may stay unused, beside those of the configuration
     */
    public static ModelDraft draft(
            String file,
            Map<String, SourceTensor> tensors,
            Path config,
            Optional<Path> vocabulary,
            Optional<Path> io,
            EncodingChoice choice,
            List<String> allowUnused)
            throws IOException {
        LanguageModelConfig read = ConfigReader.languageModel(ConfigObject.read(config));
        Optional<List<String>> tokens = vocabulary.isEmpty()
                ? Optional.empty()
                : Optional.of(ConfigObject.readTexts(vocabulary.get(), "vocabulary"));
        var source = new SourceTensors(file, tensors);
        var weights = LanguageModelWeights.collect(read, source, choice);
        var allowed = new ArrayList<>(read.allowUnused());
        allowed.addAll(allowUnused);
        List<String> unused = source.unused(allowed);
        LanguageModelArchitecture architecture = weights.architecture();
        Optional<TextPipeline> text = read.text().pipeline(tokens, architecture.vocabularySize());
        Optional<ReferenceCase> reference = Optional.empty();
        if (io.isPresent()) {
            try (SafetensorsFile vectors = SafetensorsFile.open(io.get())) {
                reference = Optional.of(ReferenceVectors.read(vectors.tensors(), read.reference(), architecture));
            }
        }
        return new ModelDraft(
                "language-model",
                functions(architecture, reference),
                weights.tensors(),
                text,
                reference.stream().toList(),
                weights.interpretation(),
                tensors.size(),
                unused);
    }

    private static List<Function> functions(LanguageModelArchitecture architecture, Optional<ReferenceCase> reference) {
        var graph = new LanguageModelGraph(architecture);
        var functions = new ArrayList<>(List.of(graph.step(), graph.sequence()));
        if (ReferenceVectors.needsLogProbs(reference)) {
            functions.add(graph.logProbs());
        }
        return functions;
    }
}
