package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
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
                    + " and their gain over plain kernels, measured on a small LSTM.",
            "Ends with 1 when the plain kernels run."
        })
final class DoctorCommand implements Callable<Integer> {
    /** Earlier updates of 25 have a fault of the garbage collector with pinned objects (JDK-8377811). */
    private static final Runtime.Version WANTED = Runtime.Version.parse("25.0.3");

    private static final int HIDDEN = 128;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "1",
            description = "How long to measure each kind of kernels (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Range.check(seconds > 0 && seconds <= 60, "--seconds", "is above 0 and at most 60", seconds);
        KernelChoice best = KernelChoice.best();
        double fast;
        double plain;
        try (Model model = lstm()) {
            plain = measure(model, Model.Kernel.PLAIN);
            fast = best.isPlain() ? plain : measure(model, Model.Kernel.BEST);
        }
        print(best, fast, plain);
        return best.isPlain() ? Main.NO : Main.DONE;
    }

    private double measure(Model model, Model.Kernel kernel) {
        return Latency.measure(model.session(Capacity.ONE, kernel).call("step"), seconds)
                .microseconds(50);
    }

    private static Model lstm() throws IOException {
        Path file = Files.createTempFile("rondo-doctor", ".rondo");
        try {
            write(file);
            return Model.load(file);
        } finally {
            Files.deleteIfExists(file);
        }
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

    private void print(KernelChoice best, double fast, double plain) {
        PrintWriter out = spec.commandLine().getOut();
        Runtime.Version java = Runtime.version();
        boolean recent = java.compareToIgnoreOptional(WANTED) >= 0;
        if (json) {
            ObjectNode result = Json.object();
            result.put("java", java.toString());
            result.put("java_recent_enough", recent);
            result.put("vendor", System.getProperty("java.vendor"));
            result.put("kernels", best.name());
            result.put("vector_bits", best.isPlain() ? 0 : best.bits());
            result.put("reason", best.reason());
            result.put("lstm_128_step_us", fast);
            result.put("lstm_128_step_plain_us", plain);
            result.put("gain_over_plain", plain / fast);
            Json.print(result, out);
            return;
        }
        out.printf(
                Locale.ROOT,
                "Java      %s, %s: %s%n",
                java,
                System.getProperty("java.vendor"),
                recent ? "recent enough" : "use " + WANTED + " or newer, which mends a fault of the garbage collector");
        out.printf(
                Locale.ROOT,
                "machine   %s, %s, %d processors%n",
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors());
        out.printf(Locale.ROOT, "kernels   %s, %d bit: %s%n", best.name(), best.bits(), best.reason());
        out.printf(
                Locale.ROOT,
                "LSTM      a step of %d units takes %.2f us, on plain kernels %.2f us: %.1f times as fast%n",
                HIDDEN,
                fast,
                plain,
                plain / fast);
        out.flush();
    }
}
