package dev.rondo.convert.statedict;

import dev.rondo.convert.draft.EncodingChoice;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How a state dict is converted.
 *
 * @param config      the architecture; empty for one that names and shapes tell
 * @param inference   how far to go where there is no configuration
 * @param vocabulary  a JSON list of tokens, when the configuration holds none
 * @param io          reference vectors
 * @param choice      how matrices are stored
 * @param allowUnused patterns of tensors that may stay unused, beside those of the configuration
 */
public record StateDictOptions(
        Optional<Path> config,
        Inference inference,
        Optional<Path> vocabulary,
        List<ReferenceFile> io,
        EncodingChoice choice,
        List<String> allowUnused) {
    public StateDictOptions {
        io = List.copyOf(io);
        allowUnused = List.copyOf(allowUnused);
    }

    /**
     * What may be done without a configuration.
     *
     * @param confirmed  whether the architecture that names and shapes tell is accepted
     * @param activation of plain recurrent layers, which no file says: tanh, relu, ...
     */
    public record Inference(boolean confirmed, Optional<String> activation) {
        /** Nothing is accepted. */
        public static final Inference NONE = new Inference(false, Optional.empty());
    }
}
