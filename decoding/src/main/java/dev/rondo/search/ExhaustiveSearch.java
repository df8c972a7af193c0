package dev.rondo.search;

import dev.rondo.error.InputException;
import java.util.ArrayList;
import java.util.List;

/**
 * All sequences that the constraints allow, for tiny vocabularies and lengths: V<sup>length</sup> of them are looked at. It
 * needs room for as many hypotheses at once.
 */
public final class ExhaustiveSearch implements Search {
    private static final int MOST = 1 << 16;

    private final StepFunction steps;
    private final RowScores scores;
    private final AttentionRows attention = new AttentionRows();
    private final Rules rules;
    private final Lattice lattice = new Lattice(false);
    private final Penalties penalties;
    private final int nBest;

    /** Nodes of the hypotheses in the rows, with their log-probabilities. */
    private record Level(List<Integer> nodes, List<Double> logProbs) {
        Level() {
            this(new ArrayList<>(), new ArrayList<>());
        }

        void add(int node, double logProb) {
            nodes.add(node);
            logProbs.add(logProb);
        }

        int size() {
            return nodes.size();
        }
    }

    /**
     * A search over a function, which it steps and regroups alone.
     *
     * @param end the token that ends a sequence; -1 when there is none
     */
    public ExhaustiveSearch(
            StepFunction steps, int end, int nBest, LengthPenalty lengthPenalty, Constraints constraints) {
        if (nBest < 1 || nBest > MOST) {
            throw new InputException(
                    "n-best", "lies between 1 and " + MOST, "" + nBest, "choose a value in that range");
        }
        this.steps = steps;
        this.scores = new RowScores(steps);
        this.rules = new Rules(constraints, steps.vocabularySize(), end);
        this.penalties = new Penalties(lengthPenalty);
        this.nBest = nBest;
    }

    @Override
    public List<List<Hypothesis>> run(List<Sentence> sentences, TokenListener listener) {
        rules.check(sentences);
        if (sentences.size() > 1) {
            // Each may need all the room there is.
            throw new InputException(
                    "exhaustive search",
                    "takes one sentence at a time",
                    sentences.size() + " sentences",
                    "call it for each");
        }
        var results = new ArrayList<List<Hypothesis>>();
        for (Sentence sentence : sentences) {
            results.add(search(sentence, listener));
        }
        return results;
    }

    private List<Hypothesis> search(Sentence sentence, TokenListener listener) {
        int greatest = rules.greatest(sentence);
        var finished = new Ranking(nBest);
        penalties.reserve(greatest);
        lattice.clear();
        steps.begin(1);
        var tokens = new int[] {sentence.begin()};
        var level = new Level();
        level.add(Lattice.ROOT, 0);
        for (int length = 1; level.size() > 0; length++) {
            steps.step(tokens);
            scores.take(steps);
            attention.take(steps);
            var parents = new ArrayList<Integer>();
            Level next = extend(sentence, level, parents, finished);
            int best = best(next);
            boolean goesOn =
                    best < 0 || listener.token(0, length, lattice.token(next.nodes.get(best)), next.logProbs.get(best));
            if (length == greatest || !goesOn) {
                for (int i = 0; i < next.size(); i++) {
                    finish(finished, next.nodes.get(i), next.logProbs.get(i), false);
                }
                next = new Level();
            }
            if (next.size() > 0) {
                steps.regroup(next.size(), parents.stream().mapToInt(i -> i).toArray());
                tokens = next.nodes.stream().mapToInt(lattice::token).toArray();
            }
            level = next;
        }
        return finished.hypotheses(lattice);
    }

    private Level extend(Sentence sentence, Level level, List<Integer> parents, Ranking finished) {
        var next = new Level();
        for (int row = 0; row < level.size(); row++) {
            scores.open(row);
            rules.apply(scores, lattice, level.nodes.get(row), sentence, rules.least(sentence));
            scores.findMaxima();
            for (int token = 0; token < scores.size(); token++) {
                float score = scores.get(token);
                if (score == Float.NEGATIVE_INFINITY) {
                    continue;
                }
                int node = lattice.add(level.nodes.get(row), token, score, attention, row);
                double logProb = level.logProbs.get(row) + score;
                if (token == rules.end()) {
                    finish(finished, node, logProb, true);
                } else {
                    next.add(node, logProb);
                    parents.add(row);
                }
            }
            if (next.size() > MOST) {
                throw new InputException(
                        "exhaustive search",
                        "looks at no more than " + MOST + " sequences at once",
                        "" + next.size(),
                        "lower the maximum length, or use a beam");
            }
        }
        return next;
    }

    private void finish(Ranking finished, int node, double logProb, boolean ended) {
        finished.add(node, logProb, penalties.score(logProb, lattice.length(node)), ended);
    }

    private static int best(Level level) {
        int best = -1;
        for (int i = 0; i < level.size(); i++) {
            if (best < 0 || level.logProbs.get(i) > level.logProbs.get(best)) {
                best = i;
            }
        }
        return best;
    }
}
