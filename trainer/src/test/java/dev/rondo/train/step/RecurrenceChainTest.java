package dev.rondo.train.step;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.rondo.format.ElementType;
import dev.rondo.graph.ValueType;
import dev.rondo.plan.Operand;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A recurrence through T steps is a chain of recurrences through one step each. */
class RecurrenceChainTest {
    private static final int ROWS = 4;
    private static final int STEPS = 5;

    /** How an operator's inputs and outputs hang together in a chain: places of them. */
    private record Chain(boolean backward, List<Integer> sequences, int lengths, List<int[]> states) {}

    static Stream<Cases> recurrences() {
        return Cases.all().stream().filter(c -> chain(c) != null);
    }

    private static Chain chain(Cases one) {
        return switch (one.op().name()) {
            case "lstm_trace" -> new Chain(false, List.of(0), 8, List.of(new int[] {1, 1}, new int[] {2, 2}));
            case "gru_trace" -> new Chain(false, List.of(0), 6, List.of(new int[] {1, 1}));
            case "lstm_backward" -> new Chain(true, List.of(0, 1, 4), 7, List.of(new int[] {5, 1}, new int[] {6, 2}));
            case "gru_backward" -> new Chain(true, List.of(0, 1, 2, 4), 6, List.of(new int[] {5, 1}));
            case "elman_backward" -> new Chain(true, List.of(0, 2), 4, List.of(new int[] {3, 1}));
            default -> null;
        };
    }

    @ParameterizedTest
    @MethodSource("recurrences")
    void isAChainOfSingleSteps(Cases one) {
        for (boolean vector : new boolean[] {false, true}) {
            check(one, vector);
        }
    }

    private static void check(Cases one, boolean vector) {
        Chain chain = chain(one);
        OneNode whole = one.bind(vector, ROWS, STEPS).fill(new Random(11), 0.5f, 1);
        boolean full = whole.has(chain.lengths);
        int[] lengths = full ? new int[] {2, 0, STEPS, 3} : new int[] {STEPS, STEPS, STEPS, STEPS};
        if (full) {
            whole.set(chain.lengths, 2, 0, STEPS, 3);
        }
        whole.run();
        // The chain needs every state as an input, also where the whole begins with zero.
        OneNode step = withStates(one, chain, vector);
        copyConstants(whole, step, chain);
        boolean reverse = one.name().contains("reverse");
        float[][] expected = whole.results();
        List<Integer> sequenceOutputs = sequenceOutputs(chain, expected.length);
        for (int i = 0; i < STEPS; i++) {
            int t = chain.backward == reverse ? i : STEPS - 1 - i;
            oneStep(one, chain, whole, step, t, lengths, i == 0);
            for (int output : sequenceOutputs) {
                compareStep(one, whole, step, output, t, lengths);
            }
        }
        for (int[] state : chain.states) {
            assertArrayEquals(expected[state[1]], step.result(state[1]), 2e-5f, one + " state " + state[1]);
        }
    }

    private static OneNode withStates(Cases one, Chain chain, boolean vector) {
        var types = one.types().clone();
        for (int[] state : chain.states) {
            types[state[0]] = ValueType.f32("B", Cases.H);
        }
        if (one.op().name().equals("lstm_backward")) {
            types[3] = ValueType.f32("B", Cases.H);
        }
        types[chain.lengths] = ValueType.of(ElementType.I32, "B");
        return new Cases(one.name(), one.op(), one.bound(), types).bind(vector, ROWS, 1);
    }

    private static void copyConstants(OneNode whole, OneNode step, Chain chain) {
        for (int i = 0; i < 9; i++) {
            boolean state = false;
            for (int[] s : chain.states) {
                state |= s[0] == i;
            }
            if (whole.has(i) && !state && i != chain.lengths && !chain.sequences.contains(i)) {
                MemorySegment.copy(
                        whole.input(i).segment(),
                        0,
                        step.input(i).segment(),
                        0,
                        whole.input(i).byteSize());
            }
        }
        for (int[] s : chain.states) {
            step.set(s[0], whole.has(s[0]) ? whole.values(s[0]) : new float[ROWS * Cases.H]);
        }
    }

    private static void oneStep(
            Cases one, Chain chain, OneNode whole, OneNode step, int t, int[] lengths, boolean first) {
        for (int s : chain.sequences) {
            if (whole.has(s)) {
                step.set(s, at(whole.input(s), whole.values(s), t));
            }
        }
        float[] runs = new float[ROWS];
        for (int b = 0; b < ROWS; b++) {
            runs[b] = t < lengths[b] ? 1 : 0;
        }
        step.set(chain.lengths, runs);
        if (!first) {
            for (int[] state : chain.states) {
                step.set(state[0], step.result(state[1]));
            }
        }
        if (one.op().name().equals("lstm_backward")) {
            step.set(3, cellsBefore(one, whole, t, lengths));
        }
        step.run();
    }

    /** The cell states before step t: the one it began with at a row's first step. */
    private static float[] cellsBefore(Cases one, OneNode whole, int t, int[] lengths) {
        boolean reverse = one.name().contains("reverse");
        float[] cells = whole.values(1);
        float[] initial = whole.has(3) ? whole.values(3) : new float[ROWS * Cases.H];
        float[] before = new float[ROWS * Cases.H];
        for (int b = 0; b < ROWS; b++) {
            int previous = reverse ? t + 1 : t - 1;
            boolean begins = previous < 0 || previous >= lengths[b];
            System.arraycopy(
                    begins ? initial : cells,
                    begins ? b * Cases.H : (b * STEPS + previous) * Cases.H,
                    before,
                    b * Cases.H,
                    Cases.H);
        }
        return before;
    }

    private static float[] at(Operand sequence, float[] values, int t) {
        int width = sequence.dim(2);
        float[] step = new float[ROWS * width];
        for (int b = 0; b < ROWS; b++) {
            System.arraycopy(values, (b * STEPS + t) * width, step, b * width, width);
        }
        return step;
    }

    private static List<Integer> sequenceOutputs(Chain chain, int outputs) {
        var found = new ArrayList<Integer>();
        for (int i = 0; i < outputs; i++) {
            int place = i;
            if (chain.states.stream().noneMatch(s -> s[1] == place)) {
                found.add(i);
            }
        }
        return found;
    }

    private static void compareStep(Cases one, OneNode whole, OneNode step, int output, int t, int[] lengths) {
        float[] expected = step.result(output);
        float[] values = whole.result(output);
        boolean repeats =
                output == 0 && one.name().contains("trace") && one.name().contains("full");
        boolean reverse = one.name().contains("reverse");
        int width = whole.output(output).dim(2);
        for (int b = 0; b < ROWS; b++) {
            if (repeats && !reverse && t >= lengths[b] && lengths[b] > 0) {
                System.arraycopy(values, (b * STEPS + lengths[b] - 1) * width, expected, b * width, width);
            }
        }
        assertArrayEquals(
                expected, at(whole.output(output), values, t), 2e-5f, one + " output " + output + " step " + t);
    }
}
