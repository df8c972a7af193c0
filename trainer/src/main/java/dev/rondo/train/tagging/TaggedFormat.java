package dev.rondo.train.tagging;

import dev.rondo.error.InputException;

/** How a text holds tagged sentences: a line a token, its columns divided by tabs, an empty line after each sentence. */
public sealed interface TaggedFormat {
    /** Columns of a CoNLL-U file. */
    int CONLLU_COLUMNS = 10;

    /**
     * CoNLL-U, of Universal Dependencies: ten columns, comments after {@code #}. Lines of tokens that are several words ({@code 3-4}) and
     * of words that are not there ({@code 5.1}) are passed over, so that what is left are the syntactic words that are tagged.
     *
     * @param form where the word stands, from 1
     * @param tag  where its tag stands: 4 of universal parts of speech, 5 of a language's own
     */
    record Conllu(int form, int tag) implements TaggedFormat {
        /** Words and universal parts of speech. */
        public static final Conllu UPOS = new Conllu(2, 4);

        /** @throws InputException when there is no such column */
        public Conllu {
            check(form, CONLLU_COLUMNS);
            check(tag, CONLLU_COLUMNS);
        }
    }

    /**
     * Any columns, as {@code token TAB tag}.
     *
     * @param token where the token stands, from 1
     * @param tag   where its tag stands
     */
    record Columns(int token, int tag) implements TaggedFormat {
        /** The token, then its tag. */
        public static final Columns TWO = new Columns(1, 2);

        /** @throws InputException when there is no such column */
        public Columns {
            check(token, TaggedCorpus.MOST_COLUMNS);
            check(tag, TaggedCorpus.MOST_COLUMNS);
        }
    }

    private static void check(int column, int most) {
        if (column < 1 || column > most) {
            throw new InputException("column", "lies between 1 and " + most, "" + column, "change it");
        }
    }
}
