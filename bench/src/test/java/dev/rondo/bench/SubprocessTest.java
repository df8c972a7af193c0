package dev.rondo.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The peers that are no Java compute what they are timed for. Skipped without a C compiler, without PyTorch. */
class SubprocessTest {
    @TempDir
    private static Path folder;

    private static boolean compiled;

    @BeforeAll
    static void compile() {
        compiled = succeeds(
                "gcc",
                "-std=c11",
                "-O3",
                "-march=native",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-o",
                program().toString(),
                "src/main/c/lstm.c",
                "-lm");
    }

    private static Path program() {
        return folder.resolve("lstm-c");
    }

    private static PeerProgram c() {
        assumeTrue(compiled, "no gcc, or a processor without AVX2");
        return new PeerProgram("lstm-c", List.of(program().toString()));
    }

    private static PeerProgram torch() {
        assumeTrue(succeeds("python3", "-c", "import torch"), "python3 has no PyTorch");
        return new PeerProgram("cells.py", List.of("python3", "src/main/scripts/cells.py"));
    }

    private static boolean succeeds(String... command) {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lstm-5x20", "lstm-1x40", "lstm-64x64", "lstm-7x16"})
    void intrinsicsAgree(String cell) {
        check(c(), Cell.parse(cell), Contender.C);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lstm-5x20", "gru-5x20", "elman-5x20"})
    void pyTorchAgrees(String cell) {
        check(torch(), Cell.parse(cell), Contender.TORCH);
    }

    private static void check(PeerProgram program, Cell cell, Contender contender) {
        CellWeights weights = CellWeights.random(cell, Work.SEED);
        try (Subprocess peer = Subprocess.open(program, weights, cell.inputs())) {
            float[] first = peer.outputs(70); // more than there are inputs: they come again
            assertTrue(peer.run(3) > 0);
            assertTrue(Agreement.check(cell, contender, peer) < contender.tolerance());
            assertArrayEquals(first, peer.outputs(70));
        }
    }

    @Test
    void aPeerSaysWhatItCannotDo() {
        Cell gru = Cell.parse("gru-5x20");
        CellWeights weights = CellWeights.random(gru, Work.SEED);
        PeerProgram program = c();
        var error = assertThrows(IllegalStateException.class, () -> Subprocess.open(program, weights, gru.inputs()));
        assertEquals("lstm-c, gru-5x20: an LSTM alone", error.getMessage());
    }

    @Test
    void aPeerThatEndsIsNamed() {
        Cell cell = Cell.parse("lstm-5x20");
        var ended = new PeerProgram("ended", List.of("true"));
        var error = assertThrows(
                IllegalStateException.class,
                () -> Subprocess.open(ended, CellWeights.random(cell, Work.SEED), cell.inputs()));
        assertTrue(error.getMessage().startsWith("ended: answers 'prepare lstm 5 20 64 "), error.getMessage());
    }
}
