package dev.rondo.search;

import java.util.ArrayList;
import java.util.List;

/** The beams of one sentence, and its place in the batch. */
final class SentenceSearch {
    private final Workspace work;
    private final Beam[] beams;
    private final boolean branches;
    private final Ranking merged;
    private Sentence sentence;
    private int index;
    private int least;
    private int greatest;
    private int length;
    private int base;
    /** How many beams are in use: one, until alternatives branch off. */
    private int used;

    SentenceSearch(Workspace work) {
        this.work = work;
        BeamOptions options = work.options;
        this.beams = beams(work, options);
        this.branches = options.variety() instanceof Variety.Alternatives;
        this.merged = new Ranking(options.nBest());
    }

    private static Beam[] beams(Workspace work, BeamOptions options) {
        int groups = switch (options.variety()) {
            case Variety.None(), Variety.Stochastic(var _) -> 1;
            case Variety.Diverse(int count, var _) -> count;
            case Variety.Alternatives(int count) -> count;
        };
        int size = work.diversity == null ? options.beamSize() : options.beamSize() / groups;
        var beams = new Beam[groups];
        for (int i = 0; i < groups; i++) {
            beams[i] = options.variety() instanceof Variety.Stochastic(long seed)
                    ? new StochasticBeam(work, size, options.nBest(), seed)
                    : new RankedBeam(work, size, options.nBest());
        }
        return beams;
    }

    void begin(Sentence given, int at) {
        sentence = given;
        index = at;
        least = work.rules.least(given);
        greatest = work.rules.greatest(given);
        length = 0;
        used = branches ? 1 : beams.length;
        for (Beam beam : beams) {
            beam.begin();
        }
    }

    Sentence sentence() {
        return sentence;
    }

    /** Its index in the call. */
    int index() {
        return index;
    }

    /** What its draws depend on. */
    long number() {
        return sentence.numberAt(index);
    }

    int least() {
        return least;
    }

    int greatest() {
        return greatest;
    }

    /** The tokens that its hypotheses have. */
    int length() {
        return length;
    }

    /** The row of the batch of a row of this sentence. */
    int row(int own) {
        return base + own;
    }

    /** Chooses the next tokens, after a step in which the rows of this sentence began at {@code firstRow}. */
    void advance(int firstRow) {
        base = firstRow;
        if (work.diversity != null) {
            work.diversity.clear();
        }
        if (branches && length == sentence.prefixLength()) {
            branch();
        } else {
            for (int i = 0; i < used; i++) {
                if (!beams[i].isDone()) {
                    beams[i].advance(this);
                }
            }
        }
        length++;
    }

    /** Each of the best next tokens goes to a beam of its own. */
    private void branch() {
        Live parents = beams[0].live;
        work.open(row(parents.row(0)), parents.node(0), sentence, least);
        work.candidates.clear(beams.length);
        work.candidates.scan(work.scores, parents.logProb(0), 0);
        work.candidates.sort();
        used = work.candidates.count();
        for (int i = 0; i < used; i++) {
            ((RankedBeam) beams[i]).adopt(this, parents, work.candidates.token(i));
        }
    }

    /** Tells the listener of the best hypothesis; whether to go on. */
    boolean tell(TokenListener listener) {
        for (int i = 0; i < used; i++) {
            int lead = beams[i].isDone() ? Lattice.ROOT : beams[i].lead();
            if (lead != Lattice.ROOT) {
                return listener.token(index, length, work.lattice.token(lead), beams[i].leadLogProb());
            }
        }
        return true;
    }

    /** Finishes what is to be finished; whether all is. */
    boolean settle(boolean stopped) {
        boolean all = true;
        for (int i = 0; i < used; i++) {
            if (!beams[i].isDone()) {
                beams[i].settle(this, stopped);
            }
            all &= beams[i].isDone();
        }
        return all;
    }

    /** The number of hypotheses alive. */
    int alive() {
        int alive = 0;
        for (int i = 0; i < used; i++) {
            alive += beams[i].live.count();
        }
        return alive;
    }

    int beams() {
        return used;
    }

    Live live(int beam) {
        return beams[beam].live;
    }

    List<Hypothesis> results() {
        if (branches) {
            var results = new ArrayList<Hypothesis>();
            for (int i = 0; i < used; i++) {
                beams[i].finished.addTo(results, work.lattice);
            }
            return List.copyOf(results);
        }
        if (beams.length == 1) {
            return beams[0].finished.hypotheses(work.lattice);
        }
        merged.clear();
        for (Beam beam : beams) {
            merged.merge(beam.finished, work.lattice);
        }
        return merged.hypotheses(work.lattice);
    }
}
