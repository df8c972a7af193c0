package dev.rondo.sequence;

import dev.rondo.Call;
import dev.rondo.Capacity;
import dev.rondo.Model;
import dev.rondo.Port;
import dev.rondo.Session;
import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Function;

/**
 * The function {@code sequence(tokens: i32[B,T] [, lengths: i32[B]] [, characters: i32[B,T,C], character_lengths: i32[B,T]])} of a
 * model, called again and again on batches of rows. Its buffers grow with the longest row; after that nothing is allocated. Every
 * call begins with states of zero. Belongs to one thread.
 */
public final class SequenceCall {
    /** The function's name. */
    public static final String SEQUENCE = "sequence";
    /** The most tokens of a row: what lies above is no sentence, and would want memory without end. */
    public static final int MOST_TOKENS = 1 << 16;

    /** Rows that are longer have a batch of their own: it is the longest row that all others are padded to. */
    private static final int LONG = 512;

    private static final int LEAST_CAPACITY = 32;

    private final Model model;
    private final Model.Kernel kernel;
    private final Function function;
    private final int batch;
    private final boolean lengths;
    private final boolean characters;
    private int padding;
    private int characterPadding;
    private int rowCapacity;
    private int tokenCapacity;
    private int characterCapacity;
    private int steps;
    private int width;
    private Session session;
    private Call call;
    private Port tokenPort;
    private Port lengthPort;
    private Port characterPort;
    private Port characterLengthPort;

    /**
     * The call of a model whose function has been {@link #check}ed.
     *
     * @param batch the most rows at once; where the function has no lengths it is 1
     */
    public SequenceCall(Model model, Model.Kernel kernel, int batch) {
        this.model = model;
        this.kernel = kernel;
        this.function = model.function(SEQUENCE);
        this.lengths = function.input("lengths").isPresent();
        this.characters = function.input("characters").isPresent();
        if (batch < 1) {
            throw new InputException("batch", "is 1 or more", "" + batch, "change it");
        }
        this.batch = lengths ? batch : 1;
    }

    /**
     * Checks the inputs of a model's function.
     *
     * @throws InputException when the model has no such function: it reads something else
     * @throws ShapeException when they are others
     */
    public static Function check(Model model) {
        if (!model.functions().containsKey(SEQUENCE)) {
            throw new InputException(
                    "model",
                    "reads texts by a function '" + SEQUENCE + "'",
                    "functions " + model.functions().keySet().stream().sorted().toList(),
                    "of rows of numbers ask rondo predict or Predictor, of other functions rondo run");
        }
        Function f = model.function(SEQUENCE);
        boolean tokens = Labels.is(f.input("tokens"), ElementType.I32, "B", "T");
        boolean lengths = f.input("lengths").isEmpty() || Labels.is(f.input("lengths"), ElementType.I32, "B");
        boolean none =
                f.input("characters").isEmpty() && f.input("character_lengths").isEmpty();
        boolean both = Labels.is(f.input("characters"), ElementType.I32, "B", "T", "C")
                && Labels.is(f.input("character_lengths"), ElementType.I32, "B", "T");
        int known = 1 + (f.input("lengths").isPresent() ? 1 : 0) + (both ? 2 : 0);
        if (!tokens || !lengths || !none && !both || f.inputs().size() != known) {
            throw new ShapeException(
                    "function " + f.name(),
                    "has the inputs tokens: i32[B,T], perhaps lengths: i32[B], and perhaps characters: i32[B,T,C] with "
                            + "character_lengths: i32[B,T]",
                    f.inputs().toString(),
                    "name them so");
        }
        return f;
    }

    /** Says what stands behind the end of rows and of words; nothing depends on it. */
    public SequenceCall padding(int token, int character) {
        padding = Math.max(0, token);
        characterPadding = Math.max(0, character);
        return this;
    }

    /** The most rows at once, the longest of which has so many tokens. */
    public int batch(int longest) {
        return longest > LONG ? 1 : batch;
    }

