package dev.rondo.convert;

import dev.rondo.error.InputException;
import dev.rondo.format.Encoding;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What to convert. Made by {@link #of} and the methods that change one part.
 *
 * @param source      the weights: a safetensors file
 * @param config      the architecture, as {@code docs/architectures.md} describes
 * @param output      the {@code .rondo} file to write; one that exists is replaced at once when all is done
 * @param dtype       encoding of all matrices: f32, f16, bf16 or int8; empty keeps that of the source (f64 becomes f32)
 * @param keep        encodings of the matrices whose name in the file matches a pattern, {@code *} for anything; the first pattern that
 *                    matches counts, and comes before dtype
 * @param vocabulary  a JSON list of tokens, when the configuration holds none
 * @param io          reference vectors: a safetensors file with {@code in.NAME} and {@code out.NAME}
 * @param allowUnused patterns of source tensors that may stay unused, beside those of the configuration
 */
public record ConversionRequest(
        Path source,
        Path config,
        Path output,
        Optional<Encoding> dtype,
        Map<String, Encoding> keep,
        Optional<Path> vocabulary,
        Optional<Path> io,
        List<String> allowUnused) {
    /** @throws InputException when the encoding is none for matrices */
    public ConversionRequest {
        Objects.requireNonNull(source);
        Objects.requireNonNull(config);
        Objects.requireNonNull(output);
        allowUnused = List.copyOf(allowUnused);
        keep = Collections.unmodifiableMap(new LinkedHashMap<>(keep));
        Stream.concat(dtype.stream(), keep.values().stream())
                .filter(d -> !List.of(Encoding.F32, Encoding.F16, Encoding.BF16, Encoding.INT8)
                        .contains(d))
                .findFirst()
                .ifPresent(d -> {
                    throw new InputException(
                            "dtype", "must be f32, f16, bf16 or int8", d.text(), "leave it out to keep the source's");
                });
    }

    /** Keeps encodings, without reference vectors. */
    public static ConversionRequest of(Path source, Path config, Path output) {
        return new ConversionRequest(
                source, config, output, Optional.empty(), Map.of(), Optional.empty(), Optional.empty(), List.of());
    }

    /** The same with an encoding for all matrices. */
    public ConversionRequest withDtype(Encoding encoding) {
        return new ConversionRequest(source, config, output, Optional.of(encoding), keep, vocabulary, io, allowUnused);
    }

    /** The same with encodings of some matrices by patterns of their names, in order. */
    public ConversionRequest withKept(Map<String, Encoding> patterns) {
        return new ConversionRequest(source, config, output, dtype, patterns, vocabulary, io, allowUnused);
    }

    /** The same with a file of tokens. */
    public ConversionRequest withVocabulary(Path file) {
        return new ConversionRequest(source, config, output, dtype, keep, Optional.of(file), io, allowUnused);
    }

    /** The same with reference vectors. */
    public ConversionRequest withIo(Path file) {
        return new ConversionRequest(source, config, output, dtype, keep, vocabulary, Optional.of(file), allowUnused);
    }

    /** The same with other patterns of tensors that may stay unused. */
    public ConversionRequest withAllowUnused(List<String> patterns) {
        return new ConversionRequest(source, config, output, dtype, keep, vocabulary, io, patterns);
    }
}
