package dev.rondo.ngram;

import dev.rondo.error.InputException;

/**
 * The words before the next one, as far as a model knows them: where their n-grams lie. Belongs to the model that made it.
 * For one thread at a time.
 */
public final class NgramContext {
    /** The n-gram of the last k + 1 words, in the level of that order. */
    final int[] nodes;

    int length;
    private final NgramModel owner;

    NgramContext(NgramModel owner, int longest) {
        this.owner = owner;
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

    /** Refuses that of another model: its n-grams lie elsewhere. */
    void check(NgramModel model) {
        if (owner != model) {
            throw new InputException(
                    "context", "belongs to the model that made it", "one of another model", "ask this one for it");
        }
    }

    /**
     * Becomes the same as another context of the same model.
     *
     * @throws InputException when it is of another
     */
    public void copyFrom(NgramContext other) {
        other.check(owner);
        length = other.length;
        System.arraycopy(other.nodes, 0, nodes, 0, length);
    }
}
