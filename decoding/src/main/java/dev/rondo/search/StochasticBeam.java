package dev.rondo.search;

/**
 * A beam whose hypotheses are drawn without replacement: each node of the tree of sequences has a Gumbel-perturbed
 * log-probability G, children have theirs under the condition that their maximum is that of the parent, and the beam keeps
 * the largest, ended or not (Kool, van Hoof and Welling 2019, algorithm 1).
 */
final class StochasticBeam extends Beam {
    private final long seed;
    private final int best;
    private final double[] perturbed;
    private Live leaves;
    private Live nextLeaves;

    StochasticBeam(Workspace work, int size, int best, long seed) {
        super(work, size, best);
        this.seed = seed;
        this.best = best;
        this.perturbed = new double[work.scores.size()];
        this.leaves = new Live(size);
        this.nextLeaves = new Live(size);
    }

    @Override
    void begin() {
        super.begin();
        leaves.clear();
    }

    @Override
    void choose(SentenceSearch sentence) {
        Candidates candidates = work.candidates;
        candidates.clear(size);
        // What has ended competes on; its parents are negative.
        for (int i = 0; i < leaves.count(); i++) {
            candidates.offer(leaves.order(i), i - leaves.count(), work.rules.end());
        }
        for (int i = 0; i < live.count(); i++) {
            work.open(sentence.row(live.row(i)), live.node(i), sentence.sentence(), sentence.least());
            work.scores.findMaxima();
            // A draw depends on where it is used and on nothing else: sentence, step, hypothesis and token.
            offer(i, mix(mix(mix(seed + sentence.number()) + sentence.length()) + i));
        }
        candidates.sort();
        nextLeaves.clear();
        for (int rank = 0; rank < candidates.count(); rank++) {
            int parent = candidates.parent(rank);
            if (parent < 0) {
                int leaf = parent + leaves.count();
                nextLeaves.add(leaves.node(leaf), leaves.logProb(leaf), leaves.order(leaf), 0);
            } else {
                take(sentence, parent, candidates.token(rank), candidates.order(rank));
            }
        }
        Live old = leaves;
        leaves = nextLeaves;
        nextLeaves = old;
    }

    private void offer(int parent, long key) {
        RowScores scores = work.scores;
        double greatest = Double.NEGATIVE_INFINITY;
        for (int token = 0; token < perturbed.length; token++) {
            double draw = live.logProb(parent) + scores.get(token) + gumbel(key + token);
            perturbed[token] = draw;
            greatest = Math.max(greatest, draw);
        }
        for (int token = 0; token < perturbed.length; token++) {
            if (perturbed[token] > Double.NEGATIVE_INFINITY) {
                double order = conditioned(perturbed[token], greatest, live.order(parent));
                work.candidates.offer(order, parent, token);
            }
        }
    }

    /**
     * {@code -ln(e^-target - e^-greatest + e^-draw)} without overflow (appendix B.3): Gumbel variables whose greatest is
     * {@code greatest}, moved so that it is {@code target}.
     */
    static double conditioned(double draw, double greatest, double target) {
        double v = target - draw + StrictMath.log(-StrictMath.expm1(draw - greatest));
        return target - Math.max(0, v) - StrictMath.log1p(StrictMath.exp(-Math.abs(v)));
    }

    private void take(SentenceSearch sentence, int parent, int token, double order) {
        int row = sentence.row(live.row(parent));
        float score = work.scores.get(row, token);
        double logProb = live.logProb(parent) + score;
        int node = work.lattice.add(live.node(parent), token, score, work.attention, row);
        boolean ends = token == work.rules.end();
        (ends ? nextLeaves : next).add(node, logProb, order, live.row(parent));
    }

    @Override
    void cut(SentenceSearch sentence) {
        for (int i = 0; i < live.count(); i++) {
            finished.add(live.node(i), live.logProb(i), live.order(i), false);
        }
    }

    /** What continues a hypothesis has at most its perturbed log-probability; leaves and what lives are in the order of theirs. */
    @Override
    boolean isDecided(SentenceSearch sentence) {
        return switch (work.options.stopping()) {
            case Stopping.Never() -> false;
            case Stopping.Decided() -> leaves.count() >= best && leaves.order(best - 1) >= live.order(0);
            case Stopping.Patience(var _) -> throw new AssertionError("refused by the options");
        };
    }

    @Override
    void close() {
        for (int i = 0; i < leaves.count(); i++) {
            finished.add(leaves.node(i), leaves.logProb(i), leaves.order(i), true);
        }
    }

    private static double gumbel(long key) {
        double uniform = ((mix(key) >>> 11) + 0.5) * 0x1p-53;
        return -StrictMath.log(-StrictMath.log(uniform));
    }

    /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014), after a step of its sequence. */
    private static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
