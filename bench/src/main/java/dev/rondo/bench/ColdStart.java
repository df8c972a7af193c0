package dev.rondo.bench;

import dev.rondo.Call;
import dev.rondo.Model;
import dev.rondo.format.Encoding;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * From the launch of a JVM to the 1000th step of an LSTM, by the clock on the wall: a process for each start, Rondo and
 * ONNX Runtime in turn. Its own main is what such a process runs.
 */
public final class ColdStart {
    private static final Cell CELL = Cell.parse("lstm-256x256");
    private static final int STEPS = 1000;
    private static final double TO_REACH = 1.3;

    private ColdStart() {}

    /** Who starts; arguments of its JVM that the other does not need. */
    private enum Side {
        RONDO("--add-modules=jdk.incubator.vector"),
        ORT("--enable-native-access=ALL-UNNAMED");

        private final String flag;

        Side(String flag) {
            this.flag = flag;
        }
    }

    /** Milliseconds since launch. */
    private record Start(double first, double last) {}

    /** One start: the side and its model file. Prints a line after the first step and after the last. */
    public static void main(String[] args) throws IOException {
        float[][] inputs = {new float[CELL.inputSize()], new float[CELL.inputSize()]};
        inputs[1][0] = 1;
        Path file = Path.of(args[1]);
        switch (Side.valueOf(args[0])) {
            case RONDO -> {
                try (Model model = Model.open(file)) {
                    Call step = model.session().call("step");
                    var x = step.input("x");
                    var h = step.output("h_next");
                    for (int i = 0; i < STEPS; i++) {
                        x.copyFrom(inputs[i % 2]);
                        step.run();
                        tell(i, h.get(0));
                    }
                }
            }
            case ORT -> {
                try (OrtEngine engine = OnnxCell.open(CELL, Files.readAllBytes(file))) {
                    for (int i = 0; i < STEPS; i++) {
                        tell(i, engine.run(inputs[i % 2]));
                    }
                }
            }
        }
    }

    private static void tell(int step, double h) {
        if (step == 0 || step == STEPS - 1) {
            System.out.println(h);
        }
    }

    static void print(PrintStream out, int pairs, Verdicts verdicts) throws IOException {
        Path rondo = Files.createTempFile("bench", ".rondo");
        Path onnx = Files.createTempFile("bench", ".onnx");
        try {
            CellWeights weights = CellWeights.random(CELL, Work.SEED);
            RondoCell.write(rondo, weights, Encoding.F32);
            Files.write(onnx, OnnxCell.stepModel(weights, false));
            var ours = new ArrayList<Start>();
            var theirs = new ArrayList<Start>();
            for (int i = 0; i < pairs; i++) {
                ours.add(start(Side.RONDO, rondo));
                theirs.add(start(Side.ORT, onnx));
            }
            out.println("| " + CELL + ", f32, " + pairs + " starts each | first step, ms | " + STEPS + "th step, ms |");
            out.println("|---|--:|--:|");
            row(out, "Rondo", ours);
            row(out, "ONNX Runtime", theirs);
            double[] ratios = new double[pairs];
            for (int i = 0; i < pairs; i++) {
                ratios[i] = theirs.get(i).last / ours.get(i).last;
            }
            verdicts.add(new Verdict(
                    "JVM launch to " + STEPS + "th step of " + CELL + ", Rondo f32",
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
        out.printf(
                Locale.ROOT,
                "| %s | %s | %s |%n",
                name,
                Spread.of(starts.stream().mapToDouble(Start::first).toArray()).text(0),
                Spread.of(starts.stream().mapToDouble(Start::last).toArray()).text(0));
    }

    private static Start start(Side side, Path file) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                side.flag,
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                ColdStart.class.getName(),
                side.name(),
                file.toString());
        long launch = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader lines = process.inputReader()) {
            String first = lines.readLine();
            double afterFirst = (System.nanoTime() - launch) / 1e6;
            String last = lines.readLine();
            double afterLast = (System.nanoTime() - launch) / 1e6;
            if (first == null || last == null) {
                throw new IllegalStateException(side + ": steps " + STEPS + " times; it has ended");
            }
            process.waitFor();
            return new Start(afterFirst, afterLast);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
