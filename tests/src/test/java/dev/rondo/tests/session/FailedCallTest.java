package dev.rondo.tests.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.error.InputException;
import dev.rondo.error.RondoException;
import dev.rondo.error.ShapeException;
import dev.rondo.error.StateException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A call that fails leaves every bit of the state as it was, and the session usable. */
class FailedCallTest {
    /** The state is ready to be replaced when the index, the pick or the length turns out to be wrong. */
    private static final String MODEL = """
        function body(x: f32[B,2], token: i64[B]) -> row {
            state h: f32[B,2] <- next
            weight table: f32[3,2]
            row = gather(@table, token)
            sum = add(x, row)
            next = add(h, sum)
        }
        function step(x: f32[B,2], token: i32[B]) -> row {
            state h: f32[B,2] <- next
            state n: i64[B] <- token64
            weight table: f32[3,2]
            next = add(h, x)
            token64 = cast(token, to=i64)
            row = gather(@table, token)
        }
        function layer(x: f32[B,T,2], lengths: i32[B]) -> y {
            state h: f32[B,2] <- h1
            weight u: f32[2,2]
            weight w: f32[2,2]
            y, h1 = elman(x, @u, h=h, weight_input=@w, lengths=lengths, activation=tanh)
        }
        function loop(x: f32[B,T,2], tokens: i64[B,T]) -> rows {
            state h: f32[B,2] <- h1
            rows, h1 = scan(body, over(x=x, token=tokens), from(h=h))
        }
        function picked(x: f32[B,2], token: i32[B]) -> y {
            state h: f32[B,2] <- x
            y = pick(x, token)
        }
        function best(x: f32[B,2], y: f32[T]) -> top {
            state h: f32[B,2] <- x
            top, places = top_k(y, k=2)
        }
        """;

    private static Model model() {
        return ModelFile.of(MODEL).randomWeights(3, 1).load();
    }

    private static void fails(Session session, Call call) {
        float[] h = session.state("h");
        assertThrows(InputException.class, call::run);
        assertArrayEquals(h, session.state("h"), 0f, "the state after a failed call");
    }

    @ParameterizedTest
    @EnumSource
    void tooFewToChooseFrom(Model.Kernel kernel) {
        try (Model model = model()) {
            Session session = model.session(Capacity.of("B", 2).and("T", 3), kernel);
            session.state("h", new float[] {1, 2, 3, 4});
            Call call = session.call("best");
            session.size("T", 1);
            fails(session, call);
            session.size("T", 3);
            call.input("y").copyFrom(new float[] {5, 7, 6});
            call.run();
            assertArrayEquals(new float[] {7, 6}, call.output("top").toFloats());
        }
    }

    @ParameterizedTest
    @EnumSource
    void indicesOutsideTheTable(Model.Kernel kernel) {
        try (Model model = model()) {
            Session session = model.session(Capacity.of("B", 2).and("T", 3), kernel);
            session.state("h", new float[] {1, 2, 3, 4});
            for (String name : new String[] {"step", "picked"}) {
                Call call = session.call(name);
                call.input("x").copyFrom(new float[] {1, 1, 1, 1});
                for (int token : new int[] {-1, 3, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
                    call.input("token").set(0, 1);
                    call.input("token").set(1, token);
                    fails(session, call);
                }
                call.input("token").set(1, 1);
                call.run();
                session.state("h", new float[] {1, 2, 3, 4});
            }
        }
    }

    /** The scan has run its first steps when the token of a later one is wrong. */
    @ParameterizedTest
    @EnumSource
    void indicesInTheMiddleOfAScan(Model.Kernel kernel) {
        try (Model model = model()) {
            Session session = model.session(Capacity.of("B", 2).and("T", 3), kernel);
            session.state("h", new float[] {1, 2, 3, 4});
            Call call = session.call("loop");
            call.input("x").copyFrom(new float[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
            call.input("tokens").copyFrom(new long[] {0, 1, 2, 0, 1, 1L << 32});
            fails(session, call);
            call.input("tokens").set(5, 2);
            call.run();
            assertEquals(3, call.output("rows").shape()[1]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void lengthsOutsideTheSequence(Model.Kernel kernel) {
        try (Model model = model()) {
            Session session = model.session(Capacity.of("B", 2).and("T", 3), kernel);
            session.state("h", new float[] {1, 2, 3, 4});
            Call call = session.call("layer");
            for (int length : new int[] {-1, 4, Integer.MAX_VALUE}) {
                call.input("lengths").copyFrom(new int[] {3, length});
                fails(session, call);
            }
            session.size("T", 2);
            call.input("lengths").copyFrom(new int[] {2, 3});
            fails(session, call);
        }
    }

    @Test
    void whatIsAskedOfASessionInVainChangesNothing() {
        try (Model model = model();
                Model other = model()) {
            Session session = model.session(Capacity.of("B", 2).and("T", 3));
            session.state("h", new float[] {1, 2, 3, 4});
            Session.Snapshot foreign = other.session().snapshot();
            Session.Snapshot large = model.session(Capacity.of("B", 5)).snapshot();
            refused(session, ShapeException.class, () -> session.size("B", 3));
            refused(session, ShapeException.class, () -> session.size("B", -1));
            refused(session, ShapeException.class, () -> session.size("Q", 1));
            refused(session, ShapeException.class, () -> session.restore(large));
            refused(session, StateException.class, () -> session.restore(foreign));
            refused(session, ShapeException.class, () -> session.gatherRows(0, 1, 1));
            refused(session, InputException.class, () -> session.gatherRows(1, 2));
            refused(session, InputException.class, () -> session.gatherRows(-1));
            refused(session, InputException.class, () -> session.reset(2));
            refused(session, InputException.class, () -> session.state("h", new float[3]));
            refused(session, StateException.class, () -> session.state("z", new float[3]));
            refused(session, StateException.class, () -> session.call("nothing"));
            refused(session, StateException.class, () -> session.call("step").input("y"));
            refused(
                    session,
                    InputException.class,
                    () -> session.call("step").input("x").copyFrom(new float[3]));
        }
    }

    private static void refused(Session session, Class<? extends RondoException> kind, Runnable action) {
        assertThrows(kind, action::run);
        assertArrayEquals(new float[] {1, 2, 3, 4}, session.state("h"));
        assertEquals(2, session.size("B"));
        assertEquals(3, session.size("T"));
    }
}
