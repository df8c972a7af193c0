package dev.rondo.train.synthetic;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.architecture.Cell;
import dev.rondo.graph.Activation;
import dev.rondo.train.Clipping;
import dev.rondo.train.Optimizer;
import dev.rondo.train.Trainer;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingSettings;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** LSTM and GRU remember over 100 steps, an Elman network does not: the adding problem. */
class AddingProblemTest {
    /** The mean squared error after 400 batches of 32; 1/6 knows nothing. */
    private static double error(Cell cell) throws IOException {
        var settings = TrainingSettings.of(Optimizer.adam(), 0.02, 4, 7).withClipping(new Clipping.GlobalNorm(1));
        var task = SyntheticTraining.task(SyntheticSettings.of(new AddingProblem(100), cell, 24, 32, 100, settings));
        try (var trainer = new Trainer(task, settings)) {
            return trainer.train(Optional.empty(), TrainingListener.SILENT).bestLoss();
        }
    }

    @Test
    void lstmAndGruSolveItAndElmanDoesNot() throws IOException {
        double lstm = error(new Cell.Lstm());
        double gru = error(new Cell.Gru(true));
        double elman = error(new Cell.Elman(Activation.TANH));
        String all = "LSTM " + lstm + ", GRU " + gru + ", Elman " + elman;
        assertTrue(lstm < 0.01, all);
        assertTrue(gru < 0.01, all);
        assertTrue(elman > 0.1, all);
    }
}
