package dev.rondo;

import dev.rondo.decode.Sampling;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import dev.rondo.error.StateException;
import dev.rondo.format.ElementType;
import dev.rondo.format.SpecialIds;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import dev.rondo.text.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import java.util.function.Predicate;

/**
 * A model that says how likely each token is to come next. It has the metadata {@code task=language-model}, a function
 * {@code step(token: i32[B]) -> logits: f32[B,V]} and perhaps {@code sequence(tokens: i32[B,T], lengths: i32[B]) ->
 * logits: f32[B,T,V]} over the same states, which computes the same faster.
 *
 * <pre>{@code
 * try (Model model = Model.open(path)) {
 *     LanguageModel language = LanguageModel.of(model);
 *     double perplexity = language.score("To be, or not to be").perplexity();
 *     language.generate("ROMEO:", 200, Sampling.of(seed).withTemperature(0.8), piece -> {
 *         System.out.print(piece);
 *         return true;
 *     });
 * }
 * }</pre>
 *
 * <p>A text begins after the begin token {@code <s>} where the model has one. Immutable; shared by threads. It does not
 * own the model.
 */
public final class LanguageModel {
    /** The value of the metadata key {@code task}. */
    public static final String TASK = "language-model";

    /** Steps per call of {@code sequence}: enough to share each weight between steps, small enough for the cache. */
    private static final int CHUNK = 128;

    private final Model model;
    private final Model.Kernel kernel;
    private final Optional<Tokenizer> tokenizer;
    private final int size;
    private final Optional<Function> sequence;

    private LanguageModel(Model model, Model.Kernel kernel) {
        this.model = model;
        this.kernel = kernel;
        this.size = checkStep(model.function("step"));
        this.sequence = Optional.ofNullable(model.functions().get("sequence"));
        if (sequence.isPresent()) {
            checkSequence(sequence.get(), size);
        }
        List<TextPipeline> texts = model.texts();
        this.tokenizer = texts.isEmpty() ? Optional.empty() : Optional.of(Tokenizer.of(texts.getFirst()));
        if (tokenizer.isPresent() && (texts.size() != 1 || tokenizer().size() != size)) {
            throw new FormatException(
                    "language model",
                    "has one vocabulary, with a token for each of its " + size + " logits",
                    texts.size() + " vocabularies, the first with "
                            + tokenizer().size() + " tokens",
                    "convert the model anew with its own vocabulary");
        }
    }

    /**
     * The language model that a file holds.
     *
     * @throws InputException when the model has another task
     * @throws dev.rondo.error.RondoException when its functions or its vocabulary are not those of a language model
     */
    public static LanguageModel of(Model model) {
        return of(model, Model.Kernel.BEST);
    }

    /** The same, on the kernels that the caller wants. */
    public static LanguageModel of(Model model, Model.Kernel kernel) {
        String task = model.metadata().get("task");
        if (!TASK.equals(task)) {
            throw new InputException(
                    "model",
                    "must have the task " + TASK + ", to say which token comes next",
                    task == null ? "no task" : "the task " + task,
                    "use a language model");
        }
        if (model.ngrams().isPresent() && !model.functions().containsKey("step")) {
            throw new InputException(
                    "model",
                    "must compute with a function step",
                    "n-grams",
                    "ask it through dev.rondo.ngram.NgramModel");
        }
        return new LanguageModel(model, kernel);
    }

    private static int checkStep(Function step) {
        boolean fits =
                step.inputs().size() == 1 && isTokens(step.input("token"), 1) && isLogits(step.output("logits"), 2);
        return size(step, fits, "step(token: i32[B]) -> logits: f32[B,V]");
    }

