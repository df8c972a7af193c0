package dev.rondo.prediction;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Session;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.sequence.Given;
import dev.rondo.sequence.Labels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A model of numbers. It has the function {@code predict(x: f32[B,I])}, or for windows of a series
 * {@code sequence(x: f32[B,T,I] [, lengths: i32[B]])}, and gives {@code y: f32[B,n]}, or of classes {@code probs: f32[B,n]}, whose names are
 * the vocabulary of the text pipeline {@code labels}. Its metadata says what it was trained on: {@code inputs} and {@code targets},
 * names of columns with tabs between, and {@code window} and {@code horizon}, rows that are read and forecast, 0 for a row by
 * itself.
 *
 * <pre>{@code
 * try (Model model = Model.open(path)) {
 *     Predictor predictor = Predictor.of(model);
 *     float[] values = predictor.predict(new float[] {3, 80, 10});   // a number for each of inputs()
 *     System.out.println(predictor.targets() + " " + Arrays.toString(values));
 * }
 * }</pre>
 *
 * <p>Immutable; shared by threads. It does not own the model.
 */
public final class Predictor {
    /** The value of the metadata key {@code task}, of models that give numbers; those that give classes are classifiers. */
    public static final String TASK = "regressor";
    /** The function of rows. */
    public static final String PREDICT = "predict";
    /** The function of windows. */
    public static final String SEQUENCE = "sequence";
    /** What is longer is no window. */
    private static final int MAX_ROWS = 1 << 16;

    private static final int BATCH = 32;
    private static final int BATCH_ROWS = 1 << 12;

    private final Model model;
    private final Model.Kernel kernel;
    private final Function function;
    private final String output;
    private final int width;
    private final int size;
    private final List<String> inputs;
    private final List<String> targets;
    private final int window;
    private final int horizon;

    private Predictor(Model model, Model.Kernel kernel) {
        this.model = model;
        this.kernel = kernel;
        this.function = model.function(model.functions().containsKey(PREDICT) ? PREDICT : SEQUENCE);
        boolean rows = function.name().equals(PREDICT);
        Optional<Value> x = function.input("x");
        int rank = rows ? 2 : 3;
        if (x.isEmpty()
                || x.get().type().element() != ElementType.F32
                || x.get().type().rank() != rank
                || !x.get().type().dim(rank - 1).isFixed()) {
            throw wrong("reads x: " + (rows ? "f32[B,I]" : "f32[B,T,I]"), function.inputs());
        }
        this.width = (int) x.get().type().dim(rank - 1).fixed();
        this.output = function.output("probs").isPresent() ? "probs" : "y";
        Optional<Value> y = function.output(output);
        if (y.isEmpty() || y.get().type().rank() != 2 || !y.get().type().dim(1).isFixed()) {
            throw wrong("gives y: f32[B,n] or probs: f32[B,n]", function.outputs());
        }
        this.size = (int) y.get().type().dim(1).fixed();
        this.window = number("window");
        this.horizon = number("horizon");
        this.inputs = names("inputs", width, 1);
        this.targets = output.equals("probs")
                ? Labels.pipeline(model, "labels")
                        .map(TextPipeline::vocabulary)
                        .filter(names -> names.size() == size)
                        .orElseGet(() -> numbers(size))
                : names("targets", size, Math.max(1, horizon));
    }

    private ShapeException wrong(String rule, List<Value> got) {
        return new ShapeException(
                "function " + function.name(), "of a model of numbers " + rule, got.toString(), "use another model");
    }