    /** Whether rows may be shorter than their batch, or empty. */
    public boolean hasLengths() {
        return lengths;
    }

    /** Whether the function reads characters of words. */
    public boolean readsCharacters() {
        return characters;
    }

    /**
     * Begins a batch: every place is padding, every row empty.
     *
     * @param rows  at most {@link #batch} of the longest
     * @param most  the length of the longest row
     * @param wide  the length of the longest word, where the function reads characters
     * @throws InputException when a row is too long
     */
    public void begin(int rows, int most, int wide) {
        if (most > MOST_TOKENS) {
            throw new InputException("sentence", "has at most " + MOST_TOKENS + " tokens", "" + most, "divide it");
        }
        steps = Math.max(1, most);
        width = characters ? Math.max(1, wide) : 0;
        grow(rows);
        session.size("B", rows).size("T", steps);
        if (characters) {
            session.size("C", width);
        }
        tokenPort = call.input("tokens");
        fill(tokenPort, padding);
        if (lengths) {
            lengthPort = call.input("lengths");
            fill(lengthPort, 0);
        }
        if (characters) {
            characterPort = call.input("characters");
            characterLengthPort = call.input("character_lengths");
            fill(characterPort, characterPadding);
            // No word is shorter, not even one that is padding.
            fill(characterLengthPort, 1);
        }
    }

    private static void fill(Port port, long value) {
        int size = port.size();
        for (int i = 0; i < size; i++) {
            port.set(i, value);
        }
    }

    private void grow(int rows) {
        if (session != null && rows <= rowCapacity && steps <= tokenCapacity && width <= characterCapacity) {
            return;
        }
        int tokens =
                Math.max(LEAST_CAPACITY, steps <= tokenCapacity ? tokenCapacity : Math.max(steps, 2 * tokenCapacity));
        if (batch > 1) {
            tokens = steps > LONG ? steps : Math.min(tokens, LONG);
        }
        tokens = Math.min(tokens, MOST_TOKENS);
        int most = batch(tokens);
        int wide = width <= characterCapacity ? characterCapacity : Math.max(width, 2 * characterCapacity);
        Capacity sizes = Capacity.of("B", most).and("T", tokens);
        Session wider = model.session(characters ? sizes.and("C", wide) : sizes, kernel);
        Call prepared = wider.call(SEQUENCE);
        // All or nothing: what fails here fails again at the next text, and in the same way.
        session = wider;
        call = prepared;
        rowCapacity = most;
        tokenCapacity = tokens;
        characterCapacity = wide;
    }

    /** Fills a row of the batch. */
    public void row(int row, int[] ids, int count) {
        for (int t = 0; t < count; t++) {
            tokenPort.set(row * steps + t, (long) ids[t]);
        }
        if (lengths) {
            lengthPort.set(row, (long) count);
        }
    }

    /** Fills the characters of a word. */
    public void word(int row, int t, int[] ids) {
        int place = row * steps + t;
        for (int c = 0; c < ids.length; c++) {
            characterPort.set(place * width + c, (long) ids[c]);
        }
        characterLengthPort.set(place, (long) ids.length);
    }

    /**
     * Computes.
     *
     * @throws InputException when an id is none of the model's
     */
    public void run() {
        if (!function.states().isEmpty()) {
            session.reset();
        }
        call.run();
    }

    /** An output, after {@link #run}. */
    public Port output(String name) {
        if (call == null) {
            throw new InputException("output " + name, "is of a call", "none yet", "give it something to read first");
        }
        return call.output(name);
    }

    /** The steps of a row of the batch, T. */
    public int steps() {
        return steps;
    }

    /** Another function in the same session, at the same sizes. */
    public Call other(String name) {
        return session.call(name);
    }

    /** The length of a row of the batch. */
    public long length(int row) {
        return lengths ? lengthPort.getLong(row) : steps;
    }
}