    private static void checkSequence(Function sequence, int size) {
        boolean fits = isTokens(sequence.input("tokens"), 2)
                && sequence.inputs().size() == (sequence.input("lengths").isPresent() ? 2 : 1)
                && isLogits(sequence.output("logits"), 3);
        int found = size(sequence, fits, "sequence(tokens: i32[B,T], lengths: i32[B]) -> logits: f32[B,T,V]");
        if (found != size) {
            throw new ShapeException(
                    "function sequence", "has as many logits as step, " + size, "" + found, "convert the model anew");
        }
    }

    private static boolean isTokens(Optional<Value> value, int rank) {
        if (value.isEmpty() || value.get().type().rank() != rank) {
            return false;
        }
        ValueType type = value.get().type();
        return (type.element() == ElementType.I32 || type.element() == ElementType.I64)
                && type.dim(0).equals(Dim.named("B"))
                && (rank == 1 || type.dim(1).equals(Dim.named("T")));
    }

    private static boolean isLogits(Optional<Value> value, int rank) {
        if (value.isEmpty()) {
            return false;
        }
        ValueType type = value.get().type();
        return type.rank() == rank
                && type.element() == ElementType.F32
                && type.dim(rank - 1).isFixed();
    }

    private static int size(Function function, boolean fits, String form) {
        if (!fits) {
            throw new ShapeException(
                    "function " + function.name(),
                    "of a language model has the form " + form,
                    function.inputs() + " -> " + function.outputs(),
                    "name inputs and outputs so, or set another task");
        }
        List<Dim> dims = function.output("logits").orElseThrow().type().dims();
        return (int) dims.getLast().fixed();
    }

    public Model model() {
        return model;
    }

    /** The number of tokens, V. */
    public int size() {
        return size;
    }

    /**
     * How text becomes tokens.
     *
     * @throws StateException when the file has no vocabulary: then the model takes and gives ids only
     */
    public Tokenizer tokenizer() {
        if (tokenizer.isEmpty()) {
            throw new StateException(
                    "model", "has a vocabulary", "none", "work with ids, or convert the model with its vocabulary");
        }
        return tokenizer.get();
    }

    private SpecialIds special() {
        return tokenizer.isPresent() ? tokenizer().pipeline().special() : SpecialIds.NONE;
    }

    /**
     * The log-probability of a text. The token after w_1..i is predicted by the logits of step i. With a begin token,
     * {@code P(w_1|<s>)} counts too; without one, w_1 is given and the score is that of the rest.
     *
     * @throws InputException when the vocabulary lacks something, or the text is too short to have a token to score
     */
    public Score score(String text) {
        return score(tokenizer().encode(text));
    }

    /** The same for a text of ids, without a begin token: it is put before them where the model has one. */
    public Score score(int... tokens) {
        int begin = special().begin();
        int given = begin < 0 ? 1 : 0;
        if (tokens.length <= given) {
            throw new InputException(
                    "text",
                    "has at least " + (given == 1 ? "two tokens, as the first is given" : "one token"),
                    tokens.length + " tokens",
                    "score a longer text");
        }
        int[] path = tokens;
        if (begin >= 0) {
            path = new int[tokens.length + 1];
            path[0] = begin;
            System.arraycopy(tokens, 0, path, 1, tokens.length);
        }
        var logProbs = new double[path.length - 1];
        var reader = new ScoreReader(logProbs);
        if (sequence.isPresent()) {
            scoreChunks(path, reader);
        } else {
            scoreSteps(path, reader);
        }
        return new Score(logProbs);
    }

    private static final class ScoreReader implements DoubleConsumer {
        private final double[] values;
        private int count;

        ScoreReader(double[] values) {
            this.values = values;
        }

        @Override
        public void accept(double value) {
            values[count++] = value;
        }
    }

    private void scoreSteps(int[] path, DoubleConsumer out) {
        Call step = model.session(Capacity.ONE, kernel).call("step");
        Port token = step.input("token");
        Port logits = step.output("logits");
        var values = new float[size];
        for (int i = 0; i + 1 < path.length; i++) {
            token.set(0, path[i]);
            step.run();
            logits.copyTo(values);
            out.accept(logProb(values, 0, path[i + 1]));
        }
    }

