package dev.rondo.tests.session;

import static dev.rondo.tests.oracle.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.tests.oracle.NdArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A stream through the carried state is the whole sequence, in pieces of any size; rows know nothing of each other. */
class StreamingTest {
    /** More steps than are taken in one product, and not a multiple of them. */
    private static final int STEPS = 150;

    private static final int ROWS = 4;
    private static final double CLOSE = 1e-5;

    private final Random random = new Random(9);

    static Stream<Arguments> all() {
        return Stream.of(Recurrence.values())
                .flatMap(r -> Stream.of(Model.Kernel.values()).map(k -> Arguments.of(r, k)));
    }

    private static Session session(Model model, Model.Kernel kernel) {
        return model.session(Capacity.of("B", ROWS).and("T", STEPS), kernel);
    }

    /** A stretch of x [B,T,I], all rows to the end, through the function {@code sequence}. */
    private static NdArray sequence(Session session, NdArray x, int... lengths) {
        session.size("B", x.size(0)).size("T", x.size(1));
        Call call = session.call("sequence");
        ModelFile.fill(call.input("x"), x);
        ModelFile.fill(
                call.input("lengths"),
                lengths.length > 0
                        ? NdArray.ints(lengths)
                        : NdArray.ints(IntStream.range(0, x.size(0))
                                .map(_ -> x.size(1))
                                .toArray()));
        call.run();
        return ModelFile.read(call.output("y"));
    }

    private static NdArray part(NdArray x, int row, int rows, int from, int steps) {
        List<Integer> shape = List.of(rows, steps, x.size(2));
        return NdArray.tabulate(x.element(), shape, i -> x.at(row + i[0], from + i[1], i[2]));
    }

    private NdArray input() {
        return NdArray.random(random, 1, ROWS, STEPS, Recurrence.INPUTS);
    }

