package dev.rondo.tagging;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.error.FormatException;
import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.format.Segmentation;
import dev.rondo.format.TextPipeline;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.sequence.Given;
import dev.rondo.sequence.Labels;
import dev.rondo.sequence.SequenceCall;
import dev.rondo.translation.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A model that gives each token of a sentence a tag: parts of speech, names. It has the metadata {@code task=tagger} and the function
 * {@code sequence(tokens: i32[B,T], lengths: i32[B] [, characters: i32[B,T,C], character_lengths: i32[B,T]]) -> logits: f32[B,T,K]},
 * text pipelines {@code words} (or {@code text}), perhaps {@code characters}, and {@code labels}, whose vocabulary are the tags.
 *
 * <p>Each token gets the tag with the highest logit; but with a function {@code chain() -> start: f32[K], transitions: f32[K,K], end:
 * f32[K]} the sentence gets the best path through the chain ({@link Viterbi}). Probabilities are the softmax of the logits; with a chain
 * what its function {@code marginals(logits: f32[B,T,K], lengths: i32[B]) -> marginals: f32[B,T,K]} says.
 *
 * <pre>{@code
 * try (Model model = Model.open(path)) {
 *     System.out.println(Tagger.of(model).tag("Il gatto dorme ."));
 * }
 * }</pre>
 *
 * <p>Immutable; shared by threads. It does not own the model.
 */
public final class Tagger {
    /** The value of the metadata key {@code task}. */
    public static final String TASK = "tagger";
    /** The function that gives a chain's parameters. */
    public static final String CHAIN = "chain";
    /** The function that gives posterior probabilities. */
    public static final String MARGINALS = "marginals";

    private static final String LOGITS = "logits";

    private final Model model;
    private final Model.Kernel kernel;
    private final List<String> labels;
    private final Optional<WordIds> words;
    private final Optional<CharacterIds> characters;
    private final Optional<float[][]> chain;

    private Tagger(Model model, Model.Kernel kernel) {
        this.model = model;
        this.kernel = kernel;
        Function sequence = SequenceCall.check(model);
        int k = checkLogits(sequence);
        boolean reads = sequence.input("characters").isPresent();
        this.labels = Labels.of(model, k);
        Optional<TextPipeline> reader =
                reads ? Labels.reader(model, "words", "text") : Labels.reader(model, "words", "text", "characters");
        this.words = reader.map(WordIds::of);
        this.characters = reads ? Labels.pipeline(model, "characters").map(CharacterIds::of) : Optional.empty();
        if (reads && words.isPresent() && characters.isEmpty()) {
            throw new FormatException(
                    "tagger of words and their characters",
                    "has a text pipeline 'characters'",
                    model.texts().stream().map(TextPipeline::name).toList().toString(),
                    "write the model anew with it");
        }
        this.chain = model.functions().containsKey(CHAIN) ? Optional.of(readChain(model, kernel, k)) : Optional.empty();
        if (chain.isPresent() && model.functions().containsKey(MARGINALS)) {
            checkMarginals(model.function(MARGINALS), k);
        }
    }

    /**
     * The tagger that a file holds.
     *
     * @throws InputException when the model has another task
     * @throws dev.rondo.error.RondoException when its functions or vocabularies are not those of a tagger
     */
    public static Tagger of(Model model) {
        return of(model, Model.Kernel.BEST);
    }

    /** The same, on the kernels that the caller wants. */
    public static Tagger of(Model model, Model.Kernel kernel) {
        Labels.checkTask(model, TASK, "tags");
        return new Tagger(model, kernel);
    }

    private static int checkLogits(Function f) {
        Optional<Value> logits = f.output(LOGITS);
        if (logits.isEmpty()
                || logits.get().type().rank() != 3
                || !logits.get().type().dim(2).isFixed()
                || !Labels.is(
                        logits,
                        ElementType.F32,
                        "B",
                        "T",
                        logits.get().type().dim(2).toString())) {
            throw new ShapeException(
                    "function " + f.name(),
                    "of a tagger gives logits: f32[B,T,K]",
                    f.outputs().toString(),
                    "name its outputs so, or set another task");
        }
        return (int) logits.get().type().dim(2).fixed();
    }

