package dev.rondo.convert.draft;

import dev.rondo.error.InputException;
import dev.rondo.format.Encoding;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which encoding matrices are stored in. Vectors are always f32.
 *
 * @param dtype of all matrices; empty keeps that of the source (f64 becomes f32)
 * @param keep  by pattern of their names in the file, {@code *} for anything; the first that matches counts, before
 *              dtype
 */
public record EncodingChoice(Optional<Encoding> dtype, Map<String, Encoding> keep) {
    /** What matrices may be stored in. */
    public static final List<Encoding> ENCODINGS = List.of(Encoding.F32, Encoding.F16, Encoding.BF16, Encoding.INT8);

    /** Every matrix as in the source. */
    public static final EncodingChoice KEEP = new EncodingChoice(Optional.empty(), Map.of());

    /** @throws InputException when an encoding is none for matrices */
    public EncodingChoice {
        keep = Collections.unmodifiableMap(new LinkedHashMap<>(keep));
        Stream.concat(dtype.stream(), keep.values().stream())
                .filter(d -> !ENCODINGS.contains(d))
                .findFirst()
                .ifPresent(d -> {
                    throw new InputException(
                            "dtype", "must be f32, f16, bf16 or int8", d.text(), "leave it out to keep the source's");
                });
    }

    /**
     * The encoding of a matrix.
     *
     * @param name in the file
     * @param kept that of the source
     */
    public Encoding of(String name, Encoding kept) {
        return keep.entrySet().stream()
                .filter(entry -> SourceTensors.matches(entry.getKey(), name))
                .map(Map.Entry::getValue)
                .findFirst()
                .or(() -> dtype)
                .orElse(kept);
    }

    /** @throws InputException when a pattern is of no matrix */
    public void check(Collection<String> matrices) {
        for (String pattern : keep.keySet()) {
            if (matrices.stream().noneMatch(name -> SourceTensors.matches(pattern, name))) {
                throw new InputException(
                        "keep", "every pattern is of a matrix", "'" + pattern + "'", "the matrices are " + matrices);
            }
        }
    }
}
