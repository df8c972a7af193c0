package dev.rondo.bench;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Port;
import dev.rondo.Session;
import dev.rondo.search.SessionSteps;
import dev.rondo.search.StepFunction;
import java.util.Arrays;

/** Rondo as its translator calls it: one session with the functions encode and step. */
final class RondoTranslation implements TranslationNetwork {
    private final Session session;
    private final Call encode;
    private final SessionSteps steps;

    RondoTranslation(Model model, Limits limits) {
        this.session = model.session(
                Capacity.of("B", limits.sentences()).and("K", limits.beamSize()).and("S", limits.sourceLength()));
        this.encode = session.call("encode");
        this.steps = SessionSteps.continuing(session);
    }

    @Override
    public void read(int[][] sources) {
        int length = Arrays.stream(sources).mapToInt(s -> s.length).max().orElse(0);
        session.size("B", sources.length).size("K", 1).size("S", length);
        Port source = encode.input("source");
        Port lengths = encode.input("source_lengths");
        for (int b = 0; b < sources.length; b++) {
            lengths.set(b, (long) sources[b].length);
            for (int s = 0; s < length; s++) {
                source.set(b * length + s, s < sources[b].length ? sources[b][s] : 0L);
            }
        }
        encode.run();
    }

    @Override
    public StepFunction steps() {
        return steps;
    }

    @Override
    public void close() {
        // A session's memory goes with it, the model is its opener's.
    }
}
