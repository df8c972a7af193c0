package dev.rondo.classification;

import dev.rondo.Model;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.sequence.Given;
import dev.rondo.sequence.Labels;
import dev.rondo.sequence.SequenceCall;
import dev.rondo.tagging.CharacterIds;
import dev.rondo.tagging.WordIds;
import dev.rondo.text.Tokenizer;
import dev.rondo.translation.Words;
import java.util.List;
import java.util.Optional;

/**
 * A model that says which class a text belongs to: its language, what it thinks of a film. It has the metadata
 * {@code task=classifier} and the function {@code sequence(tokens: i32[B,T], lengths: i32[B] [, characters: i32[B,T,C],
 * character_lengths: i32[B,T]]) -> logits: f32[B,K], probs: f32[B,K]}, and text pipelines {@code words}, {@code text} or {@code
 * characters}, which reads the text, and {@code labels}, whose vocabulary are the classes. One that also reads how words are spelt
 * has {@code words} (or {@code text}) and {@code characters}; white space separates its words.
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
    private final boolean spells;
    private final Optional<WordIds> words;
    private final Optional<CharacterIds> characters;

    private Classifier(Model model, Model.Kernel kernel) {
        this.model = model;
        this.kernel = kernel;
        Function sequence = SequenceCall.check(model);
        this.labels = Labels.of(model, checkOutputs(sequence));
        this.spells = sequence.input("characters").isPresent();
        Optional<TextPipeline> reader =
                spells ? Labels.reader(model, "words", "text") : Labels.reader(model, "words", "text", "characters");
        this.tokenizer = reader.map(Tokenizer::of);
        this.words = spells ? reader.map(WordIds::of) : Optional.empty();
        this.characters = spells ? Labels.pipeline(model, "characters").map(CharacterIds::of) : Optional.empty();
        if (words.isPresent() && characters.isEmpty()) {
            throw new FormatException(
                    "classifier of words and their characters",
                    "has a text pipeline 'characters'",
                    model.texts().stream().map(TextPipeline::name).toList().toString(),
                    "write the model anew with it");
        }
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

    /** Whether it reads how words are spelt beside the words. */
    public boolean readsCharacters() {
        return spells;
    }

    /**
     * The ids of a text: of its tokens, or words.
     *
     * @throws InputException when the model has no vocabulary, or it lacks something and has no unknown token
     */
    public int[] ids(String text) {
        Given.given("text", text);
        if (words.isPresent()) {
            return Words.of(text).stream().mapToInt(words.get()::id).toArray();
        }
        return tokenizer
                .orElseThrow(() -> new InputException(
                        "classifier",
                        "has a vocabulary to read text with",
                        "none in the file",
                        "give ids, or convert it with one"))
                .encode(text);
    }

    /**
     * The ids of the characters of each word of a text; none where the model does not read them.
     *
     * @throws InputException when the vocabulary lacks one and has no unknown character
     */
    public int[][] characters(String text) {
        return characters.isEmpty()
                ? new int[0][]
                : Words.of(text).stream().map(characters.get()::ids).toArray(int[][]::new);
    }

    /** What stands behind the end of a word. */
    int characterPadding() {
        return characters.map(c -> c.tokenizer().pipeline().special().padding()).orElse(0);
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
