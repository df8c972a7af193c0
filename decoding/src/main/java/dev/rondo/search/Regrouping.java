package dev.rondo.search;

/** Which row each hypothesis gets, so that as few as possible move, and which tokens the rows read next. */
final class Regrouping {
    private int[] parents = {};
    private int[] tokens = {};
    private boolean[] taken = {};

    /** One row per sentence, which reads what its sentence begins with. */
    void begin(Sentence sentence, int at, int sentences) {
        if (tokens.length < sentences) {
            tokens = new int[sentences];
        }
        tokens[at] = sentence.begin();
    }

    int[] tokens() {
        return tokens;
    }

    /** Goes on with the hypotheses that are alive. */
    void apply(StepFunction steps, SentenceSearch[] sentences, int count, Lattice lattice) {
        int before = steps.width();
        int width = 1;
        for (int i = 0; i < count; i++) {
            width = Math.max(width, sentences[i].alive());
        }
        if (parents.length < count * width) {
            parents = new int[count * width];
            tokens = new int[count * width];
        }
        if (taken.length < width) {
            taken = new boolean[width];
        }
        boolean moves = width != before;
        for (int i = 0; i < count; i++) {
            place(sentences[i], width);
            moves |= fill(sentences[i], i, width, before, lattice);
        }
        if (moves) {
            steps.regroup(width, parents);
        }
    }

    /** The first to continue a row keeps it; the others take what is free. */
    private void place(SentenceSearch sentence, int width) {
        for (int i = 0; i < width; i++) {
            taken[i] = false;
        }
        for (int beam = 0; beam < sentence.beams(); beam++) {
            Live live = sentence.live(beam);
            for (int i = 0; i < live.count(); i++) {
                int row = live.parentRow(i);
                boolean stays = row < width && !taken[row];
                live.place(i, stays ? row : -1);
                if (stays) {
                    taken[row] = true;
                }
            }
        }
        int free = 0;
        for (int beam = 0; beam < sentence.beams(); beam++) {
            Live live = sentence.live(beam);
            for (int i = 0; i < live.count(); i++) {
                if (live.row(i) < 0) {
                    while (taken[free]) {
                        free++;
                    }
                    live.place(i, free);
                    taken[free] = true;
                }
            }
        }
    }

    /** Fills in the rows of a sentence; whether any moves. */
    private boolean fill(SentenceSearch sentence, int at, int width, int before, Lattice lattice) {
        for (int i = 0; i < width; i++) {
            // A row without a hypothesis computes something that nobody reads.
            parents[at * width + i] = at * before + (i < before ? i : 0);
            tokens[at * width + i] = 0;
        }
        boolean moves = false;
        for (int beam = 0; beam < sentence.beams(); beam++) {
            Live live = sentence.live(beam);
            for (int i = 0; i < live.count(); i++) {
                int row = live.row(i);
                moves |= row != live.parentRow(i);
                parents[at * width + row] = at * before + live.parentRow(i);
                tokens[at * width + row] = lattice.token(live.node(i));
            }
        }
        return moves;
    }
}
