package dev.rondo;

import dev.rondo.error.InputException;
import dev.rondo.error.ShapeException;
import dev.rondo.error.StateException;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.State;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import dev.rondo.kernel.KernelProvider;
import dev.rondo.kernel.SwitchingKernels;
import dev.rondo.plan.ExtensionSteps;
import dev.rondo.plan.Operand;
import dev.rondo.plan.Planner;
import dev.rondo.plan.Sizes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The state of a model in use, and the buffers to run its functions: one stream of audio, one text being generated.
 * Cheap to make; needs no close, its memory goes with the last reference.
 *
 * <p>A session belongs to one thread at a time, at first to the one that made it. To hand it over, the owner calls
 * {@link #release} and the other thread {@link #acquire}; a call by any other thread throws {@link StateException}.
 */
public final class Session {
    /** The rows of a batch: the first dimension of every state that has rows. */
    private static final Dim ROWS = Dim.named("B");

    private final Model model;
    private final Capacity capacity;
    private final Model.Kernel kernel;
    private final KernelProvider provider;
    private final Sizes.Declared sizes;
    private final Arena arena = Arena.ofAuto();
    private final Map<String, Operand> states = new LinkedHashMap<>();
    /** The same in an array: walking a map may allocate. */
    private Operand[] all = {};

    private final Map<String, Call> calls = new HashMap<>();

    /** Functions that are compiled already where this session was forked. */
    private final Set<String> warm = new HashSet<>();

    private final AtomicReference<Thread> owner = new AtomicReference<>(Thread.currentThread());

    private final RowMoves moves = new RowMoves();
    /** Where one row lies while others take turns. */
    private MemorySegment spare;

    private Thread warmUp;
    private Executor parallel;

    Session(Model model, Capacity capacity, Model.Kernel kernel) {
        this.model = model;
        this.capacity = capacity;
        this.kernel = kernel;
        this.provider = kernels(kernel == Model.Kernel.BEST);
        this.sizes = new Sizes.Declared(model.dimensionNames(), capacity.sizes());
    }

    /** The fastest kernels, with a notice when they are slow, or the plain ones. */
    static KernelProvider kernels(boolean fastest) {
        if (!fastest) {
            return KernelProvider.plain();
        }
        KernelChoice.Notice.giveOnce();
        return KernelProvider.best();
    }

    /** The function of that name, prepared at its first use. */
    public Call call(String function) {
        begin();
        requireOpen();
        Call call = calls.get(function);
        if (call == null) {
            call = prepare(function);
            calls.put(function, call);
        }
        return call;
    }

    private Call prepare(String name) {
        var target = model.function(name);
        for (State state : target.states()) {
            keep(state.value());
        }
        SwitchingKernels switching = kernel == Model.Kernel.WARMING ? new SwitchingKernels() : null;
        try {
            Call call = new Call(
                    this,
                    target,
                    Planner.plan(
                            target,
                            model.constants(),
                            sizes,
                            switching == null ? provider.kernels() : switching,
                            ExtensionSteps.NONE,
                            arena,
                            states,
                            parallel),
                    provider,
                    switching);
            if (warm.contains(name)) {
                call.use(KernelProvider.best());
            }
            return call;
        } catch (IllegalStateException closed) {
            throw closed(closed);
        }
    }

    /** Keeps a state from the first call of a function that has it; functions share states by name. */
    private Operand keep(Value state) {
        Operand kept = states.get(state.name());
        if (kept == null) {
            kept = Operand.allocate(state, arena, sizes);
            states.put(state.name(), kept);
            all = states.values().toArray(all);
        }
        if (!kept.type().equals(state.type())) {
            throw new ShapeException(
                    "state '" + state.name() + "'",
                    "has one type in all functions that a session calls",
                    kept.type() + " and " + state.type(),
                    "call the functions in sessions of their own, or rename one state");
        }
        return kept;
    }

    /**
     * Which kernels this session runs: "plain" or "vector", and how wide. With {@link Model.Kernel#WARMING} plain, until
     * the last run of each function was on vector kernels; {@link Call#kernels} tells functions apart.
     */
    public String kernels() {
        boolean warmed = kernel == Model.Kernel.WARMING && !calls.isEmpty();
        for (Call call : calls.values()) {
            warmed &= !call.isPlain();
        }
        KernelProvider now = warmed ? KernelProvider.best() : provider;
        return now.name() + " " + now.bits() + " bit";
    }

    /**
     * Returns when the functions prepared so far are compiled for this session's kernels, with the inputs as they stand:
     * fill in typical ones, since lengths of zero compile nothing. Takes about a second of a young JVM, a sixth in a warm
     * one. States stay; outputs too. What fails in it fails in the next run, and not here; when the thread is
     * interrupted, it returns at once.
     *
     * @throws StateException when another thread owns the session or the model has been closed
     */
    public void warmUp() {
        begin();
        requireOpen();
        joinWarmUp();
        for (Call call : calls.values()) {
            call.warmUp();
        }
        joinWarmUp();
    }

    private void joinWarmUp() {
        try {
            if (warmUp != null) {
                warmUp.join();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        for (Call call : calls.values()) {
            call.switchOver();
        }
    }

    /**
     * Runs recurrent layers that read one sequence and do not need each other, the two directions of a bidirectional
     * one, side by side: the first on the calling thread, the second on the executor, or on the calling thread when the
     * executor has not begun it by then. Results are the same, bit for bit. Holds for functions prepared from now on.
     * The executor belongs to the caller; what its queue allocates per task is allocated per run.
     *
     * @return this session
     */
    public Session parallel(Executor executor) {
        begin();
        parallel = executor;
        return this;
    }

    /** Starts to compile a function, after the others. */
    void warmUp(Call call) {
        warmUp = WarmUp.start(call, this, warmUp);
    }

    Capacity capacity() {
        return capacity;
    }

    Model.Kernel kernel() {
        return kernel;
    }

    public Model model() {
        return model;
    }

    /**
     * Sets the current size of a named dimension, within capacity. At first it is the capacity. When the number of rows
     * B grows, the new rows of the states begin at zero; when another dimension of a state changes, that state does.
     *
     * @throws ShapeException when the model has no such name, or the size is negative, beyond the capacity, or makes a
     *                        state's size negative; sizes and states are as they were
     */
    public Session size(String name, int size) {
        begin();
        long before = sizes.actual(name);
        sizes.set(name, size);
        try {
            for (Operand state : all) {
                state.check();
            }
        } catch (ShapeException wrong) {
            sizes.set(name, (int) before);
            throw wrong;
        }
        for (Operand state : all) {
            if (before != size && mentions(state.type(), name)) {
                resizeState(state, name.equals("B") && hasRows(state.type()) ? (int) before : 0);
            }
        }
        return this;
    }

    private static boolean mentions(ValueType type, String name) {
        // Without a stream: a size may change at every call, and allocates nothing.
        for (int i = 0; i < type.rank(); i++) {
            if (type.dim(i).mentions(name)) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasRows(ValueType type) {
        return type.rank() > 0 && type.dim(0).equals(ROWS);
    }

    /** Takes over the new size and makes zero what lies after the first {@code kept} rows. */
    private static void resizeState(Operand state, int kept) {
        int[] before = state.shape();
        long row = before.length == 0 || before[0] == 0 ? 0 : state.byteSize() / before[0];
        state.resize();
        long from = Math.min(kept * row, state.byteSize());
        state.segment().asSlice(from).fill((byte) 0);
    }

    /** The current size of a named dimension. */
    public int size(String name) {
        return (int) sizes.actual(name);
    }

    /** Makes every state zero. */
    public void reset() {
        begin();
        for (Operand state : states.values()) {
            state.segment().fill((byte) 0);
        }
    }

    /** Makes one row of every state that has rows zero: the next sequence of a batch begins there. */
    public void reset(int row) {
        begin();
        checkRow(row);
        for (Operand state : states.values()) {
            if (hasRows(state.type())) {
                long bytes = rowBytes(state);
                state.segment().asSlice(row * bytes, bytes).fill((byte) 0);
            }
        }
    }

    private void checkRow(int row) {
        if (row < 0 || row >= size("B")) {
            throw new InputException(
                    "row", "lies between 0 and " + (size("B") - 1), "" + row, "B is the session's number of rows");
        }
    }

    private static long rowBytes(Operand state) {
        int rows = state.shape()[0];
        return rows == 0 ? 0 : state.byteSize() / rows;
    }

    /** A copy of the states and sizes, to go back to with {@link #restore}. Independent of the session. */
    public Snapshot snapshot() {
        begin();
        var values = new LinkedHashMap<Value, byte[]>();
        for (Operand state : states.values()) {
            byte[] bytes = state.segment().asSlice(0, state.byteSize()).toArray(ValueLayout.JAVA_BYTE);
            values.put(new Value(state.name(), state.type()), bytes);
        }
        var now = new LinkedHashMap<String, Integer>();
        for (String name : sizes.names()) {
            now.put(name, size(name));
        }
        return new Snapshot(model, now, values);
    }

    /** The states and sizes of a session at one time. */
    public static final class Snapshot {
        private final Model model;
        private final Map<String, Integer> sizes;
        private final Map<Value, byte[]> values;

        Model model() {
            return model;
        }

        private Snapshot(Model model, Map<String, Integer> sizes, Map<Value, byte[]> values) {
            this.model = model;
            this.sizes = sizes;
            this.values = values;
        }
    }

    /**
     * Goes back to a snapshot, of this session or of another one of the same model.
     *
     * @throws StateException when it is of another model
     * @throws ShapeException when it does not fit the capacity; the states are as they were
     */
    public void restore(Snapshot snapshot) {
        begin();
        if (snapshot.model != model) {
            throw new StateException(
                    "snapshot", "belongs to a session of the same model", "another model's", "take it from this model");
        }
        for (Map.Entry<String, Integer> size : snapshot.sizes.entrySet()) {
            String name = size.getKey();
            if (size.getValue() > sizes.capacity(name)) {
                throw new ShapeException(
                        "snapshot",
                        "fits the capacity " + sizes.capacity(name) + " of " + name,
                        "" + size.getValue(),
                        "restore into a session with at least the capacity of the first");
            }
        }
        for (Value value : snapshot.values.keySet()) {
            keep(value);
        }
        for (Map.Entry<String, Integer> size : snapshot.sizes.entrySet()) {
            sizes.set(size.getKey(), size.getValue());
        }
        for (Operand state : states.values()) {
            state.resize();
            state.segment().fill((byte) 0);
        }
        for (Map.Entry<Value, byte[]> value : snapshot.values.entrySet()) {
            byte[] bytes = value.getValue();
            MemorySegment state = keep(value.getKey()).segment();
            MemorySegment.copy(bytes, 0, state, ValueLayout.JAVA_BYTE, 0, bytes.length);
        }
    }

    /** A new session of the calling thread with the same capacity, kernels, sizes and states. */
    public Session fork() {
        begin();
        var twin = new Session(model, capacity, kernel);
        twin.restore(snapshot());
        twin.parallel = parallel;
        twin.warm.addAll(warm);
        for (Call call : calls.values()) {
            if (!call.isPlain()) {
                twin.warm.add(call.function().name());
            }
        }
        return twin;
    }

    /**
     * Makes sequence i of every state what sequence {@code parents[i]} was, and B the number of parents. A state whose first
     * dimension is a multiple of B has that many rows of each sequence.
     *
     * @throws InputException when there is no such row
     * @throws ShapeException when B exceeds its capacity, or a state does not have the rows of a sequence side by side;
     *                        states are as they were in either case
     */
    public void gatherRows(int... parents) {
        gatherRows("B", parents.length, parents);
    }

    /**
     * Makes row i of every state with B&middot;K rows, K being {@code name}, what row {@code parents[i]} was, and K that size: how
     * beams continue their hypotheses. States without K in their type stay as they are. With the name B, rows are those
     * of {@link #gatherRows(int...)}. Rows that stay where they are are not copied, and after the first calls nothing is
     * allocated.
     *
     * @param parents at least as many as there are rows at the new size
     */
    public void gatherRows(String name, int size, int[] parents) {
        begin();
        int before = size(name);
        long others = name.equals("B") ? 1 : size("B");
        long old = others * before;
        long rows = others * size;
        sizes.set(name, size);
        try {
            if (rows > parents.length) {
                throw new InputException(
                        "parents",
                        "are " + rows + ", one for each new row",
                        "" + parents.length,
                        "give the missing ones");
            }
            moves.plan(parents, (int) rows, old);
            for (Operand state : all) {
                if (mentions(state.type(), name)) {
                    checkRows(state, name, old, rows);
                    state.check();
                    reserveSpare(old == 0 ? 0 : state.byteSize() / old);
                }
            }
        } catch (InputException | ShapeException wrong) {
            // Before anything has changed, so that an error leaves the states alone.
            sizes.set(name, before);
            throw wrong;
        }
        for (Operand state : all) {
            if (mentions(state.type(), name)) {
                if (old > 0) {
                    moves.apply(state.segment(), state.byteSize() / old, spare);
                }
                state.resize();
            }
        }
    }

    private void checkRows(Operand state, String name, long before, long after) {
        ValueType type = state.type();
        boolean first = type.dim(0).mentions(name);
        for (int i = 1; i < type.rank(); i++) {
            first &= !type.dim(i).mentions(name);
        }
        long block = before == 0 || !first ? 0 : state.dim(0) / before;
        if (!first
                || before > 0 && state.dim(0) != block * before
                || before > 0 && type.dim(0).evaluate(sizes) != block * after) {
            throw new ShapeException(
                    "state '" + state.name() + "'",
                    "has " + name + " in its first dimension only, as a factor of it",
                    type.toString(),
                    "rows of other states cannot be gathered: give each sequence a session of its own");
        }
    }

    private void reserveSpare(long bytes) {
        if (moves.needsSpare() && (spare == null || spare.byteSize() < bytes)) {
            spare = arena.allocate(2 * bytes);
        }
    }

    /** The values of a state now, f32, row-major. */
    public float[] state(String name) {
        return statePort(name).toFloats();
    }

    /** Sets a state, f32, row-major, at the current sizes. */
    public void state(String name, float[] values) {
        statePort(name).copyFrom(values);
    }

    /** A state of any element type, to read or write in place; it shows the session's current sizes. */
    public Port statePort(String name) {
        begin();
        return new Port(stateOperand(name));
    }

    /** The state a session keeps; before a function has been called, the one that all functions mean by that name. */
    private Operand stateOperand(String name) {
        Operand state = states.get(name);
        if (state != null) {
            return state;
        }
        var meant = new LinkedHashSet<Value>();
        for (Function function : model.functions().values()) {
            Optional<State> known = function.state(name);
            if (known.isPresent()) {
                meant.add(known.get().value());
            }
        }
        if (meant.size() != 1) {
            throw new StateException(
                    "state '" + name + "'",
                    "is a state of the model, and only one",
                    meant.isEmpty() ? "none of that name" : meant.toString(),
                    meant.isEmpty() ? "look at the model's functions" : "prepare the function first");
        }
        return keep(meant.getFirst());
    }

    /** Gives the session up, so that another thread can {@link #acquire} it. */
    public void release() {
        begin();
        owner.setRelease(null);
    }

    /**
     * Makes the calling thread the owner of a session that has been released.
     *
     * @throws StateException when another thread still owns it
     */
    public void acquire() {
        Thread current = Thread.currentThread();
        if (!owner.compareAndSet(null, current) && owner.getAcquire() != current) {
            throw foreign();
        }
    }

    /** Checks the owner: the one acquire read of a call. */
    void begin() {
        if (owner.getAcquire() != Thread.currentThread()) {
            throw foreign();
        }
    }

    private StateException foreign() {
        Thread now = owner.getAcquire();
        return new StateException(
                "session",
                "belongs to one thread at a time",
                "a call from " + Thread.currentThread() + " while " + (now == null ? "released" : now + " owns it"),
                "one session per thread, or release() there and acquire() here");
    }

    /** What a closed segment's exception means. */
    StateException closed(IllegalStateException cause) {
        if (model.isOpen()) {
            throw cause;
        }
        return new StateException(
                "model", "is open while its sessions run", "a closed one", "close it after the last step", cause);
    }

    /** Checks that the model is open, also for a plan that works on derived weights only and would not notice. */
    void requireOpen() {
        if (!model.isOpen()) {
            throw closed(null);
        }
    }

    int version() {
        return sizes.version();
    }
}
