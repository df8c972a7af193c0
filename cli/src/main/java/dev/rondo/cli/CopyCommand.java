package dev.rondo.cli;

import dev.rondo.Model;
import dev.rondo.cli.chart.HeatMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        if (heatMap != null) {
            OutputFile.check("--heatmap", heatMap, List.of(file));
        }
        try (Model model = Model.open(file)) {
            CopyEvaluation found = CopyEvaluation.of(model, kernels.kernel(), length, sequences, seed);
            found.print(json, spec.commandLine().getOut());
            if (heatMap != null) {
                HeatMap.write(maps(found.looks(), readHeads(model)), heatMap);
            }
        }
        return Main.DONE;
    }

    private static int readHeads(Model model) {
        String text = model.metadata().getOrDefault("settings.read_heads", "");
        return text.matches("[0-9]{1,2}") ? Integer.parseInt(text) : 0;
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
