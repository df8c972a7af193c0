package dev.rondo.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Keeps the calling thread, and what it starts, on one core by {@code taskset}, where there is one: a thread that moves leaves its
 * caches behind. Compiler and collector keep all cores.
 */
final class Core {
    private static final int ALL = Runtime.getRuntime().availableProcessors();

    private Core() {}

    /** Stays on the last core; whether that worked. */
    static boolean pin() {
        return ALL > 1 && taskset(String.valueOf(ALL - 1));
    }

    /** May run on all of them again. */
    static void unpin() {
        taskset("0-" + (ALL - 1));
    }

    private static boolean taskset(String cores) {
        try {
            String thread =
                    Path.of("/proc/thread-self").toRealPath().getFileName().toString();
            return new ProcessBuilder(List.of("taskset", "-pc", cores, thread))
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
}
