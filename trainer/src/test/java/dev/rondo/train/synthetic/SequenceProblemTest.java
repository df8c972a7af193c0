package dev.rondo.train.synthetic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.train.SeededRandom;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.junit.jupiter.api.Test;

/** What sequences ask, found out anew from the sequences themselves. */
class SequenceProblemTest {
    @Test
    void theSumIsOfTwoMarkedNumbersOneInEachHalf() {
        var problem = new AddingProblem(31);
        float[] inputs = new float[62];
        float[] target = new float[1];
        for (int i = 0; i < 200; i++) {
            problem.draw(SeededRandom.of(1, i), inputs, target);
            float sum = 0;
            int first = 0;
            int second = 0;
            for (int t = 0; t < 31; t++) {
                assertTrue(inputs[2 * t] >= 0 && inputs[2 * t] < 1);
                if (inputs[2 * t + 1] == 1) {
                    sum += inputs[2 * t];
                    first += t < 15 ? 1 : 0;
                    second += t < 15 ? 0 : 1;
                }
            }
            assertEquals(1, first);
            assertEquals(1, second);
            assertEquals(sum, target[0]);
        }
    }

    @Test
    void alwaysToAnswerOneIsTheBaselineOfAdding() {
        var problem = new AddingProblem(10);
        float[] target = new float[1];
        double squares = 0;
        int right = 0;
        int count = 20_000;
        for (int i = 0; i < count; i++) {
            problem.draw(SeededRandom.of(2, i), new float[20], target);
            squares += (target[0] - 1) * (target[0] - 1);
            right += problem.isRight(1, target[0]) ? 1 : 0;
        }
        assertEquals(problem.baseline().loss(), squares / count, 0.004);
        assertEquals(problem.baseline().quality(), 100.0 * right / count, 0.6);
    }

    @Test
    void symbolsAreGivenBackAfterTheDelay() {
        var problem = new CopyMemory(7);
        assertEquals(27, problem.steps());
        float[] inputs = new float[27];
        float[] targets = new float[10];
        problem.draw(SeededRandom.of(3), inputs, targets);
        assertArrayEquals(targets, Arrays.copyOf(inputs, 10));
        for (float symbol : targets) {
            assertTrue(symbol >= 0 && symbol < 8);
        }
        for (int t = 10; t < 27; t++) {
            assertEquals(t == 16 ? 9 : 8, inputs[t], "step " + t);
        }
    }

    @Test
    void theAnswerIsTheKindOfTheInnermostOpenBracket() {
        var problem = new BracketNesting(200, 5);
        float[] inputs = new float[200];
        float[] targets = new float[200];
        int deepest = 0;
        for (int i = 0; i < 100; i++) {
            problem.draw(SeededRandom.of(4, i), inputs, targets);
            String text = BracketNesting.text(inputs);
            Deque<Character> open = new ArrayDeque<>();
            for (int t = 0; t < 200; t++) {
                char c = text.charAt(t);
                if ("([{".indexOf(c) >= 0) {
                    open.push(c);
                } else if (")]}".indexOf(c) >= 0) {
                    assertEquals("([{".indexOf(open.pop()), ")]}".indexOf(c), text);
                }
                deepest = Math.max(deepest, open.size());
                assertEquals(open.isEmpty() ? 0 : 1 + "([{".indexOf(open.peek()), (int) targets[t], text);
            }
        }
        assertEquals(5, deepest);
    }

    /** The last bracket alone says too little: a network has to remember those before. */
    @Test
    void bracketsAskForMoreThanTheLastOne() {
        double baseline = new BracketNesting(200, 5).baseline().quality();
        assertTrue(baseline > 50 && baseline < 80, "" + baseline);
    }

    @Test
    void sequencesFollowFromTheirSeed() {
        for (SequenceProblem problem : new SequenceProblem[] {new AddingProblem(9), new BracketNesting(18, 3)}) {
            float[] one = new float[18];
            float[] two = new float[18];
            problem.draw(SeededRandom.of(5), one, new float[18]);
            problem.draw(SeededRandom.of(5), two, new float[18]);
            assertArrayEquals(one, two);
            problem.draw(SeededRandom.of(6), two, new float[18]);
            assertFalse(Arrays.equals(one, two));
        }
    }
}
