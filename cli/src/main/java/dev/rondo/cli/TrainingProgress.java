package dev.rondo.cli;

import dev.rondo.train.Evaluation;
import dev.rondo.train.EvaluationReport;
import dev.rondo.train.StepReport;
import dev.rondo.train.TrainingListener;
import dev.rondo.train.TrainingSummary;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows how training goes: a bar on a terminal, and a line now and then elsewhere. */
final class TrainingProgress implements TrainingListener, AutoCloseable {
    private static final int COLUMNS = 80;
    private static final int SPEEDS = 1000;
    private static final int BAR_INTERVAL_MILLIS = 250;
    private static final long LINE_INTERVAL_NANOS = 10_000_000_000L;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintWriter err;
    private final boolean terminal;
    private final Measures measures;
    private final BooleanSupplier stop;
    private final LossCurve curve = new LossCurve();
    private final Deque<Double> speeds = new ArrayDeque<>();
    private TrainingSummary summary;
    private ProgressBar bar;
    private long lastLine;

    /**
     * Shows nothing yet.
     *
     * @param measures what losses and qualities are called
     * @param stop     asked after each step
     */
    TrainingProgress(PrintWriter err, boolean terminal, Measures measures, BooleanSupplier stop) {
        this.err = err;
        this.terminal = terminal;
        this.measures = measures;
        this.stop = stop;
    }

    LossCurve curve() {
        return curve;
    }

    /** What the run was about to do. */
    TrainingSummary summary() {
        return summary;
    }

    /** Targets a second of the middle one of the last steps. NaN without steps. */
    double medianSpeed() {
        return speeds.isEmpty() ? Double.NaN : speeds.stream().sorted().toList().get(speeds.size() / 2);
    }

    @Override
    public void started(TrainingSummary started) {
        summary = started;
        lastLine = System.nanoTime();
        line(String.format(
                Locale.ROOT,
                "training %,d parameters%s with %s kernels on %s",
                started.parameters(),
                started.frozen() == 0 ? "" : String.format(Locale.ROOT, " (%,d more are frozen)", started.frozen()),
                started.kernels(),
                started.threads() == 1 ? "1 thread" : started.threads() + " threads"));
        line(String.format(
                Locale.ROOT,
                "%,d steps%s of %,d %ss, %,d in an epoch",
                started.steps(),
                started.firstStep() == 0
                        ? ""
                        : String.format(Locale.ROOT, ", %,d of them done before,", started.firstStep()),
                started.targetsPerStep(),
                measures.unit(),
                started.stepsPerEpoch()));
        if (terminal) {
            bar = new ProgressBarBuilder()
                    .setTaskName("train")
                    .setInitialMax(started.steps())
                    .startsFrom(started.firstStep(), Duration.ZERO)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(BAR_INTERVAL_MILLIS)
                    .setConsumer(new Line())
                    .build();
        }
    }

    @Override
    public void step(StepReport report) {
        curve.add(report);
        if (speeds.size() == SPEEDS) {
            speeds.removeFirst();
        }
        speeds.add(report.targetsPerSecond());
        if (bar != null) {
            bar.setExtraMessage(String.format(
                    Locale.ROOT, "%.3f %s, %,.0f/s", report.loss(), measures.loss(), report.targetsPerSecond()));
            bar.stepTo(report.step());
        } else if (System.nanoTime() - lastLine >= LINE_INTERVAL_NANOS) {
            line(String.format(
                    Locale.ROOT,
                    "step %d of %d: loss %.4f, learning rate %.2e, %,.0f %ss a second",
                    report.step(),
                    report.steps(),
                    report.loss(),
                    report.learningRate(),
                    report.targetsPerSecond(),
                    measures.unit()));
        }
    }

    @Override
    public void evaluated(EvaluationReport report) {
        curve.add(report);
        line(String.format(
                Locale.ROOT,
                "epoch %d, step %d: training %.4f, validation %s%s%s",
                report.epoch(),
                report.step(),
                report.trainingLoss(),
                measures.lossText(report.validationLoss()),
                quality(report.validation()),
                report.isBest() ? ", best" : ""));
    }

    private String quality(Evaluation evaluation) {
        return evaluation.hasQuality() ? ", " + measures.qualityText(evaluation) : "";
    }

    @Override
    public void averaged(int count, Evaluation evaluation, boolean taken) {
        line(String.format(
                Locale.ROOT,
                "mean of the %d best: validation %.4f %s%s, %s",
                count,
                evaluation.loss(),
                measures.lossUnit(),
                quality(evaluation),
                taken ? "taken" : "no better"));
    }

    @Override
    public void restored(String reason, long step) {
        curve.goBack(step);
        line(reason + ": back to step " + step + ", the learning rate halved");
    }

    @Override
    public boolean stopRequested() {
        return stop.getAsBoolean();
    }

    /** Prints a line; the bar comes again below it. */
    void line(String text) {
        lastLine = System.nanoTime();
        err.println((bar == null ? "" : CLEAR_LINE) + text);
        err.flush();
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }

    /** The terminal's last line, written over and over. */
    private final class Line implements ProgressBarConsumer {
        @Override
        public int getMaxRenderedLength() {
            return COLUMNS - 1;
        }

        @Override
        public void accept(String text) {
            err.print(CLEAR_LINE + text);
            err.flush();
        }

        @Override
        public void close() {
            err.print(CLEAR_LINE);
            err.flush();
        }
    }
}
