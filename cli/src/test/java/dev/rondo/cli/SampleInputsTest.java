package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.format.Layout;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleInputsTest {
    private static final int TABLE = 4;

    @TempDir
    Path folder;

    /** A file with the functions and a table of four rows and one column. */
    private Path file(Function... functions) throws IOException {
        var writer = new RondoFileWriter();
        for (Function function : functions) {
            writer.function(FunctionCodec.encode(function));
        }
        writer.tensor("table", Encoding.F32, new Layout.Rows(), List.of(TABLE, 1), () -> new float[TABLE]);
        Path file = folder.resolve("model.rondo");
        writer.write(file);
        return file;
    }

    private Call filled(Model model, String function, Capacity capacity) {
        Session session = model.session(capacity, Model.Kernel.PLAIN);
        Call call = session.call(function);
        SampleInputs.fill(call, session);
        assertDoesNotThrow(call::run);
        return call;
    }

    /** Looks tokens up in the table and attends to a memory with lengths, at each step. */
    private static Function attention() {
        var f = Function.builder("attend");
        Value memory = f.input("memory", ElementType.F32, "B", "S");
        Value lengths = f.input("n", ElementType.I32, "B");
        Value token = f.input("token", ElementType.I32, "B");
        Value mask = f.add(new Structure.LengthMask(memory.type().dim(1)), lengths);
        Value weights = f.add(new Aggregation.Softmax(false), memory, mask);
        f.output(f.plus(weights, f.gather(f.weight("table", TABLE, 1), token)));
        return f.build();
    }

    /** The scan of it; the sequence is not the first input, and the names of dimensions are others. */
    private static Function decode() {
        var f = Function.builder("decode");
        Value memory = f.input("memory", ElementType.F32, "R", "M");
        Value sources = f.input("source_lengths", ElementType.I32, "R");
        Value tokens = f.input("tokens", ElementType.I32, "R", "T");
        Value lengths = f.input("lengths", ElementType.I64, "R");
        Value narrow = f.add(new Elementwise.Cast(ElementType.I32), lengths);
        f.output(f.add(new Scan(attention(), List.of("token"), false, false), memory, sources, tokens, narrow));
        return f.build();
    }

    @Test
    void lengthsAndIndicesThatOnlyAScansBodyUses() throws IOException {
        try (Model model = Model.load(file(attention(), decode()))) {
            Call call = filled(model, "decode", Capacity.of("R", 2).and("M", 5).and("T", 7));
            assertArrayEquals(new long[] {5, 5}, call.input("source_lengths").toLongs());
            assertArrayEquals(new long[] {7, 7}, call.input("lengths").toLongs());
            assertArrayEquals(
                    new long[] {0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1},
                    call.input("tokens").toLongs());
            for (float x : call.input("memory").toFloats()) {
                assertTrue(x >= -1 && x < 1 && x != 0, "" + x);
            }
        }
    }

    /** The scores of tokens among three classes: both the table's four rows and the classes bound the index. */
    private static Function score() {
        var f = Function.builder("score");
        Value x = f.input("x", ElementType.F32, "B", "T-1", 3);
        Value tokens = f.input("tokens", ElementType.I64, "B", "T");
        Value flags = f.input("flags", ElementType.BOOL, "B");
        Value answers = f.slice(tokens, 1, 1, "T-1");
        f.output(f.add(new Structure.Pick(), x, answers));
        f.output(f.gather(f.weight("table", TABLE, 1), tokens));
        f.output(f.add(new Elementwise.Cast(ElementType.F32), flags));
        return f.build();
    }

    @Test
    void indicesFitTheSmallestTable() throws IOException {
        try (Model model = Model.load(file(score()))) {
            Call call = filled(model, "score", Capacity.of("B", 2).and("T", 4));
            assertArrayEquals(
                    new long[] {0, 1, 2, 0, 1, 2, 0, 1}, call.input("tokens").toLongs());
            assertArrayEquals(new long[] {1, 1}, call.input("flags").toLongs());
        }
    }

    @Test
    void manyPathsToAValueAreOneUse() throws IOException {
        var f = Function.builder("doubling");
        Value tokens = f.input("tokens", ElementType.I32, "T");
        Value all = tokens;
        for (int i = 0; i < 60; i++) {
            all = f.slice(f.concat(0, all, all), 0, 0, "T");
        }
        f.output(f.gather(f.weight("table", TABLE, 1), all));
        try (Model model = Model.load(file(f.build()))) {
            Call call = filled(model, "doubling", Capacity.of("T", 5));
            assertArrayEquals(new long[] {0, 1, 2, 3, 0}, call.input("tokens").toLongs());
        }
    }

    @Test
    void benchTakesWhatNoScanRuns() throws IOException {
        var rondo = new Fixture(folder);
        Path file = file(attention(), decode());
        int code = rondo.run(
                "bench", file, "--plain", "--seconds", "0.05", "--size", "R=2", "--size", "M=5", "--size", "T=7");
        assertEquals(Main.DONE, code, rondo.err);
        assertTrue(rondo.out.contains("decode (--function: attend)"), rondo.out);
        assertTrue(rondo.out.contains("R=2, M=5, T=7"), rondo.out);
    }
}
