package dev.rondo.cli;

import dev.rondo.Model;
import dev.rondo.error.InputException;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Which kernels compute. */
final class KernelOption {
    private static final Map<String, Model.Kernel> KERNELS = Stream.of(Model.Kernel.values())
            .collect(Collectors.toMap(kernel -> kernel.name().toLowerCase(Locale.ROOT), Function.identity()));

    @Option(
            names = "--kernel",
            paramLabel = "K",
            description = "Which kernels compute: best, the fastest here (default); plain, to compare; or warming,"
                    + " plain at once and the fastest as soon as they are compiled.")
    private String kernel;

    @Option(names = "--plain", description = "The same as --kernel plain.")
    private boolean plain;

    /** Refuses the options with a model that has no kernels. */
    void refuse(String model) {
        if (kernel != null || plain) {
            throw new InputException("--kernel and --plain", "choose how networks compute", model, "leave them out");
        }
    }

    Model.Kernel kernel() {
        Model.Kernel named = kernel == null ? null : Choice.of("--kernel", kernel, KERNELS);
        if (plain && named != null && named != Model.Kernel.PLAIN) {
            throw new InputException("--plain and --kernel " + kernel, "exclude each other", "both", "leave one out");
        }
        return plain ? Model.Kernel.PLAIN : named == null ? Model.Kernel.BEST : named;
    }
}
