package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.format.RondoFileWriter;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.FunctionCodec;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FunctionsTest {
    @TempDir
    Path folder;

    private static Function sum() {
        FunctionBuilder f = Function.builder("sum");
        Value x = f.input("x", ElementType.F32, "B");
        Value before = f.state("total", "B");
        Value after = f.plus(before, x);
        f.next(before, after);
        f.output(after);
        return f.build();
    }

    private static Function sums(String name) {
        FunctionBuilder f = Function.builder(name);
        Value x = f.input("xs", ElementType.F32, "B", "T");
        f.output(f.add(new Scan(sum(), List.of("x"), false, false), x, Value.ABSENT, Value.ABSENT));
        return f.build();
    }

    private Model model(Function... functions) throws IOException {
        var writer = new RondoFileWriter();
        for (Function function : functions) {
            writer.function(FunctionCodec.encode(function));
        }
        writer.write(folder.resolve("model.rondo"));
        return Model.load(folder.resolve("model.rondo"));
    }

    @Test
    void whatAnotherScansIsNoChoice() throws IOException {
        try (Model model = model(sum(), sums("run"))) {
            assertEquals("run", Functions.choose(model, null).name());
            assertEquals("sum", Functions.choose(model, "sum").name());
        }
        try (Model model = model(sum(), sums("run"), sums("again"))) {
            assertThrows(InputException.class, () -> Functions.choose(model, null));
        }
    }
}