    private int number(String key) {
        String text = model.metadata().getOrDefault(key, "0");
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > MAX_ROWS) {
            throw new FormatException("metadata " + key, "is a number of rows up to " + MAX_ROWS, text, "train anew");
        }
        return Integer.parseInt(text);
    }

    /** Names of columns; numbers where the file has none. */
    private List<String> names(String key, int count, int times) {
        String text = model.metadata().get(key);
        if (text == null || text.isEmpty()) {
            return numbers(count);
        }
        List<String> names = List.of(text.split("\t", -1));
        if ((long) names.size() * times != count) {
            throw new FormatException(
                    "metadata " + key, "names " + count / times + " columns", names.size() + "", "train anew");
        }
        return names;
    }

    private static List<String> numbers(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(Integer::toString).toList();
    }

    /** Whether a model reads numbers: its function has the input {@code x}. */
    public static boolean isIn(Model model) {
        Function function = model.functions().get(model.functions().containsKey(PREDICT) ? PREDICT : SEQUENCE);
        return function != null && function.input("x").isPresent();
    }

    /**
     * The predictor that a file holds.
     *
     * @throws dev.rondo.error.RondoException when its functions are not those of a model of numbers
     */
    public static Predictor of(Model model) {
        return of(model, Model.Kernel.BEST);
    }

    /** The same, on the kernels that the caller wants. */
    public static Predictor of(Model model, Model.Kernel kernel) {
        return new Predictor(Given.given("model", model), kernel);
    }

    /** Names of the columns of a row that is read; numbers where the file has none. */
    public List<String> inputs() {
        return inputs;
    }

    /** The numbers of a row that is read. */
    public int width() {
        return width;
    }

    /** Names of the columns that are predicted; or of the classes. */
    public List<String> targets() {
        return targets;
    }

    /** Whether the numbers that it gives are probabilities of classes. */
    public boolean classifies() {
        return output.equals("probs");
    }

    /** The rows that it reads at once; 0 for a row by itself. */
    public int window() {
        return window;
    }

    /** The rows that it forecasts; 0 for a row by itself. */
    public int horizon() {
        return horizon;
    }

    /**
     * What the model says of a row, or of a window of rows: numbers of the first row forecast, then of the next; or the probability of
     * each class.
     *
     * @throws InputException when there is no row, or one has another number of columns
     */
    public float[] predict(float[]... rows) {
        return predictAll(List.<float[][]>of(Given.given("rows", rows))).getFirst();
    }

    /**
     * The same for many samples at once, in their order.
     *
     * @param samples each the rows that are read together, all equally many
     * @throws InputException when a sample has no row, or another number of rows or columns than it should
     */
    public List<float[]> predictAll(List<float[][]> samples) {
        var found = new ArrayList<float[]>(Given.all("samples", samples).size());
        if (samples.isEmpty()) {
            return found;
        }
        boolean series = function.name().equals(SEQUENCE);
        int rows = samples.getFirst().length;
        if (rows < 1 || rows > (series ? MAX_ROWS : 1)) {
            throw new InputException(
                    "rows", series ? "are 1 to " + MAX_ROWS : "are one", "" + rows, "give as many as it reads");
        }
        // Numbers of a batch are few where rows are many.
        int batch = Math.clamp(BATCH_ROWS / rows, 1, Math.min(BATCH, samples.size()));
        Capacity capacity = Capacity.of("B", batch);
        Session session = model.session(series ? capacity.and("T", rows) : capacity, kernel);
        Call call = session.call(function.name());
        int next;
        for (int from = 0; from < samples.size(); from = next) {
            next = Math.min(samples.size(), from + batch);
            session.size("B", next - from);
            call.input("x").copyFrom(numbers(samples.subList(from, next), rows));
            if (function.input("lengths").isPresent()) {
                int[] lengths = new int[next - from];
                Arrays.fill(lengths, rows);
                call.input("lengths").copyFrom(lengths);
            }
            session.reset();
            call.run();
            float[] y = call.output(output).toFloats();
            for (int i = 0; i < next - from; i++) {
                found.add(Arrays.copyOfRange(y, i * size, (i + 1) * size));
            }
        }
        return found;
    }

    private float[] numbers(List<float[][]> samples, int rows) {
        float[] x = new float[samples.size() * rows * width];
        int at = 0;
        for (float[][] sample : samples) {
            Given.all("rows", Arrays.asList(sample));
            if (sample.length != rows) {
                throw new InputException(
                        "samples", "have equally many rows", rows + " and " + sample.length, "give them apart");
            }
            for (int t = 0; t < rows; t++) {
                if (sample[t].length != width) {
                    throw new InputException(
                            "row " + (t + 1),
                            "has " + width + " numbers",
                            "" + sample[t].length,
                            "give the columns it reads");
                }
                System.arraycopy(sample[t], 0, x, at, width);
                at += width;
            }
        }
        return x;
    }
}
