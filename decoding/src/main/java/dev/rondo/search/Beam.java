package dev.rondo.search;

/** One beam of one sentence: hypotheses that are alive, and the best that are finished. */
abstract sealed class Beam permits RankedBeam, StochasticBeam {
    final Workspace work;
    final int size;
    final Ranking finished;
    Live live;
    Live next;
    private boolean done;
    private int lead;
    private double leadLogProb;

    Beam(Workspace work, int size, int best) {
        this.work = work;
        this.size = size;
        this.finished = new Ranking(best);
        this.live = new Live(size);
        this.next = new Live(size);
    }

    /** Begins with one hypothesis without tokens. */
    void begin() {
        live.begin();
        finished.clear();
        done = false;
        lead = Lattice.ROOT;
    }

    /** Chooses the next tokens of all hypotheses; {@code live} are those that go on, without rows of their own yet. */
    final void advance(SentenceSearch sentence) {
        next.clear();
        choose(sentence);
        takeOver();
    }

    /** What was chosen becomes alive. */
    final void takeOver() {
        lead = next.count() > 0 ? next.node(0) : Lattice.ROOT;
        leadLogProb = next.count() > 0 ? next.logProb(0) : 0;
        Live old = live;
        live = next;
        next = old;
    }

    /** Fills {@code next} and {@code finished}. */
    abstract void choose(SentenceSearch sentence);

    /** Finishes what is alive as it is. */
    abstract void cut(SentenceSearch sentence);

    /** Nothing is alive any more. */
    void close() {}

    /** Whether nothing that is alive can matter any more. */
    abstract boolean isDecided(SentenceSearch sentence);

    /** After the choice: ends at the greatest length, without hypotheses, or when the result is certain. */
    final void settle(SentenceSearch sentence, boolean stopped) {
        if (stopped || sentence.length() == sentence.greatest()) {
            cut(sentence);
            live.clear();
        }
        done = live.count() == 0 || isDecided(sentence);
        if (done) {
            live.clear();
            close();
        }
    }

    final boolean isDone() {
        return done;
    }

    /** The best hypothesis that the last choice left alive; the root without. */
    final int lead() {
        return lead;
    }

    final double leadLogProb() {
        return leadLogProb;
    }
}
