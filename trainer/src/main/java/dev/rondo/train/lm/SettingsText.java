package dev.rondo.train.lm;

import dev.rondo.architecture.Cell;
import dev.rondo.architecture.Dropout;
import dev.rondo.error.FormatException;
import dev.rondo.format.Encoding;
import dev.rondo.format.Segmentation;
import dev.rondo.graph.Activation;
import dev.rondo.train.Clipping;
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

/** Settings as texts, for checkpoints and for what a model says about itself. */
final class SettingsText {
    private static final String KEY = "settings.";

    private final Map<String, String> entries;

    private SettingsText(Map<String, String> entries) {
        this.entries = entries;
    }

    /** All but the number of threads, which changes nothing. */
    static Map<String, String> write(LanguageModelSettings s) {
        var text = new LinkedHashMap<String, String>();
        TrainingSettings t = s.training();
        text.put("unit", s.unit().name().toLowerCase(Locale.ROOT));
        text.put("vocabulary_size", "" + s.vocabularySize());
        text.put("min_count", "" + s.minCount());
        text.put("validation_share", "" + s.validationShare());
        text.put("cell", cell(s.cell()));
        text.put("embedding_size", "" + s.embeddingSize());
        text.put("hidden_size", "" + s.hiddenSize());
        text.put("num_layers", "" + s.numLayers());
        text.put("tied", "" + s.tied());
        text.put(
                "dropout",
                call(
                        "dropout",
                        s.dropout().input(),
                        s.dropout().between(),
                        s.dropout().output()));
        text.put(
                "initialisation",
                s.initialisation().map(SettingsText::initialisation).orElse("default()"));
        text.put("forget_bias", "" + s.forgetBias());
        text.put("initial_state_deviation", "" + s.initialStateDeviation());
        text.put("batch_size", "" + s.batchSize());
        text.put("steps", "" + s.steps());
        text.put("encoding", s.encoding().text());
        text.put("optimizer", optimizer(t.optimizer()));
        text.put("learning_rate", "" + t.learningRate().peak());
        text.put("warm_up", "" + t.learningRate().warmUp());
        text.put("schedule", schedule(t.learningRate().schedule()));
        text.put("penalty", call("elastic", t.penalty().l1(), t.penalty().l2()));
        text.put("clipping", clipping(t.clipping()));
        text.put("epochs", "" + t.epochs());
        text.put("max_steps", "" + t.maxSteps());
        text.put("evaluate_every", "" + t.evaluateEvery());
        text.put("patience", "" + t.patience());
        text.put("frozen", String.join(" ", t.frozen()));
        text.put("shards", "" + t.shards());
        text.put("seed", "" + t.seed());
        var keyed = new LinkedHashMap<String, String>();
        text.forEach((key, value) -> keyed.put(KEY + key, value));
        return keyed;
    }

    private static String call(String name, double... arguments) {
        return name + "("
                + String.join(
                        ",", Arrays.stream(arguments).mapToObj(Double::toString).toList()) + ")";
    }

    private static String cell(Cell cell) {
        return switch (cell) {
            case Cell.Elman(Activation activation) -> "elman " + activation.text();
            case Cell.Lstm() -> "lstm";
            case Cell.Gru(boolean resetAfter) -> resetAfter ? "gru reset_after" : "gru reset_before";
        };
    }

    private static String initialisation(Initialisation initialisation) {
        return switch (initialisation) {
            case Initialisation.Constant(double value) -> call("constant", value);
            case Initialisation.Uniform(double limit) -> call("uniform", limit);
            case Initialisation.Normal(double deviation) -> call("normal", deviation);
            case Initialisation.Xavier() -> call("xavier");
            case Initialisation.He() -> call("he");
            case Initialisation.Orthogonal() -> call("orthogonal");
        };
    }

