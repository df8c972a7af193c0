package dev.rondo.cli;

import dev.rondo.Model;
import picocli.CommandLine.Option;

/** Which kernels compute. */
final class KernelOption {
    @Option(names = "--plain", description = "Compute with the plain kernels, to compare; slower.")
    private boolean plain;

    Model.Kernel kernel() {
        return plain ? Model.Kernel.PLAIN : Model.Kernel.BEST;
    }
}
