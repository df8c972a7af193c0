package dev.rondo.convert.statedict;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A file of reference vectors.
 *
 * @param function the one they belong to; empty when their names or the configuration tell it
 * @param atol     where the configuration gives none
 * @param rtol     where the configuration gives none
 */
public record ReferenceFile(Optional<String> function, Path file, double atol, double rtol) {}
