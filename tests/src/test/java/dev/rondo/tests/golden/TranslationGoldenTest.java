package dev.rondo.tests.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.convert.Conversion;
import dev.rondo.convert.ConversionRequest;
import dev.rondo.decode.Sampling;
import dev.rondo.search.BeamOptions;
import dev.rondo.search.BeamSearch;
import dev.rondo.search.Constraints;
import dev.rondo.search.Hypothesis;
import dev.rondo.search.LengthPenalty;
import dev.rondo.search.SamplingSearch;
import dev.rondo.search.Search;
import dev.rondo.search.Sentence;
import dev.rondo.search.SessionSteps;
import dev.rondo.search.Stopping;
import dev.rondo.tests.oracle.NdArray;
import dev.rondo.tests.session.Places;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Converted encoder-decoders decode as the same models do in PyTorch with a textbook search: greedily, and with beams of
 * both policies. Sentences of different lengths share the calls here; there they ran one by one.
 */
class TranslationGoldenTest {
    private static final Path CASES = Places.root().resolve("converters/src/test/resources/pytorch/cases");
    private static final int BEGIN = 1;
    private static final int END = 2;
    private static final double ATOL = 2e-5;
    private static final double RTOL = 1e-4;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "attn_dot",
                "attn_seq2seq_bahdanau",
                "attn_seq2seq_luong_general",
                "seq2seq_last",
                "seq2seq_every",
                "seq2seq_both",
                "seq2seq_lowrank",
                "seq2seq_conditional",
                "seq2seq_deep",
                "seq2seq_heads",
                "seq2seq_joint",
                "seq2seq_pointer",
                "seq2seq_copy"
            })
    void findsWhatTheTextbookSearchFinds(String name) throws IOException {
        Map<String, NdArray> io =
                Safetensors.read(Files.readAllBytes(CASES.resolve(name).resolve("io.safetensors")));
        Path file = folder.resolve("model.rondo");
        Conversion.convert(ConversionRequest.of(CASES.resolve(name).resolve("model.safetensors"), file)
                .withConfig(CASES.resolve(name).resolve("config.json")));
        int longest = io.get("out.greedy_ids").size(1);
        int beam = io.get("out.nbest_ids").size(1);
        var constraints = Constraints.NONE.withMaxLength(longest);
        BeamOptions shrink = BeamOptions.of(beam)
                .withNBest(beam)
                .withPolicy(BeamOptions.Policy.SHRINK)
                .withConstraints(constraints);
        BeamOptions refill = shrink.withPolicy(BeamOptions.Policy.REFILL);
        LengthPenalty penalty = new LengthPenalty.Power(0.7);
        int lists = 0;
        try (Model model = Model.load(file)) {
            for (Model.Kernel kernel : List.of(Model.Kernel.PLAIN, Model.Kernel.BEST)) {
                List<List<Hypothesis>> greedy = decode(
                        model,
                        kernel,
                        io,
                        beam,
                        steps -> new SamplingSearch(steps, END, Sampling.GREEDY, 1, constraints));
                for (int row = 0; row < greedy.size(); row++) {
                    assertEquals(
                            ids(io.get("out.greedy_ids"), row),
                            greedy.get(row).getFirst().tokens(),
                            "row " + row);
                }
                for (Map.Entry<String, BeamOptions> list : Map.of(
                                "nbest",
                                shrink,
                                "nbest_refill",
                                refill,
                                "nbest_norm",
                                shrink.withLengthPenalty(penalty),
                                "nbest_norm_refill",
                                refill.withLengthPenalty(penalty))
                        .entrySet()) {
                    if (!io.containsKey("out." + list.getKey() + "_ids")) {
                        continue;
                    }
                    for (Stopping stopping : List.of(Stopping.NEVER, Stopping.DECIDED)) {
                        BeamOptions options = list.getValue().withStopping(stopping);
                        lists++;
                        compare(
                                io,
                                list.getKey(),
                                decode(model, kernel, io, beam, steps -> new BeamSearch(steps, END, options)));
                    }
                }
            }
        }
        assertTrue(lists >= 8, lists + " lists compared");
    }

    private static List<List<Hypothesis>> decode(
            Model model,
            Model.Kernel kernel,
            Map<String, NdArray> io,
            int beam,
            Function<SessionSteps, Search> strategy) {
        NdArray source = io.getOrDefault("in.source", io.get("in.src"));
        NdArray lengths = io.getOrDefault("in.source_lengths", io.get("in.src_lengths"));
        Session session =
                model.session(new Capacity(Map.of("B", source.size(0), "S", source.size(1), "K", beam)), kernel);
        session.size("K", 1);
        Call encode = session.call("encode");
        var sentences = new ArrayList<Sentence>();
        for (int b = 0; b < source.size(0); b++) {
            for (int s = 0; s < source.size(1); s++) {
                encode.input("source").set(b * source.size(1) + s, (long) source.at(b, s));
            }
            encode.input("source_lengths").set(b, (long) lengths.at(b));
            sentences.add(Sentence.of(BEGIN).withSourceLength((int) lengths.at(b)));
        }
        encode.run();
        return strategy.apply(SessionSteps.continuing(session)).run(sentences);
    }

    private static void compare(Map<String, NdArray> io, String list, List<List<Hypothesis>> found) {
        NdArray ids = io.get("out." + list + "_ids");
        NdArray scores = io.get("out." + list + "_score");
        NdArray logProbs = io.get("out." + list + "_log_prob");
        for (int row = 0; row < found.size(); row++) {
            assertEquals(ids.size(1), found.get(row).size(), list + ", row " + row);
            for (int rank = 0; rank < ids.size(1); rank++) {
                Hypothesis hypothesis = found.get(row).get(rank);
                String place = list + ", row " + row + ", rank " + rank + ": " + found.get(row);
                assertEquals(ids(ids, row, rank), hypothesis.tokens(), place);
                near(scores.at(row, rank), hypothesis.score(), place);
                if (logProbs != null) {
                    near(logProbs.at(row, rank), hypothesis.logProb(), place);
                }
            }
        }
    }

    private static void near(double want, double got, String place) {
        assertEquals(want, got, ATOL + RTOL * Math.abs(want), place);
    }

    /** The ids of a list up to -1. */
    private static List<Integer> ids(NdArray lists, int... index) {
        var ids = new ArrayList<Integer>();
        int last = lists.shape().getLast();
        for (int t = 0; t < last; t++) {
            int id = (int) (index.length == 1 ? lists.at(index[0], t) : lists.at(index[0], index[1], t));
            if (id < 0) {
                break;
            }
            ids.add(id);
        }
        return Collections.unmodifiableList(ids);
    }
}