    private static float[][] readChain(Model model, Model.Kernel kernel, int k) {
        Function f = model.function(CHAIN);
        String size = Integer.toString(k);
        if (!f.inputs().isEmpty()
                || !Labels.is(f.output("start"), ElementType.F32, size)
                || !Labels.is(f.output("transitions"), ElementType.F32, size, size)
                || !Labels.is(f.output("end"), ElementType.F32, size)) {
            throw new ShapeException(
                    "function " + CHAIN,
                    "of a tagger with " + k
                            + " tags has the form chain() -> start: f32[K], transitions: f32[K,K], end: " + "f32[K]",
                    f.inputs() + " -> " + f.outputs(),
                    "write the model anew");
        }
        Call call = model.session(Capacity.ONE, kernel).call(CHAIN);
        call.run();
        return new float[][] {
            call.output("start").toFloats(),
            call.output("transitions").toFloats(),
            call.output("end").toFloats()
        };
    }

    private static void checkMarginals(Function f, int k) {
        String size = Integer.toString(k);
        if (f.inputs().size() != 2
                || !Labels.is(f.input(LOGITS), ElementType.F32, "B", "T", size)
                || !Labels.is(f.input("lengths"), ElementType.I32, "B")
                || !Labels.is(f.output(MARGINALS), ElementType.F32, "B", "T", size)) {
            throw new ShapeException(
                    "function " + MARGINALS,
                    "of a tagger has the form marginals(logits: f32[B,T,K], lengths: i32[B]) -> marginals: f32[B,T,K]",
                    f.inputs() + " -> " + f.outputs(),
                    "write the model anew");
        }
    }

    public Model model() {
        return model;
    }

    Model.Kernel kernel() {
        return kernel;
    }

    /** The tags by their ids; numbers where the file names none. */
    public List<String> labels() {
        return labels;
    }

    /** How tokens become ids; empty where the file does not say so. */
    public Optional<WordIds> words() {
        return words;
    }

    /** How characters of words become ids; empty where the model does not read them. */
    public Optional<CharacterIds> characters() {
        return characters;
    }

    /** Whether sentences are tagged as a whole. */
    public boolean hasChain() {
        return chain.isPresent();
    }

    /** Whether it can say how probable tags are. */
    public boolean hasProbabilities() {
        return chain.isEmpty() || model.functions().containsKey(MARGINALS);
    }

    Optional<Viterbi> viterbi() {
        return chain.map(c -> new Viterbi(c[0], c[1], c[2]));
    }

    /**
     * The tokens of a text: what white space separates, or its characters where those are what is tagged.
     *
     * @throws InputException when the model has no vocabulary
     */
    public List<String> tokens(String text) {
        Given.given("sentence", text);
        if (requireWords().tokenizer().pipeline().segmentation() == Segmentation.CHARACTERS) {
            var tokens = new ArrayList<String>();
            text.codePoints().forEach(c -> tokens.add(Character.toString(c)));
            return tokens;
        }
        return Words.of(text);
    }

    WordIds requireWords() {
        return words.orElseThrow(() -> new InputException(
                "tagger",
                "has a vocabulary to read text with",
                "none in the file",
                "give ids, or convert it with one"));
    }

    /** A place to tag in, sentence after sentence. */
    public TaggerSession session() {
        return session(1, false);
    }

    /**
     * A place to tag in, with buffers that are made once: for many sentences, on one thread.
     *
     * @param batch         sentences at once
     * @param probabilities whether taggings say how probable tags are
     * @throws InputException when the model cannot say so
     */
    public TaggerSession session(int batch, boolean probabilities) {
        return new TaggerSession(this, batch, probabilities);
    }

    /** Tags a sentence; white space separates its tokens. */
    public Tagging tag(String sentence) {
        return session().tag(sentence);
    }

    /** Tags a sentence of tokens. */
    public Tagging tag(List<String> tokens) {
        return session().tag(tokens);
    }
}
