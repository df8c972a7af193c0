package dev.rondo.ngram;

import dev.rondo.LanguageModel;
import dev.rondo.Model;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.format.NgramTable;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.text.Tokenizer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * A language model of n-grams, asked where it lies in the file. The probability of a word is that of the longest n-gram
 * the model has of it and the words before it, times the backoff weights of the longer contexts it has:
 *
 * <pre>{@code
 * P(w | h_1..k) = p(h_1..k w)                      where the model has h_1..k w
 *               = b(h_1..k) P(w | h_2..k)          else; b is 1 where it lacks h_1..k
 * }</pre>
 *
 * <p>A sentence begins after the begin token and ends with the end token, which is predicted like a word. Begin and
 * padding are never predicted. Logarithms are natural.
 *
 * <p>Immutable; shared by threads, each with its own {@link NgramContext}. Queries allocate nothing. It does not own the
 * model, and fails with an {@link IllegalStateException} when that has been closed.
 */
public final class NgramModel {
    /** The value of the metadata key {@code kind}. */
    public static final String KIND = "n-gram";

    private final TrieLevel[] levels;
    private final float[] unigrams;
    private final SpecialIds special;
    private final Optional<Tokenizer> tokenizer;

    private NgramModel(NgramTable table, Optional<TextPipeline> text) {
        this.levels = table.levels().stream().map(TrieLevel::new).toArray(TrieLevel[]::new);
        int words = text.map(t -> t.vocabulary().size()).orElse(levels[0].count());
        for (int k = 0; k < levels.length; k++) {
            levels[k].check(k + 1, k + 1 < levels.length ? levels[k + 1] : null, words);
        }
        this.unigrams = new float[words];
        for (int word = 0; word < words; word++) {
            unigrams[word] = levels[0].logProb(word);
        }
        this.special = text.map(TextPipeline::special).orElse(SpecialIds.NONE);
        this.tokenizer = text.map(Tokenizer::of);
    }

    /** Whether a model file holds n-grams. */
    public static boolean isIn(Model model) {
        return model.ngrams().isPresent();
    }

    /**
     * The n-grams of a model file, checked.
     *
     * @throws InputException  when the file holds none, or is no language model
     * @throws FormatException when what they say does not hold together
     */
    public static NgramModel of(Model model) {
        if (!isIn(model) || !LanguageModel.TASK.equals(model.metadata().get("task"))) {
            throw new InputException(
                    "model",
                    "must be a language model of n-grams",
                    isIn(model) ? "the task " + model.metadata().get("task") : "no n-grams",
                    "train one with 'rondo train lm --ngram N'");
        }
        if (model.texts().size() > 1) {
            throw new FormatException(
                    "language model of n-grams",
                    "has one vocabulary",
                    model.texts().size() + " vocabularies",
                    "train the model anew");
        }
        return of(model.ngrams().orElseThrow(), model.texts().stream().findFirst());
    }

    /**
     * The n-grams of a table.
     *
     * @param text whose ids they are; empty for ids without meaning
     * @throws FormatException when what they say does not hold together
     */
    public static NgramModel of(NgramTable table, Optional<TextPipeline> text) {
        return new NgramModel(table, text);
    }

    /** The number of words of the longest n-grams. */
    public int order() {
        return levels.length;
    }

    /**
     * The number of n-grams of an order.
     *
     * @throws InputException when it has none such
     */
    public int count(int order) {
        if (order < 1 || order > levels.length) {
            throw new InputException(
                    "order", "lies between 1 and " + levels.length, "" + order, "ask for one that the model has");
        }
        return levels[order - 1].count();
    }

    /** The number of tokens, V. */
    public int size() {
        return unigrams.length;
    }

    /** How text becomes tokens; empty when the file does not say. */
    public Optional<Tokenizer> tokenizer() {
        return tokenizer;
    }

    /** Which tokens begin and end a sentence, and which stands for the unknown. */
    public SpecialIds special() {
        return special;
    }

    /** A context of nothing: the next word is in the middle of somewhere. */
    public NgramContext context() {
        return new NgramContext(this, levels.length - 1);
    }

    /** Puts a context at the beginning of a sentence; to that of nothing where the vocabulary has no begin token. */
    public void begin(NgramContext context) {
        context.check(this);
        context.clear();
        if (special.begin() >= 0 && levels.length > 1) {
            context.nodes[0] = special.begin();
            context.length = 1;
        }
    }

    /**
     * The log-probability of a token after a context, which stays as it is.
     *
     * @throws InputException when there is no such token, or the context is of another model
     */
    public double logProb(NgramContext context, int token) {
        return query(context, token, false);
    }

    /**
     * The log-probability of a token after a context, which becomes that of the token's successor.
     *
     * @throws InputException when there is no such token, or the context is of another model
     */
    public double advance(NgramContext context, int token) {
        return query(context, token, true);
    }

    private double query(NgramContext context, int token, boolean advance) {
        context.check(this);
        if (token < 0 || token >= unigrams.length) {
            throw new InputException(
                    "token id",
                    "lies between 0 and " + (unigrams.length - 1),
                    "" + token,
                    "is it of another vocabulary?");
        }
        int[] nodes = context.nodes;
        int known = context.length;
        int parent = known > 0 ? nodes[0] : 0;
        int matched = 0;
        double logProb = unigrams[token];
        if (advance && nodes.length > 0) {
            nodes[0] = token;
        }
        // From the shortest to the longest: what is stored has its endings stored as well, so the first miss is the
        // last.
        for (int k = 1; k <= known; k++) {
            TrieLevel parents = levels[k - 1];
            int found = levels[k].find(token, parents.child(parent), parents.child(parent + 1));
            if (found < 0) {
                logProb += parents.logBackoff(parent);
                for (int longer = k; longer < known; longer++) {
                    logProb += levels[longer].logBackoff(nodes[longer]);
                }
                break;
            }
            logProb = levels[k].logProb(found);
            matched = k;
            if (k < known) {
                parent = nodes[k];
            }
            if (advance && k < nodes.length) {
                nodes[k] = found;
            }
        }
        if (advance) {
            context.length = Math.min(matched + 1, nodes.length);
        }
        return logProb;
    }

    /**
     * The log-probabilities of all tokens after a context: V floats.
     *
     * @param first which float of the memory is to be that of token 0
     * @throws InputException            when the context is of another model
     * @throws IndexOutOfBoundsException when they do not fit
     */
    public void logProbs(NgramContext context, MemorySegment out, long first) {
        context.check(this);
        double rest = 0;
        for (int k = 0; k < context.length; k++) {
            rest += levels[k].logBackoff(context.nodes[k]);
        }
        float all = (float) rest;
        for (int word = 0; word < unigrams.length; word++) {
            out.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, first + word, unigrams[word] + all);
        }
        for (int k = 1; k <= context.length; k++) {
            TrieLevel parents = levels[k - 1];
            TrieLevel children = levels[k];
            int parent = context.nodes[k - 1];
            rest = 0;
            for (int longer = k; longer < context.length; longer++) {
                rest += levels[longer].logBackoff(context.nodes[longer]);
            }
            int end = parents.child(parent + 1);
            for (int child = parents.child(parent); child < end; child++) {
                float logProb = (float) (children.logProb(child) + rest);
                out.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, first + children.word(child), logProb);
            }
        }
    }
}
