package dev.rondo.tagging;

import dev.rondo.Call;
import dev.rondo.Model;
import dev.rondo.Port;
import dev.rondo.error.InputException;
import dev.rondo.sequence.Given;
import dev.rondo.sequence.SequenceCall;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Tags sentence after sentence in the same buffers; they grow with the longest one. Belongs to the thread that made it.
 */
public final class TaggerSession {
    private static final float[][] NONE = {};
    private static final int[][] EMPTY = {};

    private final Tagger tagger;
    private final SequenceCall call;
    private final Optional<Viterbi> viterbi;
    private final int k;
    private final boolean probabilities;
    private int[] ids = new int[0];

    TaggerSession(Tagger tagger, int batch, boolean probabilities) {
        Model model = tagger.model();
        this.tagger = tagger;
        this.viterbi = tagger.viterbi();
        this.k = tagger.labels().size();
        this.probabilities = probabilities;
        this.call = new SequenceCall(model, tagger.kernel(), batch)
                .padding(
                        tagger.words()
                                .map(w -> padding(
                                        w.tokenizer().pipeline().special().padding()))
                                .orElse(0),
                        tagger.characters()
                                .map(c -> padding(
                                        c.tokenizer().pipeline().special().padding()))
                                .orElse(0));
        if (probabilities && !tagger.hasProbabilities()) {
            throw new InputException(
                    "probabilities of tags",
                    "come from the function " + Tagger.MARGINALS + " of a model with a chain",
                    "a chain without it",
                    "leave them out, or write the model anew");
        }
    }

    private static int padding(int id) {
        return Math.max(0, id);
    }

    /**
     * Tags a sentence; white space separates its tokens.
     *
     * @throws InputException when the model has no vocabulary, or it lacks something and has no unknown token
     */
    public Tagging tag(String sentence) {
        return tag(tagger.tokens(Given.given("sentence", sentence)));
    }

    /** Tags a sentence of tokens. */
    public Tagging tag(List<String> tokens) {
        return tagAll(List.of(Given.given("tokens", tokens))).getFirst();
    }

    /** Tags sentences of tokens, in their order; those of like length share calls. */
    public List<Tagging> tagAll(List<List<String>> sentences) {
        Given.all("sentences", sentences).forEach(tokens -> Given.all("tokens", tokens));
        var results = new Tagging[sentences.size()];
        List<Integer> order = byLength(sentences);
        int next;
        for (int from = 0; from < order.size(); from = next) {
            int batch = call.batch(sentences.get(order.get(from)).size());
            next = Math.min(order.size(), from + batch);
            List<Integer> rows = order.subList(from, next);
            read(sentences, rows);
            float[] posterior = probabilities ? posterior(rows.size()) : new float[0];
            for (int row = 0; row < rows.size(); row++) {
                List<String> tokens = sentences.get(rows.get(row));
                int[] path = new int[tokens.size()];
                decode(row, tokens.size(), path);
                results[rows.get(row)] = tagging(tokens, path, posterior, row);
            }
        }
        for (int i = 0; i < results.length; i++) {
            if (results[i] == null) {
                results[i] = new Tagging(List.of(), List.of(), new int[0], NONE);
            }
        }
        return List.of(results);
    }

    /**
     * Tags a sentence of words and allocates nothing for it, once one as long has been there, where the model reads no characters
     * of words and knows these.
     *
     * @param tags gets the tags' ids, at least as many as there are tokens
     * @throws InputException when the array is too short
     */
    public void tag(List<String> tokens, int[] tags) {
        int count = Given.all("tokens", tokens).size();
        checkRoom(count, tags);
        if (count == 0) {
            return;
        }
        readOne(tokens);
        call.run();
        decode(0, count, tags);
    }

    /**
     * Tags a sentence that is ids already: of a model that reads no characters of words. Allocates nothing once one as long has been
     * there.
     *
     * @param tokens the sentence
     * @param count  how many of them there are
     * @param tags   gets the tags' ids
     * @throws InputException when an id is none of the model's, an array is too short, or the model reads characters
     */
    public void tag(int[] tokens, int count, int[] tags) {
        if (call.readsCharacters()) {
            throw new InputException(
                    "tagger",
                    "is given ids where it reads words alone",
                    "one that reads their characters too",
                    "give words");
        }
        checkRoom(count, tokens);
        checkRoom(count, tags);
        if (count == 0) {
            return;
        }
        call.begin(1, count, 0);
        call.row(0, tokens, count);
        call.run();
        decode(0, count, tags);
    }

    /**
     * The logits of the sentence that was tagged last [T,K], alone in its batch: native memory that the next call overwrites.
     */
    public MemorySegment logits() {
        return call.output("logits").segment();
    }

