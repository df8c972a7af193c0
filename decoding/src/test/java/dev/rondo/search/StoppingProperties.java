package dev.rondo.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/**
 * A search that stops when its result is certain has the result of one that does not stop. Sentences are longer than where all
 * sequences are listed, models surer of themselves, so that what lives does overtake what is finished.
 */
class StoppingProperties {
    private static final int BEGIN = 9;
    private static final int END = 0;

    /** A model and a search over it. */
    record Case(long seed, int size, double sharpness, BeamOptions options) {
        private BeamSearch search(TreeSteps steps, Stopping stopping) {
            return new BeamSearch(steps, END, options.withStopping(stopping));
        }

        List<Hypothesis> run(Stopping stopping) {
            return search(steps(), stopping).run(Sentence.of(BEGIN).withSourceLength(2));
        }

        int steps(Stopping stopping) {
            TreeSteps steps = steps();
            search(steps, stopping).run(Sentence.of(BEGIN).withSourceLength(2));
            return steps.calls;
        }

        private TreeSteps steps() {
            return new TreeSteps(new TreeModel(size, 2, sharpness, seed), BEGIN);
        }
    }

    @Provide
    Arbitrary<Case> cases() {
        Arbitrary<LengthPenalty> penalties = Arbitraries.of(-3.0, -1.0, 0.0, 0.5, 1.0, 2.0)
                .flatMap(a -> Arbitraries.of(new LengthPenalty.Power(a), new LengthPenalty.Gnmt(2 * a)));
        Arbitrary<BeamOptions> options = Combinators.combine(
                        Arbitraries.integers().between(1, 4),
                        Arbitraries.integers().between(1, 4),
                        Arbitraries.integers().between(2, 10),
                        Arbitraries.integers().between(0, 3),
                        penalties,
                        Arbitraries.of(0.0, 0.0, 0.3),
                        Arbitraries.of(BeamOptions.Policy.values()))
                .as((beam, best, most, least, penalty, coverage, policy) -> BeamOptions.of(beam)
                        .withNBest(Math.min(beam, best))
                        .withPolicy(policy)
                        .withLengthPenalty(penalty)
                        .withCoveragePenalty(coverage)
                        .withConstraints(Constraints.NONE.withMaxLength(most).withMinLength(Math.min(least, most))));
        return Combinators.combine(
                        Arbitraries.longs(),
                        Arbitraries.integers().between(2, 4),
                        Arbitraries.of(1.0, 3.0, 6.0),
                        options)
                .as(Case::new);
    }

    @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
    void stopsOnlyWhenTheNBestAreDecided(@ForAll("cases") Case c) {
        assertEquals(c.run(Stopping.NEVER), c.run(Stopping.DECIDED));
    }

    /** And it does stop: else the property would say nothing. */
    @Test
    void stopsEarly() {
        int early = 0;
        int late = 0;
        int impatient = 0;
        for (int seed = 0; seed < 50; seed++) {
            BeamOptions options = BeamOptions.of(3)
                    .withLengthPenalty(new LengthPenalty.Power(1))
                    .withConstraints(Constraints.NONE.withMaxLength(12));
            var c = new Case(seed, 4, 3, options);
            early += c.steps(Stopping.DECIDED);
            late += c.steps(Stopping.NEVER);
            impatient += c.steps(new Stopping.Patience(1));
        }
        assertTrue(early < 0.9 * late, early + " of " + late + " steps");
        assertTrue(impatient < early, impatient + " of " + early + " steps");
    }
}
