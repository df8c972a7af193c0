package dev.rondo.search;

import dev.rondo.Call;
import dev.rondo.Model;
import dev.rondo.Port;
import dev.rondo.Session;
import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.lang.foreign.MemorySegment;

/**
 * The function {@code step} of a model in a session. Its {@code token} has the rows B&middot;K, sentences times hypotheses, when
 * states of a sentence (rows B) are to be shared by its hypotheses (rows B&middot;K); or B alone, as language models have it, and
 * then all states go with the hypothesis.
 */
public final class SessionSteps implements StepFunction {
    private static final Dim SENTENCES = Dim.named("B");
    private static final Dim HYPOTHESES = Dim.named("K");

    private final Session session;
    private final Call call;
    private final boolean shared;
    private final boolean fresh;
    private final boolean attends;
    private final int vocabularySize;
    private final Model.Kernel kernel;
    private int[] rows = {};
    private int width = 1;
    private int sentences;
    private Port token;
    private Port logits;
    private Port attention;

    private SessionSteps(Session session, boolean fresh) {
        Function step = session.model().function("step");
        this.session = session;
        this.fresh = fresh;
        this.shared = check(step);
        this.attends = step.output("attention").isPresent();
        this.vocabularySize =
                (int) step.output("logits").orElseThrow().type().dim(1).fixed();
        this.call = session.call("step");
        this.kernel = call.isPlain() ? Model.Kernel.PLAIN : Model.Kernel.BEST;
    }

    /** Sentences begin with all states at zero: a language model. */
    public static SessionSteps of(Session session) {
        return new SessionSteps(session, true);
    }

    /** Sentences begin with the states that they have then: a decoder whose encoder has run, or a text that goes on. */
    public static SessionSteps continuing(Session session) {
        return new SessionSteps(session, false);
    }

    /** Whether rows are B·K. */
    private static boolean check(Function step) {
        Value token = step.input("token").orElse(null);
        Value logits = step.output("logits").orElse(null);
        Value attention = step.output("attention").orElse(null);
        if (step.inputs().size() != 1
                || token == null
                || logits == null
                || token.type().rank() != 1) {
            throw wrong(step);
        }
        Dim rows = token.type().dim(0);
        boolean shared = rows.equals(SENTENCES.times(HYPOTHESES));
        ElementType element = token.type().element();
        if (!shared && !rows.equals(SENTENCES)
                || element != ElementType.I32 && element != ElementType.I64
                || !isRows(logits.type(), rows)
                || !logits.type().dim(1).isFixed()
                || attention != null && !isRows(attention.type(), rows)) {
            throw wrong(step);
        }
        return shared;
    }

    private static boolean isRows(ValueType type, Dim rows) {
        return type.rank() == 2
                && type.element() == ElementType.F32
                && type.dim(0).equals(rows);
    }

    private static ShapeException wrong(Function step) {
        return new ShapeException(
                "function step",
                "of a model to search with has the form step(token: i32[B*K] or i32[B]) -> logits: f32[rows,V], perhaps"
                        + " attention: f32[rows,S]",
                step.inputs() + " -> " + step.outputs(),
                "name inputs and outputs so");
    }

    public Session session() {
        return session;
    }

    @Override
    public int vocabularySize() {
        return vocabularySize;
    }

    @Override
    public void begin(int count) {
        if (fresh) {
            if (shared) {
                session.size("K", 1);
            }
            session.size("B", count);
            session.reset();
        } else if (session.size("B") != count || shared && session.size("K") != 1) {
            throw new ShapeException(
                    "search",
                    "has as many sentences as the session, with one hypothesis each",
                    count + " sentences, B = " + session.size("B") + (shared ? ", K = " + session.size("K") : ""),
                    "set B, and K to 1, and run encode before");
        }
        sentences = count;
        width = 1;
        reserve(count);
    }

    private void reserve(int count) {
        if (rows.length < count) {
            rows = new int[2 * count];
        }
    }

    @Override
    public int sentences() {
        return sentences;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public void step(int[] tokens) {
        token = call.input("token");
        int count = rows();
        for (int i = 0; i < count; i++) {
            token.set(i, (long) tokens[i]);
        }
        call.run();
        logits = call.output("logits");
        attention = attends ? call.output("attention") : null;
    }

    @Override
    public MemorySegment scores() {
        return logits.segment();
    }

    @Override
    public boolean scored() {
        return false;
    }

    @Override
    public int attentionSize() {
        return attention == null || rows() == 0 ? 0 : attention.size() / rows();
    }

    @Override
    public MemorySegment attention() {
        return attention == null ? null : attention.segment();
    }

    @Override
    public void regroup(int size, int[] parents) {
        session.gatherRows(shared ? "K" : "B", shared ? size : sentences * size, parents);
        width = size;
    }

    @Override
    public void keep(int[] kept, int count) {
        if (shared) {
            session.gatherRows("B", count, kept);
        } else {
            reserve(count * width);
            for (int i = 0; i < count * width; i++) {
                rows[i] = kept[i / width] * width + i % width;
            }
            session.gatherRows("B", count * width, rows);
        }
        sentences = count;
    }

    @Override
    public Model.Kernel kernel() {
        return kernel;
    }
}
