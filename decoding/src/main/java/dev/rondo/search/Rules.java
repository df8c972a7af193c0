package dev.rondo.search;

import dev.rondo.error.InputException;
import java.util.List;

/** What a search does to a row of scores before it looks: prefix, lengths, constraints. */
final class Rules {
    private final Constraints options;
    private final Constraint[] constraints;
    private final History history = new History();
    private final int size;
    private final int end;

    /**
     * @param size the number of tokens
     * @param end  the end token; -1 without
     */
    Rules(Constraints options, int size, int end) {
        this.options = options;
        this.constraints = Constraint.of(options);
        this.size = size;
        this.end = end;
        if (end < -1 || end >= size) {
            throw new InputException(
                    "end token", "is an id of the vocabulary, or -1", "" + end, "it has " + size + " tokens");
        }
        options.suppressed().forEach(token -> check(token, size));
        options.suppressedSequences().forEach(sequence -> sequence.forEach(token -> check(token, size)));
    }

    /** Checks that a token is of the vocabulary. */
    static void check(int token, int size) {
        if (token < 0 || token >= size) {
            throw new InputException(
                    "token id", "lies between 0 and " + (size - 1), "" + token, "is it of another vocabulary?");
        }
    }

    /** Checks what a call gives of its sentences. */
    void check(List<Sentence> sentences) {
        for (Sentence sentence : sentences) {
            for (int i = 0; i < sentence.prefixLength(); i++) {
                check(sentence.prefixToken(i), size);
                if (sentence.prefixToken(i) == end) {
                    throw new InputException(
                            "prefix", "does not hold the end token", "it at " + i, "what ends there needs no search");
                }
            }
            if (sentence.prefixLength() >= options.maxLength()) {
                throw new InputException(
                        "prefix",
                        "is shorter than the maximum length " + options.maxLength(),
                        sentence.prefixLength() + " tokens",
                        "raise the maximum length");
            }
        }
    }

    int end() {
        return end;
    }

    int least(Sentence sentence) {
        return options.least(sentence);
    }

    int greatest(Sentence sentence) {
        return options.greatest(sentence);
    }

    /** Applies all to the open row, of a hypothesis that ends in that node. */
    void apply(RowScores row, Lattice lattice, int node, Sentence sentence, int least) {
        int length = lattice.length(node);
        boolean within = length < sentence.prefixLength();
        if (within && sentence.bias() == 0) {
            row.only(sentence.prefixToken(length));
            return;
        }
        boolean biased = within && sentence.bias() > 0;
        if (biased || constraints.length > 0) {
            history.load(lattice, node);
        }
        if (biased && history.follows(sentence)) {
            row.bias(sentence.prefixToken(length), sentence.bias());
        }
        if (end >= 0 && length + 1 < least) {
            row.forbid(end);
        }
        for (Constraint constraint : constraints) {
            constraint.apply(row, history);
        }
    }
}
