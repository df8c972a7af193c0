package dev.rondo.train.lm;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.LanguageModelArchitecture;
import dev.rondo.architecture.LanguageModelGraph;
import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.ParameterRole;
import dev.rondo.graph.Function;
import dev.rondo.train.Initialisation;
import dev.rondo.train.ParameterStore;
import java.util.List;

/** Layers of one cell on top of each other. */
final class CellNetwork implements LanguageNetwork {
    private final LanguageModelSettings settings;
    private final LanguageModelArchitecture architecture;
    private final LanguageModelGraph graph;
    private final boolean folded;

    CellNetwork(LanguageModelSettings settings, int vocabulary) {
        this(
                settings,
                LanguageModelArchitecture.of(
                        settings.cell(),
                        vocabulary,
                        settings.embeddingSize(),
                        settings.hiddenSize(),
                        settings.numLayers(),
                        settings.tied()));
    }

    CellNetwork(LanguageModelSettings settings, LanguageModelArchitecture architecture) {
        this.settings = settings;
        this.architecture = architecture;
        this.graph = new LanguageModelGraph(architecture);
        int rows = settings.batchSize() / settings.training().shards();
        this.folded = settings.dropout().input() == 0 && architecture.vocabularySize() < rows * settings.steps() / 2;
    }

    LanguageModelArchitecture architecture() {
        return architecture;
    }

    @Override
    public Function training() {
        return graph.training(settings.dropout(), folded);
    }

    @Override
    public Function evaluation() {
        return graph.evaluation(folded);
    }

    @Override
    public List<Function> functions() {
        return LanguageModelFile.functions(architecture);
    }

    @Override
    public List<Parameter> parameters() {
        return architecture.parameters();
    }

    @Override
    public void initialise(ParameterStore parameters, long seed) {
        for (Parameter parameter : architecture.parameters()) {
            parameters.initialise(parameter.name(), initialisation(parameter), parameter.groups(), seed);
        }
        if (settings.cell() instanceof Cell.Lstm) {
            architecture
                    .layers()
                    .forEach(layer -> Initialisation.openForgetGates(layer, settings.forgetBias(), parameters));
        }
    }

    private Initialisation initialisation(Parameter parameter) {
        if (parameter.role() == ParameterRole.EMBEDDING) {
            return architecture.isTied() ? new Initialisation.Xavier() : new Initialisation.Normal(1);
        }
        return Initialisation.usual(parameter, settings.initialisation());
    }
}
