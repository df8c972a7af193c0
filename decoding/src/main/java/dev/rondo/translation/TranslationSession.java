package dev.rondo.translation;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Port;
import dev.rondo.Session;
import dev.rondo.error.InputException;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.search.BeamOptions;
import dev.rondo.search.BeamSearch;
import dev.rondo.search.Hypothesis;
import dev.rondo.search.Sentence;
import dev.rondo.search.SequenceScorer;
import dev.rondo.search.SessionSteps;
import dev.rondo.search.ShallowFusion;
import dev.rondo.search.StepFunction;
import dev.rondo.search.TokenListener;
import dev.rondo.search.Variety;
import dev.rondo.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * Translates text after text with the same options, in the same buffers; they grow with the longest source. Belongs to the thread
 * that made it.
 */
public final class TranslationSession {
    private final Translator translator;
    private final Model model;
    private final Model.Kernel kernel;
    private final TranslationOptions options;
    private final BeamOptions beam;
    private final SpecialIds special;
    private int capacity;
    private Session session;
    private Call encode;
    private BeamSearch search;
    private SequenceScorer scorer;

    TranslationSession(Translator translator, Model model, Model.Kernel kernel, TranslationOptions options) {
        this.translator = translator;
        this.model = model;
        this.kernel = kernel;
        this.options = options;
        this.special = translator.target().pipeline().special();
        this.beam = options.unknowns() == Unknowns.SUPPRESS ? withoutUnknown(options.beam()) : options.beam();
        boolean attends = model.function("step").output("attention").isPresent();
        if (options.unknowns() == Unknowns.REPLACE && !attends) {
            throw new InputException(
                    "unknown tokens",
                    "are replaced by what attention was on",
                    "a model without attention",
                    "keep or suppress them");
        }
    }

    private BeamOptions withoutUnknown(BeamOptions given) {
        var suppressed = new ArrayList<>(given.constraints().suppressed());
        if (special.unknown() >= 0) {
            suppressed.add(special.unknown());
        }
        return given.withConstraints(given.constraints().withSuppressed(suppressed));
    }

    /** Translates a text. */
    public Translation translate(String text) {
        return translate(List.of(text)).getFirst();
    }

    /** Translates texts, in their order. */
    public List<Translation> translate(List<String> texts) {
        return translate(texts, TokenListener.NONE);
    }

    /**
     * Translates texts, in their order; a text without tokens becomes one without tokens.
     *
     * @param listener hears of tokens with the index of their text, and may end it
     * @throws InputException when a vocabulary lacks something and has no unknown token
     */
    public List<Translation> translate(List<String> texts, TokenListener listener) {
        return translate(texts, Collections.nCopies(texts.size(), ""), 0, listener);
    }

    /**
     * Translates texts whose translations begin with given words, or are drawn to them.
     *
     * @param prefixes one for each text; may be empty
     * @param bias     0 when translations must begin so; else the beta of {@link Sentence#bias}
     */
    public List<Translation> translate(List<String> texts, List<String> prefixes, double bias, TokenListener listener) {
        if (prefixes.size() != texts.size()) {
            throw new InputException(
                    "prefixes", "are as many as texts, " + texts.size(), "" + prefixes.size(), "give empty ones");
        }
        int[][] begins = targets(prefixes);
        int[][] sources = sources(texts);
        var results = new Translation[sources.length];
        List<Integer> order = byLength(sources);
        for (int from = 0; from < order.size(); from += options.batch()) {
            List<Integer> batch = order.subList(from, Math.min(order.size(), from + options.batch()));
            read(sources, batch);
            var sentences = new ArrayList<Sentence>();
            for (int text : batch) {
                // Its own ids are its number: it draws the same in every batch, on every thread.
                sentences.add(new Sentence(special.begin(), sources[text].length, begins[text], bias)
                        .withNumber(Arrays.hashCode(sources[text])));
            }
            List<List<Hypothesis>> found = search.run(
                    sentences,
                    (sentence, length, token, logProb) -> listener.token(batch.get(sentence), length, token, logProb));
            for (int i = 0; i < batch.size(); i++) {
                int text = batch.get(i);
                results[text] = translation(texts.get(text), sources[text], found.get(i));
            }
        }
        for (int i = 0; i < results.length; i++) {
            if (results[i] == null) {
                results[i] = empty();
            }
        }
        return List.of(results);
    }

    private static Translation empty() {
        var nothing = new Hypothesis(List.of(), false, 0, 0, new float[0], new int[0], new float[0][]);
        return new Translation(List.of(), List.of(new Translation.Candidate("", List.of(), 0, nothing)));
    }

    /**
     * {@code ln P(target | source)} of each pair, the ends of the targets included.
     *
     * @throws InputException when there are not as many targets as sources, or a source has no tokens
     */
    public List<Double> score(List<String> texts, List<String> translations) {
        if (texts.size() != translations.size()) {
            throw new InputException(
                    "targets", "are as many as sources, " + texts.size(), "" + translations.size(), "give pairs");
        }
        int[][] sources = sources(texts);
        int[][] targets = targets(translations);
        List<Integer> order = byLength(sources);
        if (order.size() < sources.length) {
            throw new InputException("source", "has at least one token", "none", "leave out empty lines");
        }
        var scores = new Double[sources.length];
        for (int from = 0; from < order.size(); from += options.batch()) {
            List<Integer> batch = order.subList(from, Math.min(order.size(), from + options.batch()));
            read(sources, batch);
            var sequences = new ArrayList<int[]>();
            for (int text : batch) {
                int[] ended = Arrays.copyOf(targets[text], targets[text].length + 1);
                ended[targets[text].length] = special.end();
                sequences.add(ended);
            }
            List<double[]> found = scorer.score(special.begin(), sequences);
            for (int i = 0; i < batch.size(); i++) {
                scores[batch.get(i)] = Arrays.stream(found.get(i)).sum();
            }
        }
        return List.of(scores);
    }

