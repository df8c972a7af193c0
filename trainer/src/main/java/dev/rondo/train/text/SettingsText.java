package dev.rondo.train.text;

import dev.rondo.architecture.Cell;
import dev.rondo.error.FormatException;
import dev.rondo.graph.Activation;
import dev.rondo.train.Clipping;
import dev.rondo.train.GradientNoise;
import dev.rondo.train.GradientRules;
import dev.rondo.train.Initialisation;
import dev.rondo.train.LearningRate;
import dev.rondo.train.Optimizer;
import dev.rondo.train.Penalty;
import dev.rondo.train.Schedule;
import dev.rondo.train.TrainingSettings;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Settings as texts, for checkpoints and for what a model says about itself: what every kind of training has of them. */
public final class SettingsText {
    private static final String KEY = "settings.";

    private final Map<String, String> entries;
    private final String kind;

    /**
     * Reads what was written.
     *
     * @param kind of model, for messages
     */
    public SettingsText(Map<String, String> entries, String kind) {
        this.entries = entries;
        this.kind = kind;
    }

    /** The entries under the keys of settings. */
    public static Map<String, String> keyed(Map<String, String> text) {
        var keyed = new LinkedHashMap<String, String>();
        text.forEach((key, value) -> keyed.put(KEY + key, value));
        return keyed;
    }

    /** Adds all but the number of threads, which changes nothing. */
    public static void put(Map<String, String> text, TrainingSettings t) {
        text.put("optimizer", optimizer(t.optimizer()));
        text.put("learning_rate", "" + t.learningRate().peak());
        text.put("warm_up", "" + t.learningRate().warmUp());
        text.put("schedule", schedule(t.learningRate().schedule()));
        GradientRules rules = t.gradient();
        text.put(
                "penalty", call("elastic", rules.penalty().l1(), rules.penalty().l2()));
        text.put("clipping", clipping(rules.clipping()));
        text.put("noise", call("normal", rules.noise().eta(), rules.noise().gamma()));
        text.put("spared", String.join(" ", rules.spared()));
        text.put("epochs", "" + t.epochs());
        text.put("max_steps", "" + t.maxSteps());
        text.put("evaluate_every", "" + t.evaluateEvery());
        text.put("patience", "" + t.patience());
        text.put("average", "" + t.average());
        text.put("frozen", String.join(" ", t.frozen()));
        text.put("shards", "" + t.shards());
        text.put("seed", "" + t.seed());
    }

    /** {@code name(1.0,2.0)}. */
    public static String call(String name, double... arguments) {
        return name + "("
                + String.join(
                        ",", Arrays.stream(arguments).mapToObj(Double::toString).toList()) + ")";
    }

    /** A constant's name. */
    public static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    public static String cell(Cell cell) {
        return switch (cell) {
            case Cell.Elman(Activation activation) -> "elman " + activation.text();
            case Cell.Lstm() -> "lstm";
            case Cell.Gru(boolean resetAfter) -> resetAfter ? "gru reset_after" : "gru reset_before";
        };
    }

    public static String initialisation(Optional<Initialisation> initialisation) {
        return initialisation
                .map(i -> switch (i) {
                    case Initialisation.Constant(double value) -> call("constant", value);
                    case Initialisation.Uniform(double limit) -> call("uniform", limit);
                    case Initialisation.Normal(double deviation) -> call("normal", deviation);
                    case Initialisation.Xavier() -> call("xavier");
                    case Initialisation.He() -> call("he");
                    case Initialisation.Orthogonal() -> call("orthogonal");
                })
                .orElse("default()");
    }

    private static String optimizer(Optimizer optimizer) {
        return switch (optimizer) {
            case Optimizer.Sgd(double momentum, boolean nesterov) -> call(nesterov ? "nesterov" : "sgd", momentum);
            case Optimizer.Adam(double b1, double b2, double e) -> call("adam", b1, b2, e);
            case Optimizer.AdamW(double b1, double b2, double e, double decay) -> call("adamw", b1, b2, e, decay);
            case Optimizer.AdaGrad(double e) -> call("adagrad", e);
            case Optimizer.RmsProp(double alpha, double e, double momentum) -> call("rmsprop", alpha, e, momentum);
            case Optimizer.Decayed(Optimizer inner, double decay) -> call("decayed", decay) + " " + optimizer(inner);
        };
    }

    private static String schedule(Schedule schedule) {
        return switch (schedule) {
            case Schedule.Constant() -> call("constant");
            case Schedule.Step(int every, double factor) -> call("step", every, factor);
            case Schedule.Exponential(double factor) -> call("exponential", factor);
            case Schedule.Cosine(double floor) -> call("cosine", floor);
            case Schedule.Plateau(double factor, int patience) -> call("plateau", factor, patience);
        };
    }

    private static String clipping(Clipping clipping) {
        return switch (clipping) {
            case Clipping.None() -> call("none");
            case Clipping.GlobalNorm(double threshold) -> call("norm", threshold);
            case Clipping.ByValue(double threshold) -> call("value", threshold);
        };
    }

