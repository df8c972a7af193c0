package dev.rondo.classification;

import dev.rondo.Model;
import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.sequence.Given;
import dev.rondo.sequence.Labels;
import dev.rondo.sequence.SequenceCall;
import dev.rondo.text.Tokenizer;
import java.util.List;
import java.util.Optional;

/**
 * A model that says which class a text belongs to: its language, what it thinks of a film. It has the metadata
 * {@code task=classifier} and the function {@code sequence(tokens: i32[B,T], lengths: i32[B]) -> logits: f32[B,K], probs: f32[B,K]}, and
 * text pipelines {@code words}, {@code text} or {@code characters}, which reads the text, and {@code labels}, whose vocabulary are
 * the classes.
 *
 * <pre>{@code
 * try (Model model = Model.open(path)) {
 *     System.out.println(Classifier.of(model).classify("a stirring , funny film").label());
 * }
 * }</pre>
 *
 * <p>Immutable; shared by threads. It does not own the model.
 */
public final class Classifier {
    /** The value of the metadata key {@code task}. */
    public static final String TASK = "classifier";

    private final Model model;
    private final Model.Kernel kernel;
    private final List<String> labels;
    private final Optional<Tokenizer> tokenizer;

    private Classifier(Model model, Model.Kernel kernel) {
        this.model = model;
        this.kernel = kernel;
        Function sequence = SequenceCall.check(model);
        if (sequence.input("characters").isPresent()) {
            throw wrong("reads tokens alone", sequence.inputs().toString());
        }
        this.labels = Labels.of(model, checkOutputs(sequence));
        Optional<TextPipeline> reader = Labels.reader(model, "words", "text", "characters");
        this.tokenizer = reader.map(Tokenizer::of);
    }

    /**
     * The classifier that a file holds.
     *
     * @throws InputException when the model has another task
     * @throws dev.rondo.error.RondoException when its functions or vocabularies are not those of a classifier
     */
    public static Classifier of(Model model) {
        return of(model, Model.Kernel.BEST);
    }

    /** The same, on the kernels that the caller wants. */
    public static Classifier of(Model model, Model.Kernel kernel) {
        Labels.checkTask(model, TASK, "classifies");
        return new Classifier(model, kernel);
    }

    private static int checkOutputs(Function f) {
        Optional<Value> probs = f.output("probs");
        if (probs.isEmpty()
                || probs.get().type().rank() != 2
                || !probs.get().type().dim(1).isFixed()
                || !Labels.is(
                        probs, ElementType.F32, "B", probs.get().type().dim(1).toString())) {
            throw wrong("gives probs: f32[B,K]", f.outputs().toString());
        }
        return (int) probs.get().type().dim(1).fixed();
    }

    private static ShapeException wrong(String rule, String got) {
        return new ShapeException(
                "function " + SequenceCall.SEQUENCE,
                "of a classifier " + rule,
                got,
                "name its values so, or set another task");
    }

    public Model model() {
        return model;
    }

    Model.Kernel kernel() {
        return kernel;
    }

    /** The classes by their ids; numbers where the file names none. */
    public List<String> labels() {
        return labels;
    }

    /** How text becomes ids; empty where the file does not say so. */
    public Optional<Tokenizer> tokenizer() {
        return tokenizer;
    }

    /**
     * The ids of a text.
     *
     * @throws InputException when the model has no vocabulary, or it lacks something and has no unknown token
     */
    public int[] ids(String text) {
        Given.given("text", text);
        return tokenizer
                .orElseThrow(() -> new InputException(
                        "classifier",
                        "has a vocabulary to read text with",
                        "none in the file",
                        "give ids, or convert it with one"))
                .encode(text);
    }

    /** A place to classify in, text after text. */
    public ClassifierSession session() {
        return session(1);
    }

    /**
     * A place to classify in, with buffers that are made once: for many texts, on one thread.
     *
     * @param batch texts at once
     */
    public ClassifierSession session(int batch) {
        return new ClassifierSession(this, batch);
    }

    /** Classifies a text. */
    public Classification classify(String text) {
        return session().classify(text);
    }
}
