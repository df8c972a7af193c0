package dev.rondo.tests.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.tests.session.ModelFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is forgotten is freed. */
class MemoryTest {
    /** A state of one MB. */
    private static final String MEGABYTE = """
        function step(x: f32[262144]) {
            state h: f32[262144] <- h1
            h1 = add(h, x)
        }
        """;

    /** Opens many sessions, with {@code keep} without letting go of any. */
    static final class Sessions {
        private Sessions() {}

        public static void main(String[] args) {
            var kept = new ArrayList<Session>();
            try (Model model = ModelFile.of(MEGABYTE).load()) {
                int count = Integer.parseInt(args[0]);
                for (int i = 0; i < count; i++) {
                    Session session = model.session();
                    session.call("step");
                    if (args[1].equals("keep")) {
                        kept.add(session);
                    }
                }
                System.out.println(count + " sessions");
            }
        }
    }

    /** Two thousand sessions of three MB each in a JVM that may have 200 MB outside its heap. */
    @Test
    void sessionsNeedNoClose() throws Exception {
        List<String> options = List.of(Fork.VECTORS, "-Xmx64m", "-XX:MaxDirectMemorySize=200m");
        assertEquals(
                "2000 sessions",
                Fork.of(Sessions.class, options, "2000", "forget").output());
        // The limit is one: kept sessions hit it.
        Fork kept = Fork.of(Sessions.class, options, "200", "keep");
        assertNotEquals(0, kept.code());
        assertTrue(kept.err().toString().contains("OutOfMemoryError"), kept.err()::toString);
    }

    @Test
    void aForgottenModelIsClosed(@TempDir Path folder) throws Exception {
        ModelFile file = ModelFile.of("""
            function step(x: f32[2]) -> y {
                weight w: f32[2]
                y = add(x, @w)
            }
            """);
        MemorySegment weight = forgotten(file.randomWeights(1, 1).write(folder.resolve("model.rondo")));
        for (int i = 0; i < 100 && weight.scope().isAlive(); i++) {
            System.gc();
            Thread.sleep(50);
        }
        assertFalse(weight.scope().isAlive(), "the file of a forgotten model is still mapped");
    }

    private static MemorySegment forgotten(Path path) throws Exception {
        Model model = Model.open(path);
        MemorySegment weight = model.tensors().get("w").data();
        assertTrue(weight.scope().isAlive());
        return weight;
    }
}
