package dev.rondo.classification;

import dev.rondo.Port;
import dev.rondo.error.InputException;
import dev.rondo.sequence.Given;
import dev.rondo.sequence.SequenceCall;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Classifies text after text in the same buffers; they grow with the longest one. Belongs to the thread that made it.
 *
 * <p>A text without tokens gets the class that the model gives to nothing: of a model without {@code lengths} that is an error.
 */
public final class ClassifierSession {
    private final Classifier classifier;
    private final SequenceCall call;
    private final int k;

    ClassifierSession(Classifier classifier, int batch) {
        this.classifier = classifier;
        this.k = classifier.labels().size();
        this.call = new SequenceCall(classifier.model(), classifier.kernel(), batch)
                .padding(
                        classifier
                                .tokenizer()
                                .map(t -> t.pipeline().special().padding())
                                .orElse(0),
                        classifier.characterPadding());
    }

    /**
     * Classifies a text.
     *
     * @throws InputException when the model has no vocabulary, or it lacks something and has no unknown token
     */
    public Classification classify(String text) {
        return classifyAll(List.of(Given.given("text", text))).getFirst();
    }

    /** Classifies texts, in their order; those of like length share calls. */
    public List<Classification> classifyAll(List<String> texts) {
        int[][] ids = new int[Given.all("texts", texts).size()][];
        int[][][] characters = new int[texts.size()][][];
        var order = new ArrayList<Integer>();
        for (int i = 0; i < ids.length; i++) {
            ids[i] = classifier.ids(texts.get(i));
            characters[i] = classifier.characters(texts.get(i));
            order.add(i);
        }
        order.sort(Comparator.comparingInt(i -> -ids[i].length));
        var results = new Classification[ids.length];
        int next;
        for (int from = 0; from < ids.length; from = next) {
            int longest = ids[order.get(from)].length;
            next = Math.min(ids.length, from + call.batch(longest));
            call.begin(next - from, longest, widest(characters, order.subList(from, next)));
            for (int i = from; i < next; i++) {
                row(i - from, ids[order.get(i)], ids[order.get(i)].length);
                int[][] words = characters[order.get(i)];
                for (int t = 0; t < words.length; t++) {
                    call.word(i - from, t, words[t]);
                }
            }
            call.run();
            for (int i = from; i < next; i++) {
                float[] probabilities = new float[k];
                int id = read(i - from, probabilities);
                results[order.get(i)] = new Classification(classifier.labels().get(id), id, probabilities);
            }
        }
        return List.of(results);
    }

    /** The length of the longest word of some texts. */
    private static int widest(int[][][] characters, List<Integer> texts) {
        int wide = 0;
        for (int text : texts) {
            for (int[] word : characters[text]) {
                wide = Math.max(wide, word.length);
            }
        }
        return wide;
    }

    /**
     * Classifies a text that is ids already, of a model that reads no characters of words, and allocates nothing for it once one as long has been there.
     *
     * @param tokens        the text
     * @param count         how many of them there are
     * @param probabilities gets those of the classes, at least K of them
     * @return the class
     * @throws InputException when an id is none of the model's, an array is too short, or the model reads characters
     */
    public int classify(int[] tokens, int count, float[] probabilities) {
        Given.given("tokens", tokens);
        Given.given("probabilities", probabilities);
        if (call.readsCharacters()) {
            throw new InputException(
                    "classifier",
                    "is given ids where it reads words alone",
                    "one that reads their characters too",
                    "give a text");
        }
        if (count < 0 || count > tokens.length || probabilities.length < k) {
            throw new InputException(
                    "arrays",
                    "have a place for each token and each of " + k + " classes",
                    tokens.length + " places for " + count + " tokens, " + probabilities.length + " for classes",
                    "give longer ones");
        }
        call.begin(1, count, 0);
        row(0, tokens, count);
        call.run();
        return read(0, probabilities);
    }

    private void row(int row, int[] ids, int count) {
        if (count == 0 && !call.hasLengths()) {
            throw new InputException(
                    "text", "has at least one token for a model without lengths", "none", "leave out empty lines");
        }
        call.row(row, ids, count);
    }

    /** The most probable class, the first of equals. */
    private int read(int row, float[] probabilities) {
        Port probs = call.output("probs");
        MemorySegment memory = probs.segment();
        int best = 0;
        for (int j = 0; j < k; j++) {
            probabilities[j] = memory.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) row * k + j);
            best = probabilities[j] > probabilities[best] ? j : best;
        }
        return best;
    }
}
