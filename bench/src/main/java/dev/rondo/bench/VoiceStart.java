package dev.rondo.bench;

import dev.rondo.Model;
import java.io.IOException;
import java.nio.file.Path;

/**
 * One start of voice activity detection, of {@link Voice}'s network in a model file: prints the first probability and that
 * after a second of sound. A class without ONNX Runtime, so that its JVM need not look for that.
 */
public final class VoiceStart {
    /** Nearly: 31.25. */
    static final int CHUNKS_A_SECOND = 32;

    private VoiceStart() {}

    /** {@code VoiceStart FILE}. */
    public static void main(String[] args) throws IOException {
        try (Model model = Model.open(Path.of(args[0]))) {
            var call = model.session().call("run");
            var input = call.input("input");
            var output = call.output("output");
            for (int i = 0; i < CHUNKS_A_SECOND; i++) {
                input.copyFrom(hum(i));
                call.run();
                tell(i, output.get(0));
            }
        }
    }

    static void tell(int i, double probability) {
        if (i == 0 || i == CHUNKS_A_SECOND - 1) {
            System.out.println(probability);
        }
    }

    /** A tone, chunk by chunk. */
    static float[] hum(int chunk) {
        var samples = new float[Voice.CHUNK];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (float) (0.3 * Math.sin(0.05 * (chunk * samples.length + i)));
        }
        return samples;
    }
}
