package dev.rondo.train.data;

import dev.rondo.error.InputException;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.text.Tokenizer;
import dev.rondo.train.Feed;
import dev.rondo.train.Shard;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A parallel text as ids, with what the functions of an encoder-decoder are fed: {@code source} i32[B,S] and {@code source_lengths} i32[B];
 * {@code previous} i32[B,T], the begin token and the target; {@code target} i32[B,T], the target and the end token;
 * {@code target_lengths} i32[B], which count the end. Shorter rows are filled up with padding. Immutable.
 */
public final class ParallelCorpus {
    private final List<int[]> sources = new ArrayList<>();
    private final List<int[]> targets = new ArrayList<>();
    private final SpecialIds sourceSpecial;
    private final SpecialIds targetSpecial;
    private final int lines;
    private final int empty;
    private final int tooLong;
    private final int maxLength;

    private ParallelCorpus(ParallelText text, PairVocabulary.Pipelines pipelines, int maxLength) {
        Tokenizer source = Tokenizer.of(pipelines.source());
        Tokenizer target = Tokenizer.of(pipelines.target());
        this.sourceSpecial = pipelines.source().special();
        this.targetSpecial = pipelines.target().special();
        this.maxLength = maxLength;
        this.lines = text.size();
        int emptyLines = 0;
        int longLines = 0;
        for (int line = 0; line < lines; line++) {
            int[] from = source.encode(text.sources().get(line));
            int[] to = target.encode(text.targets().get(line));
            if (from.length == 0 || to.length == 0) {
                emptyLines++;
            } else if (maxLength > 0 && Math.max(from.length, to.length) > maxLength) {
                longLines++;
            } else {
                sources.add(from);
                targets.add(to);
            }
        }
        this.empty = emptyLines;
        this.tooLong = longLines;
    }

    /**
     * The pairs of a text in its order, duplicates included. Left out and counted are pairs with a side that has no token, and pairs with
     * a side of more tokens than a limit.
     *
     * @param maxLength tokens of a side at most, begin and end not counted; 0 for no limit
     * @throws InputException when no pair is left, or the target's pipeline has no begin, end or padding, or the source's
     *                        no padding
     */
    public static ParallelCorpus of(ParallelText text, PairVocabulary.Pipelines pipelines, int maxLength) {
        if (maxLength < 0) {
            throw new InputException("longest pair", "is 0 for no limit, or more", "" + maxLength, "change it");
        }
        check(pipelines.source(), "padding", pipelines.source().special().padding());
        check(pipelines.target(), "padding", pipelines.target().special().padding());
        check(pipelines.target(), "begin", pipelines.target().special().begin());
        check(pipelines.target(), "end", pipelines.target().special().end());
        var corpus = new ParallelCorpus(text, pipelines, maxLength);
        if (corpus.size() == 0) {
            throw new InputException(
                    "parallel text",
                    "has at least one pair to learn from",
                    "none of " + corpus.report(),
                    "give other texts, or allow longer pairs");
        }
        return corpus;
    }

    private static void check(TextPipeline pipeline, String role, int id) {
        if (id < 0) {
            throw new InputException(
                    "text pipeline '" + pipeline.name() + "'",
                    "has a token for the " + role,
                    "none",
                    "make its vocabulary with PairVocabulary");
        }
    }

    /** The number of pairs. */
    public int size() {
        return sources.size();
    }

    /** The number of lines of the text. */
    public int lines() {
        return lines;
    }

    /** Lines left out because a side has no token. */
    public int empty() {
        return empty;
    }

    /** Lines left out because a side is too long. */
    public int tooLong() {
        return tooLong;
    }

    /** The ids of a source; to be read only. */
    int[] source(int pair) {
        return sources.get(pair);
    }

    /** The ids of a target, without begin and end; to be read only. */
    int[] target(int pair) {
        return targets.get(pair);
    }

    /** S: the places that the longest source needs. */
    public int sourcePlaces() {
        return sources.stream().mapToInt(ids -> ids.length).max().orElse(0);
    }

    /** T: the places that the longest target needs, one of them for the begin or the end. */
    public int targetPlaces() {
        return 1 + targets.stream().mapToInt(ids -> ids.length).max().orElse(0);
    }

    /** The tokens to predict in all pairs, their ends included. */
    public long targetTokens() {
        return targets.stream().mapToLong(ids -> ids.length + 1).sum();
    }

    /** The share of tokens of the sources that the vocabulary lacks. */
    public double unknownSources() {
        return unknown(sources, sourceSpecial);
    }

    /** The share of tokens of the targets that the vocabulary lacks. */
    public double unknownTargets() {
        return unknown(targets, targetSpecial);
    }

    private static double unknown(List<int[]> texts, SpecialIds special) {
        long tokens = texts.stream().mapToLong(ids -> ids.length).sum();
        return (double) texts.stream()
                        .flatMapToInt(IntStream::of)
                        .filter(id -> id == special.unknown())
                        .count()
                / tokens;
    }

    /** What was kept and what not, in a line for people. */
    public String report() {
        return lines + " lines: " + size() + " pairs"
                + (empty == 0 ? "" : ", " + empty + " left out with an empty side")
                + (tooLong == 0 ? "" : ", " + tooLong + " left out with more than " + maxLength + " tokens");
    }

    /** The sizes of a shard that holds any {@code rows} of these pairs. */
    public Map<String, Integer> capacity(int rows) {
        return Map.of("B", rows, "S", sourcePlaces(), "T", targetPlaces());
    }

    /**
     * All pairs in batches, the shortest first: to evaluate.
     *
     * @return the pairs of each batch
     */
    public List<int[]> batches(int batchSize) {
        int[] order = IntStream.range(0, size())
                .boxed()
                .sorted(Comparator.<Integer>comparingInt(pair -> target(pair).length)
                        .thenComparingInt(pair -> source(pair).length))
                .mapToInt(Integer::intValue)
                .toArray();
        return IntStream.range(0, (size() + batchSize - 1) / batchSize)
                .mapToObj(b -> Arrays.copyOfRange(order, b * batchSize, Math.min(size(), (b + 1) * batchSize)))
                .toList();
    }

    /**
     * Fills the inputs of a shard with pairs, a row each, sets its sizes to theirs, and its states to zero.
     *
     * @param pairs any of these, from 0; not none
     */
    public void fill(Shard shard, int... pairs) {
        int s = 0;
        int t = 0;
        for (int pair : pairs) {
            s = Math.max(s, source(pair).length);
            t = Math.max(t, target(pair).length + 1);
        }
        shard.size("B", pairs.length);
        shard.size("S", s);
        shard.size("T", t);
        shard.reset();
        Feed source = shard.input("source");
        Feed sourceLengths = shard.input("source_lengths");
        Feed previous = shard.input("previous");
        Feed target = shard.input("target");
        Feed targetLengths = shard.input("target_lengths");
        for (int row = 0; row < pairs.length; row++) {
            int[] from = source(pairs[row]);
            int[] to = target(pairs[row]);
            for (int i = 0; i < s; i++) {
                source.set(row * s + i, i < from.length ? from[i] : sourceSpecial.padding());
            }
            sourceLengths.set(row, from.length);
            previous.set(row * t, targetSpecial.begin());
            for (int i = 0; i < t; i++) {
                boolean inside = i < to.length;
                if (i + 1 < t) {
                    previous.set(row * t + i + 1, inside ? to[i] : targetSpecial.padding());
                }
                int last = i == to.length ? targetSpecial.end() : targetSpecial.padding();
                target.set(row * t + i, inside ? to[i] : last);
            }
            targetLengths.set(row, to.length + 1L);
        }
    }
}
