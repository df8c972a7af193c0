package dev.rondo.search;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.Model;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The best of rows of scores, with many that are equal, against sorting them all. */
class CandidatesProperties {
    record Candidate(double order, int parent, int token) {}

    /** Log-probabilities as they are. */
    private record Scores(MemorySegment scores, int vocabularySize, int rows, Model.Kernel kernel)
            implements StepFunction {
        @Override
        public void begin(int sentences) {}

        @Override
        public int sentences() {
            return rows;
        }

        @Override
        public int width() {
            return 1;
        }

        @Override
        public void step(int[] tokens) {}

        @Override
        public boolean scored() {
            return true;
        }

        @Override
        public void regroup(int width, int[] parents) {}

        @Override
        public void keep(int[] kept, int count) {}
    }

    @Property(tries = 300)
    void areTheFirstInOrder(
            @ForAll @IntRange(min = 1, max = 700) int size,
            @ForAll @IntRange(min = 1, max = 5) int rows,
            @ForAll @IntRange(min = 1, max = 40) int limit,
            @ForAll @IntRange(min = 1, max = 1000) int different,
            @ForAll boolean plain,
            @ForAll long seed) {
        var random = new SplittableRandom(seed);
        MemorySegment memory = Arena.ofAuto().allocate(4L * size * rows, 64);
        var all = new ArrayList<Candidate>();
        var bases = new double[rows];
        for (int row = 0; row < rows; row++) {
            bases[row] = -random.nextInt(different);
            for (int token = 0; token < size; token++) {
                boolean forbidden = random.nextInt(5) == 0 && token > 0;
                float score = forbidden ? Float.NEGATIVE_INFINITY : -random.nextInt(different);
                memory.setAtIndex(ValueLayout.JAVA_FLOAT, (long) row * size + token, score);
                if (!forbidden) {
                    all.add(new Candidate(bases[row] + score, row, token));
                }
            }
        }
        all.sort(Comparator.comparingDouble((Candidate c) -> -c.order)
                .thenComparingInt(Candidate::parent)
                .thenComparingInt(Candidate::token));
        var steps = new Scores(memory, size, rows, plain ? Model.Kernel.PLAIN : Model.Kernel.BEST);
        var scores = new RowScores(steps);
        scores.take(steps);
        var candidates = new Candidates(1);
        candidates.clear(limit);
        for (int row = 0; row < rows; row++) {
            scores.open(row);
            candidates.scan(scores, bases[row], row);
        }
        candidates.sort();
        List<Candidate> found = new ArrayList<>();
        for (int i = 0; i < candidates.count(); i++) {
            found.add(new Candidate(candidates.order(i), candidates.parent(i), candidates.token(i)));
        }
        assertEquals(all.subList(0, Math.min(limit, all.size())), found);
    }
}
