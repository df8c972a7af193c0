package dev.rondo.convert;

import dev.rondo.convert.draft.EncodingChoice;
import dev.rondo.convert.draft.GraphOptions;
import dev.rondo.error.InputException;
import dev.rondo.format.Encoding;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What to convert. Made by {@link #of} and the methods that change one part.
 *
 * @param sources     by the name of the function each becomes; {@code ""} when there is one, which names its functions
 * @param output      the {@code .rondo} file to write; one that exists is replaced at once when all is done
 * @param config      the architecture of weights without a graph, as {@code docs/architectures.md} describes; or the
 *                    configuration of a Keras model whose file holds weights only
 * @param inference   what may be done with weights without a graph and without a configuration
 * @param encodings   how matrices are stored
 * @param vocabulary  a JSON list of tokens, when the configuration holds none
 * @param io          reference vectors: safetensors files with {@code in.NAME} and {@code out.NAME}
 * @param tolerance   of the reference vectors, where the configuration gives none
 * @param graph       what a graph does not say about itself
 * @param allowUnused patterns of source tensors that may stay unused, beside those of the configuration
 * @param stateDict   where in a PyTorch checkpoint the weights lie; empty when it holds one state dict
 */
public record ConversionRequest(
        Map<String, Path> sources,
        Path output,
        Optional<Path> config,
        Inference inference,
        EncodingChoice encodings,
        Optional<Path> vocabulary,
        List<Io> io,
        Tolerance tolerance,
        GraphOptions graph,
        List<String> allowUnused,
        Optional<String> stateDict) {

    /**
     * A file of reference vectors.
     *
     * @param function the function they belong to; empty when their names tell it
     */
    public record Io(Optional<String> function, Path file) {}

    /**
     * What may be done with weights without a graph and without a configuration.
     *
     * @param confirmed  whether the architecture that names and shapes tell is accepted; else it is an error that shows
     *                   it
     * @param activation of plain recurrent layers (nn.RNN), which no file says
     */
    public record Inference(boolean confirmed, Optional<String> activation) {
        /** Nothing is accepted. */
        public static final Inference NONE = new Inference(false, Optional.empty());
    }

    /** Largest errors allowed: |got - want| &lt;= atol + rtol |want|. */
    public record Tolerance(double atol, double rtol) {
        /** What most frameworks agree to in f32. */
        public static final Tolerance USUAL = new Tolerance(1e-4, 1e-3);
    }

    /** @throws InputException when there is no source */
    public ConversionRequest {
        sources = Collections.unmodifiableMap(new LinkedHashMap<>(sources));
        io = List.copyOf(io);
        allowUnused = List.copyOf(allowUnused);
        if (sources.isEmpty()) {
            throw new InputException("source", "must be given", "none", "name the file to convert");
        }
    }

    /** Keeps encodings, without configuration and reference vectors. */
    public static ConversionRequest of(Path source, Path output) {
        return of(Map.of("", source), output);
    }

    /** A file for each function. */
    public static ConversionRequest of(Map<String, Path> functions, Path output) {
        return new ConversionRequest(
                functions,
                output,
                Optional.empty(),
                Inference.NONE,
                EncodingChoice.KEEP,
                Optional.empty(),
                List.of(),
                Tolerance.USUAL,
                GraphOptions.NONE,
                List.of(),
                Optional.empty());
    }

    /** The only source, or the first of several. */
    public Path source() {
        return sources.values().iterator().next();
    }

    /** The same with a configuration. */
    public ConversionRequest withConfig(Path file) {
        return new ConversionRequest(
                sources,
                output,
                Optional.of(file),
                inference,
                encodings,
                vocabulary,
                io,
                tolerance,
                graph,
                allowUnused,
                stateDict);
    }

    /**
     * The same, and the architecture that names and shapes of the weights tell is accepted where there is no
     * configuration.
     *
     * @param activation of plain recurrent layers, which no file says; empty when there are none
     */
    public ConversionRequest withInference(Optional<String> activation) {
        return new ConversionRequest(
                sources,
                output,
                config,
                new Inference(true, activation),
                encodings,
                vocabulary,
                io,
                tolerance,
                graph,
                allowUnused,
                stateDict);
    }

    /** The same with an encoding for all matrices. */
    public ConversionRequest withDtype(Encoding encoding) {
        return withEncodings(new EncodingChoice(Optional.of(encoding), encodings.keep()));
    }

    /** The same with encodings of some matrices by patterns of their names, in order. */
    public ConversionRequest withKept(Map<String, Encoding> patterns) {
        return withEncodings(new EncodingChoice(encodings.dtype(), patterns));
    }

    private ConversionRequest withEncodings(EncodingChoice choice) {
        return new ConversionRequest(
                sources, output, config, inference, choice, vocabulary, io, tolerance, graph, allowUnused, stateDict);
    }

    /** The same with a file of tokens. */
    public ConversionRequest withVocabulary(Path file) {
        return new ConversionRequest(
                sources,
                output,
                config,
                inference,
                encodings,
                Optional.of(file),
                io,
                tolerance,
                graph,
                allowUnused,
                stateDict);
    }

    /** The same with a file of reference vectors whose names tell the function. */
    public ConversionRequest withIo(Path file) {
        return withIo(List.of(new Io(Optional.empty(), file)), tolerance);
    }

    /** The same with reference vectors. */
    public ConversionRequest withIo(List<Io> files, Tolerance allowed) {
        return new ConversionRequest(
                sources,
                output,
                config,
                inference,
                encodings,
                vocabulary,
                files,
                allowed,
                graph,
                allowUnused,
                stateDict);
    }

    /** The same with what a graph does not say. */
    public ConversionRequest withGraph(GraphOptions options) {
        return new ConversionRequest(
                sources,
                output,
                config,
                inference,
                encodings,
                vocabulary,
                io,
                tolerance,
                options,
                allowUnused,
                stateDict);
    }

    /** The same with other patterns of tensors that may stay unused. */
    public ConversionRequest withAllowUnused(List<String> patterns) {
        return new ConversionRequest(
                sources, output, config, inference, encodings, vocabulary, io, tolerance, graph, patterns, stateDict);
    }

    /**
     * The same with the place of the weights in a PyTorch checkpoint: keys with dots between them, or a dot for the
     * whole.
     */
    public ConversionRequest withStateDict(String path) {
        return new ConversionRequest(
                sources,
                output,
                config,
                inference,
                encodings,
                vocabulary,
                io,
                tolerance,
                graph,
                allowUnused,
                Optional.of(path));
    }

    /** The same with another place to write to. */
    public ConversionRequest withOutput(Path file) {
        return new ConversionRequest(
                sources, file, config, inference, encodings, vocabulary, io, tolerance, graph, allowUnused, stateDict);
    }
}
