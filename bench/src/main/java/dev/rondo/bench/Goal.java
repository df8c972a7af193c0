package dev.rondo.bench;

import static dev.rondo.bench.Contender.C;
import static dev.rondo.bench.Contender.ORT_F32;
import static dev.rondo.bench.Contender.ORT_INT8;
import static dev.rondo.bench.Contender.RONDO_BF16;
import static dev.rondo.bench.Contender.RONDO_F16;
import static dev.rondo.bench.Contender.RONDO_F32;
import static dev.rondo.bench.Contender.RONDO_INT8;

import java.util.List;

/**
 * A ratio to reach: the peer's time divided by ours.
 *
 * @param work as {@link Work} writes it
 * @param ours the encodings that may reach it; the fastest counts
 * @param worstError outputs may lie that far from double precision
 * @param prototype what a prototype reached, on the same machine
 */
record Goal(String work, List<Contender> ours, Contender peer, double toReach, double worstError, String prototype) {
    private static final double ANY = Double.POSITIVE_INFINITY;

    private static Goal of(String work, Contender ours, Contender peer, double toReach, String prototype) {
        return new Goal(work, List.of(ours), peer, toReach, ANY, prototype);
    }

    private static Goal best(String work, double toReach, String prototype) {
        return new Goal(work, List.of(RONDO_F32, RONDO_F16, RONDO_BF16, RONDO_INT8), ORT_F32, toReach, 1e-3, prototype);
    }

    static final List<Goal> ALL = List.of(
            of("lstm-1x40", RONDO_F32, ORT_F32, 15, "13"),
            of("lstm-64x64", RONDO_F32, ORT_F32, 5, "4.8"),
            of("lstm-128x128", RONDO_F32, ORT_F32, 2.3, "2.2"),
            of("lstm-256x256", RONDO_F32, ORT_F32, 1.45, "1.43"),
            of("lstm-512x512", RONDO_F32, ORT_F32, 1.25, "1.2"),
            of("lstm-1024x1024", RONDO_F32, ORT_F32, 1.3, "1.27"),
            of("lstm-1x40", RONDO_F32, C, 0.8, "0.6"),
            of("lstm-64x64", RONDO_F32, C, 0.92, "0.85"),
            of("lstm-128x128", RONDO_F32, C, 0.92, "0.92"),
            of("lstm-256x256", RONDO_F32, C, 0.92, "0.94"),
            of("lstm-512x512", RONDO_F32, C, 0.92, "0.95"),
            of("lstm-1024x1024", RONDO_F32, C, 0.92, "0.83"),
            of("lstm-64x64", RONDO_BF16, ORT_F32, 7.5, "7.3"),
            of("lstm-128x128", RONDO_BF16, ORT_F32, 3.5, "3.4"),
            of("lstm-256x256", RONDO_BF16, ORT_F32, 2.6, "2.5"),
            of("lstm-512x512", RONDO_BF16, ORT_F32, 2.4, "2.4"),
            of("lstm-1024x1024", RONDO_BF16, ORT_F32, 4.5, "4.5"),
            of("lstm-128x128", RONDO_INT8, ORT_INT8, 1.8, "–"),
            of("lstm-256x256", RONDO_INT8, ORT_INT8, 1.3, "1.48, product alone"),
            of("lstm-512x512", RONDO_INT8, ORT_INT8, 1.05, "1.02, product alone"),
            of("lstm-1024x1024", RONDO_INT8, ORT_INT8, 1.05, "1.02, product alone"),
            of("gru-64x64", RONDO_F32, ORT_F32, 5, "–"),
            of("gru-128x128", RONDO_F32, ORT_F32, 2.8, "2.7"),
            of("gru-256x256", RONDO_F32, ORT_F32, 1.5, "1.45"),
            of("gru-512x512", RONDO_F32, ORT_F32, 1.25, "–"),
            of("elman-128x128", RONDO_F32, ORT_F32, 3, "–"),
            of("elman-512x512", RONDO_F32, ORT_F32, 1.2, "–"),
            best("lstm-256x256-t64", 1.35, "1.35"),
            best("lstm-512x256-t64", 1.35, "1.35"),
            of("lstm-256x256-t64", RONDO_F32, ORT_F32, 1.05, "0.95–1.0"),
            of("lstm-512x256-t64", RONDO_F32, ORT_F32, 1.05, "0.95–1.0"),
            of("projection-512x32000-b1", RONDO_F32, ORT_F32, 1.35, "1.35"),
            of("projection-512x32000-b5", RONDO_F32, ORT_F32, 1.5, "1.5"),
            of("projection-512x32000-b1", RONDO_INT8, ORT_INT8, 1.1, "1.1"),
            of("projection-512x32000-b5", RONDO_INT8, ORT_INT8, 1.0, "0.7"),
            of("attention-50x512", RONDO_F32, ORT_F32, 1.5, "–"),
            new Goal("text-65x128x512", List.of(RONDO_BF16, RONDO_INT8), ORT_F32, 2, ANY, "–"));
}
