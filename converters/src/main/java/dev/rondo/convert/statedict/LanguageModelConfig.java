package dev.rondo.convert.statedict;

import dev.rondo.architecture.Cell;
import dev.rondo.convert.draft.GateOrder;
import java.util.List;

/**
 * The configuration of a language model: which tensor of the source is which parameter, and what the tensors do not
 * say. {@code docs/architectures.md} describes the file.
 *
 * @param cell        of every layer
 * @param gateOrder   of the source
 * @param parameters  of the recurrent layers
 * @param embedding   name of the table [V, E]
 * @param output      name of the matrix [V, H]
 * @param outputBias  names of the vectors [V] that are summed; empty for none
 * @param text        vocabulary and how text is cut
 * @param allowUnused patterns of tensors that may stay unused
 * @param reference   how reference vectors are named
 */
record LanguageModelConfig(
        Cell cell,
        GateOrder gateOrder,
        Parameters parameters,
        String embedding,
        String output,
        List<String> outputBias,
        TextConfig text,
        List<String> allowUnused,
        ReferenceConfig reference) {

    /** Where the parameters of the layers are. */
    sealed interface Parameters {
        /** Named one by one. */
        record Named(List<LayerParameters> layers) implements Parameters {}

        /** Named as PyTorch's nn.RNN, nn.LSTM and nn.GRU do, after a prefix. */
        record Pytorch(String prefix) implements Parameters {}
    }
}
