package dev.rondo.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GradientDistanceTest {
    private static final int STEPS = 30;

    @Test
    void theGradientOfALinearNetworkGoesWithTheSpectrum() {
        Map<String, double[]> norms = GradientDistance.norms(STEPS);
        for (double lambda : new double[] {0.9, 1.0, 1.1}) {
            double[] found = norms.get("linear, λ = " + lambda);
            for (int distance = 0; distance < STEPS; distance++) {
                assertEquals(1, found[distance] / Math.pow(lambda, distance), 1e-4, lambda + " at " + distance);
            }
        }
    }

    /** With biases for memory both gated cells hand back more than an Elman network. */
    @Test
    void gatesKeepTheGradientAlive() {
        Map<String, double[]> norms = GradientDistance.norms(STEPS);
        double elman = norms.get("Elman, tanh")[STEPS - 1];
        assertTrue(elman > 0 && elman < 0.1, "Elman: " + elman);
        assertTrue(norms.get("LSTM")[STEPS - 1] > 2 * elman);
        assertTrue(norms.get("GRU")[STEPS - 1] > 2 * elman);
    }

    @Test
    void everyNetworkIsInTheChart(@TempDir Path folder) throws IOException {
        Map<String, double[]> norms = GradientDistance.norms(4);
        assertEquals(6, norms.size());
        Path file = folder.resolve("gradients.svg");
        GradientDistance.chart(norms).write(file);
        String svg = Files.readString(file);
        for (String name : norms.keySet()) {
            assertTrue(svg.contains(name), name);
        }
    }
}
