package dev.rondo.bench;

import dev.rondo.architecture.Cell;
import dev.rondo.graph.Activation;
import dev.rondo.train.Clipping;
import dev.rondo.train.Optimizer;
import dev.rondo.train.Trainer;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingResult;
import dev.rondo.train.TrainingSettings;
import dev.rondo.train.synthetic.AddingProblem;
import dev.rondo.train.synthetic.SyntheticSettings;
import dev.rondo.train.synthetic.SyntheticTraining;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How well each cell remembers: the adding problem, the same network, optimizer and batches for all. */
final class AddingProblemTable {
    private static final int HIDDEN = 24;
    private static final int BATCH = 32;
    private static final int BATCHES_OF_EPOCH = 100;
    private static final int EPOCHS = 8;
    private static final double LEARNING_RATE = 0.02;
    private static final long SEED = 1;

    private static final List<Cell> CELLS =
            List.of(new Cell.Elman(Activation.TANH), new Cell.Lstm(), new Cell.Gru(true), new Cell.Gru(false));

    private AddingProblemTable() {}

    /** Prints the table for sequences of as many steps as the arguments say, 100 without any. */
    public static void main(String[] args) throws IOException {
        List<Integer> lengths = args.length == 0
                ? List.of(100)
                : List.of(args).stream().map(Integer::valueOf).toList();
        print(lengths, EPOCHS, System.out);
    }

    static void print(List<Integer> lengths, int epochs, PrintStream out) throws IOException {
        out.printf(
                Locale.ROOT,
                "%d units, %d batches of %d, Adam %.2f, clipping 1, seed %d; mean squared error on 1000 other samples, "
                        + "0.1667 without any memory%n%n",
                HIDDEN,
                epochs * BATCHES_OF_EPOCH,
                BATCH,
                LEARNING_RATE,
                SEED);
        out.println("| steps | cell | mean squared error, lowest | after batch | s |");
        out.println("|--:|---|--:|--:|--:|");
        for (int steps : lengths) {
            for (Cell cell : CELLS) {
                TrainingResult result = train(cell, steps, epochs);
                out.printf(
                        Locale.ROOT,
                        "| %d | %s | %.5f | %d | %.1f |%n",
                        steps,
                        name(cell),
                        result.bestLoss(),
                        result.bestStep(),
                        result.seconds());
            }
        }
    }

    private static String name(Cell cell) {
        return switch (cell) {
            case Cell.Elman _ -> "Elman, tanh";
            case Cell.Lstm() -> "LSTM";
            case Cell.Gru(boolean resetAfter) -> resetAfter ? "GRU, reset after" : "GRU, reset before";
        };
    }

    private static TrainingResult train(Cell cell, int steps, int epochs) throws IOException {
        TrainingSettings settings = TrainingSettings.of(Optimizer.adam(), LEARNING_RATE, epochs, SEED)
                .withClipping(new Clipping.GlobalNorm(1));
        var synthetic = SyntheticSettings.of(new AddingProblem(steps), cell, HIDDEN, BATCH, BATCHES_OF_EPOCH, settings);
        try (var trainer = new Trainer(SyntheticTraining.task(synthetic), settings)) {
            return trainer.train(Optional.empty(), TrainingListener.SILENT);
        }
    }
}
