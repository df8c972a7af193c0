package dev.rondo.train.lm;

import dev.rondo.architecture.LanguageModelArchitecture;
import dev.rondo.architecture.LayerGraph;
import dev.rondo.architecture.LayerStack;
import dev.rondo.architecture.NetworkInput;
import dev.rondo.architecture.NetworkText;
import dev.rondo.architecture.Objective;
import dev.rondo.architecture.Parameter;
import dev.rondo.graph.Function;
import dev.rondo.train.ParameterStore;
import dev.rondo.train.network.NetworkBeginning;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The network of a language model: what it computes, and how its parameters begin. */
interface LanguageNetwork {
    /** {@code training(tokens, targets, seed) -> loss, count}. */
    Function training();

    /** {@code evaluation(tokens, targets) -> losses}. */
    Function evaluation();

    /** Those of the file. */
    List<Function> functions();

    List<Parameter> parameters();

    void initialise(ParameterStore parameters, long seed);

    /**
     * The network that the settings want.
     *
     * @param given an architecture that takes the place of theirs
     */
    static LanguageNetwork of(
            LanguageModelSettings settings, int vocabulary, Optional<LanguageModelArchitecture> given) {
        if (given.isPresent()) {
            return new CellNetwork(settings, given.get());
        }
        return settings.network().isPresent()
                ? new OfLayers(NetworkText.parse(
                        settings.network().get(),
                        new NetworkInput.Tokens(vocabulary),
                        LayerStack.Results.NEXT,
                        vocabulary))
                : new CellNetwork(settings, vocabulary);
    }

    /** Any layers that run step by step. */
    record OfLayers(LayerStack stack) implements LanguageNetwork {
        private static final Objective OBJECTIVE = new Objective.CrossEntropy(0);

        @Override
        public Function training() {
            return new LayerGraph(stack).training(OBJECTIVE);
        }

        @Override
        public Function evaluation() {
            return new LayerGraph(stack).evaluation(OBJECTIVE);
        }

        @Override
        public List<Function> functions() {
            return new LayerGraph(stack)
                    .functions().stream()
                            .flatMap(f -> Stream.concat(f.bodies().stream(), Stream.of(f)))
                            .distinct()
                            .toList();
        }

        @Override
        public List<Parameter> parameters() {
            return stack.parameters();
        }

        @Override
        public void initialise(ParameterStore parameters, long seed) {
            NetworkBeginning.initialise(stack, parameters, seed);
        }
    }
}