    /** What {@link #put} wrote. */
    public TrainingSettings training(int threads) {
        double[] penalty = arguments("penalty");
        double[] noise = arguments("noise");
        var rules = new GradientRules(
                new Penalty(penalty[0], penalty[1]),
                clipping(),
                new GradientNoise(noise[0], noise[1]),
                words("spared"));
        return new TrainingSettings(
                optimizer(),
                new LearningRate(number("learning_rate"), Long.parseLong(text("warm_up")), schedule()),
                rules,
                integer("epochs"),
                Long.parseLong(text("max_steps")),
                Long.parseLong(text("evaluate_every")),
                integer("patience"),
                integer("average"),
                words("frozen"),
                integer("shards"),
                threads,
                Long.parseLong(text("seed")));
    }

    public Cell cell(String key) {
        String[] words = text(key).split(" ", 2);
        return switch (words[0]) {
            case "elman" -> new Cell.Elman(Activation.parse(words[1]).orElseThrow(() -> wrong(key, words[1])));
            case "lstm" -> new Cell.Lstm();
            case "gru" -> new Cell.Gru(words[1].equals("reset_after"));
            default -> throw wrong(key, words[0]);
        };
    }

    /** Empty for the default. */
    public Optional<Initialisation> initialisation(String key) {
        double[] a = arguments(key);
        return switch (name(key)) {
            case "default" -> Optional.empty();
            case "constant" -> Optional.of(new Initialisation.Constant(a[0]));
            case "uniform" -> Optional.of(new Initialisation.Uniform(a[0]));
            case "normal" -> Optional.of(new Initialisation.Normal(a[0]));
            case "xavier" -> Optional.of(new Initialisation.Xavier());
            case "he" -> Optional.of(new Initialisation.He());
            case "orthogonal" -> Optional.of(new Initialisation.Orthogonal());
            default -> throw wrong(key, name(key));
        };
    }

    private List<String> words(String key) {
        String text = text(key);
        return text.isEmpty() ? List.of() : List.of(text.split(" "));
    }

    private Optimizer optimizer() {
        String[] calls = text("optimizer").split(" ", 2);
        return calls.length == 1
                ? optimizer(calls[0])
                : new Optimizer.Decayed(optimizer(calls[1]), numbers(calls[0])[0]);
    }

    private Optimizer optimizer(String call) {
        double[] a = numbers(call);
        String name = call.replaceFirst("\\(.*", "");
        return switch (name) {
            case "sgd" -> new Optimizer.Sgd(a[0], false);
            case "nesterov" -> new Optimizer.Sgd(a[0], true);
            case "adam" -> new Optimizer.Adam(a[0], a[1], a[2]);
            case "adamw" -> new Optimizer.AdamW(a[0], a[1], a[2], a[3]);
            case "adagrad" -> new Optimizer.AdaGrad(a[0]);
            case "rmsprop" -> new Optimizer.RmsProp(a[0], a[1], a[2]);
            default -> throw wrong("optimizer", name);
        };
    }

    private Schedule schedule() {
        double[] a = arguments("schedule");
        return switch (name("schedule")) {
            case "constant" -> new Schedule.Constant();
            case "step" -> new Schedule.Step((int) a[0], a[1]);
            case "exponential" -> new Schedule.Exponential(a[0]);
            case "cosine" -> new Schedule.Cosine(a[0]);
            case "plateau" -> new Schedule.Plateau(a[0], (int) a[1]);
            default -> throw wrong("schedule", name("schedule"));
        };
    }

    private Clipping clipping() {
        double[] a = arguments("clipping");
        return switch (name("clipping")) {
            case "none" -> new Clipping.None();
            case "norm" -> new Clipping.GlobalNorm(a[0]);
            case "value" -> new Clipping.ByValue(a[0]);
            default -> throw wrong("clipping", name("clipping"));
        };
    }

    private String name(String key) {
        return text(key).replaceFirst("\\(.*", "");
    }

    /** The numbers of a {@link #call}. */
    public double[] arguments(String key) {
        return numbers(text(key));
    }

    private static double[] numbers(String call) {
        String inner = call.replaceFirst("^[^(]*\\(", "").replaceFirst("\\)$", "");
        return inner.isEmpty()
                ? new double[0]
                : Arrays.stream(inner.split(","))
                        .mapToDouble(Double::parseDouble)
                        .toArray();
    }

    public int integer(String key) {
        return Integer.parseInt(text(key));
    }

    public double number(String key) {
        return Double.parseDouble(text(key));
    }

    public boolean flag(String key) {
        return switch (text(key)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong(key, text(key));
        };
    }

    /** A constant. */
    public <E extends Enum<E>> E constant(String key, Class<E> type) {
        return Enum.valueOf(type, text(key).toUpperCase(Locale.ROOT));
    }

    /** @throws FormatException when it is missing */
    public String text(String key) {
        String value = entries.get(KEY + key);
        if (value == null) {
            throw wrong(key, "nothing");
        }
        return value;
    }

    /** The error for a setting that nobody wrote. */
    public FormatException wrong(String key, String got) {
        return new FormatException(
                "checkpoint, setting " + key,
                "is one that training of a " + kind + " writes",
                got,
                "use the checkpoint of a " + kind + "'s training");
    }
}
