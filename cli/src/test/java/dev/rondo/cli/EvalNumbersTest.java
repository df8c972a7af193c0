package dev.rondo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code rondo eval} says of networks of numbers and of made tasks what their training said of the same samples. */
class EvalNumbersTest {
    @TempDir
    Path folder;

    private Fixture rondo;
    private Path model;

    @BeforeEach
    void start() {
        rondo = new Fixture(folder);
        model = rondo.path("model.rondo");
    }

    private JsonNode json(Object... args) throws IOException {
        var all = new ArrayList<>(List.of(args));
        all.add("--json");
        assertEquals(Main.DONE, rondo.run(all.toArray()), () -> rondo.err);
        return new ObjectMapper().readTree(rondo.out);
    }

    private JsonNode train(String kind, Object... more) throws IOException {
        var args = new ArrayList<Object>(List.of("train", kind, "--out", model, "--no-curve", "--threads", 1));
        Collections.addAll(args, more);
        return json(args.toArray());
    }

    private void refuse(String part, Object... args) {
        assertEquals(Main.BAD_INPUT, rondo.run(args), () -> rondo.out);
        assertTrue(rondo.err.contains(part), rondo.err);
        assertEquals(1, rondo.err.lines().count(), rondo.err);
    }

    private Path houses(String name, int count) throws IOException {
        var csv = new StringBuilder("size,rent,age,price\n");
        for (int i = 0; i < count; i++) {
            int size = 50 + (i * 37 + name.length()) % 101;
            int age = i * 53 % 60;
            csv.append(
                    String.format(Locale.ROOT, "%d,%d,%d,%d%n", size, 7 * size - age, age, 3000 * size - 1000 * age));
        }
        return rondo.write(name, csv.toString());
    }

    @Test
    void numbersOfRowsAreJudgedInTheirOwnUnits() throws IOException {
        Path test = houses("test.csv", 37);
        JsonNode trained = train(
                "regress",
                "--data",
                houses("houses.csv", 120),
                "--test",
                test,
                "--target",
                "rent,price",
                "--network",
                "linear(8) tanh",
                "--epochs",
                5,
                "--learning-rate",
                0.02);
        JsonNode found = json("eval", model, "--data", test);
        assertEquals(37, found.get("samples").asInt());
        double root = found.get("root_mean_squared_error").asDouble();
        assertEquals(trained.get("test_root_mean_squared_error").asDouble(), root, 1e-4 * root);
        double rent = found.at("/targets/rent/root_mean_squared_error").asDouble();
        double price = found.at("/targets/price/root_mean_squared_error").asDouble();
        assertEquals(root * root, (rent * rent + price * price) / 2, 1e-6 * root * root);
        assertTrue(price < found.at("/targets/price/deviation").asDouble(), rondo.out);
        assertTrue(found.at("/targets/price/mean_absolute_error").asDouble() <= price, rondo.out);
        assertEquals(Main.DONE, rondo.run("eval", model, "--data", test, "--kernel", "plain"), () -> rondo.err);
        assertTrue(rondo.out.contains("price: "), rondo.out);
        // Other names for the same columns, which stand elsewhere.
        Path renamed = rondo.write(
                "renamed.csv", Files.readString(test).replaceFirst("size,rent,age,price", "size,hire,age,cost"));
        refuse("'rent'", "eval", model, "--data", renamed);
        assertEquals(
                root,
                json("eval", model, "--data", renamed, "--target", "hire,cost")
                        .get("root_mean_squared_error")
                        .asDouble());
        refuse("--target", "eval", model, "--data", renamed, "--target", "cost");
        refuse("--confusion", "eval", model, "--data", test, "--confusion", rondo.path("c.svg"));
        refuse("--sequences", "eval", model, "--sequences", 3);
    }

