package dev.rondo.train.tagging;

import dev.rondo.architecture.chain.Chain;
import dev.rondo.architecture.chain.ChainGraph;
import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.Normalisation;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.format.Segmentation;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.tagging.Tagger;
import dev.rondo.tagging.WordIds;
import dev.rondo.train.data.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Taggers that are hidden Markov models of first order (Rabiner 1989; Brants 2000): tags follow each other with probabilities
 * P(tₙ | tₙ₋₁) and give words with P(w | t), all of them counted. Written as a tagger like any other: its logits are rows of a
 * table, its chain are the logarithms of the transitions. The same text and settings give the same bytes.
 */
public final class HiddenMarkovTraining {
    private static final String EMISSIONS = "emissions";
    /** A tag is never quite impossible for a word. */
    private static final double LEAST = 1e-9;
    /** Suffixes that occur once tell no more than shorter ones. */
    private static final int LEAST_SUFFIX = 2;

    private static final int MOST_TAGS = 1000;
    /** Words times tags: the table must fit into memory, with those of suffixes. */
    private static final long MOST_NUMBERS = 1L << 25;

    private HiddenMarkovTraining() {}

    /**
     * An estimated model.
     *
     * @param tags        by their ids
     * @param vocabulary  words, and after them suffixes ({@link WordIds})
     * @param words       how many of the vocabulary are words
     * @param emissions   {@code ln P(t | w) − ln P(t)} [V,K]: ln P(w | t) but for P(w), which is the same for all tags
     * @param start       ln P(t | boundary) [K]
     * @param transitions ln P(j | i) [K,K]
     * @param end         ln P(boundary | t) [K]
     * @param sentences   that were counted
     * @param tokens      that were counted
     */
    public record Result(
            List<String> tags,
            List<String> vocabulary,
            int words,
            float[] emissions,
            float[] start,
            float[] transitions,
            float[] end,
            long sentences,
            long tokens) {
        /** Keeps copies of the lists. */
        public Result {
            tags = List.copyOf(tags);
            vocabulary = List.copyOf(vocabulary);
        }
    }

    /**
     * Counts a corpus and estimates a model.
     *
     * @throws InputException when there are so many tags that they are none, or words times tags are too many for a table
     */
    public static Result estimate(HiddenMarkovSettings settings, TaggedCorpus corpus) {
        List<String> tags = corpus.tags();
        int k = tags.size();
        long forms = corpus.sentences().stream()
                .flatMap(s -> s.tokens().stream())
                .distinct()
                .count();
        if (k > MOST_TAGS || forms * k > MOST_NUMBERS) {
            throw new InputException(
                    "tagged text",
                    "has at most " + MOST_TAGS + " tags, and words times tags are at most " + MOST_NUMBERS,
                    k + " tags, " + forms + " words",
                    "is it the right column? Else take a coarser set of tags");
        }
        Map<String, Integer> ids = new HashMap<>();
        tags.forEach(tag -> ids.put(tag, ids.size()));
        var bigrams = new TagBigrams(k);
        var words = new TreeMap<String, long[]>();
        for (TaggedSentence sentence : corpus.sentences()) {
            bigrams.add(sentence.tags().stream().mapToInt(ids::get).toArray());
            for (int i = 0; i < sentence.tokens().size(); i++) {
                words.computeIfAbsent(sentence.tokens().get(i), _ -> new long[k])[
                        ids.get(sentence.tags().get(i))]++;
            }
        }
        double[] priors = priors(bigrams, k, corpus.tokens());
        Suffixes suffixes = Suffixes.of(settings, words, priors);
        var vocabulary = new ArrayList<String>();
        var rows = new ArrayList<double[]>();
        vocabulary.add(Vocabulary.UNKNOWN);
        rows.add(suffixes.all.of(""));
        words.remove(Vocabulary.UNKNOWN);
        words.forEach((word, counts) -> {
            vocabulary.add(word);
            rows.add(mix(counts, suffixes.of(word), settings.prior()));
        });
        int known = vocabulary.size();
        suffixes.all.distributions(LEAST_SUFFIX).forEach((suffix, p) -> {
            // A word of the text may look like a suffix, and a suffix like one of words with a capital.
            if (!words.containsKey(WordIds.SUFFIX + suffix) && !suffix.startsWith("^")) {
                vocabulary.add(WordIds.SUFFIX + suffix);
                rows.add(p);
            }
        });
        if (settings.capitals() && !suffixes.capitalised.isEmpty()) {
            suffixes.capitalised.distributions(LEAST_SUFFIX).forEach((suffix, p) -> {
                String token = WordIds.CAPITALISED_SUFFIX + suffix;
                if (!words.containsKey(token)) {
                    vocabulary.add(token);
                    rows.add(p);
                }
            });
        }
        float[] emissions = new float[vocabulary.size() * k];
        for (int w = 0; w < rows.size(); w++) {
            for (int t = 0; t < k; t++) {
                emissions[w * k + t] = (float) (Math.log(Math.max(LEAST, rows.get(w)[t])) - Math.log(priors[t]));
            }
        }
        double[][] p = bigrams.probabilities(settings.addK());
        float[] start = new float[k];
        float[] end = new float[k];
        float[] transitions = new float[k * k];
        for (int i = 0; i < k; i++) {
            start[i] = logarithm(p[k][i]);
            end[i] = logarithm(p[i][k]);
            for (int j = 0; j < k; j++) {
                transitions[i * k + j] = logarithm(p[i][j]);
            }
        }
        return new Result(
                tags,
                vocabulary,
                known,
                emissions,
                start,
                transitions,
                end,
                corpus.sentences().size(),
                corpus.tokens());
    }

