package dev.rondo.search;

import java.util.List;

/** Forbids tokens of the open row, given the tokens before. */
sealed interface Constraint {
    void apply(RowScores row, History history);

    /** Tokens that never occur. */
    record Suppressed(int... tokens) implements Constraint {
        @Override
        public void apply(RowScores row, History history) {
            for (int token : tokens) {
                row.forbid(token);
            }
        }
    }

    /** Tokens that never follow each other. */
    record SuppressedSequence(int... tokens) implements Constraint {
        @Override
        public void apply(RowScores row, History history) {
            int before = tokens.length - 1;
            int start = history.length() - before;
            if (start < 0) {
                return;
            }
            for (int i = 0; i < before; i++) {
                if (history.token(start + i) != tokens[i]) {
                    return;
                }
            }
            row.forbid(tokens[before]);
        }
    }

    /** No n tokens in a row occur twice. */
    record NoRepeat(int n) implements Constraint {
        @Override
        public void apply(RowScores row, History history) {
            int last = history.length() - (n - 1);
            for (int start = 0; start < last; start++) {
                int same = 0;
                while (same < n - 1 && history.token(start + same) == history.token(last + same)) {
                    same++;
                }
                if (same == n - 1) {
                    row.forbid(history.token(start + n - 1));
                }
            }
        }
    }

    /** Those that options ask for, without those that depend on the sentence. */
    static Constraint[] of(Constraints options) {
        List<List<Integer>> sequences = options.suppressedSequences();
        boolean tokens = !options.suppressed().isEmpty();
        boolean repeats = options.noRepeatNgram() > 0;
        var all = new Constraint[sequences.size() + (tokens ? 1 : 0) + (repeats ? 1 : 0)];
        int count = 0;
        for (List<Integer> sequence : sequences) {
            all[count++] = new SuppressedSequence(ids(sequence));
        }
        if (tokens) {
            all[count++] = new Suppressed(ids(options.suppressed()));
        }
        if (repeats) {
            all[count] = new NoRepeat(options.noRepeatNgram());
        }
        return all;
    }

    private static int[] ids(List<Integer> tokens) {
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }
}