    private void scoreChunks(int[] path, DoubleConsumer out) {
        int chunk = Math.min(CHUNK, path.length - 1);
        Session session = model.session(Capacity.of("T", chunk), kernel);
        Call call = session.call("sequence");
        boolean ragged = sequence.orElseThrow().input("lengths").isPresent();
        var values = new float[chunk * size];
        for (int start = 0; start + 1 < path.length; start += chunk) {
            int steps = Math.min(chunk, path.length - 1 - start);
            session.size("T", steps);
            Port tokens = call.input("tokens");
            for (int i = 0; i < steps; i++) {
                tokens.set(i, path[start + i]);
            }
            if (ragged) {
                call.input("lengths").set(0, steps);
            }
            call.run();
            call.output("logits").copyTo(values);
            for (int i = 0; i < steps; i++) {
                out.accept(logProb(values, i * size, path[start + i + 1]));
            }
        }
    }

    /** {@code x_token - ln Σ e^{x_j}}, relative to the largest; StrictMath gives the same bits warm or cold. */
    private double logProb(float[] logits, int from, int token) {
        if (token < 0 || token >= size) {
            throw new InputException(
                    "token id", "lies between 0 and " + (size - 1), "" + token, "is it of another vocabulary?");
        }
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < size; i++) {
            max = Math.max(max, logits[from + i]);
        }
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += StrictMath.exp(logits[from + i] - max);
        }
        double result = logits[from + token] - max - StrictMath.log(sum);
        if (Double.isNaN(result)) {
            throw new InputException(
                    "logits",
                    "are numbers below infinity",
                    "NaN or infinity",
                    "the model's weights or its state hold such values: verify the model");
        }
        return result;
    }

    /** A text to be generated, on the calling thread: nothing is fed yet. */
    public TextGenerator generator(Sampling sampling) {
        return new TextGenerator(model.session(Capacity.ONE, kernel), size, sampling);
    }

    /**
     * Continues a prompt token by token. It starts at the begin token where the model has one, then reads the prompt.
     * Without both it starts after a line break, if that is in the vocabulary. It stops after {@code length} tokens, at
     * the model's end token, or when the reader has had enough. Apart from the reader, a token allocates nothing.
     *
     * @param prompt  may be empty
     * @param length  how many tokens at most
     * @param reader  gets what each token adds to the text, and says whether to go on
     * @return how many tokens the reader got
     * @throws InputException when the vocabulary lacks something of the prompt, or there is nothing to start with
     */
    public int generate(String prompt, int length, Sampling sampling, Predicate<String> reader) {
        if (length < 0) {
            throw new InputException("length", "is not negative", "" + length, "give the number of tokens");
        }
        Tokenizer text = tokenizer();
        int[] ids = text.encode(prompt);
        TextGenerator generator = generator(sampling);
        start(generator, ids);
        int end = special().end();
        boolean empty = text.decode(ids).isEmpty();
        int count = 0;
        while (count < length) {
            int id = generator.next();
            if (id == end) {
                break;
            }
            String piece = text.piece(id, empty);
            empty &= piece.isEmpty();
            count++;
            if (!reader.test(piece)) {
                break;
            }
        }
        return count;
    }

    private void start(TextGenerator generator, int[] prompt) {
        int begin = special().begin();
        if (begin >= 0) {
            generator.feed(begin);
        }
        generator.feed(prompt);
        if (begin < 0 && prompt.length == 0) {
            int line = tokenizer().pipeline().vocabulary().indexOf("\n");
            if (line < 0) {
                throw new InputException(
                        "prompt",
                        "is needed by a model without a begin token or a line break in its vocabulary",
                        "an empty one",
                        "give the first words of the text");
            }
            generator.feed(line);
        }
    }
}
