package dev.rondo.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.rondo.error.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Opens mutated files: every one must end in a working file or in a FormatException that says where, quickly, and with no
 * more memory than the file justifies. The suite runs 5,000 mutants; any number by
 * {@code mvn -o -pl formats test -Dtest=MutationFuzzTest -Drondo.fuzz.cases=1000000 -Drondo.fuzz.seed=1}.
 */
class MutationFuzzTest {
    private static final int SUITE_CASES = 5_000;
    /**
     * Records, strings and indices take some multiple of the bytes they come from. The rest is what the JVM takes to link
     * an error message on its first use, and less than a huge count would ask for.
     */
    private static final long HEAP_PER_BYTE = 40;

    private static final long HEAP_FIXED = 1 << 20;
    /** The first cases load classes, which takes megabytes. */
    private static final int WARM_UP = 500;
    /** Not a benchmark: far above any pause, far below anything that grows with a number in the file. */
    private static final long MAX_NANOS = 2_000_000_000L;
    /** Mutants that open are written again; each of these forces the disk. */
    private static final int MAX_REWRITTEN = 200;

    @TempDir
    Path folder;

    private final ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Map<String, Long> outcomes = new TreeMap<>();
    private long worstNanos;
    private long worstBytes;
    private int rewritten;

    private interface Opening {
        RondoFile open(Path path) throws IOException;
    }

    @Test
    void everyMutantOpensOrIsRefusedByName() throws IOException {
        int cases = Integer.getInteger("rondo.fuzz.cases", SUITE_CASES);
        long seed = Long.getLong("rondo.fuzz.seed", 1);
        byte[][] good = {golden(), RawFile.valid().bytes(), NgramTableTest.file()};
        long start = System.nanoTime();
        for (int i = 0; i < cases; i++) {
            byte[] mutant = Mutation.of(good[i % good.length], seed * 0x9E3779B97F4A7C15L + i);
            Path path = Files.write(folder.resolve("mutant.rondo"), mutant);
            boolean mapped = open(RondoFile::map, path, mutant.length, i);
            boolean loaded = open(RondoFile::load, path, mutant.length, i);
            assertTrue(mapped || !loaded, "case " + i + " loads but cannot be mapped");
        }
        report(cases, seed, (System.nanoTime() - start) / 1e9);
        // Fewer would mean that the mutations no longer reach the deep checks.
        assertTrue(outcomes.size() > 40, outcomes.size() + " different outcomes");
    }

    private boolean open(Opening opening, Path path, int length, int i) throws IOException {
        long heap = memory.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        String outcome;
        try (RondoFile file = opening.open(path)) {
            measure(i, length, System.nanoTime() - start, memory.getCurrentThreadAllocatedBytes() - heap);
            use(file, i);
            outcome = "opened";
        } catch (FormatException e) {
            measure(i, length, System.nanoTime() - start, memory.getCurrentThreadAllocatedBytes() - heap);
            check(e, path, length, i);
            outcome = e.rule()
                    .replaceAll("(?<=CRC-32C must be |must not overlap ).*", "...")
                    .replaceAll("\\[.*]", "[...]")
                    .replaceAll("(?<=length must be |must fit the |header says, )-?[0-9]+", "#")
                    .replaceAll("(?<![A-Za-z])-?[0-9]{2,}(?![A-Za-z])", "#");
        } catch (RuntimeException e) {
            throw new AssertionError("case " + i + ": an exception that is not documented", e);
        }
        outcomes.merge(outcome, 1L, Long::sum);
        return outcome.equals("opened");
    }

    private static void check(FormatException error, Path path, int length, int i) {
        String message = error.getMessage();
        assertEquals(path.toString(), error.file(), () -> "case " + i + ": " + message);
        assertTrue(error.offset() >= 0 && error.offset() <= length, () -> "case " + i + ": " + message);
        assertTrue(message.length() < 3000, () -> "case " + i + ": " + message);
    }

    private void measure(int i, int length, long nanos, long allocated) {
        if (i < WARM_UP) {
            return;
        }
        worstNanos = Math.max(worstNanos, nanos);
        worstBytes = Math.max(worstBytes, allocated);
        assertTrue(nanos < MAX_NANOS, () -> "case " + i + " took " + nanos + " ns");
        assertTrue(
                allocated < HEAP_FIXED + HEAP_PER_BYTE * length,
                () -> "case " + i + " allocated " + allocated + " bytes for a file of " + length);
    }

    /** What opens must work: every value can be read, and the writer accepts what the reader accepted. */
    private void use(RondoFile file, int i) throws IOException {
        for (Tensor tensor : file.tensors().values()) {
            assertEquals(tensor.parameterCount(), tensor.toFloats().length);
        }
        for (ReferenceCase reference : file.references()) {
            for (TensorData values : reference.outputs().values()) {
                for (int k = 0; k < values.elementCount(); k++) {
                    values.value(k);
                }
            }
        }
        file.ngrams()
                .ifPresent(
                        table -> table.levels().forEach(level -> level.records().toArray(ValueLayout.JAVA_BYTE)));
        if (rewritten++ < MAX_REWRITTEN) {
            rewrite(file, i);
        }
    }

    private void rewrite(RondoFile file, int i) throws IOException {
        Path path = folder.resolve("rewritten.rondo");
        RondoFileWriter writer = new RondoFileWriter();
        file.metadata().forEach(writer::metadata);
        file.texts().forEach(writer::text);
        file.functions().forEach(writer::function);
        file.references().forEach(writer::reference);
        file.tensors().forEach((name, tensor) -> {
            if (tensor.encoding().elementType() == ElementType.F32) {
                writer.tensor(name, Encoding.F32, tensor.layout(), tensor.shape(), tensor::toFloats);
            } else {
                writer.tensor(name, new TensorData(tensor.encoding().elementType(), tensor.shape(), tensor.data()));
            }
        });
        file.ngrams().ifPresent(writer::ngrams);
        writer.write(path);
        try (RondoFile again = RondoFile.load(path)) {
            assertEquals(file.metadata(), again.metadata(), "case " + i);
            assertEquals(file.texts(), again.texts(), "case " + i);
            assertEquals(file.functions(), again.functions(), "case " + i);
            assertEquals(file.tensors().keySet(), again.tensors().keySet(), "case " + i);
            assertEquals(file.ngrams().isPresent(), again.ngrams().isPresent(), "case " + i);
            assertEquals(file.references().size(), again.references().size(), "case " + i);
        }
    }

    private void report(int cases, long seed, double seconds) {
        System.out.printf(
                "fuzz: %,d cases (seed %d), each mapped and loaded, %.0f s, %.0f cases/s%n",
                cases, seed, seconds, cases / seconds);
        System.out.printf("fuzz: worst time to open %.3f ms, worst heap %,d bytes%n", worstNanos / 1e6, worstBytes);
        if (cases > SUITE_CASES) {
            outcomes.entrySet().stream()
                    .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
                    .forEach(outcome -> System.out.printf("fuzz: %,10d  %s%n", outcome.getValue(), outcome.getKey()));
        }
    }

    private static byte[] golden() throws IOException {
        try (InputStream in = MutationFuzzTest.class.getResourceAsStream("/golden/v1.rondo")) {
            return in.readAllBytes();
        }
    }
}
