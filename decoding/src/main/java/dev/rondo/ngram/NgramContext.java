package dev.rondo.ngram;

/**
 * The words before the next one, as far as a model knows them: where their n-grams lie. Belongs to the model that made it.
 * For one thread at a time.
 */
public final class NgramContext {
    /** The n-gram of the last k + 1 words, in the level of that order. */
    final int[] nodes;

    int length;

    NgramContext(int longest) {
        nodes = new int[longest];
    }

    /** How many words of the past count for the next: those whose n-gram the model has. */
    public int length() {
        return length;
    }

    /** Becomes that of nothing. */
    public void clear() {
        length = 0;
    }

    /** Becomes the same as another context of the same model. */
    public void copyFrom(NgramContext other) {
        length = other.length;
        System.arraycopy(other.nodes, 0, nodes, 0, length);
    }
}
