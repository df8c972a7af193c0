package dev.rondo.search;

import dev.rondo.error.InputException;

/** What the beams of a search share: made once, used by one after the other. */
final class Workspace {
    final BeamOptions options;
    final RowScores scores;
    final AttentionRows attention = new AttentionRows();
    final Rules rules;
    final Lattice lattice;
    final Penalties penalties;
    final Candidates candidates;
    final DiversityPenalty diversity;

    Workspace(StepFunction steps, int end, BeamOptions options) {
        this.options = options;
        this.scores = new RowScores(steps);
        this.rules = new Rules(options.constraints(), steps.vocabularySize(), end);
        this.lattice = new Lattice(options.attention());
        this.penalties = new Penalties(options.lengthPenalty());
        this.candidates = new Candidates(2 * options.beamSize());
        this.diversity = options.variety() instanceof Variety.Diverse(var _, double strength)
                ? new DiversityPenalty(strength, options.beamSize() + 1)
                : null;
    }

    /** Opens the row of a hypothesis, as the rules leave it. */
    void open(int row, int node, Sentence sentence, int least) {
        // Groups share the first row.
        if (scores.open(row)) {
            rules.apply(scores, lattice, node, sentence, least);
        }
    }

    /** Checks what a step gave. */
    void check() {
        if (options.coveragePenalty() > 0 && attention.size() == 0) {
            throw new InputException(
                    "coverage penalty",
                    "needs a model that attends to its source",
                    "a step without attention",
                    "leave it at 0");
        }
    }

    /** Checks what a call gives of a sentence. */
    void check(Sentence sentence) {
        if (options.coveragePenalty() > 0 && sentence.sourceLength() == 0) {
            throw new InputException(
                    "coverage penalty", "needs the length of the source", "0", "give it with the sentence");
        }
        if (options.variety() instanceof Variety.Alternatives && sentence.bias() > 0) {
            throw new InputException(
                    "alternatives", "follow a hard prefix", "a biased one", "give the prefix without bias");
        }
    }
}
