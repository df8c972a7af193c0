package dev.rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What only a fresh JVM shows: results that do not depend on warmth, steps that end up without allocation, and the choice of kernels. */
class WarmUpTest {

    /**
     * A kernel that allocates for good fails. One in some JVMs only, which compile beside other programs that keep them from
     * a core, gets a second JVM: the compiler's luck is not the kernel's fault, and bench/RESULTS.md tells how often it is seen.
     */
    @Test
    void bitsStayAndAllocationEnds() throws IOException, InterruptedException {
        List<String> lines = java(WarmUp.class, "--add-modules", "jdk.incubator.vector");
        assertTrue(lines.size() > 80, () -> "kernels: " + lines);
        List<Executable> checks = new ArrayList<>();
        for (String line : lines) {
            checks.add(() -> assertTrue(line.contains(" same "), line));
        }
        assertAll(checks);
        Set<String> allocating = allocating(lines);
        if (!allocating.isEmpty()) {
            allocating.retainAll(allocating(java(WarmUp.class, "--add-modules", "jdk.incubator.vector")));
        }
        assertEquals(Set.of(), allocating, () -> "allocate for good: " + lines);
    }

    private static Set<String> allocating(List<String> lines) {
        Set<String> names = new TreeSet<>();
        for (String line : lines) {
            if (!line.endsWith(" 0")) {
                names.add(line.substring(0, line.indexOf(' ')));
            }
        }
        return names;
    }

    @Test
    void withoutTheVectorModuleThePlainKernelsServeAndSayWhy() throws IOException, InterruptedException {
        List<String> lines = java(PrintProvider.class);
        assertEquals(1, lines.size());
        assertTrue(lines.getFirst().startsWith("plain 32 "), lines.getFirst());
        assertTrue(lines.getFirst().contains("--add-modules jdk.incubator.vector"), lines.getFirst());
    }

    @Test
    void anAskedWidthIsGivenWhereTheMachineHasIt() throws IOException, InterruptedException {
        List<String> lines =
                java(PrintProvider.class, "--add-modules", "jdk.incubator.vector", "-Drondo.vector.bits=128");
        assertTrue(lines.getFirst().startsWith("vector 128 "), lines.getFirst());
    }

    @Test
    void withoutFmaThePlainKernelsServe() throws IOException, InterruptedException {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "only x86 can be made to forget AVX2");
        List<String> lines = java(PrintProvider.class, "--add-modules", "jdk.incubator.vector", "-XX:UseAVX=1");
        assertTrue(lines.getFirst().startsWith("plain 32 "), lines.getFirst());
    }

    /** The lines that a main class prints in a JVM of its own, at the vector width of this one. */
    private static List<String> java(Class<?> main, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        String bits = System.getProperty("rondo.vector.bits");
        if (bits != null) {
            command.add("-Drondo.vector.bits=" + bits);
        }
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        Process process = new ProcessBuilder(command).start();
        List<String> lines = process.inputReader().readAllLines();
        String errors = new String(process.getErrorStream().readAllBytes());
        assertEquals(0, process.waitFor(), errors);
        return lines;
    }

    /** Prints which kernels this JVM chooses. */
    static final class PrintProvider {

        private PrintProvider() {}

        public static void main(String[] args) {
            KernelProvider provider = KernelProvider.best();
            System.out.println(provider.name() + " " + provider.bits() + " " + provider.reason());
        }
    }
}
