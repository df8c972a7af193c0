package dev.rondo.cli;

import dev.rondo.error.InputException;
import dev.rondo.train.Clipping;
import dev.rondo.train.GradientNoise;
import dev.rondo.train.GradientRules;
import dev.rondo.train.LearningRate;
import dev.rondo.train.Optimizer;
import dev.rondo.train.Penalty;
import dev.rondo.train.Schedule;
import dev.rondo.train.TrainingSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** How parameters follow the gradient, and for how long. */
final class OptimisationOptions {
    @Option(
            names = "--optimizer",
            paramLabel = "KIND",
            defaultValue = "adamw",
            description = "sgd, momentum, nesterov, adagrad, rmsprop, adam or adamw (default: ${DEFAULT-VALUE}).")
    private String optimizer;

    @Option(
            names = "--learning-rate",
            paramLabel = "ETA",
            description =
                    "The largest (default: with adam, adamw and rmsprop 0.005 for stories, 0.004 for lm, 0.002 for tag"
                            + " and synthetic, 0.001 for others; 1 with sgd, 0.1 with momentum and nesterov, 0.05 with"
                            + " adagrad).")
    private Double learningRate;

    @Option(
            names = "--momentum",
            paramLabel = "MU",
            description = "Of optimizers momentum and nesterov (default: 0.9) and rmsprop (default: 0).")
    private Double momentum;

    @Option(
            names = "--weight-decay",
            paramLabel = "LAMBDA",
            description =
                    "Each step takes the learning rate times LAMBDA from every parameter, apart from the gradient "
                            + "(default: 0.1 with adamw, 0 with others; not with adam).")
    private Double weightDecay;

    @Option(
            names = "--no-decay",
            paramLabel = "PATTERN",
            description =
                    "Parameters that --weight-decay, --l1 and --l2 leave alone, such as '*bias*'; may be repeated.")
    private List<String> spared = new ArrayList<>();

    @Option(
            names = "--l1",
            paramLabel = "LAMBDA",
            defaultValue = "0",
            description = "Adds LAMBDA times the sum of all |parameters| to the loss (default: ${DEFAULT-VALUE}).")
    private double l1;

    @Option(
            names = "--l2",
            paramLabel = "LAMBDA",
            defaultValue = "0",
            description = "Adds LAMBDA times the sum of all squared parameters to the loss; both together are the "
                    + "elastic net (default: ${DEFAULT-VALUE}).")
    private double l2;

    @Option(
            names = "--schedule",
            paramLabel = "KIND",
            defaultValue = "cosine",
            description = "Of the learning rate: constant, step, exponential, cosine or plateau "
                    + "(default: ${DEFAULT-VALUE}).")
    private String schedule;

    @Option(
            names = "--schedule-factor",
            paramLabel = "X",
            description =
                    "What multiplies the rate (defaults in brackets). step: every some epochs (0.5). exponential: in"
                            + " each epoch (0.9). plateau: after no progress (0.5). cosine: what is left at the end"
                            + " (0.01).")
    private Double scheduleFactor;