    /** Whether a text has tokens, and only such as the source's vocabulary has. */
    boolean canRead(String text) {
        try {
            return translator.sourceIds(text).length > 0;
        } catch (InputException ignored) {
            // Without an unknown token.
            return false;
        }
    }

    private int[][] sources(List<String> texts) {
        var sources = new int[texts.size()][];
        for (int i = 0; i < sources.length; i++) {
            sources[i] = translator.sourceIds(texts.get(i));
        }
        return sources;
    }

    private int[][] targets(List<String> texts) {
        var targets = new int[texts.size()][];
        for (int i = 0; i < targets.length; i++) {
            targets[i] = translator.target().encode(texts.get(i));
        }
        return targets;
    }

    /** The texts that have tokens, the longest first. */
    private static List<Integer> byLength(int[][] sources) {
        var order = new ArrayList<Integer>();
        for (int i = 0; i < sources.length; i++) {
            if (sources[i].length > 0) {
                order.add(i);
            }
        }
        order.sort(Comparator.comparingInt(i -> -sources[i].length));
        return order;
    }

    /** Runs the encoder over some sources, the first of them the longest. */
    private void read(int[][] sources, List<Integer> batch) {
        int longest = sources[batch.getFirst()].length;
        prepare(longest);
        session.size("B", batch.size()).size("S", longest);
        if (model.function("step").dimensionNames().contains("K")) {
            session.size("K", 1);
        }
        Port source = encode.input("source");
        Port lengths = encode.input("source_lengths");
        int padding = Math.max(0, translator.source().pipeline().special().padding());
        for (int row = 0; row < batch.size(); row++) {
            int[] ids = sources[batch.get(row)];
            for (int i = 0; i < longest; i++) {
                source.set(row * longest + i, (long) (i < ids.length ? ids[i] : padding));
            }
            lengths.set(row, (long) ids.length);
        }
        encode.run();
    }

    private void prepare(int longest) {
        if (longest <= capacity) {
            return;
        }
        int places = Math.max(longest, 2 * capacity);
        int hypotheses =
                beam.variety() instanceof Variety.Alternatives(int count) ? count * beam.beamSize() : beam.beamSize();
        boolean shared = model.function("step").dimensionNames().contains("K");
        int rows = options.batch() * hypotheses;
        Capacity sizes = shared ? Capacity.of("B", options.batch()).and("K", hypotheses) : Capacity.of("B", rows);
        Session wider = model.session(sizes.and("S", places), kernel);
        Call reader = wider.call("encode");
        StepFunction steps = SessionSteps.continuing(wider);
        var scores = new SequenceScorer(steps);
        if (options.fusion().isPresent()) {
            Fusion fusion = options.fusion().get();
            steps = new ShallowFusion(steps, fusion.language().apply(rows), fusion.weight());
        }
        search = new BeamSearch(steps, special.end(), beam);
        // All or nothing: what fails here fails again at the next text, and in the same way.
        session = wider;
        encode = reader;
        scorer = scores;
        capacity = places;
    }

    private Translation translation(String text, int[] source, List<Hypothesis> found) {
        List<String> tokens = sourceTokens(text, source);
        var candidates = new ArrayList<Translation.Candidate>();
        for (Hypothesis hypothesis : found) {
            candidates.add(candidate(hypothesis, tokens));
        }
        return new Translation(tokens, candidates);
    }

    /** Words as they stand in the text, also those that the vocabulary lacks; else what the vocabulary has. */
    private List<String> sourceTokens(String text, int[] ids) {
        Tokenizer tokenizer = translator.source();
        var tokens = new ArrayList<String>();
        if (tokenizer.pipeline().segmentation() == Segmentation.WORDS) {
            tokens.addAll(Words.of(tokenizer.normalise(text)));
            translator.surround().around(tokens, tokenizer);
        }
        if (tokens.size() != ids.length) {
            tokens.clear();
            for (int id : ids) {
                tokens.add(tokenizer.pipeline().vocabulary().get(id));
            }
        }
        return tokens;
    }

    private Translation.Candidate candidate(Hypothesis hypothesis, List<String> source) {
        Tokenizer target = translator.target();
        var tokens = new ArrayList<String>();
        var text = new StringBuilder();
        int[] ids = hypothesis.words();
        for (int i = 0; i < ids.length; i++) {
            boolean replaced = options.unknowns() == Unknowns.REPLACE
                    && ids[i] == special.unknown()
                    && hypothesis.alignment().length > 0
                    && hypothesis.alignment()[i] < source.size();
            String token = target.pipeline().vocabulary().get(ids[i]);
            String piece = target.piece(ids[i], text.isEmpty());
            if (replaced) {
                String taken = source.get(hypothesis.alignment()[i]);
                piece = piece.replace(token, taken);
                token = taken;
            }
            tokens.add(token);
            text.append(piece);
        }
        // Pieces bring the space after a word.
        boolean pieces = target.pipeline().segmentation() == Segmentation.BYTE_PAIRS;
        String whole = pieces ? text.toString().stripTrailing() : text.toString();
        return new Translation.Candidate(whole, tokens, hypothesis.score(), hypothesis);
    }
}
