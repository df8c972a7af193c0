package dev.rondo.architecture.seq2seq;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Parameter;
import dev.rondo.architecture.ParameterRole;
import dev.rondo.architecture.Projection;
import dev.rondo.architecture.RecurrentParameters;
import dev.rondo.graph.Activation;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a source and leaves its memory: a vector for each of its places. */
public sealed interface Encoder {
    Embedding embedding();

    /** The size of a place of the memory, M. */
    int memorySize();

    /** Adds the tensors, in the order in which files hold them. */
    void addTo(Map<String, Parameter> all);

    /**
     * A recurrent layer; with a backward direction the outputs stand side by side, forward first.
     *
     * @param gate of {@link Connection#HIGHWAY}, from the layer's input to as many numbers
     */
    record Layer(RecurrentParameters forward, Optional<RecurrentParameters> backward, Optional<Projection> gate) {
        int outputSize() {
            return forward.outputSize()
                    + backward.map(RecurrentParameters::outputSize).orElse(0);
        }

        int hiddenSize() {
            return forward.hiddenSize()
                    + backward.map(RecurrentParameters::hiddenSize).orElse(0);
        }
    }

    /** Recurrent layers on top of each other; the outputs of the last are the memory. */
    record Recurrent(Embedding embedding, Cell cell, List<Layer> layers, Connection connection) implements Encoder {
        /** Copies the list. */
        public Recurrent {
            layers = List.copyOf(layers);
        }

        @Override
        public int memorySize() {
            return layers.getLast().outputSize();
        }

        @Override
        public void addTo(Map<String, Parameter> all) {
            embedding.addTo(all);
            for (Layer layer : layers) {
                layer.forward.addTo(all, cell);
                layer.backward.ifPresent(b -> b.addTo(all, cell));
                layer.gate.ifPresent(g -> g.addTo(all));
            }
        }
    }

    /**
     * {@code y_t = f(Σ_j W_j x_{t+j} + b)} over a window centred at t, zeros beyond the source; weight
     * [channels,kernel,inputSize].
     *
     * @param kernel an odd number of places
     */
    record Convolution(String weight, String bias, int inputSize, int channels, int kernel) {
        void addTo(Map<String, Parameter> all) {
            Parameter.add(all, weight, ParameterRole.CONVOLUTION, channels, kernel, inputSize);
            Parameter.add(all, bias, ParameterRole.BIAS, channels);
        }
    }

    /** Convolutions on top of each other (Gehring et al. 2017, without embeddings of positions); residual where sizes allow. */
    record Convolutional(Embedding embedding, List<Convolution> layers, Activation activation, Connection connection)
            implements Encoder {
        /** Copies the list. */
        public Convolutional {
            layers = List.copyOf(layers);
        }

        @Override
        public int memorySize() {
            return layers.getLast().channels();
        }

        @Override
        public void addTo(Map<String, Parameter> all) {
            embedding.addTo(all);
            layers.forEach(layer -> layer.addTo(all));
        }
    }
}
