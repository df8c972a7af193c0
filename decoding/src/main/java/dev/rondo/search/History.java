package dev.rondo.search;

/** The tokens of one hypothesis in order, for constraints that look back. */
final class History {
    private int[] tokens = new int[256];
    private int length;

    /** Makes it that of a node. */
    void load(Lattice lattice, int node) {
        length = lattice.length(node);
        if (tokens.length < length) {
            tokens = new int[2 * length];
        }
        int at = node;
        for (int i = length - 1; i >= 0; i--) {
            tokens[i] = lattice.token(at);
            at = lattice.parent(at);
        }
    }

    int length() {
        return length;
    }

    int token(int position) {
        return tokens[position];
    }

    /** Whether all tokens are those of the sentence's prefix, as far as they go. */
    boolean follows(Sentence sentence) {
        for (int i = 0; i < length; i++) {
            if (i >= sentence.prefixLength() || tokens[i] != sentence.prefixToken(i)) {
                return false;
            }
        }
        return true;
    }
}
