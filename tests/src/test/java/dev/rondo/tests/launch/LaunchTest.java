package dev.rondo.tests.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Capacity;
import dev.rondo.KernelChoice;
import dev.rondo.Model;
import dev.rondo.Session;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JVMs started as users start them. */
class LaunchTest {
    @Test
    void theClassPathWithTheModuleRunsVectorKernels() throws Exception {
        Fork fork = Fork.of(LstmProgram.class, List.of(Fork.VECTORS), "BEST");
        assertTrue(fork.output().startsWith("vector "), fork.out());
        assertEquals(List.of(), fork.complaints());
    }

    @Test
    void theClassPathWithoutItRunsPlainKernelsAndSaysSoInOneLine() throws Exception {
        Fork fork = Fork.of(LstmProgram.class, List.of(), "BEST");
        assertTrue(fork.output().startsWith("plain "), fork.out());
        assertEquals(1, fork.err().size(), () -> fork.err().toString());
        assertTrue(fork.err().getFirst().contains("--add-modules jdk.incubator.vector"), fork.err()::toString);
        // The same bits as plain kernels that were asked for.
        assertEquals(bits(fork), bits(Fork.of(LstmProgram.class, List.of(Fork.VECTORS), "PLAIN")));
    }

    private static String bits(Fork fork) {
        return fork.output().lines().toList().get(1);
    }

    /** Nothing but the interpreter, and a JVM that has compiled everything: a result does not depend on which it was, unless a session asks for that. */
    @ParameterizedTest
    @EnumSource(names = "WARMING", mode = EnumSource.Mode.EXCLUDE)
    void theFirstStepHasTheBitsOfALateOne(Model.Kernel kernel) throws Exception {
        String interpreted = bits(Fork.of(LstmProgram.class, List.of("-Xint", Fork.VECTORS), kernel.name()));
        String fresh = bits(Fork.of(LstmProgram.class, List.of(Fork.VECTORS), kernel.name()));
        assertEquals(interpreted, fresh);
        try (Model model = LstmProgram.model()) {
            Session session = model.session(Capacity.ONE, kernel);
            for (int i = 0; i < 20_000; i++) {
                session.call("step").run();
            }
            assertEquals(interpreted, LstmProgram.bits(session));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void everyWidthHoldsTheGoldenCases(int bits) throws Exception {
        int here = KernelChoice.best().bits();
        Assumptions.assumeTrue(bits <= here, "this machine has vectors of " + here + " bits");
        Fork fork = Fork.of(GoldenProgram.class, List.of(Fork.VECTORS, "-Drondo.vector.bits=" + bits));
        assertEquals("vector " + bits + " bit, 8 hold", fork.output());
    }

    @Test
    void aMachineWithoutTheWidestVectorsHoldsTheGoldenCases() throws Exception {
        Assumptions.assumeTrue(
                List.of("amd64", "x86_64").contains(System.getProperty("os.arch"))
                        && KernelChoice.best().bits() >= 256,
                "the option is one of x86 with AVX2");
        Fork fork = Fork.of(GoldenProgram.class, List.of(Fork.VECTORS, "-XX:UseAVX=2"));
        assertEquals("vector 256 bit, 8 hold", fork.output());
    }

    @Test
    void withoutTheModuleTheGoldenCasesHold() throws Exception {
        assertEquals(
                "plain 32 bit, 8 hold", Fork.of(GoldenProgram.class, List.of()).output());
    }
}
