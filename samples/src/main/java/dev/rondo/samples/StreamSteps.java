package dev.rondo.samples;

import dev.rondo.Call;
import dev.rondo.Model;
import dev.rondo.Port;
import dev.rondo.Session;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Calls a function step by step, as a service does: the session keeps the state between calls, nothing is allocated in a
 * step. {@code java ... dev.rondo.samples.StreamSteps MODEL} prints the surprise, in nats, of a language model that reads
 * token after token.
 */
public final class StreamSteps {
    private StreamSteps() {}

    public static void main(String[] args) throws IOException {
        if (args.length != 1) {
            System.err.println("usage: StreamSteps MODEL");
            System.exit(2);
        }
        try (Model model = Model.open(Path.of(args[0]))) {
            Session session = model.session();
            Call step = session.call("step");
            Port token = step.input("token");
            Port logits = step.output("logits");
            for (int id = 0; id < 10; id++) {
                token.set(0, id);
                step.run();
                System.out.printf("after token %d: %.4f nats for token %d%n", id, surprise(logits, id + 1), id + 1);
            }
            // The next text begins with a clean state.
            session.reset();
        }
    }

    /** {@code ln Σ e^{x_j} − x_i}. */
    private static double surprise(Port logits, int i) {
        double sum = 0;
        for (int j = 0; j < logits.size(); j++) {
            sum += Math.exp(logits.get(j));
        }
        return Math.log(sum) - logits.get(i);
    }
}
