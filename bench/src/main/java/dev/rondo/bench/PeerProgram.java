package dev.rondo.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A peer that is no Java: a program that answers lines on its standard input. {@code bench/peers.sh} builds them; they are looked for from
 * the root of the repository.
 *
 * <pre>
 * prepare KIND I H N FILE   "ready", or why not. FILE holds f32, little endian: W [G*H,I], U [G*H,H], b [G*H], of a GRU d [H], then N inputs [I]
 * outputs N                 h after N steps from zero states and the first input on, with blanks between; resets before and after
 * run N                     nanoseconds of CPU time that N steps took
 * </pre>
 */
record PeerProgram(String name, List<String> command) {
    private static final Path BUILT = Path.of("bench/target/peers");
    private static final Path DJL_JARS = BUILT.resolve("djl");
    private static final Path TORCH = Path.of("bench/src/main/scripts/cells.py");
    /** The Python to ask for PyTorch. */
    static final String PYTHON = System.getProperty("python", "python3");

    private static final boolean HAS_TORCH = Files.exists(TORCH) && succeeds(List.of(PYTHON, "-c", "import torch"));

    static boolean hasTorch() {
        return HAS_TORCH;
    }

    /** The program, if it has been built or fetched; of PyTorch, if Python has it. */
    static Optional<PeerProgram> of(Contender contender) {
        return switch (contender) {
            case C -> built("lstm-c");
            case RTNEURAL -> built("lstm-rtneural");
            case TORCH ->
                HAS_TORCH
                        ? Optional.of(new PeerProgram("cells.py", List.of(PYTHON, TORCH.toString())))
                        : Optional.empty();
            case DJL -> Files.isDirectory(DJL_JARS) ? Optional.of(djl()) : Optional.empty();
            case RONDO_F32, RONDO_F16, RONDO_BF16, RONDO_INT8, ORT_F32, ORT_INT8 -> Optional.empty();
        };
    }

    private static PeerProgram djl() {
        return new PeerProgram(
                "DjlCell.java",
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dai.djl.offline=true",
                        "-Dai.djl.pytorch.num_threads=1",
                        "-DDJL_CACHE_DIR=" + BUILT.resolve("djl-cache"),
                        "-XX:+UseSerialGC",
                        "-cp",
                        DJL_JARS.resolve("*").toString(),
                        "bench/src/main/djl/DjlCell.java"));
    }

    /** What is missing, one line each. */
    static List<String> absences() {
        return List.of(Contender.C, Contender.RTNEURAL, Contender.TORCH, Contender.DJL).stream()
                .filter(contender -> of(contender).isEmpty())
                .map(contender -> "- without " + contender.text() + ": "
                        + (contender == Contender.TORCH
                                ? PYTHON + " has no PyTorch (-Dpython=...)"
                                : "bench/peers.sh has not built or fetched it"))
                .toList();
    }

    private static Optional<PeerProgram> built(String name) {
        Path program = BUILT.resolve(name);
        return Files.isExecutable(program)
                ? Optional.of(new PeerProgram(name, List.of(program.toString())))
                : Optional.empty();
    }

    private static boolean succeeds(List<String> command) {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (java.io.IOException _) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
