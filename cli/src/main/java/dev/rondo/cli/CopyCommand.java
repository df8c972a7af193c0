package dev.rondo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.cli.chart.HeatMap;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.memory.CopyProblem;
import dev.rondo.train.memory.TuringMachineTraining;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lets a Neural Turing Machine copy. */
@Command(
        name = "copy",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Lets a Neural Turing Machine of 'rondo train ntm' copy random sequences of bits, and counts how many"
                        + " bits are wrong.")
final class CopyCommand implements Callable<Integer> {
    private static final int MAX = 1 << 12;
    private static final int MAX_SEQUENCES = 1_000_000;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "A .rondo file of 'rondo train ntm'.")
    private Path file;

    @Option(
            names = "--length",
            paramLabel = "N",
            defaultValue = "40",
            description = "Vectors of a sequence (default: ${DEFAULT-VALUE}).")
    private int length;

    @Option(
            names = "--sequences",
            paramLabel = "N",
            defaultValue = "100",
            description = "How many (default: ${DEFAULT-VALUE}).")
    private int sequences;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "Of the sequences, none of which were in training (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--heatmap",
            paramLabel = "FILE",
            description = "Draw where each head was at each step of the first sequence, as SVG.")
    private Path heatMap;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Mixin
    private KernelOption kernels;

    @Override
    public Integer call() throws IOException {
        Range.check(length >= 1 && length <= MAX, "--length", "is 1 to " + MAX, length);
        Range.check(sequences >= 1 && sequences <= MAX_SEQUENCES, "--sequences", "is 1 to " + MAX_SEQUENCES, sequences);
        if (heatMap != null) {
            OutputFile.check("--heatmap", heatMap, List.of(file));
        }
        try (Model model = Model.open(file)) {
            var problem = problem(model);
            Session session = model.session(Capacity.ONE, kernels.kernel());
            Call start = session.call("start");
            Call step = session.call("step");
            int heads = step.output("looks").shape()[1];
            int places = step.output("looks").shape()[2];
            var looks = new float[heads][CopyProblem.steps(length)][places];
            long wrong = 0;
            long begin = System.nanoTime();
            for (int sequence = 0; sequence < sequences; sequence++) {
                // Other numbers than training: those begin with the seed alone.
                float[] x = problem.sequence(length, SeededRandom.of(seed, sequence, length, -2));
                start.run();
                wrong += copy(problem, x, step, sequence == 0 ? looks : new float[0][][]);
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            print((long) sequences * length * problem.bits(), wrong, seconds);
            if (heatMap != null) {
                HeatMap.write(maps(looks, readHeads(model)), heatMap);
            }
        }
        return Main.DONE;
    }

    /** What the step's sizes say, once they are those of a machine that copies. */
    private static CopyProblem problem(Model model) {
        String task = model.metadata().get("task");
        if (!TuringMachineTraining.TASK.equals(task)) {
            throw new InputException(
                    "model",
                    "must have the task " + TuringMachineTraining.TASK,
                    task == null ? "no task" : "the task " + task,
                    "use a model of rondo train ntm");
        }
        var step = model.function("step");
        boolean fits = step.input("x")
                        .filter(x -> x.type().toString().matches("f32\\[B,[0-9]+\\]"))
                        .isPresent()
                && step.output("y")
                        .filter(y -> y.type().toString().matches("f32\\[B,[0-9]+\\]"))
                        .isPresent()
                && step.output("looks")
                        .filter(l -> l.type().toString().matches("f32\\[B,[0-9]+,[0-9]+\\]"))
                        .isPresent()
                && model.function("start").inputs().isEmpty();
        int bits = fits ? (int) step.output("y").orElseThrow().type().dim(1).fixed() : 0;
        if (!fits || !step.input("x").orElseThrow().type().dim(1).is(bits + 1L)) {
            throw new FormatException(
                    "functions start and step",
                    "have the form start(), step(x: f32[B,bits+1]) -> y: f32[B,bits], looks: f32[B,heads,places]",
                    step.inputs() + " -> " + step.outputs(),
                    "train the machine anew");
        }
        return new CopyProblem(bits);
    }

    private static int readHeads(Model model) {
        String text = model.metadata().getOrDefault("settings.read_heads", "");
        return text.matches("[0-9]{1,2}") ? Integer.parseInt(text) : 0;
    }

    /** Gives how many bits are wrong; notes where the heads are, if there is room. */
    private int copy(CopyProblem problem, float[] x, Call step, float[][][] looks) {
        int wrong = 0;
        float[] input = new float[problem.inputs()];
        for (int t = 0; t < CopyProblem.steps(length); t++) {
            for (int i = 0; i < input.length; i++) {
                input[i] = t <= length ? x[t * input.length + i] : 0;
            }
            step.input("x").copyFrom(input);
            step.run();
            for (int bit = 0; t > length && bit < problem.bits(); bit++) {
                boolean said = step.output("y").get(bit) > 0;
                wrong += said == x[(t - length - 1) * input.length + bit] > 0 ? 0 : 1;
            }
            if (looks.length > 0) {
                float[] now = step.output("looks").toFloats();
                int places = now.length / looks.length;
                for (int head = 0; head < looks.length; head++) {
                    System.arraycopy(now, head * places, looks[head][t], 0, places);
                }
            }
        }
        return wrong;
    }

    private void print(long bits, long wrong, double seconds) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode node = Json.object();
            node.put("length", length);
            node.put("sequences", sequences);
            node.put("bits", bits);
            node.put("wrong", wrong);
            node.put("bit_error", 100.0 * wrong / bits);
            node.put("seconds", seconds);
            Json.print(node, out);
            return;
        }
        out.printf(Locale.ROOT, "sequences  %d of %d vectors%n", sequences, length);
        out.printf(Locale.ROOT, "bits       %d, %d of them wrong%n", bits, wrong);
        out.printf(Locale.ROOT, "bit error  %.4f %%%n", 100.0 * wrong / bits);
    }

    /** A map of each head: steps from above, places from the left. */
    private static List<HeatMap> maps(float[][][] looks, int readHeads) {
        var maps = new ArrayList<HeatMap>();
        for (int head = 0; head < looks.length; head++) {
            String name = head < readHeads ? "read" : "write";
            int number = head < readHeads ? head + 1 : head - readHeads + 1;
            int steps = looks[head].length;
            int half = (steps - 1) / 2;
            List<String> rows = IntStream.range(0, steps)
                    .mapToObj(t -> name + " head " + number + ", "
                            + (t < half ? "in " + (t + 1) : t == half ? "mark" : "out " + (t - half)))
                    .toList();
            List<String> columns = IntStream.range(0, looks[head][0].length)
                    .mapToObj(Integer::toString)
                    .toList();
            maps.add(new HeatMap(rows, columns, looks[head]));
        }
        return maps;
    }
}
