package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Port;
import dev.rondo.Session;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.Node;
import dev.rondo.graph.Op;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
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
            "Measures a function of a model on this machine: time to the first call, latency of the calls after"
                    + " warm-up, bytes allocated per call, gain over the plain kernels.",
            "Inputs are made up: whole numbers 0, lengths at their largest, floating-point numbers between -1 and 1."
                    + " One thread."
        })
final class BenchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "A .rondo file.")
    private Path file;

    @Option(
            names = "--function",
            paramLabel = "F",
            description = "The function (default: step where there is one, else the only one).")
    private String function;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "2",
            description = "How long to measure, after half of it to warm up (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--size", paramLabel = "NAME=N", description = "The size of a dimension; 1 unless given.")
    private Map<String, Integer> sizes = new LinkedHashMap<>();

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Mixin
    private KernelOption kernels;

    @Override
    public Integer call() throws IOException {
        Range.check(seconds > 0 && seconds <= 3600, "--seconds", "is above 0 and at most 3600", seconds);
        sizes.forEach((name, size) -> Range.check(size != null && size >= 1, "--size " + name, "is at least 1", size));
        long start = System.nanoTime();
        try (Model model = Model.open(file)) {
            Function target = Functions.choose(
                    model, function == null && model.functions().containsKey("step") ? "step" : function);
            Session session = model.session(new Capacity(sizes), kernels.kernel());
            Call call = prepare(session, target);
            call.run();
            double first = (System.nanoTime() - start) / 1e6;
            double sinceStart = System.currentTimeMillis()
                    - ManagementFactory.getRuntimeMXBean().getStartTime();
            Latency latency = Latency.measure(call, seconds);
            double gain = 1;
            if (!session.kernels().startsWith("plain")) {
                Call plain = prepare(model.session(new Capacity(sizes), Model.Kernel.PLAIN), target);
                gain = Latency.measure(plain, Math.min(seconds, 1)).microseconds(50) / latency.microseconds(50);
            }
            print(target, session.kernels(), first, sinceStart, latency, gain);
        }
        return Main.DONE;
    }

    private static Call prepare(Session session, Function function) {
        Call call = session.call(function.name());
        var random = new SplittableRandom(1);
        for (Value input : function.inputs()) {
            Port port = call.input(input.name());
            long whole = whole(function, input, session);
            for (int i = 0; i < port.size(); i++) {
                switch (port.element()) {
                    case F32, F64 -> port.set(i, random.nextDouble(-1, 1));
                    case BOOL -> port.set(i, 1L);
                    case I32, I64 -> port.set(i, whole);
                }
            }
        }
        return call;
    }

    /** The number of steps where the input is the lengths of sequences, else 0, which every table has a row for. */
    private static long whole(Function function, Value input, Session session) {
        for (Node node : function.nodes()) {
            List<Op.Slot> slots = node.op().slots();
            for (int i = 0; i < Math.min(slots.size(), node.inputs().size()); i++) {
                if (slots.get(i).name().equals("lengths")
                        && node.inputs().get(i).equals(input)) {
                    Dim steps = node.op() instanceof Structure.LengthMask(Dim size)
                            ? size
                            : node.inputs().getFirst().type().dim(1);
                    return steps.evaluate(session::size);
                }
            }
        }
        return 0;
    }

    private void print(Function target, String kernel, double first, double sinceStart, Latency latency, double gain) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode result = Json.object();
            result.put("function", target.name());
            result.put("kernels", kernel);
            result.put("first_call_ms", first);
            result.put("first_call_since_jvm_start_ms", sinceStart);
            result.put("calls", latency.nanos().getTotalCount());
            result.put("p50_us", latency.microseconds(50));
            result.put("p99_us", latency.microseconds(99));
            result.put("p999_us", latency.microseconds(99.9));
            result.put("max_us", latency.maxMicroseconds());
            result.put("calls_per_second", latency.callsPerSecond());
            result.put("bytes_per_call", latency.bytesPerCall());
            result.put("gain_over_plain", gain);
            Json.print(result, out);
            return;
        }
        out.printf(Locale.ROOT, "function           %s%n", target.name());
        out.printf(Locale.ROOT, "kernels            %s%n", kernel);
        out.printf(
                Locale.ROOT,
                "first call         %.1f ms after opening the file, %.0f ms after the JVM's start%n",
                first,
                sinceStart);
        out.printf(
                Locale.ROOT,
                "latency            p50 %.2f us, p99 %.2f us, p99.9 %.2f us, max %.2f us, of %d calls%n",
                latency.microseconds(50),
                latency.microseconds(99),
                latency.microseconds(99.9),
                latency.maxMicroseconds(),
                latency.nanos().getTotalCount());
        out.printf(Locale.ROOT, "calls per second   %.0f%n", latency.callsPerSecond());
        out.printf(Locale.ROOT, "bytes per call     %.1f%n", latency.bytesPerCall());
        out.printf(Locale.ROOT, "gain over plain    %.1f times%n", gain);
    }
}
