package dev.rondo.train.seq2seq;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Port;
import dev.rondo.Session;
import dev.rondo.search.BeamOptions;
import dev.rondo.search.BeamSearch;
import dev.rondo.search.Constraints;
import dev.rondo.search.Hypothesis;
import dev.rondo.search.LengthPenalty;
import dev.rondo.search.Sentence;
import dev.rondo.search.SessionSteps;
import dev.rondo.text.Tokenizer;
import dev.rondo.train.Workers;
import dev.rondo.train.data.PairVocabulary;
import dev.rondo.train.data.ParallelText;
import dev.rondo.train.metric.Bleu;
import dev.rondo.train.metric.Tokenisation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * BLEU of the translations of a validation text by a model as its file has it: what was trained is what runs. References
 * are compared as they are, token by token.
 */
final class ValidationBleu {
    /** Sentences at once. */
    private static final int ROWS = 32;

    /** A translation is cut off here: factor times the source, and some tokens more. */
    private static final double LONGEST = 2;

    private static final int LONGER = 20;

    private final PairVocabulary.Pipelines pipelines;
    private final ParallelText text;
    private final Tokenizer target;
    private final int[][] sources;
    private final List<int[]> batches = new ArrayList<>();
    private final BeamOptions options;
    private final Workers workers;

    ValidationBleu(PairVocabulary.Pipelines pipelines, ParallelText text, int beamSize, Workers workers) {
        this.pipelines = pipelines;
        this.text = text;
        this.target = Tokenizer.of(pipelines.target());
        this.workers = workers;
        Tokenizer source = Tokenizer.of(pipelines.source());
        this.sources = text.sources().stream().map(source::encode).toArray(int[][]::new);
        int longest = LONGER + (int) LONGEST * Arrays.stream(sources).mapToInt(s -> s.length).max().orElse(0);
        this.options = BeamOptions.of(beamSize)
                .withLengthPenalty(beamSize == 1 ? LengthPenalty.NONE : new LengthPenalty.Power(1))
                .withConstraints(Constraints.NONE.withMaxLength(longest).withMaxFactor(LONGEST, LONGER));
        int[] order = IntStream.range(0, sources.length)
                .filter(i -> sources[i].length > 0)
                .boxed()
                .sorted(Comparator.comparingInt(i -> sources[i].length))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int from = 0; from < order.length; from += ROWS) {
            batches.add(Arrays.copyOfRange(order, from, Math.min(order.length, from + ROWS)));
        }
    }

    /** BLEU of 0 to 100; sentences without a source are not translated. */
    double of(Model model) {
        String[] translations = new String[sources.length];
        Arrays.fill(translations, "");
        workers.run(workers.threads(), part -> {
            var translator = new Translation(model);
            for (int batch = part; batch < batches.size(); batch += workers.threads()) {
                translator.translate(batches.get(batch), translations);
            }
        });
        return Bleu.corpus(
                        List.of(translations),
                        List.of(text.targets()),
                        Bleu.Options.DEFAULT.with(Tokenisation.NONE))
                .score();
    }

    /** One thread's session. */
    private final class Translation {
        private final Session session;
        private final Call encode;
        private final SessionSteps steps;
        private final BeamSearch search;

        Translation(Model model) {
            int longest = Arrays.stream(sources).mapToInt(s -> s.length).max().orElse(1);
            this.session = model.session(
                    Capacity.of("B", ROWS).and("K", options.beamSize()).and("S", longest));
            this.encode = session.call("encode");
            this.steps = SessionSteps.continuing(session);
            this.search = new BeamSearch(steps, pipelines.target().special().end(), options);
        }

        void translate(int[] batch, String[] translations) {
            int places = Arrays.stream(batch).map(i -> sources[i].length).max().orElse(1);
            session.size("B", batch.length).size("S", places).size("K", 1);
            Port source = encode.input("source");
            Port lengths = encode.input("source_lengths");
            var sentences = new ArrayList<Sentence>();
            for (int row = 0; row < batch.length; row++) {
                int[] ids = sources[batch[row]];
                for (int i = 0; i < places; i++) {
                    int id = i < ids.length ? ids[i] : pipelines.source().special().padding();
                    source.set(row * places + i, (long) id);
                }
                lengths.set(row, (long) ids.length);
                sentences.add(
                        Sentence.of(pipelines.target().special().begin()).withSourceLength(ids.length));
            }
            encode.run();
            List<List<Hypothesis>> found = search.run(sentences);
            for (int row = 0; row < batch.length; row++) {
                translations[batch[row]] =
                        target.decode(found.get(row).getFirst().words());
            }
        }
    }
}
