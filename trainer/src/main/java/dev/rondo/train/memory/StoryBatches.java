package dev.rondo.train.memory;

import dev.rondo.train.BatchSource;
import dev.rondo.train.Feed;
import dev.rondo.train.SeededRandom;
import dev.rondo.train.Shard;
import java.util.ArrayList;
import java.util.List;

/** Questions in batches, in another order in each epoch, with empty places here and there. What does not fill a batch is left out. */
final class StoryBatches implements BatchSource {
    private static final int[] NOTHING = {};

    private final StoryCorpus corpus;
    private final MemoryNetworkSettings settings;
    private int epochOfOrder = -1;
    private int[] order = {};

    StoryBatches(StoryCorpus corpus, MemoryNetworkSettings settings) {
        this.corpus = corpus;
        this.settings = settings;
    }

    @Override
    public long batchesPerEpoch() {
        return Math.max(1, corpus.training().size() / settings.batchSize());
    }

    @Override
    public long targetsPerBatch() {
        return settings.batchSize();
    }

    @Override
    public void fill(int epoch, long batch, List<Shard> shards) {
        if (epochOfOrder != epoch) {
            order = SeededRandom.of(settings.training().seed(), epoch)
                    .permutation(corpus.training().size());
            epochOfOrder = epoch;
        }
        int rows = settings.batchSize() / shards.size();
        for (Shard shard : shards) {
            var random = SeededRandom.of(settings.training().seed(), epoch, batch, shard.index());
            var questions = new ArrayList<StoryCorpus.Question>();
            for (int row = 0; row < rows; row++) {
                long at = batch * settings.batchSize() + (long) shard.index() * rows + row;
                // A corpus of less than one batch is read again from its beginning.
                StoryCorpus.Question q = corpus.training().get(order[(int) (at % order.length)]);
                questions.add(new StoryCorpus.Question(noisy(q.places(), random), q.query(), q.answer()));
            }
            fill(shard, questions, corpus.reading().words());
            shard.input("linear").set(0, epoch < settings.linearEpochs() ? 1.0 : 0.0);
        }
    }

    private List<int[]> noisy(List<int[]> places, SeededRandom random) {
        var noisy = new ArrayList<int[]>();
        for (int[] place : places) {
            noisy.add(place);
            if (settings.noise() > 0 && random.nextDouble() < settings.noise()) {
                noisy.add(NOTHING);
            }
        }
        return noisy.size() <= settings.sentences() ? noisy : noisy.subList(0, settings.sentences());
    }

    /** Fills story, query, sentences and target; the memory is as large as the longest story of these. */
    static void fill(Shard shard, List<StoryCorpus.Question> questions, int words) {
        int places = 1;
        for (StoryCorpus.Question q : questions) {
            places = Math.max(places, q.places().size());
        }
        shard.size("B", questions.size());
        shard.size("S", places);
        Feed story = shard.input("story");
        Feed query = shard.input("query");
        Feed sentences = shard.input("sentences");
        Feed target = shard.input("target");
        for (int row = 0; row < questions.size(); row++) {
            StoryCorpus.Question q = questions.get(row);
            for (int place = 0; place < places; place++) {
                int[] ids = place < q.places().size() ? q.places().get(place) : NOTHING;
                for (int j = 0; j < words; j++) {
                    story.set((row * places + place) * words + j, j < ids.length ? ids[j] : 0L);
                }
            }
            for (int j = 0; j < words; j++) {
                query.set(row * words + j, (long) q.query()[j]);
            }
            sentences.set(row, (long) q.places().size());
            target.set(row, (long) q.answer());
        }
    }
}
