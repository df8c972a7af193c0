package dev.rondo.cli;

import dev.rondo.cli.chart.Axis;
import dev.rondo.cli.chart.LineChart;
import dev.rondo.cli.chart.Series;
import dev.rondo.cli.chart.Series.Point;
import dev.rondo.train.EvaluationReport;
import dev.rondo.train.StepReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How losses and learning rate went: means over as many steps as keep the number of points small. */
final class LossCurve {
    private static final int MAX_POINTS = 1000;

    /** Some steps in a row. */
    private record Group(long last, int steps, double lossSum, double rate) {
        Group and(Group next) {
            return new Group(next.last, steps + next.steps, lossSum + next.lossSum, next.rate);
        }
    }

    private final List<Group> groups = new ArrayList<>();
    private final List<EvaluationReport> evaluations = new ArrayList<>();
    private int groupSize = 1;

    void add(StepReport report) {
        var one = new Group(report.step(), 1, report.loss(), report.learningRate());
        if (!groups.isEmpty() && groups.getLast().steps < groupSize) {
            groups.set(groups.size() - 1, groups.getLast().and(one));
            return;
        }
        if (groups.size() == MAX_POINTS) {
            for (int i = 0; i < MAX_POINTS / 2; i++) {
                groups.set(i, groups.get(2 * i).and(groups.get(2 * i + 1)));
            }
            groups.subList(MAX_POINTS / 2, MAX_POINTS).clear();
            groupSize *= 2;
        }
        groups.add(one);
    }

    void add(EvaluationReport report) {
        evaluations.add(report);
    }

    /** The run went back: what came after the step did not happen. */
    void goBack(long step) {
        groups.removeIf(g -> g.last > step);
        evaluations.removeIf(e -> e.step() > step);
    }

    /** The chart; where there is a quality, it takes the place of the learning rate. */
    LineChart chart(String title, Measures measures) {
        boolean quality = evaluations.stream().anyMatch(e -> e.validation().hasQuality());
        Series right = quality
                ? Series.marks(
                        measures.quality(),
                        evaluations.stream()
                                .map(e -> new Point(e.step(), e.validation().quality()))
                                .toList())
                : Series.line(
                        "learning rate",
                        groups.stream().map(g -> new Point(g.last, g.rate)).toList());
        return new LineChart(
                title,
                Axis.linear("steps"),
                Axis.linear("loss, " + measures.lossUnit()),
                Optional.of(Axis.linear(quality ? measures.quality() : "learning rate")),
                List.of(
                        Series.line(
                                groupSize == 1 ? "training" : "training, mean of " + groupSize + " steps",
                                groups.stream()
                                        .map(g -> new Point(g.last, g.lossSum / g.steps))
                                        .toList()),
                        Series.marks(
                                "validation",
                                evaluations.stream()
                                        .map(e -> new Point(e.step(), e.validationLoss()))
                                        .toList()),
                        right.onRightAxis()));
    }
}
