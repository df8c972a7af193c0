package dev.rondo.search;

/** A beam that keeps the likeliest. */
final class RankedBeam extends Beam {
    /** What groups before it have chosen in this step; null without groups. */
    private final DiversityPenalty diversity;

    RankedBeam(Workspace work, int size, int best) {
        super(work, size, best);
        this.diversity = work.diversity;
    }

    @Override
    void choose(SentenceSearch sentence) {
        boolean refill = work.options.policy() == BeamOptions.Policy.REFILL;
        Candidates candidates = work.candidates;
        candidates.clear(refill ? 2 * size : size);
        for (int i = 0; i < live.count(); i++) {
            work.open(sentence.row(live.row(i)), live.node(i), sentence.sentence(), sentence.least());
            if (diversity == null) {
                candidates.scan(work.scores, live.logProb(i), i);
            } else {
                diversity.apply(work.scores);
                candidates.scan(work.scores, live.logProb(i), i);
                diversity.undo(work.scores);
            }
        }
        candidates.sort();
        for (int rank = 0; rank < candidates.count() && next.count() < size; rank++) {
            boolean ends = candidates.token(rank) == work.rules.end();
            if (!ends || rank < size) {
                take(sentence, live, candidates.parent(rank), candidates.token(rank));
            }
        }
    }

    /** Goes on with one continuation of a hypothesis of another beam, and nothing else. */
    void adopt(SentenceSearch sentence, Live parents, int token) {
        next.clear();
        take(sentence, parents, 0, token);
        takeOver();
    }

    /** Continues a hypothesis, whose row has been opened, by a token. */
    private void take(SentenceSearch sentence, Live parents, int parent, int token) {
        int row = sentence.row(parents.row(parent));
        float score = work.scores.get(row, token);
        double logProb = parents.logProb(parent) + score;
        int node = work.lattice.add(parents.node(parent), token, score, work.attention, row);
        if (diversity != null) {
            diversity.chosen(token);
        }
        next.add(node, logProb, logProb, parents.row(parent));
        if (work.options.coveragePenalty() > 0) {
            next.cover(parents, parent, work.attention, row);
        }
        if (token == work.rules.end()) {
            finish(sentence, next, next.count() - 1, true);
            next.dropLast();
        }
    }

    private void finish(SentenceSearch sentence, Live from, int rank, boolean ended) {
        double logProb = from.logProb(rank);
        double score = work.penalties.score(logProb, work.lattice.length(from.node(rank)));
        finished.add(from.node(rank), logProb, score + coverage(sentence, from, rank), ended);
    }

    /** {@code beta Σ_s ln min(Σ_t attention_ts, 1)}, at most 0. */
    private double coverage(SentenceSearch sentence, Live from, int rank) {
        double beta = work.options.coveragePenalty();
        if (beta == 0) {
            return 0;
        }
        double sum = 0;
        int positions = Math.min(work.attention.size(), sentence.sentence().sourceLength());
        for (int i = 0; i < positions; i++) {
            float covered = Math.clamp(from.coverage(rank, i), Float.MIN_NORMAL, 1f);
            sum += StrictMath.log(covered);
        }
        return beta * sum;
    }

    @Override
    void cut(SentenceSearch sentence) {
        for (int i = 0; i < live.count(); i++) {
            finish(sentence, live, i, false);
        }
    }

    @Override
    boolean isDecided(SentenceSearch sentence) {
        return switch (work.options.stopping()) {
            case Stopping.Never() -> false;
            case Stopping.Patience(double patience) ->
                finished.isFull() && finished.offered() >= Math.ceil(patience * size);
            case Stopping.Decided() -> {
                if (!finished.isFull()) {
                    yield false;
                }
                int earliest = Math.max(sentence.length() + 1, Math.min(sentence.least(), sentence.greatest()));
                yield work.penalties.bound(best(), earliest, sentence.greatest()) <= finished.worst();
            }
        };
    }

    /** The greatest log-probability alive; with diversity it need not be the first. */
    private double best() {
        double best = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < live.count(); i++) {
            best = Math.max(best, live.logProb(i));
        }
        return best;
    }
}
