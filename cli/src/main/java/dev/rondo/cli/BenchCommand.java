package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.format.AtomicFile;
import dev.rondo.graph.Function;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures how fast a model runs here. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = {
            "Measures a function of a model on this machine, one call of it a step: time to the first step, time to"
                    + " the full speed, latency of the steps from then on, bytes allocated, gain over the plain"
                    + " kernels.",
            "Inputs are made up: lengths at their largest, indices 0, 1, 2 and so on, other whole numbers 0,"
                    + " floating-point numbers between -1 and 1. One thread, wall time."
        })
final class BenchCommand implements Callable<Integer> {
    private static final double NANOS_PER_MICRO = 1e3;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "A .rondo file.")
    private Path file;

    @Option(
            names = "--function",
            paramLabel = "F",
            description = "The function (default: step where there is one, else the first that no scan runs).")
    private String function;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "2",
            description = "How long to measure (default: ${DEFAULT-VALUE}), after up to 10 s to warm up.")
    private double seconds;

    @Option(names = "--steps", paramLabel = "N", description = "How many steps to measure, instead of the time.")
    private Long steps;

    @Option(
            names = "--size",
            paramLabel = "NAME=N",
            description = "The size of a dimension, such as B=4 or T=100; 1 unless given. May be repeated.")
    private Map<String, Integer> sizes = new LinkedHashMap<>();

    @Option(
            names = "--histogram",
            paramLabel = "FILE",
            description = "Write the latencies in us there, as HdrHistogram's percentile distribution (.hgrm).")
    private Path histogram;

    @Option(names = "--touch", description = "Read all pages of the file when it is opened, before the first step.")
    private boolean touch;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Mixin
    private KernelOption kernels;

    @Override
    public Integer call() throws IOException {
        Range.check(seconds > 0 && seconds <= 3600, "--seconds", "is above 0 and at most 3600", seconds);
        Range.check(steps == null || steps >= 1, "--steps", "is at least 1", steps);
        sizes.forEach((name, size) -> Range.check(size != null && size >= 1, "--size " + name, "is at least 1", size));
        Model.Kernel kernel = kernels.kernel();
        if (histogram != null) {
            OutputFile.check("--histogram", histogram, List.of(file));
        }
        long began = System.nanoTime();
        try (Model model = Model.open(file)) {
            if (touch) {
                model.touch();
            }
            Function target = target(model);
            Performance performance;
            try (var progress = Progress.of(spec)) {
                performance = new Benchmark(progress, seconds, steps == null ? 0 : steps)
                        .measure(model, target, new Capacity(sizes), kernel, began);
            }
            if (histogram != null) {
                write(performance.latency().nanos());
            }
            print(model, target, performance);
        }
        return Main.DONE;
    }

    private Function target(Model model) {
        if (function != null) {
            return model.function(function);
        }
        if (model.functions().containsKey("step")) {
            return model.function("step");
        }
        List<String> bodies = model.functions().values().stream()
                .flatMap(f -> f.bodies().stream())
                .map(Function::name)
                .toList();
        return model.functions().values().stream()
                .filter(f -> !bodies.contains(f.name()))
                .findFirst()
                .orElseGet(() -> Functions.choose(model, null));
    }

    private void write(Histogram nanos) throws IOException {
        AtomicFile.write(histogram, fresh -> {
            try (var out = new PrintStream(Files.newOutputStream(fresh), false, StandardCharsets.UTF_8)) {
                nanos.outputPercentileDistribution(out, NANOS_PER_MICRO);
                if (out.checkError()) {
                    throw new IOException("the disk took not all of the histogram");
                }
            }
            return true;
        });
    }

    private void print(Model model, Function target, Performance performance) {
        PrintWriter out = spec.commandLine().getOut();
        var used = new LinkedHashMap<String, Integer>();
        target.dimensionNames().forEach(name -> used.put(name, sizes.getOrDefault(name, 1)));
        if (json) {
            ObjectNode result = Json.object();
            result.put("function", target.name());
            ObjectNode shape = result.putObject("sizes");
            used.forEach(shape::put);
            performance.put(result);
            Json.print(result, out);
            return;
        }
        String others = model.functions().keySet().stream()
                .filter(name -> !name.equals(target.name()))
                .collect(Collectors.joining(", "));
        out.printf("%-19s%s%s%n", "function", target.name(), others.isEmpty() ? "" : " (--function: " + others + ")");
        out.printf(
                "%-19s%s%n",
                "sizes",
                used.isEmpty()
                        ? "fixed"
                        : used.entrySet().stream().map(Object::toString).collect(Collectors.joining(", ")));
        out.printf("%-19s%s%n", "kernels", performance.kernels());
        performance.print(out);
        out.flush();
    }
}
