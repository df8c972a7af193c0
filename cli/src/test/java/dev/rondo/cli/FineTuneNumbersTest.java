package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rondo.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks of numbers that begin as another one: with its parameters, and with the scaling that these mean. */
class FineTuneNumbersTest {
    @TempDir
    Path folder;

    private Fixture rondo;
    private Path first;
    private Path second;

    @BeforeEach
    void start() {
        rondo = new Fixture(folder);
        first = rondo.path("first.rondo");
        second = rondo.path("second.rondo");
    }

    private JsonNode json(Object... args) throws IOException {
        var all = new ArrayList<>(List.of(args));
        all.add("--json");
        assertEquals(Main.DONE, rondo.run(all.toArray()), () -> rondo.err);
        return new ObjectMapper().readTree(rondo.out);
    }

    private JsonNode train(String kind, Path out, Object... more) throws IOException {
        var args = new ArrayList<Object>(List.of("train", kind, "--out", out, "--no-curve", "--threads", 1));
        args.addAll(List.of("--schedule", "constant"));
        if (!List.of(more).contains("--learning-rate")) {
            args.addAll(List.of("--learning-rate", 0.01));
        }
        Collections.addAll(args, more);
        return json(args.toArray());
    }

    private float[] tensor(Path file, String name) throws IOException {
        try (Model opened = Model.load(file)) {
            return opened.tensors().get(name).toFloats();
        }
    }

    private Path houses(String name, double factor, String target) throws IOException {
        var csv = new StringBuilder("size,age," + target + "\n");
        for (int i = 0; i < 120; i++) {
            int size = 50 + i * 37 % 101;
            int age = i * 53 % 60;
            csv.append(String.format(Locale.ROOT, "%d,%d,%.0f%n", size, age, factor * (3000 * size - 1000 * age)));
        }
        return rondo.write(name, csv.toString());
    }

    @Test
    void numbersAreScaledAsTheModelDoes() throws IOException {
        Path old = houses("old.csv", 1, "price");
        Path dearer = houses("dearer.csv", 1.05, "price");
        train("regress", first, "--data", old, "--target", "price", "--network", "linear(16) tanh", "--epochs", 40);
        double before = json("eval", first, "--data", dearer)
                .get("root_mean_squared_error")
                .asDouble();
        // A rate of nearly nothing: what the model was is what it is, in the new data's units.
        Object[] still = {"--data", dearer, "--target", "price", "--from", first, "--learning-rate", 1e-12};
        train("regress", second, still);
        double same = json("eval", second, "--data", dearer)
                .get("root_mean_squared_error")
                .asDouble();
        assertEquals(before, same, 1e-3 * before);
        for (String name : List.of("input.scale", "input.shift", "output.scale", "output.shift")) {
            assertArrayEquals(
                    tensor(first, name), tensor(second, name), 1e-6f * Math.abs(tensor(first, name)[0]), name);
        }
        // And with a rate it learns.
        train("regress", second, "--data", dearer, "--target", "price", "--from", first, "--epochs", 20);
        double after = json("eval", second, "--data", dearer)
                .get("root_mean_squared_error")
                .asDouble();
        assertTrue(after < 0.8 * before, before + " and then " + after);
    }

    @Test
    void whatGivesOtherNumbersBeginsAnew() throws IOException {
        train(
                "regress",
                first,
                "--data",
                houses("a.csv", 1, "price"),
                "--target",
                "price",
                "--network",
                "linear(5) tanh",
                "--epochs",
                2);
        Path other = houses("b.csv", 0.01, "rent");
        train(
                "regress",
                second,
                "--data",
                other,
                "--target",
                "rent",
                "--from",
                first,
                "--epochs",
                2,
                "--freeze",
                "layer0.*");
        String weight = "layer0.weight";
        assertArrayEquals(tensor(first, weight), tensor(second, weight));
        assertFalse(Arrays.equals(tensor(first, "output.weight"), tensor(second, "output.weight")));
        assertTrue(tensor(second, "output.scale")[0] < 0.1 * tensor(first, "output.scale")[0]);
        refuse("--scale", "--data", other, "--target", "rent", "--from", first, "--scale", "unit");
        refuse("columns that are read", "--data", other, "--target", "rent", "--from", first, "--columns", "age");
        refuse("layer0.weight [", "--data", other, "--target", "rent", "--from", first, "--network", "linear(4)");
    }

    private void refuse(String part, Object... more) {
        var args = new ArrayList<Object>(List.of("train", "regress", "--out", rondo.path("none.rondo")));
        Collections.addAll(args, more);
        assertEquals(Main.BAD_INPUT, rondo.run(args.toArray()), () -> rondo.out);
        assertTrue(rondo.err.contains(part), rondo.err);
        assertEquals(1, rondo.err.lines().count(), rondo.err);
        assertFalse(Files.exists(rondo.path("none.rondo")));
    }

    @Test
    void aSeriesGoesOnWithItsWindow() throws IOException {
        var csv = new StringBuilder("level,day\n");
        for (int t = 0; t < 120; t++) {
            csv.append(String.format(Locale.ROOT, "%.4f,%d%n", 50 + 5 * Math.sin(t * 0.5), t % 7));
        }
        Path data = rondo.write("series.csv", csv.toString());
        train(
                "regress",
                first,
                "--data",
                data,
                "--target",
                "level",
                "--window",
                6,
                "--horizon",
                2,
                "--network",
                "gru(4) pool(last)",
                "--epochs",
                2);
        train("regress", second, "--data", data, "--target", "level", "--from", first, "--epochs", 1);
        assertEquals(Main.DONE, rondo.run("predict", second, "--data", data), () -> rondo.err);
        assertTrue(rondo.out.startsWith("row,level+1,level+2\n6,"), rondo.out);
    }

    @Test
    void classesOfNumbersKeepTheirScaling() throws IOException {
        var rows = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            rows.append(i % 2 == 0 ? "low" : "high")
                    .append('\t')
                    .append(i % 2 == 0 ? i : 1000 + i)
                    .append('\n');
        }
        Path data = rondo.write("a.tsv", rows.toString());
        Path other = rondo.write("b.tsv", rows.toString().replace("\t10", "\t20"));
        train("classify", first, "--numbers", "--data", data, "--network", "linear(4) relu", "--epochs", 2);
        train("classify", second, "--numbers", "--data", other, "--from", first, "--epochs", 1);
        assertArrayEquals(tensor(first, "input.scale"), tensor(second, "input.scale"), 1e-9f);
        assertArrayEquals(tensor(first, "input.shift"), tensor(second, "input.shift"), 1e-5f);
    }
}
