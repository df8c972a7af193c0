package dev.rondo.bench;

import dev.rondo.search.BeamSearch;
import dev.rondo.search.Hypothesis;
import dev.rondo.search.Sentence;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** A run translates all sources of a plan, by Rondo's search over a network of whatever runtime. The input is not used. */
final class TranslationEngine implements Engine {
    private final TranslationPlan plan;
    private final TranslationNetwork network;
    private final BeamSearch search;
    private final int[][][] batches;
    private final List<List<Sentence>> sentences;
    private final int[][] results;

    TranslationEngine(TranslationPlan plan, TranslationNetwork network) {
        this.plan = plan;
        this.network = network;
        this.search = new BeamSearch(network.steps(), plan.end(), plan.options());
        this.batches = IntStream.range(0, plan.batches()).mapToObj(plan::batch).toArray(int[][][]::new);
        this.sentences = Arrays.stream(batches).map(plan::sentences).toList();
        this.results = new int[plan.sources().length][];
    }

    @Override
    public float run(float[] x) {
        double sum = 0;
        for (int i = 0; i < batches.length; i++) {
            network.read(batches[i]);
            List<List<Hypothesis>> found = search.run(sentences.get(i));
            for (int j = 0; j < found.size(); j++) {
                List<Hypothesis> nBest = found.get(j);
                // None where the limits leave none.
                results[i * plan.batch() + j] = nBest.stream()
                        .limit(1)
                        .flatMap(best -> best.tokens().stream())
                        .mapToInt(Integer::intValue)
                        .toArray();
                sum += nBest.isEmpty() ? 0 : nBest.getFirst().score();
            }
        }
        return (float) sum;
    }

    /** The translations of the last run, -1 after each. */
    @Override
    public float[] outputs() {
        var all = new float[Arrays.stream(results).mapToInt(r -> r.length + 1).sum()];
        int at = 0;
        for (int[] result : results) {
            for (int token : result) {
                all[at++] = token;
            }
            all[at++] = -1;
        }
        return all;
    }

    /** Nothing stays from run to run. */
    @Override
    public void reset() {
        Arrays.fill(results, new int[0]);
    }

    @Override
    public void close() {
        network.close();
    }
}