    private static float logarithm(double p) {
        return (float) Math.log(Math.max(LEAST, p));
    }

    private static double[] priors(TagBigrams bigrams, int k, long tokens) {
        double[] priors = new double[k];
        for (int t = 0; t < k; t++) {
            priors[t] = (double) bigrams.count(t) / tokens;
        }
        return priors;
    }

    /** {@code P(t | w) = (c(w,t) + m P(t | suffix)) / (c(w) + m)}. */
    private static double[] mix(long[] counts, double[] suffix, double prior) {
        double sum = prior;
        for (long count : counts) {
            sum += count;
        }
        double[] p = new double[counts.length];
        for (int t = 0; t < p.length; t++) {
            p[t] = (counts[t] + prior * suffix[t]) / sum;
        }
        return p;
    }

    /** Suffixes of all rare words, and of those with a capital. */
    private record Suffixes(SuffixCounts all, SuffixCounts capitalised, boolean capitals) {
        static Suffixes of(HiddenMarkovSettings settings, Map<String, long[]> words, double[] priors) {
            int k = priors.length;
            double theta = theta(priors);
            var all = new SuffixCounts(k, settings.longestSuffix()).withTheta(theta);
            var capitalised = new SuffixCounts(k, settings.longestSuffix()).withTheta(theta);
            words.forEach((word, counts) -> {
                long sum = 0;
                for (long count : counts) {
                    sum += count;
                }
                for (int t = 0; sum <= settings.rareCount() && t < k; t++) {
                    if (counts[t] > 0) {
                        all.add(word, t, counts[t]);
                        if (WordIds.isCapitalised(word)) {
                            capitalised.add(word, t, counts[t]);
                        }
                    }
                }
            });
            return new Suffixes(all, capitalised, settings.capitals());
        }

        double[] of(String word) {
            boolean capital = capitals && !capitalised.isEmpty() && WordIds.isCapitalised(word);
            return (capital ? capitalised : all).of(word);
        }

        /** Brants' θ: the standard deviation of the tags' probabilities. */
        private static double theta(double[] priors) {
            double sum = 0;
            for (double p : priors) {
                double difference = p - 1.0 / priors.length;
                sum += difference * difference;
            }
            return priors.length == 1 ? 1 : Math.max(1e-3, Math.sqrt(sum / (priors.length - 1)));
        }
    }

    /**
     * Writes a model file.
     *
     * @throws IOException when it cannot be written
     */
    public static void write(Path path, Result result) throws IOException {
        int k = result.tags().size();
        int v = result.vocabulary().size();
        Chain chain = Chain.of(k);
        var graph = new ChainGraph(chain);
        var writer = new RondoFileWriter()
                .metadata("task", Tagger.TASK)
                .metadata("kind", "hidden-markov-model")
                .metadata("trained-on", result.sentences() + " sentences, " + result.tokens() + " tokens")
                .text(pipeline("words", result.vocabulary(), 0))
                .text(pipeline("labels", result.tags(), -1))
                .tensor(EMISSIONS, Encoding.F32, new Layout.Rows(), List.of(v, k), result::emissions)
                .tensor(chain.start(), Encoding.F32, new Layout.Rows(), List.of(k), result::start)
                .tensor(chain.transitions(), Encoding.F32, new Layout.Rows(), List.of(k, k), result::transitions)
                .tensor(chain.end(), Encoding.F32, new Layout.Rows(), List.of(k), result::end);
        Stream.concat(Stream.of(sequence(v, k)), graph.functions().stream())
                .flatMap(f -> Stream.concat(f.bodies().stream(), Stream.of(f)))
                .forEach(f -> writer.function(FunctionCodec.encode(f)));
        writer.write(path);
    }

    private static TextPipeline pipeline(String name, List<String> vocabulary, int unknown) {
        return new TextPipeline(
                name,
                Normalisation.NONE,
                Segmentation.WORDS,
                vocabulary,
                List.of(),
                new SpecialIds(unknown, -1, -1, -1));
    }

    /** {@code sequence(tokens, lengths) -> logits, tags}, the tags those of each word alone. */
    private static Function sequence(int v, int k) {
        FunctionBuilder f = Function.builder("sequence");
        Value tokens = f.input("tokens", ElementType.I32, "B", "T");
        Value lengths = f.input("lengths", ElementType.I32, "B");
        Value logits = f.add("logits", new Structure.Gather(), f.weight(EMISSIONS, v, k), tokens);
        Value valid = f.add(new Structure.LengthMask(logits.type().dim(1)), lengths);
        Value best = f.add(new Aggregation.ArgMax(-1), logits);
        Value none = f.add(new Structure.Fill(ElementType.I64, -1, List.of()));
        f.output(logits);
        f.output(f.add("tags", new Elementwise.Where(), valid, best, none));
        return f.build();
    }
}
