package dev.rondo.cli.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineChartTest {
    @TempDir
    Path folder;

    private static List<Series.Point> points(int count, java.util.function.DoubleUnaryOperator of) {
        var points = new ArrayList<Series.Point>();
        for (int i = 1; i <= count; i++) {
            points.add(new Series.Point(i, of.applyAsDouble(i)));
        }
        return points;
    }

    private static LineChart losses() {
        return new LineChart(
                "a < b & c",
                Axis.linear("steps"),
                Axis.linear("nats per character"),
                Optional.of(Axis.linear("learning rate")),
                List.of(
                        Series.line("training", points(20, i -> 1 + 3 / i)),
                        Series.marks("validation", points(4, i -> 2 + 1 / i)),
                        Series.line("rate", points(20, i -> 0.004 * i)).onRightAxis()));
    }

    @Test
    void linesHaveTheShapeOfTheirSeries() throws IOException {
        SvgFile svg = SvgFile.parse(losses().svg());
        List<SvgFile.Line> lines = svg.lines();
        assertEquals(List.of(20, 4, 20), lines.stream().map(l -> l.x().length).toList());
        for (SvgFile.Line line : lines) {
            for (int i = 1; i < line.x().length; i++) {
                double step = line.x()[1] - line.x()[0];
                assertEquals(line.x()[0] + i * step, line.x()[i], 0.01, "x is linear");
            }
        }
        // In a file y points down, so a falling loss rises; one unit is equally long in both series of an axis.
        double[] training = lines.get(0).y();
        double[] validation = lines.get(1).y();
        double unit = (training[1] - training[0]) / 1.5;
        assertTrue(unit > 0);
        for (int i = 0; i < training.length; i++) {
            assertEquals(unit * (3 - 3.0 / (i + 1)), training[i] - training[0], 0.01);
        }
        assertEquals(unit / 2, validation[1] - validation[0], 0.01);
        double[] rate = lines.get(2).y();
        assertTrue(rate[19] < rate[0]);
        assertEquals(3, lines.stream().map(SvgFile.Line::colour).distinct().count());
    }

    @Test
    void titleAxesAndLegendSayWhatIsShown() throws IOException {
        List<String> texts = SvgFile.parse(losses().svg()).texts();
        for (String text : List.of(
                "a < b & c", "steps", "nats per character", "learning rate", "training", "validation", "rate")) {
            assertTrue(texts.contains(text), () -> text + " in " + texts);
        }
    }

    @Test
    void theSameNumbersGiveTheSameBytesInEveryLanguage() throws IOException {
        Locale before = Locale.getDefault();
        String expected = losses().svg();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertEquals(expected, losses().svg());
        } finally {
            Locale.setDefault(before);
        }
        losses().write(folder.resolve("a.svg"));
        assertEquals(expected, Files.readString(folder.resolve("a.svg")));
    }

    @Test
    void whatIsNoNumberOrOutsideALogarithmIsLeftOut() throws IOException {
        var y = List.of(
                new Series.Point(1, 100),
                new Series.Point(2, Double.NaN),
                new Series.Point(3, 10),
                new Series.Point(4, 0),
                new Series.Point(5, Double.POSITIVE_INFINITY),
                new Series.Point(6, 1));
        var chart = new LineChart(
                "norms",
                Axis.linear("steps back in time"),
                Axis.logarithmic("gradient norm"),
                Optional.empty(),
                List.of(Series.line("elman", y), Series.line("nothing", List.of())));
        SvgFile svg = SvgFile.parse(chart.svg());
        double[] shown = svg.lines().getFirst().y();
        assertEquals(3, shown.length);
        assertEquals(shown[1] - shown[0], shown[2] - shown[1], 0.01, "equal factors are equally long");
        assertFalse(svg.texts().contains("nothing"));
    }

    @Test
    void aChartWithoutPointsIsAChart() throws IOException {
        var chart = new LineChart("empty", Axis.linear("steps"), Axis.linear("loss"), Optional.empty(), List.of());
        assertTrue(SvgFile.parse(chart.svg()).texts().contains("steps"));
    }

    @Test
    void aSeriesOnTheRightNeedsItsAxis() {
        List<Series> right = List.of(Series.line("rate", points(2, i -> i)).onRightAxis());
        assertThrows(
                IllegalArgumentException.class,
                () -> new LineChart("t", Axis.linear("x"), Axis.linear("y"), Optional.empty(), right));
    }

    @Test
    void whatIsCountedHasWholeNumbersBesideIt() throws IOException {
        List<Series> three = List.of(Series.line("best", points(3, i -> 100 * i)));
        var counted = new LineChart("t", Axis.counting("trial"), Axis.linear("y"), Optional.empty(), three);
        var measured = new LineChart("t", Axis.linear("trial"), Axis.linear("y"), Optional.empty(), three);
        assertFalse(SvgFile.parse(counted.svg()).texts().stream().anyMatch("1.2"::equals));
        assertTrue(SvgFile.parse(counted.svg()).texts().contains("2"));
        assertTrue(SvgFile.parse(measured.svg()).texts().contains("1.2"));
    }

    @Test
    void severalChartsStandSideBySide() throws IOException {
        var scattered = new LineChart(
                "scattered",
                Axis.linear("x"),
                Axis.linear("y"),
                Optional.empty(),
                List.of(Series.scattered("points", points(9, i -> i * i))));
        Path file = folder.resolve("charts.svg");
        LineChart.write(List.of(losses(), scattered, losses()), 2, file);
        String svg = Files.readString(file);
        assertTrue(svg.contains("viewBox=\"0 0 1800 1040\""), svg.substring(0, 400));
        assertTrue(SvgFile.parse(svg).texts().contains("scattered"));
        // The fourth place is as white as the others.
        assertTrue(Pattern.compile("<rect[^>]* width=\"1800\"").matcher(svg).find(), svg.substring(0, 800));
        // Points that nothing joins are no lines: six are those of the others.
        assertEquals(6, SvgFile.parse(svg).lines().size());
        assertThrows(IllegalArgumentException.class, () -> LineChart.write(List.of(), 2, file));
    }

    @Test
    void aLogarithmicAxisShowsSmallNumbers() throws IOException {
        var points = List.of(new Series.Point(1e-4, 1), new Series.Point(1e-3, 3), new Series.Point(1e-2, 2));
        var chart = new LineChart(
                "rates",
                Axis.logarithmic("rate"),
                Axis.linear("loss"),
                Optional.empty(),
                List.of(Series.marks("trials", points), Series.scattered("none", List.of())));
        double[] x = SvgFile.parse(chart.svg()).lines().getFirst().x();
        assertEquals(x[1] - x[0], x[2] - x[1], 0.01);
        assertTrue(x[1] - x[0] > 200, "the axis begins where the points do");
    }
}
