package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.KernelChoice;
import dev.rondo.Model;
import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.graph.LstmActivations;
import dev.rondo.graph.Recurrent;
import dev.rondo.graph.Value;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says whether this machine and JVM let Rondo run as fast as it can. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = {
            "Says whether this machine and JVM let Rondo run as fast as it can: JDK, vector width, kernels and why,"
                    + " mapped memory, and how fast a small LSTM runs, as 'rondo bench' measures it.",
            "Ends with 1 when the plain kernels run, when the JVM does not compile the vector kernels, or when weights"
                    + " cannot be read from a mapped file."
        })
final class DoctorCommand implements Callable<Integer> {
    /** Earlier updates of 25 have a fault of the garbage collector with pinned objects (JDK-8377811). */
    private static final Runtime.Version WANTED = Runtime.Version.parse("25.0.3");

    private static final int HIDDEN = 256;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "0.5",
            description = "How long to measure (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    /** Whether weights in a mapped file are read as those of a copy, and if not, why. */
    private record Mapping(boolean works, String text) {}

    /** The answer, and why. */
    private record Verdict(boolean fast, String text) {}

    @Override
    public Integer call() throws IOException {
        Range.check(seconds > 0 && seconds <= 60, "--seconds", "is above 0 and at most 60", seconds);
        KernelChoice best = KernelChoice.best();
        Path file = Files.createTempFile("rondo-doctor", ".rondo");
        try {
            write(file);
            long began = System.nanoTime();
            try (Model model = Model.load(file)) {
                Performance performance = measure(model, began);
                Mapping mapping = mapping(file, model);
                Verdict verdict = verdict(best, mapping, performance);
                print(best, mapping, performance, verdict);
                return verdict.fast() ? Main.DONE : Main.NO;
            }
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private Performance measure(Model model, long began) {
        try (var progress = Progress.of(spec)) {
            return new Benchmark(progress, seconds, 0)
                    .measure(model, model.function("step"), Capacity.ONE, Model.Kernel.BEST, began);
        }
    }

    private static Mapping mapping(Path file, Model copy) {
        try (Model mapped = Model.open(file)) {
            return Arrays.equals(step(mapped), step(copy))
                    ? new Mapping(true, "works: weights in a mapped file are read in place")
                    : new Mapping(false, "fails: weights in a mapped file differ from a copy of it; use Model.load");
        } catch (IOException refused) {
            return new Mapping(false, "fails: " + refused + "; use Model.load");
        }
    }

    private static float[] step(Model model) {
        Call call = model.session(Capacity.ONE, Model.Kernel.PLAIN).call("step");
        call.input("x").set(0, 1.0);
        call.run();
        return call.output("h1").toFloats();
    }

    private static void write(Path file) throws IOException {
        int rows = 4 * HIDDEN;
        var f = Function.builder("step");
        Value x = f.input("x", ElementType.F32, "B", HIDDEN);
        Value h = f.state("h", "B", HIDDEN);
        Value c = f.state("c", "B", HIDDEN);
        List<Value> next = f.addAll(
                new Recurrent.LstmCell(LstmActivations.STANDARD),
                List.of("h1", "c1"),
                List.of(
                        x,
                        h,
                        c,
                        f.weight("weight_hidden", rows, HIDDEN),
                        f.weight("weight_input", rows, HIDDEN),
                        Value.ABSENT,
                        Value.ABSENT,
                        Value.ABSENT));
        f.next(h, next.get(0));
        f.next(c, next.get(1));
        f.output(next.get(0));
        var random = new SplittableRandom(1);
        var weights = new float[rows * HIDDEN];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextDouble(-0.1, 0.1);
        }
        var writer = new RondoFileWriter().function(FunctionCodec.encode(f.build()));
        for (String name : List.of("weight_hidden", "weight_input")) {
            writer.tensor(name, Encoding.F32, new Layout.Panels(4), List.of(rows, HIDDEN), () -> weights);
        }
        writer.write(file);
    }

    /** The name of the processor where the system tells it, else empty. */
    private static String processor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("");
        } catch (IOException ignored) {
            // Not Linux.
            return System.getenv().getOrDefault("PROCESSOR_IDENTIFIER", "");
        }
    }

    private void print(KernelChoice best, Mapping mapping, Performance performance, Verdict verdict) {
        PrintWriter out = spec.commandLine().getOut();
        Runtime.Version java = Runtime.version();
        boolean recent = java.compareToIgnoreOptional(WANTED) >= 0;
        String vendor = System.getProperty("java.vendor");
        int processors = Runtime.getRuntime().availableProcessors();
        if (json) {
            ObjectNode result = Json.object();
            result.put("fast", verdict.fast());
            result.put("verdict", verdict.text());
            result.put("java", java.toString());
            result.put("java_recent_enough", recent);
            result.put("vendor", vendor);
            result.put("system", System.getProperty("os.name"));
            result.put("architecture", System.getProperty("os.arch"));
            result.put("processor", processor());
            result.put("processors", processors);
            result.put("kernels", best.name());
            result.put("vector_bits", best.isPlain() ? 0 : best.bits());
            result.put("reason", best.reason());
            result.put("mapping_works", mapping.works());
            performance.put(result.putObject("lstm_" + HIDDEN));
            Json.print(result, out);
            return;
        }
        String advice = recent
                ? "recent enough"
                : "use " + WANTED + " or newer, which mends a fault of the garbage collector (JDK-8377811)";
        line(out, "Java", java + ", " + vendor + ": " + advice);
        String name = processor().isEmpty() ? "" : processor() + ", ";
        line(
                out,
                "machine",
                name + System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", " + processors
                        + (processors == 1 ? " processor" : " processors"));
        line(out, "kernels", best.name() + ", " + best.bits() + " bit: " + best.reason());
        line(out, "mapped memory", mapping.text());
        line(out, "measured", "a step of an LSTM of " + HIDDEN + " units, f32, batch 1");
        performance.print(out);
        line(out, "verdict", verdict.text());
        out.flush();
    }

    private static Verdict verdict(KernelChoice best, Mapping mapping, Performance performance) {
        if (best.isPlain()) {
            return new Verdict(false, "slow: only the plain kernels run");
        }
        if (performance.latency().bytesPerStep() > Pace.LITTLE) {
            return new Verdict(
                    false,
                    "slow: the vector kernels still allocate, as if the JVM had not compiled them; look for -Xint,"
                            + " -XX:TieredStopAtLevel or a full code cache, or run it again with more --seconds");
        }
        return mapping.works()
                ? new Verdict(true, "fast: the vector kernels run")
                : new Verdict(false, "models must be loaded, not mapped");
    }

    private static void line(PrintWriter out, String label, String text) {
        out.printf(Locale.ROOT, "%-19s%s%n", label, text);
    }
}
