package dev.rondo.translation;

import dev.rondo.Model;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import dev.rondo.text.Tokenizer;
import java.util.List;
import java.util.Optional;

/**
 * A model that translates. It has the metadata {@code task=translation}, text pipelines {@code source} and {@code target}, and the
 * functions {@code encode(source: i32[B,S], source_lengths: i32[B])}, which leaves states, and {@code step(token: i32[B*K]) ->
 * logits: f32[B*K,V], attention: f32[B*K,S]} over them, the attention if it attends.
 *
 * <pre>{@code
 * try (Model model = Model.open(path)) {
 *     System.out.println(Translator.of(model).translate("A dog runs ."));
 * }
 * }</pre>
 *
 * <p>Sources are read without begin and end, targets begin after the target's begin token and end with its end token. Immutable;
 * shared by threads. It does not own the model.
 */
public final class Translator {
    /** The value of the metadata key {@code task}. */
    public static final String TASK = "translation";

    private final Model model;
    private final Model.Kernel kernel;
    private final Tokenizer source;
    private final Tokenizer target;
    private final Surround surround;

    private Translator(Model model, Model.Kernel kernel) {
        this.model = model;
        this.kernel = kernel;
        checkEncode(model.function("encode"));
        long size = checkStep(model.function("step"));
        this.source = Tokenizer.of(pipeline(model, "source"));
        this.target = Tokenizer.of(pipeline(model, "target"));
        this.surround = Surround.of(model, source.pipeline().special());
        TextPipeline pipeline = target.pipeline();
        if (target.size() != size
                || pipeline.special().begin() < 0
                || pipeline.special().end() < 0) {
            throw new FormatException(
                    "text pipeline 'target'",
                    "has a token for each of the model's " + size + " logits, and begin and end tokens",
                    target.size() + " tokens, " + pipeline.special(),
                    "convert the model anew with its own vocabulary");
        }
    }

    /**
     * The translator that a file holds.
     *
     * @throws InputException when the model has another task
     * @throws dev.rondo.error.RondoException when its functions or vocabularies are not those of a translator
     */
    public static Translator of(Model model) {
        return of(model, Model.Kernel.BEST);
    }

    /** The same, on the kernels that the caller wants. */
    public static Translator of(Model model, Model.Kernel kernel) {
        String task = model.metadata().get("task");
        if (!TASK.equals(task)) {
            throw new InputException(
                    "model",
                    "must have the task " + TASK,
                    task == null ? "no task" : "the task " + task,
                    "use a model that translates");
        }
        return new Translator(model, kernel);
    }

    private static void checkEncode(Function encode) {
        boolean fits = encode.inputs().size() == 2
                && is(encode.input("source"), ElementType.I32, "B", "S")
                && is(encode.input("source_lengths"), ElementType.I32, "B");
        if (!fits) {
            throw wrong(encode, "encode(source: i32[B,S], source_lengths: i32[B])");
        }
    }

    /** The number of logits; a search checks the rest. */
    private static long checkStep(Function step) {
        Optional<Value> logits = step.output("logits");
        boolean fits = step.inputs().size() == 1
                && (is(step.input("token"), ElementType.I32, "B*K") || is(step.input("token"), ElementType.I32, "B"))
                && logits.isPresent()
                && logits.get().type().rank() == 2
                && logits.get().type().dim(1).isFixed();
        if (!fits) {
            throw wrong(step, "step(token: i32[B*K]) -> logits: f32[B*K,V], perhaps attention: f32[B*K,S]");
        }
        return logits.get().type().dim(1).fixed();
    }

    private static boolean is(Optional<Value> value, ElementType element, String... dims) {
        ValueType expected =
                new ValueType(element, List.of(dims).stream().map(Dim::parse).toList());
        return value.isPresent() && value.get().type().equals(expected);
    }

    private static ShapeException wrong(Function function, String form) {
        return new ShapeException(
                "function " + function.name(),
                "of a translation model has the form " + form,
                function.inputs() + " -> " + function.outputs(),
                "name inputs and outputs so, or set another task");
    }

    private static TextPipeline pipeline(Model model, String name) {
        for (TextPipeline pipeline : model.texts()) {
            if (pipeline.name().equals(name)) {
                return pipeline;
            }
        }
        throw new FormatException(
                "translation model",
                "has text pipelines 'source' and 'target'",
                model.texts().stream().map(TextPipeline::name).toList().toString(),
                "convert the model with its vocabularies");
    }

    public Model model() {
        return model;
    }

    /** How a source becomes ids. */
    public Tokenizer source() {
        return source;
    }

    /**
     * What {@code encode} reads of a text: its ids, with the special tokens that stand around every source; none for a text
     * without tokens.
     *
     * @throws InputException when the source's vocabulary lacks something and has no unknown token
     */
    public int[] sourceIds(String text) {
        return surround.around(source.encode(text));
    }

    /** What stands around the ids of a source. */
    Surround surround() {
        return surround;
    }

    /** How a target becomes ids, and ids a target. */
    public Tokenizer target() {
        return target;
    }

    /** A place to translate in, with buffers that are made once: for many texts, on one thread. */
    public TranslationSession session(TranslationOptions options) {
        return new TranslationSession(this, model, kernel, options);
    }

    /** Translates a text with {@link TranslationOptions#DEFAULT}. */
    public Translation translate(String text) {
        return translate(List.of(text), TranslationOptions.DEFAULT).getFirst();
    }

    /** Translates texts, in their order; sentences of like length share steps. */
    public List<Translation> translate(List<String> texts, TranslationOptions options) {
        return session(options).translate(texts);
    }

    /** {@code ln P(target | source)}, the end of the target included. */
    public double score(String text, String translation) {
        return session(TranslationOptions.DEFAULT.withBatch(1))
                .score(List.of(text), List.of(translation))
                .getFirst();
    }
}
