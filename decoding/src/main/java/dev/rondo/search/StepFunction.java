package dev.rondo.search;

import dev.rondo.Model;
import java.lang.foreign.MemorySegment;

/**
 * What a search walks: {@code step(token, state…) -> scores, state…} for several hypotheses of several sentences at once.
 * Row {@code sentence * width + hypothesis}; every sentence has the same number of rows, and a search ignores those it does
 * not need. For one thread; after the first sentences nothing should be allocated.
 *
 * <p>A search calls {@link #begin}, then {@link #step} and reads {@link #scores}, again and again; between two steps perhaps
 * {@link #keep}, then perhaps {@link #regroup}. A row that it does not need reads token 0, whatever that means there, and nobody
 * looks at its scores.
 */
public interface StepFunction {
    /** The number of tokens, V. */
    int vocabularySize();

    /**
     * Goes to the beginning of so many sentences, with one hypothesis each.
     *
     * @throws dev.rondo.error.RondoException when it has no room for as many
     */
    void begin(int sentences);

    /** The number of sentences now. */
    int sentences();

    /** The number of hypotheses per sentence now. */
    int width();

    /** Sentences times width. */
    default int rows() {
        return sentences() * width();
    }

    /**
     * Reads one token per row, and leaves what it says about the next in {@link #scores}.
     *
     * @param tokens at least one per row
     */
    void step(int[] tokens);

    /**
     * f32 [rows, V] in native memory, row after row: how much each row favours each token to come next. Valid until the next
     * call; the reader may overwrite it. Once stepped, the segment may be larger than the rows.
     */
    MemorySegment scores();

    /**
     * Whether scores are log-probabilities, or weighted sums of some, and at most 0: then a search takes them as they are. Else
     * they are logits, and it takes their log-softmax. Negative infinity is a token that cannot come next.
     */
    boolean scored();

    /** The number of source positions S that each row attends to, 0 when it attends to none. */
    default int attentionSize() {
        return 0;
    }

    /** f32 [rows, S] in native memory: the weights of the last step's attention; null when there are none. */
    default MemorySegment attention() {
        return null;
    }

    /**
     * Makes the number of hypotheses per sentence {@code width}, and row i what row {@code parents[i]} was.
     *
     * @param parents at least {@code sentences * width}, each a row as it was, counted with the width as it was, of the same sentence
     */
    void regroup(int width, int[] parents);

    /** Goes on with some sentences only: sentence i, all its rows, becomes what sentence {@code kept[i]} was. */
    void keep(int[] kept, int count);

    /** Which kernels the search is to use beside. */
    default Model.Kernel kernel() {
        return Model.Kernel.BEST;
    }
}
