package dev.rondo.bench;

import ai.onnxruntime.OrtSession;
import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.format.Encoding;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.stream.IntStream;

/**
 * From the launch of a JVM to the 1000th step of an LSTM, by the clock on the wall: a process for each start, Rondo and
 * ONNX Runtime in turn. Its own main is what such a process runs.
 */
public final class ColdStart {
    private static final Cell CELL = Cell.parse("lstm-256x256");
    private static final int STEPS = 1000;
    private static final double TO_REACH = 1.3;
    private static final List<Class<?>> JARS = List.of(Model.class, Encoding.class, OrtSession.class);

    private ColdStart() {}

    /** Who starts. */
    private enum Side {
        RONDO("Rondo", Model.Kernel.BEST),
        RONDO_PLAIN("Rondo, plain kernels", Model.Kernel.PLAIN),
        RONDO_WARMING("Rondo, warming", Model.Kernel.WARMING),
        ORT("ONNX Runtime", null);

        private final String text;
        private final Model.Kernel kernel;

        Side(String text, Model.Kernel kernel) {
            this.text = text;
            this.kernel = kernel;
        }

        /** What its JVM needs and the other's does not. */
        private String flag() {
            return kernel == null ? "--enable-native-access=ALL-UNNAMED" : "--add-modules=jdk.incubator.vector";
        }
    }

    /** One start: the side and its model file. Prints a line after the first step and after the last. */
    public static void main(String[] args) throws IOException {
        float[][] inputs = {new float[CELL.inputSize()], new float[CELL.inputSize()]};
        inputs[1][0] = 1;
        Path file = Path.of(args[1]);
        Side side = Side.valueOf(args[0]);
        if (side == Side.ORT) {
            try (OrtEngine engine = OnnxCell.open(CELL, Files.readAllBytes(file))) {
                for (int i = 0; i < STEPS; i++) {
                    tell(i, engine.run(inputs[i % 2]));
                }
            }
            return;
        }
        try (Model model = Model.open(file)) {
            Call step = model.session(Capacity.ONE, side.kernel).call("step");
            var x = step.input("x");
            var h = step.output("h_next");
            for (int i = 0; i < STEPS; i++) {
                x.copyFrom(inputs[i % 2]);
                step.run();
                tell(i, h.get(0));
            }
        }
    }

    private static void tell(int step, double h) {
        if (step == 0 || step == STEPS - 1) {
            System.out.println(h);
        }
    }

    static void print(PrintStream out, int rounds, Verdicts verdicts) throws IOException {
        Path rondo = Files.createTempFile("bench", ".rondo");
        Path onnx = Files.createTempFile("bench", ".onnx");
        try {
            CellWeights weights = CellWeights.random(CELL, Work.SEED);
            RondoCell.write(rondo, weights, Encoding.F32);
            Files.write(onnx, OnnxCell.stepModel(weights, false));
            var starts = new EnumMap<Side, List<Start>>(Side.class);
            for (int i = 0; i < rounds; i++) {
                for (Side side : Side.values()) {
                    starts.computeIfAbsent(side, _ -> new ArrayList<>())
                            .add(start(side, side == Side.ORT ? onnx : rondo));
                }
            }
            out.println(
                    "| " + CELL + ", f32, " + rounds + " starts each | first step, ms | " + STEPS + "th step, ms |");
            out.println("|---|--:|--:|");
            starts.forEach((side, times) -> row(out, side.text, times));
            Side best = starts.keySet().stream()
                    .filter(side -> side != Side.ORT)
                    .min(Comparator.comparingDouble(
                            side -> last(starts.get(side)).median()))
                    .orElseThrow();
            double[] ratios = IntStream.range(0, rounds)
                    .mapToDouble(i -> starts.get(Side.ORT).get(i).last()
                            / starts.get(best).get(i).last())
                    .toArray();
            verdicts.add(new Verdict(
                    "JVM launch to " + STEPS + "th step of " + CELL + ", " + best.text + ", f32",
                    Contender.ORT_F32.text(),
                    TO_REACH,
                    Spread.of(ratios),
                    "–"));
        } finally {
            Files.delete(rondo);
            Files.delete(onnx);
        }
    }

    private static void row(PrintStream out, String name, List<Start> starts) {
        Spread first = Spread.of(starts.stream().mapToDouble(Start::first).toArray());
        out.println("| " + name + " | " + first.text(0) + " | " + last(starts).text(0) + " |");
    }

    private static Spread last(List<Start> starts) {
        return Spread.of(starts.stream().mapToDouble(Start::last).toArray());
    }

    private static Start start(Side side, Path file) throws IOException {
        return Start.of(side.flag(), JARS, ColdStart.class, side.name(), file.toString());
    }
}
