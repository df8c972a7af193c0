package dev.rondo.tests.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rondo.tests.session.ModelFile;
import dev.rondo.tests.session.Places;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A young JVM makes no class of its own on the way to the first step: docs/decisions/0008. */
class FirstStepTest {
    @TempDir
    Path folder;

    @Test
    void anEmbeddingACellAndAProjectionNeedNone() throws Exception {
        assertEquals(List.of(), made(Places.root().resolve("samples/models/tiny.rondo"), 95));
    }

    @Test
    void cellsThatAreFedNeedNone() throws Exception {
        Path file = ModelFile.of("""
            function step(x: f32[B,5]) -> y {
                state h: f32[B,20] <- h1
                state c: f32[B,20] <- c1
                state g: f32[B,7] <- g1
                weight u: f32[80,20]
                weight w: f32[80,5]
                weight b: f32[80]
                weight ug: f32[21,7]
                weight wg: f32[21,20]
                weight bg: f32[21]
                weight dg: f32[7]
                weight o: f32[3,7]
                h1, c1 = lstm_cell(x, h, c, @u, weight_input=@w, bias=@b)
                g1 = gru_cell(h1, g, @ug, weight_input=@wg, bias=@bg, hidden_bias=@dg, reset_after=true)
                y = linear(g1, @o)
            }
            """).randomWeights(3, 1).write(folder.resolve("cells.rondo"));
        assertEquals(List.of(), made(file, 3));
    }

    @Test
    void otherOperatorsNeedThoseOfSwitches() throws Exception {
        Path file = ModelFile.of("""
            function step(x: f32[B,T,4]) -> y {
                state past: f32[B,2,4] <- kept
                weight w: f32[6,3,4]
                weight u: f32[40,10]
                weight i: f32[40,6]
                window = concat(past, x, axis=1)
                kept = slice(window, axis=1, start=T, length=2)
                turned = transpose(window, permutation=[0,2,1])
                back = transpose(turned, permutation=[0,2,1])
                found = conv1d(back, @w)
                sequence, h, c = lstm(found, @u, weight_input=@i)
                y = reduce_max(sequence, axis=1)
            }
            """).randomWeights(3, 1).write(folder.resolve("others.rondo"));
        List<String> others = new ArrayList<>(made(file, 10));
        others.removeIf(name -> name.contains("$$TypeSwitch"));
        assertEquals(List.of(), others);
    }

    /** The classes that the JVM makes at run time for code of ours up to the end of the first step. */
    private static List<String> made(Path model, int outputs) throws Exception {
        Fork fork = Fork.of(FirstStepProgram.class, List.of("-Xlog:class+load"), model.toString());
        List<String> lines = fork.output().lines().toList();
        assertEquals(
                "" + outputs,
                lines.stream().filter(line -> !line.startsWith("[")).toList().getLast());
        return lines.stream()
                .filter(line -> line.contains(" dev.rondo.") && line.contains("/0x"))
                .map(line -> line.substring(line.indexOf("dev.rondo."), line.indexOf(" source:")))
                .toList();
    }
}