    private static String optimizer(Optimizer optimizer) {
        return switch (optimizer) {
            case Optimizer.Sgd(double momentum, boolean nesterov) -> call(nesterov ? "nesterov" : "sgd", momentum);
            case Optimizer.Adam(double b1, double b2, double e) -> call("adam", b1, b2, e);
            case Optimizer.AdamW(double b1, double b2, double e, double decay) -> call("adamw", b1, b2, e, decay);
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

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws FormatException when something is missing or wrong
     */
    static LanguageModelSettings read(Map<String, String> entries, int threads) {
        var text = new SettingsText(entries);
        try {
            return text.settings(threads);
        } catch (IllegalArgumentException | IndexOutOfBoundsException wrong) {
            throw text.wrong("settings", String.valueOf(wrong.getMessage()));
        }
    }

    private LanguageModelSettings settings(int threads) {
        String frozen = text("frozen");
        var training = new TrainingSettings(
                optimizer(),
                new LearningRate(number("learning_rate"), Long.parseLong(text("warm_up")), schedule()),
                new Penalty(arguments("penalty")[0], arguments("penalty")[1]),
                clipping(),
                integer("epochs"),
                Long.parseLong(text("max_steps")),
                Long.parseLong(text("evaluate_every")),
                integer("patience"),
                frozen.isEmpty() ? List.of() : List.of(frozen.split(" ")),
                integer("shards"),
                threads,
                Long.parseLong(text("seed")));
        double[] dropout = arguments("dropout");
        return new LanguageModelSettings(
                Segmentation.valueOf(text("unit").toUpperCase(Locale.ROOT)),
                integer("vocabulary_size"),
                integer("min_count"),
                number("validation_share"),
                cell(),
                integer("embedding_size"),
                integer("hidden_size"),
                integer("num_layers"),
                Boolean.parseBoolean(text("tied")),
                new Dropout(dropout[0], dropout[1], dropout[2]),
                initialisation(),
                number("forget_bias"),
                number("initial_state_deviation"),
                integer("batch_size"),
                integer("steps"),
                Encoding.parse(text("encoding")),
                training);
    }

    private Cell cell() {
        String[] words = text("cell").split(" ", 2);
        return switch (words[0]) {
            case "elman" -> new Cell.Elman(Activation.parse(words[1]).orElseThrow(() -> wrong("cell", words[1])));
            case "lstm" -> new Cell.Lstm();
            case "gru" -> new Cell.Gru(words[1].equals("reset_after"));
            default -> throw wrong("cell", words[0]);
        };
    }

    private Optional<Initialisation> initialisation() {
        double[] a = arguments("initialisation");
        return switch (name("initialisation")) {
            case "default" -> Optional.empty();
            case "constant" -> Optional.of(new Initialisation.Constant(a[0]));
            case "uniform" -> Optional.of(new Initialisation.Uniform(a[0]));
            case "normal" -> Optional.of(new Initialisation.Normal(a[0]));
            case "xavier" -> Optional.of(new Initialisation.Xavier());
            case "he" -> Optional.of(new Initialisation.He());
            case "orthogonal" -> Optional.of(new Initialisation.Orthogonal());
            default -> throw wrong("initialisation", name("initialisation"));
        };
    }

    private Optimizer optimizer() {
        double[] a = arguments("optimizer");
        return switch (name("optimizer")) {
            case "sgd" -> new Optimizer.Sgd(a[0], false);
            case "nesterov" -> new Optimizer.Sgd(a[0], true);
            case "adam" -> new Optimizer.Adam(a[0], a[1], a[2]);
            case "adamw" -> new Optimizer.AdamW(a[0], a[1], a[2], a[3]);
            default -> throw wrong("optimizer", name("optimizer"));
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

    private double[] arguments(String key) {
        String inner = text(key).replaceFirst("^[^(]*\\(", "").replaceFirst("\\)$", "");
        return inner.isEmpty()
                ? new double[0]
                : Arrays.stream(inner.split(","))
                        .mapToDouble(Double::parseDouble)
                        .toArray();
    }

    private int integer(String key) {
        return Integer.parseInt(text(key));
    }

    private double number(String key) {
        return Double.parseDouble(text(key));
    }

    private String text(String key) {
        String value = entries.get(KEY + key);
        if (value == null) {
            throw wrong(key, "nothing");
        }
        return value;
    }

    private FormatException wrong(String key, String got) {
        return new FormatException(
                "checkpoint, setting " + key,
                "is one that training of language models writes",
                got,
                "use the checkpoint of a language model's training");
    }
}