    @Test
    void aForecastIsJudgedByTheRowsThatFollow() throws IOException {
        var csv = new StringBuilder("level,day\n");
        for (int t = 0; t < 150; t++) {
            csv.append(String.format(Locale.ROOT, "%.4f,%d%n", 50 + 5 * Math.sin(t * 0.5), t % 7));
        }
        Path data = rondo.write("series.csv", csv.toString());
        Path test = rondo.write("test.csv", csv.substring(0, csv.indexOf("\n", 700) + 1));
        JsonNode trained = train(
                "regress",
                "--data",
                data,
                "--test",
                test,
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
        JsonNode found = json("eval", model, "--data", test);
        double root = found.get("root_mean_squared_error").asDouble();
        assertEquals(trained.get("test_root_mean_squared_error").asDouble(), root, 1e-4 * root);
        assertEquals(trained.get("test_samples").asInt(), found.get("samples").asInt());
        refuse("window and horizon", "eval", model, "--data", rondo.write("few.csv", "level,day\n1,2\n"));
    }

    @Test
    void classesOfRowsAreJudgedAndDrawn() throws IOException {
        var rings = new StringBuilder();
        for (int i = 0; i < 90; i++) {
            double radius = i % 3;
            rings.append(String.format(
                    Locale.ROOT, "%.3f\tring %d\t%.3f%n", radius * Math.cos(i), i % 3, radius * Math.sin(i)));
        }
        Path data = rondo.write("rings.tsv", rings.toString());
        Path test = rondo.write("test.tsv", rings.substring(0, rings.indexOf("\n", 600) + 1));
        JsonNode trained = train(
                "classify",
                "--numbers",
                "--label-column",
                2,
                "--data",
                data,
                "--test",
                test,
                "--network",
                "linear(8) relu",
                "--epochs",
                4,
                "--learning-rate",
                0.02);
        Path chart = rondo.path("confusion.svg");
        JsonNode found = json("eval", model, "--data", test, "--label-column", 2, "--confusion", chart);
        assertEquals(
                trained.get("test_accuracy").asDouble(),
                100 * found.get("accuracy").asDouble(),
                1e-9);
        assertEquals(
                trained.get("test_macro_f1").asDouble(),
                100 * found.at("/macro/f1").asDouble(),
                1e-9);
        assertEquals(
                trained.get("test_loss").asDouble(), found.get("nats_per_row").asDouble(), 1e-5);
        assertEquals(trained.get("test_samples").asInt(), found.get("rows").asInt());
        assertTrue(Files.readString(chart).contains("ring 2"));
        assertEquals(
                Main.DONE,
                rondo.run("eval", model, "--data", test, "--label-column", 2, "--columns", "1,3"),
                rondo.err);
        refuse("--text-column", "eval", model, "--data", test, "--text-column", 3);
        refuse("--confusion", "eval", model, "--data", test, "--confusion", test);
        refuse("--sequences", "eval", model, "--sequences", 3);
        refuse("needs --data", "eval", model, "--label-column", 2);
        // The column of the class is not written into the file.
        Path named = rondo.write("named.tsv", "x\tkind\ty\n" + rings);
        train("classify", "--numbers", "--label-column", "kind", "--data", named, "--epochs", 1);
        refuse("--label-column: is a name", "eval", model, "--data", named);
        assertEquals(
                90,
                json("eval", model, "--data", named, "--label-column", "kind")
                        .get("rows")
                        .asInt());
    }

    @Test
    void classesOfImagesAreJudged() throws IOException {
        for (String part : List.of("train", "test")) {
            Path images = rondo.path(part + ".idx");
            Path labels = rondo.path(part + "-labels.idx");
            assertEquals(
                    Main.DONE,
                    rondo.run(
                            "sample",
                            "digits",
                            "--count",
                            part.equals("train") ? 60 : 41,
                            "--size",
                            8,
                            "--seed",
                            part.length(),
                            "--images",
                            images,
                            "--labels",
                            labels),
                    () -> rondo.err);
        }
        Path images = rondo.path("test.idx");
        Path labels = rondo.path("test-labels.idx");
        JsonNode trained = train(
                "classify",
                "--images",
                rondo.path("train.idx"),
                "--labels",
                rondo.path("train-labels.idx"),
                "--test-images",
                images,
                "--test-labels",
                labels,
                "--epochs",
                2);
        JsonNode found = json("eval", model, "--images", images, "--labels", labels);
        assertEquals(41, found.get("images").asInt());
        assertEquals(
                trained.get("test_accuracy").asDouble(),
                100 * found.get("accuracy").asDouble(),
                1e-9);
        assertEquals(
                trained.get("test_loss").asDouble(), found.get("nats_per_image").asDouble(), 1e-5);
        refuse("are given together", "eval", model, "--images", images);
        refuse("exclude each other", "eval", model, "--images", images, "--labels", labels, "--data", images);
        Path large = rondo.path("large.idx");
        rondo.run("sample", "digits", "--count", 41, "--size", 9, "--images", large, "--labels", rondo.path("l.idx"));
        refuse("64 pixels", "eval", model, "--images", large, "--labels", rondo.path("l.idx"));
    }

    @Test
    void aMadeTaskIsJudgedBySequencesOfItsOwn() throws IOException {
        JsonNode trained = train(
                "synthetic",
                "--task",
                "copy",
                "--length",
                6,
                "--hidden",
                8,
                "--batch",
                4,
                "--batches",
                20,
                "--epochs",
                2,
                "--tests",
                50);
        JsonNode found = json("eval", model, "--sequences", 300, "--seed", 77);
        assertEquals(300, found.get("sequences").asInt());
        assertEquals(3000, found.get("answers").asInt());
        assertEquals(26, found.get("steps").asInt());
        double loss = found.get("nats_per_answer").asDouble();
        assertEquals(trained.get("validation_loss").asDouble(), loss, 0.1);
        assertNotEquals(trained.get("validation_loss").asDouble(), loss);
        assertEquals(
                loss,
                json("eval", model, "--sequences", 300, "--seed", 77)
                        .get("nats_per_answer")
                        .asDouble());
        assertNotEquals(
                loss,
                json("eval", model, "--sequences", 300, "--seed", 78)
                        .get("nats_per_answer")
                        .asDouble());
        assertEquals(Main.DONE, rondo.run("eval", model, "--sequences", 20), () -> rondo.err);
        assertTrue(rondo.out.contains("right answers"), rondo.out);
        assertFalse(rondo.out.contains("NaN"), rondo.out);
        refuse("--sequences", "eval", model, "--sequences", 0);
        refuse("--data", "eval", model, "--data", model, "--sequences", 3);
        refuse("needs --data", "eval", model);
    }
}
