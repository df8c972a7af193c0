package dev.rondo.memory;

import dev.rondo.Model;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.sequence.Given;
import dev.rondo.text.Tokenizer;
import java.util.List;
import java.util.Optional;

/**
 * A model that answers questions about stories. It has the metadata {@code task=memory-network}, {@code memory.sentences} (how
 * many places its memory has) and {@code memory.order} ({@code latest-first} or {@code first-first}), a text pipeline
 * {@code words} with padding 0, and the function {@code answer(story i32[B,S,J], query i32[B,J], sentences i32[B]) -> logits
 * f32[B,V], hop_attention f32[B,K,S], ...}.
 *
 * <pre>{@code
 * try (Model model = Model.open(path)) {
 *     var story = List.of("Mary moved to the bathroom.", "John went to the hallway.");
 *     System.out.println(QuestionAnswering.of(model).answer(story, "Where is Mary?").text());
 * }
 * }</pre>
 *
 * <p>Immutable; shared by threads. It does not own the model.
 */
public final class QuestionAnswering {
    /** The value of the metadata key {@code task}. */
    public static final String TASK = "memory-network";
    /** How many places the memory has. */
    public static final String SENTENCES = "memory.sentences";
    /** Which sentence lies at place 0: {@link #LATEST_FIRST} or {@link #FIRST_FIRST}. */
    public static final String ORDER = "memory.order";

    public static final String LATEST_FIRST = "latest-first";
    public static final String FIRST_FIRST = "first-first";
    /** The text pipeline. */
    public static final String WORDS = "words";

    private static final int MAX_PLACES = 1 << 12;

    private final Model model;
    private final Model.Kernel kernel;
    private final StoryReading reading;

    private QuestionAnswering(Model model, Model.Kernel kernel) {
        this.model = model;
        this.kernel = kernel;
        Function answer = model.function("answer");
        int words = check(answer);
        this.reading = new StoryReading(Tokenizer.of(pipeline(model)), words, places(model), latestFirst(model));
        long scores = answer.output("logits").orElseThrow().type().dim(1).fixed();
        if (reading.tokenizer().size() != scores) {
            throw new FormatException(
                    "text pipeline '" + WORDS + "'",
                    "has a token for each of the model's " + scores + " scores",
                    reading.tokenizer().size() + " tokens",
                    "write the model anew with its own vocabulary");
        }
    }

    /**
     * What a file holds.
     *
     * @throws InputException when the model has another task
     * @throws dev.rondo.error.RondoException when its functions, vocabulary or metadata are not those of such a model
     */
    public static QuestionAnswering of(Model model) {
        return of(model, Model.Kernel.BEST);
    }

    /** The same, on the kernels that the caller wants. */
    public static QuestionAnswering of(Model model, Model.Kernel kernel) {
        String task = Given.given("model", model).metadata().get("task");
        if (!TASK.equals(task)) {
            throw new InputException(
                    "model",
                    "must have the task " + TASK,
                    task == null ? "no task" : "the task " + task,
                    "use a model that answers questions about stories");
        }
        return new QuestionAnswering(model, kernel);
    }

    /** J. */
    private static int check(Function answer) {
        Optional<Value> story = answer.input("story");
        boolean fits = answer.inputs().size() == 3
                && story.isPresent()
                && story.get().type().rank() == 3
                && story.get().type().dim(2).isFixed()
                && is(
                        story,
                        ElementType.I32,
                        "B",
                        "S",
                        story.get().type().dim(2).toString())
                && is(
                        answer.input("query"),
                        ElementType.I32,
                        "B",
                        story.get().type().dim(2).toString())
                && is(answer.input("sentences"), ElementType.I32, "B")
                && answer.output("logits")
                        .filter(v -> v.type().rank() == 2 && v.type().dim(1).isFixed())
                        .isPresent()
                && answer.output("hop_attention")
                        .filter(v -> v.type().rank() == 3 && v.type().dim(1).isFixed())
                        .isPresent();
        if (!fits) {
            throw new ShapeException(
                    "function answer",
                    "has the form answer(story: i32[B,S,J], query: i32[B,J], sentences: i32[B]) -> logits: f32[B,V],"
                            + " hop_attention: f32[B,K,S]",
                    answer.inputs() + " -> " + answer.outputs(),
                    "name inputs and outputs so, or set another task");
        }
        return (int) story.get().type().dim(2).fixed();
    }

    private static boolean is(Optional<Value> value, ElementType element, String... dims) {
        return value.isPresent()
                && value.get().type().element() == element
                && value.get()
                        .type()
                        .dims()
                        .equals(List.of(dims).stream().map(Dim::parse).toList());
    }

    private static TextPipeline pipeline(Model model) {
        for (TextPipeline pipeline : model.texts()) {
            if (pipeline.name().equals(WORDS)) {
                return pipeline;
            }
        }
        throw new FormatException(
                "memory network",
                "has a text pipeline '" + WORDS + "'",
                model.texts().stream().map(TextPipeline::name).toList().toString(),
                "write the model with its vocabulary");
    }

    private static int places(Model model) {
        String text = model.metadata().getOrDefault(SENTENCES, "");
        int places = text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : 0;
        if (places < 1 || places > MAX_PLACES) {
            throw new FormatException(
                    "metadata " + SENTENCES, "is a number from 1 to " + MAX_PLACES, "'" + text + "'", "correct it");
        }
        return places;
    }

    private static boolean latestFirst(Model model) {
        return switch (model.metadata().getOrDefault(ORDER, "")) {
            case LATEST_FIRST -> true;
            case FIRST_FIRST -> false;
            case String other ->
                throw new FormatException(
                        "metadata " + ORDER,
                        "is " + LATEST_FIRST + " or " + FIRST_FIRST,
                        "'" + other + "'",
                        "correct it");
        };
    }

    public Model model() {
        return model;
    }

    /** How stories become ids. */
    public StoryReading reading() {
        return reading;
    }

    /** A place to ask in, with buffers that are made once: for many questions, on one thread. */
    public AnsweringSession session() {
        return new AnsweringSession(this, kernel);
    }

    /**
     * Answers a question about a story.
     *
     * @param story its sentences, in order; of more than the memory has places, the last ones count
     * @throws InputException when a sentence or the question is too long, or the question has no words
     */
    public Answer answer(List<String> story, String question) {
        return session().answer(story, question);
    }
}
