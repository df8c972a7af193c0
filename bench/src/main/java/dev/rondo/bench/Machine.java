package dev.rondo.bench;

import ai.onnxruntime.OrtEnvironment;
import dev.rondo.kernel.KernelProvider;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;

/** What a figure has to say about where it was taken. */
final class Machine {
    private static final Path CPUS = Path.of("/proc/cpuinfo");

    private Machine() {}

    /** Markdown items: date, processor, JDK with flags, kernels, ONNX Runtime. */
    static List<String> describe() {
        var kernels = KernelProvider.best();
        return List.of(
                "- date: " + LocalDate.now(ZoneOffset.UTC),
                "- processor: " + processor() + ", " + cores() + " cores, "
                        + Runtime.getRuntime().availableProcessors()
                        + " of them ours, one used unless a table says otherwise",
                "- JDK: " + System.getProperty("java.vendor.version") + ", "
                        + String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments()),
                "- Rondo's kernels: " + kernels.name() + ", " + kernels.bits() + " bit (" + kernels.reason() + ")",
                "- ONNX Runtime: " + OrtEnvironment.getEnvironment().getVersion());
    }

    /** All that the machine has, also those this process is kept from. */
    private static long cores() {
        try (Stream<String> lines = Files.lines(CPUS, StandardCharsets.UTF_8)) {
            long count = lines.filter(line -> line.startsWith("processor")).count();
            return count == 0 ? Runtime.getRuntime().availableProcessors() : count;
        } catch (IOException _) {
            return Runtime.getRuntime().availableProcessors();
        }
    }

    /** The model name that Linux gives; elsewhere the architecture. */
    private static String processor() {
        try (Stream<String> lines = Files.lines(CPUS, StandardCharsets.UTF_8)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException _) {
            return System.getProperty("os.arch");
        }
    }
}