    private static void assertStates(Recurrence r, Session wanted, Session got, double tolerance) {
        for (String state : r.states()) {
            assertArrayEquals(wanted.state(state), got.state(state), (float) tolerance, "state " + state);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void piecesMakeTheWhole(Recurrence r, Model.Kernel kernel) {
        try (Model model = r.model().load()) {
            NdArray x = input();
            Session whole = session(model, kernel);
            NdArray wanted = sequence(whole, x);
            for (int[] sizes : new int[][] {{1, 63, 0, 64, 22}, {65, 85}, {149, 1}, {7, 128, 15}}) {
                Session pieces = session(model, kernel);
                int done = 0;
                for (int size : sizes) {
                    NdArray y = sequence(pieces, part(x, 0, ROWS, done, size));
                    assertClose(part(wanted, 0, ROWS, done, size), y, CLOSE, "steps from " + done);
                    done += size;
                }
                assertEquals(STEPS, done);
                assertStates(r, whole, pieces, CLOSE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void stepsMakeTheWhole(Recurrence r, Model.Kernel kernel) {
        try (Model model = r.model().load()) {
            NdArray x = input();
            Session whole = session(model, kernel);
            NdArray wanted = sequence(whole, x);
            Session steps = session(model, kernel);
            Call step = steps.call("step");
            for (int t = 0; t < STEPS; t++) {
                ModelFile.fill(step.input("x"), part(x, 0, ROWS, t, 1).reshape(ROWS, Recurrence.INPUTS));
                step.run();
                NdArray y = ModelFile.read(step.output("h1")).reshape(ROWS, 1, Recurrence.UNITS);
                assertClose(part(wanted, 0, ROWS, t, 1), y, CLOSE, "step " + t);
            }
            assertStates(r, whole, steps, CLOSE);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void aRowOfABatchIsTheRowAlone(Recurrence r, Model.Kernel kernel) {
        try (Model model = r.model().load()) {
            NdArray x = input();
            int[] lengths = {STEPS, 0, 64, 97};
            Session batch = session(model, kernel);
            NdArray together = sequence(batch, x, lengths);
            for (int row = 0; row < ROWS; row++) {
                Session alone = session(model, kernel);
                NdArray y = sequence(alone, part(x, row, 1, 0, lengths[row]));
                String what = "row " + row;
                assertClose(y, part(together, row, 1, 0, lengths[row]), CLOSE, what);
                NdArray rest = part(together, row, 1, lengths[row], STEPS - lengths[row]);
                assertClose(rest.map(_ -> 0), rest, 0, what + " beyond its length");
                for (String state : r.states()) {
                    assertArrayEquals(alone.state(state), row(batch.state(state), row), (float) CLOSE, what);
                }
            }
        }
    }

    /** What other rows hold, be it NaN, changes no bit of a row. */
    @ParameterizedTest
    @MethodSource("all")
    void rowsDoNotTouchEachOther(Recurrence r, Model.Kernel kernel) {
        try (Model model = r.model().load()) {
            NdArray x = part(input(), 0, ROWS, 0, 20);
            NdArray spoilt = NdArray.tabulate(x.element(), x.shape(), i -> i[0] == 2 ? Double.NaN : x.at(i));
            Session clean = session(model, kernel);
            Session mixed = session(model, kernel);
            NdArray wanted = sequence(clean, x);
            NdArray got = sequence(mixed, spoilt);
            for (int row : new int[] {0, 1, 3}) {
                assertClose(part(wanted, row, 1, 0, 20), part(got, row, 1, 0, 20), 0, "row " + row);
            }
            // A row that starts anew is free of what was there.
            mixed.reset(2);
            assertClose(part(wanted, 2, 1, 0, 20), part(sequence(mixed, x), 2, 1, 0, 20), 0, "after reset");
        }
    }

    private static float[] row(float[] state, int row) {
        return java.util.Arrays.copyOfRange(state, row * Recurrence.UNITS, (row + 1) * Recurrence.UNITS);
    }

    /** Rows that follow the given parents, as separate streams would. */
    @ParameterizedTest
    @MethodSource("all")
    void gatheredRowsContinueTheirParents(Recurrence r, Model.Kernel kernel) {
        try (Model model = r.model().load()) {
            NdArray x = input();
            Session beam = session(model, kernel);
            List<Session> alone = new ArrayList<>();
            beam.size("B", 1);
            alone.add(session(model, kernel));
            int done = 0;
            for (int[] parents : new int[][] {{0}, {0, 0, 0}, {2, 0, 1, 2}, {3, 3}, {1, 0, 1, 0}, {}, {}}) {
                beam.gatherRows(parents);
                List<Session> children = new ArrayList<>();
                for (int parent : parents) {
                    children.add(alone.get(parent).fork());
                }
                alone = children;
                assertEquals(parents.length, beam.size("B"));
                NdArray together = sequence(beam, part(x, 0, parents.length, done, 5));
                for (int row = 0; row < parents.length; row++) {
                    NdArray y = sequence(alone.get(row), part(x, row, 1, done, 5));
                    assertClose(y, part(together, row, 1, 0, 5), CLOSE, "row " + row + " from step " + done);
                }
                done += 5;
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void snapshotsAndForksAreIndependent(Recurrence r, Model.Kernel kernel) {
        try (Model model = r.model().load()) {
            NdArray x = input();
            Session session = session(model, kernel);
            sequence(session, part(x, 0, 3, 0, 10));
            Session.Snapshot snapshot = session.snapshot();
            Session fork = session.fork();
            Session late = session(model, kernel);
            assertStates(r, session, fork, 0);
            NdArray wanted = sequence(session, part(x, 0, 3, 10, 30));
            // The fork has not moved, and moves on its own way.
            NdArray other = sequence(fork, part(x, 0, 3, 50, 30));
            assertEquals(false, java.util.Arrays.equals(wanted.values(), other.values()));
            sequence(session, part(x, 0, 4, 40, 30));
            session.restore(snapshot);
            assertEquals(3, session.size("B"));
            assertEquals(10, session.size("T"));
            assertClose(wanted, sequence(session, part(x, 0, 3, 10, 30)), 0, "after restore");
            late.restore(snapshot);
            assertClose(wanted, sequence(late, part(x, 0, 3, 10, 30)), 0, "restored elsewhere");
        }
    }
}
