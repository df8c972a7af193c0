package dev.rondo.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainNetworkTest {
    /** What was trained is what runs: the file predicts a wave that training has not seen. */
    @Test
    void theFileThatItWritesPredictsWaves(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("wave.rondo");
        TrainNetwork.main(new String[] {file.toString()});
        try (Model model = Model.load(file)) {
            Call predict = model.session(Capacity.of("T", 40)).call("predict");
            for (int t = 0; t < 40; t++) {
                predict.input("x").set(t, (float) Math.sin(0.5 + 0.33 * t));
            }
            predict.run();
            float[] y = predict.output("y").toFloats();
            double error = 0;
            for (int t = 10; t < 40; t++) {
                error += Math.pow(y[t] - Math.sin(0.5 + 0.33 * (t + 1)), 2) / 30;
            }
            assertEquals(0, error, 0.01);
        }
    }
}