    private static void checkRoom(int count, int[] array) {
        if (count < 0 || count > Given.given("array", array).length) {
            throw new InputException(
                    "array of a sentence",
                    "has a place for each token",
                    array.length + " places for " + count + " tokens",
                    "give a longer one");
        }
    }

    /** The sentences that have tokens, the longest first. */
    private static List<Integer> byLength(List<List<String>> sentences) {
        var order = new ArrayList<Integer>();
        for (int i = 0; i < sentences.size(); i++) {
            if (!sentences.get(i).isEmpty()) {
                order.add(i);
            }
        }
        order.sort(Comparator.comparingInt(i -> -sentences.get(i).size()));
        return order;
    }

    private void readOne(List<String> tokens) {
        int[][] characters = characters(tokens);
        call.begin(1, tokens.size(), widest(characters));
        fill(0, tokens, characters);
    }

    private void read(List<List<String>> sentences, List<Integer> rows) {
        var characters = new ArrayList<int[][]>();
        int wide = 0;
        for (int row : rows) {
            characters.add(characters(sentences.get(row)));
            wide = Math.max(wide, widest(characters.getLast()));
        }
        call.begin(rows.size(), sentences.get(rows.getFirst()).size(), wide);
        for (int row = 0; row < rows.size(); row++) {
            fill(row, sentences.get(rows.get(row)), characters.get(row));
        }
        call.run();
    }

    private int[][] characters(List<String> tokens) {
        if (!call.readsCharacters()) {
            return EMPTY;
        }
        CharacterIds letters = tagger.characters()
                .orElseThrow(() -> new InputException(
                        "tagger", "has a vocabulary of characters", "none in the file", "convert it with one"));
        int[][] all = new int[tokens.size()][];
        for (int t = 0; t < all.length; t++) {
            all[t] = letters.ids(tokens.get(t));
        }
        return all;
    }

    private static int widest(int[][] characters) {
        int wide = 0;
        for (int[] word : characters) {
            wide = Math.max(wide, word.length);
        }
        return wide;
    }

    private void fill(int row, List<String> tokens, int[][] characters) {
        WordIds words = tagger.requireWords();
        int count = tokens.size();
        if (ids.length < count) {
            ids = Arrays.copyOf(ids, Math.max(count, 2 * ids.length));
        }
        for (int t = 0; t < count; t++) {
            ids[t] = words.id(tokens.get(t));
        }
        call.row(row, ids, count);
        for (int t = 0; t < characters.length; t++) {
            call.word(row, t, characters[t]);
        }
    }

    /** The best tags of a row. */
    private void decode(int row, int count, int[] path) {
        Port logits = call.output("logits");
        long begin = (long) row * call.steps() * k;
        if (viterbi.isPresent()) {
            viterbi.get().decode(logits.segment(), begin, count, path);
            return;
        }
        MemorySegment memory = logits.segment();
        for (int t = 0; t < count; t++) {
            long at = begin + (long) t * k;
            int best = 0;
            float most = memory.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
            for (int j = 1; j < k; j++) {
                float score = memory.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, at + j);
                if (score > most) {
                    most = score;
                    best = j;
                }
            }
            path[t] = best;
        }
    }

    /** The probabilities of all tags [rows,T,K]. */
    private float[] posterior(int rows) {
        Port logits = call.output("logits");
        if (viterbi.isEmpty()) {
            float[] p = logits.toFloats();
            for (int at = 0; at < p.length; at += k) {
                softmax(p, at);
            }
            return p;
        }
        Call marginals = call.other(Tagger.MARGINALS);
        marginals.input("logits").copyFrom(logits.toFloats());
        for (int row = 0; row < rows; row++) {
            marginals.input("lengths").set(row, call.length(row));
        }
        marginals.run();
        return marginals.output(Tagger.MARGINALS).toFloats();
    }

    private void softmax(float[] p, int at) {
        double most = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < k; j++) {
            most = Math.max(most, p[at + j]);
        }
        double sum = 0;
        for (int j = 0; j < k; j++) {
            sum += Math.exp(p[at + j] - most);
        }
        for (int j = 0; j < k; j++) {
            p[at + j] = (float) (Math.exp(p[at + j] - most) / sum);
        }
    }

    private Tagging tagging(List<String> tokens, int[] path, float[] posterior, int row) {
        var tags = new ArrayList<String>();
        for (int tag : path) {
            tags.add(tagger.labels().get(tag));
        }
        float[][] table = probabilities ? new float[path.length][] : NONE;
        for (int t = 0; t < table.length; t++) {
            int at = (row * call.steps() + t) * k;
            table[t] = Arrays.copyOfRange(posterior, at, at + k);
        }
        return new Tagging(tokens, tags, path, table);
    }
}