    @Option(
            names = "--schedule-every",
            paramLabel = "N",
            description = "step: epochs between (default: 5). plateau: evaluations without progress (default: 2).")
    private Integer scheduleEvery;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "100",
            description = "Steps in which the learning rate rises; fewer than the run has (default: ${DEFAULT-VALUE}).")
    private long warmUp;

    @Option(
            names = "--clip-norm",
            paramLabel = "X",
            description = "The largest norm of the gradient; 0 for no clipping (default: 1).")
    private Double clipNorm;

    @Option(
            names = "--clip-value",
            paramLabel = "X",
            description = "Clip each element of the gradient to X instead (default: by norm).")
    private Double clipValue;

    @Option(
            names = "--gradient-noise",
            paramLabel = "ETA",
            defaultValue = "0",
            description = "Adds normal noise to the gradient, of variance ETA / (1 + steps done)^0.55 "
                    + "(default: ${DEFAULT-VALUE}).")
    private double gradientNoise;

    @Option(
            names = "--freeze",
            paramLabel = "PATTERN",
            description = "Parameters that stay as they begin, such as embedding or 'layer0.*', * for anything; may be"
                    + " repeated. 'rondo inspect MODEL' shows their names.")
    private List<String> freeze = new ArrayList<>();

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "17",
            description = "Passes over the data (default: ${DEFAULT-VALUE}).")
    private int epochs;

    @Option(
            names = "--max-steps",
            paramLabel = "N",
            defaultValue = "0",
            description = "End after N optimizer steps at most; 0 for no limit (default: ${DEFAULT-VALUE}).")
    private long maxSteps;

    @Option(
            names = "--evaluate-every",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Optimizer steps between evaluations; 0 for one after each epoch (default: ${DEFAULT-VALUE}).")
    private long evaluateEvery;

    @Option(
            names = "--patience",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "End after N evaluations without a better one; 0 for no limit " + "(default: ${DEFAULT-VALUE}).")
    private int patience;

    @Option(
            names = "--average",
            paramLabel = "N",
            defaultValue = "1",
            description = "In the end, try the mean of the parameters of the N best evaluations, and take it if it is "
                    + "better than the best; 1 for no mean (default: ${DEFAULT-VALUE}).")
    private int average;

    @Option(
            names = "--shards",
            paramLabel = "N",
            defaultValue = "2",
            description = "Parts of a batch that threads share; another number gives other bits "
                    + "(default: ${DEFAULT-VALUE}).")
    private int shards;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "The same seed gives the same file (default: ${DEFAULT-VALUE}).")
    private long seed;

    long seed() {
        return seed;
    }

    /** Parts of a batch. */
    int shards() {
        return shards;
    }

    /** The same with more parameters that stay as they begin. */
    TrainingSettings training(int threads, double adamRate, List<String> frozen) {
        freeze.addAll(frozen);
        return training(threads, adamRate);
    }

    /**
     * What the options say.
     *
     * @param adamRate the learning rate of Adam where none is given
     */
    TrainingSettings training(int threads, double adamRate) {
        return new TrainingSettings(
                optimizer(),
                new LearningRate(learningRate(adamRate), warmUp, schedule()),
                new GradientRules(new Penalty(l1, l2), clipping(), GradientNoise.of(gradientNoise), spared),
                epochs,
                maxSteps,
                evaluateEvery,
                patience,
                average,
                freeze,
                shards,
                threads,
                seed);
    }

    private Optimizer optimizer() {
        belongs("--momentum", momentum, optimizer, List.of("momentum", "nesterov", "rmsprop"));
        belongs(
                "--weight-decay",
                weightDecay,
                optimizer,
                List.of("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adamw"));
        Map<String, Supplier<Optimizer>> kinds = Map.of(
                "sgd", Optimizer::sgd,
                "momentum", () -> new Optimizer.Sgd(or(momentum, 0.9), false),
                "nesterov", () -> new Optimizer.Sgd(or(momentum, 0.9), true),
                "adagrad", Optimizer::adaGrad,
                "rmsprop", () -> new Optimizer.RmsProp(0.99, 1e-8, or(momentum, 0.0)),
                "adam", Optimizer::adam,
                "adamw", () -> Optimizer.adamW(or(weightDecay, 0.1)));
        Optimizer chosen = Choice.of("--optimizer", optimizer, kinds).get();
        return weightDecay == null || chosen instanceof Optimizer.AdamW
                ? chosen
                : new Optimizer.Decayed(chosen, weightDecay);
    }

    private double learningRate(double adamRate) {
        return or(
                learningRate,
                switch (optimizer) {
                    case "sgd" -> 1.0;
                    case "momentum", "nesterov" -> 0.1;
                    case "adagrad" -> 0.05;
                    default -> adamRate;
                });
    }

    private Schedule schedule() {
        belongs("--schedule-factor", scheduleFactor, schedule, List.of("step", "exponential", "plateau", "cosine"));
        belongs("--schedule-every", scheduleEvery, schedule, List.of("step", "plateau"));
        Map<String, Supplier<Schedule>> kinds = Map.of(
                "constant", Schedule.Constant::new,
                "step", () -> new Schedule.Step(or(scheduleEvery, 5), or(scheduleFactor, 0.5)),
                "exponential", () -> new Schedule.Exponential(or(scheduleFactor, 0.9)),
                "cosine", () -> new Schedule.Cosine(or(scheduleFactor, 0.01)),
                "plateau", () -> new Schedule.Plateau(or(scheduleFactor, 0.5), or(scheduleEvery, 2)));
        return Choice.of("--schedule", schedule, kinds).get();
    }

    private Clipping clipping() {
        if (clipNorm != null && clipValue != null) {
            throw new InputException(
                    "--clip-norm and --clip-value", "exclude each other", "both", "leave one of them out");
        }
        if (clipValue != null) {
            return new Clipping.ByValue(clipValue);
        }
        double norm = or(clipNorm, 1.0);
        return norm == 0 ? new Clipping.None() : new Clipping.GlobalNorm(norm);
    }

    private static <T> T or(T given, T otherwise) {
        return given == null ? otherwise : given;
    }

    /** Refuses an option that the chosen kind would not look at. */
    static void belongs(String option, Object value, String kind, List<String> kinds) {
        if (value != null && !kinds.contains(kind)) {
            throw new InputException(
                    option, "belongs to " + String.join(", ", kinds), kind, "leave it out, or choose one of those");
        }
    }
}
