package dev.rondo.bench;

import dev.rondo.bench.Rounds.Effort;
import dev.rondo.bench.Rounds.Timing;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Prints the table of {@code bench/RESULTS.md}: Rondo and ONNX Runtime step the same cell, with the same weights, in turn,
 * in one JVM and one thread. Arguments are cells such as {@code lstm-256x256}; without any, all of them.
 */
public final class Table {
    private final PrintStream out;
    private final Effort effort;
    private double coreShare = 1;

    Table(PrintStream out, Effort effort) {
        this.out = out;
        this.effort = effort;
    }

    public static void main(String[] args) {
        List<Cell> cells = args.length == 0
                ? Cell.ALL
                : Arrays.stream(args).map(Cell::parse).toList();
        new Table(System.out, Effort.FULL).print(cells);
    }

    void print(List<Cell> cells) {
        Machine.describe().forEach(out::println);
        out.println();
        out.println(
                "| cell | runtime, weights | µs a step | times ONNX Runtime f32's speed | times ONNX Runtime int8's |"
                        + " bytes a step | largest difference in h |");
        out.println("|---|---|--:|--:|--:|--:|--:|");
        cells.forEach(this::print);
        out.println();
        out.printf(
                Locale.ROOT,
                "The measuring thread had a core for at least %.0f %% of its time; what it waited is not counted.%n",
                100 * coreShare);
    }

    private void print(Cell cell) {
        List<Contender> contenders =
                Arrays.stream(Contender.values()).filter(c -> c.runs(cell)).toList();
        CellWeights weights = CellWeights.random(cell, 1);
        var engines = new EnumMap<Contender, Engine>(Contender.class);
        try {
            contenders.forEach(c -> engines.put(c, c.open(weights)));
            var differences = new ArrayList<Float>();
            for (Contender c : contenders) {
                differences.add(
                        c == Contender.ORT_F32
                                ? 0
                                : Agreement.check(
                                        c.text(), engines.get(c), engines.get(Contender.ORT_F32), cell, c.tolerance()));
            }
            var rounds = new Rounds(cell, effort);
            List<Timing> timings = rounds.run(List.copyOf(engines.values()));
            coreShare = Math.min(coreShare, rounds.coreShare());
            var byContender = new EnumMap<Contender, Timing>(Contender.class);
            for (int i = 0; i < contenders.size(); i++) {
                byContender.put(contenders.get(i), timings.get(i));
            }
            for (int i = 0; i < contenders.size(); i++) {
                out.println(row(cell, contenders.get(i), byContender, differences.get(i)));
            }
        } finally {
            engines.values().forEach(Engine::close);
        }
    }

    private static String row(Cell cell, Contender contender, Map<Contender, Timing> timings, float difference) {
        Timing own = timings.get(contender);
        return String.format(
                Locale.ROOT,
                "| %s | %s | %.3g | %s | %s | %s | %s |",
                cell,
                contender.text(),
                Spread.of(own.nanosPerStep()).median() / 1000,
                ratio(own, timings.get(Contender.ORT_F32)),
                ratio(own, timings.get(Contender.ORT_INT8)),
                Spread.of(own.bytesPerStep()).text(0),
                contender == Contender.ORT_F32 ? "" : String.format(Locale.ROOT, "%.0e", difference));
    }

    private static String ratio(Timing own, Timing peer) {
        return peer == null || peer == own ? "" : own.ratioTo(peer).text(2);
    }
}
