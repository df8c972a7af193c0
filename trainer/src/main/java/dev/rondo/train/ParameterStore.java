package dev.rondo.train;

import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.format.Tensor;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import dev.rondo.plan.Operand;
import dev.rondo.train.rule.Settings;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The parameters of a model while it is trained: named f32 tensors side by side in native memory, and, in blocks of the
 * same shape, their gradient and what the optimizer remembers. All of it is freed by the garbage collector. Whoever reads
 * or writes while a step runs sees some of it.
 */
public final class ParameterStore {
    private static final int FLOATS_PER_LINE = Operand.ALIGNMENT / Float.BYTES;

    /** Where a parameter lies, in floats from the blocks' start. */
    record Place(ValueType type, long from, int count, boolean frozen, boolean spared) {
        long to() {
            return from + count;
        }
    }

    /** Names in an error. */
    private static final int MAX_LISTED = 8;

    /** Floats of a piece: a quarter of a second-level cache. */
    private static final int PIECE = 1 << 16;

    /** A part of the trained parameters, in floats from the blocks' start. */
    record Piece(long from, long to, boolean spared) {}

    private final Map<String, Place> places = new LinkedHashMap<>();
    private final List<Piece> pieces;
    private final Arena arena = Arena.ofAuto();
    private final long size;
    private final MemorySegment values;
    private final MemorySegment gradient;
    private final Map<String, MemorySegment> slots = new LinkedHashMap<>();

    private ParameterStore(Map<String, ValueType> types, List<String> frozen, List<String> spared) {
        Set<String> still = matching("frozen parameters", types.keySet(), frozen);
        Set<String> kept = matching("parameters without decay", types.keySet(), spared);
        long at = 0;
        for (var entry : types.entrySet()) {
            String name = entry.getKey();
            int count = count(name, entry.getValue());
            places.put(name, new Place(entry.getValue(), at, count, still.contains(name), kept.contains(name)));
            at += (count + FLOATS_PER_LINE - 1L) / FLOATS_PER_LINE * FLOATS_PER_LINE;
        }
        size = at;
        pieces = trained().stream().flatMap(p -> pieces(p).stream()).toList();
        values = block();
        gradient = block();
    }

    /** The names that patterns stand for. */
    private static Set<String> matching(String subject, Set<String> names, List<String> patterns) {
        var found = new LinkedHashSet<String>();
        for (String glob : patterns) {
            Pattern pattern = pattern(glob);
            List<String> some =
                    names.stream().filter(n -> pattern.matcher(n).matches()).toList();
            if (some.isEmpty()) {
                throw new InputException(subject, "are among " + names, glob, "check the spelling");
            }
            found.addAll(some);
        }
        return found;
    }

    /**
     * Zeros for every f32 weight of a function, those inside the bodies of scans included.
     *
     * @param frozen names that training leaves alone; {@code *} stands for any text
     * @throws InputException when a name matches nothing
     */
    public static ParameterStore of(Function function, List<String> frozen) {
        return of(function, frozen, List.of());
    }

    /**
     * The same.
     *
     * @param spared names that no decay makes smaller
     */
    public static ParameterStore of(Function function, List<String> frozen, List<String> spared) {
        var types = new LinkedHashMap<String, ValueType>();
        var functions = new ArrayList<>(function.bodies());
        functions.addFirst(function);
        for (Function f : functions) {
            for (Value weight : f.weights()) {
                if (weight.type().element() == ElementType.F32) {
                    types.putIfAbsent(weight.tensorName(), weight.type());
                }
            }
        }
        return new ParameterStore(types, frozen, spared);
    }

    private static List<Piece> pieces(Place place) {
        var pieces = new ArrayList<Piece>();
        for (long from = place.from(); from < place.to(); from += PIECE) {
            pieces.add(new Piece(from, Math.min(place.to(), from + PIECE), place.spared()));
        }
        return pieces;
    }

    private static int count(String name, ValueType type) {
        long count = 1;
        for (Dim dim : type.dims()) {
            count *= dim.fixed(); // of a weight: below 2^31 in all
        }
        if (count > Integer.MAX_VALUE) {
            throw new InputException("parameter " + name, "has less than 2^31 elements", type.toString(), "split it");
        }
        return (int) count;
    }

    private static Pattern pattern(String glob) {
        var regex = new StringBuilder();
        for (String part : glob.split("\\*", -1)) {
            regex.append(regex.isEmpty() ? "" : ".*").append(Pattern.quote(part));
        }
        return Pattern.compile(regex.toString());
    }

    private MemorySegment block() {
        return Operand.memory(arena, "parameters", size * Float.BYTES);
    }

    /** In the order of the function's weights. */
    public List<String> names() {
        return List.copyOf(places.keySet());
    }

    /** The dimensions of a parameter. */
    public List<Integer> shape(String name) {
        return place(name).type.dims().stream().map(d -> (int) d.fixed()).toList();
    }

    ValueType type(String name) {
        return place(name).type;
    }

    public boolean isFrozen(String name) {
        return place(name).frozen;
    }

    /** How many numbers training changes. */
    public long trainedCount() {
        return places.values().stream()
                .filter(p -> !p.frozen)
                .mapToLong(Place::count)
                .sum();
    }

    /** How many numbers it leaves alone. */
    public long frozenCount() {
        return places.values().stream().mapToLong(Place::count).sum() - trainedCount();
    }

    /** The memory of a parameter, row-major f32. */
    public MemorySegment values(String name) {
        return slice(values, name);
    }

    /** The memory of a parameter's gradient. */
    public MemorySegment gradient(String name) {
        return slice(gradient, name);
    }

    /** A copy of a parameter. */
    public float[] get(String name) {
        return values(name).toArray(ValueLayout.JAVA_FLOAT);
    }

    /** Replaces a parameter. */
    public void set(String name, float[] elements) {
        Place place = place(name);
        if (elements.length != place.count) {
            throw new InputException(
                    "parameter " + name,
                    "has " + place.count + " elements, " + place.type,
                    elements.length + " elements",
                    "pass all of them, row by row");
        }
        MemorySegment.copy(elements, 0, values(name), ValueLayout.JAVA_FLOAT, 0, elements.length);
    }

    /**
     * Lets every parameter begin as the tensor of its name in a model file, whatever its encoding and layout: converted
     * models included.
     *
     * @throws InputException when tensors are missing or have other shapes; it names them, and nothing has changed
     */
    public void load(Map<String, Tensor> tensors) {
        load(tensors, List.copyOf(places.keySet()));
    }

    /**
     * The same for some of the parameters.
     *
     * @param names of parameters here, each the name of a tensor there
     */
    public void load(Map<String, Tensor> tensors, List<String> names) {
        var wrong = new ArrayList<String>();
        for (String name : names) {
            List<Integer> shape = shape(name);
            Tensor tensor = tensors.get(name);
            if (tensor == null) {
                wrong.add(name + " " + shape + " is missing");
            } else if (!tensor.shape().equals(shape) || tensor.encoding().elementType() != ElementType.F32) {
                wrong.add(name + " " + shape + " is "
                        + (tensor.encoding().elementType() == ElementType.F32
                                ? tensor.shape()
                                : tensor.encoding().elementType().text()));
            }
        }
        if (!wrong.isEmpty()) {
            int more = wrong.size() - MAX_LISTED;
            throw new InputException(
                    "model to begin with",
                    "has the tensors of this network",
                    String.join(", ", wrong.subList(0, Math.min(wrong.size(), MAX_LISTED)))
                            + (more > 0 ? " and " + more + " more" : ""),
                    "give this network the kind and sizes of that model");
        }
        names.forEach(name -> set(name, tensors.get(name).toFloats()));
    }

    /**
     * Lets a parameter begin.
     *
     * @param groups gates below each other
     * @param seed   of the whole model: each parameter has random numbers of its own, by its name
     */
    public void initialise(String name, Initialisation initialisation, int groups, long seed) {
        List<Integer> shape = shape(name);
        int rows = shape.isEmpty() ? 1 : shape.getFirst();
        Settings.require(groups >= 1, "groups", "is at least 1", groups);
        float[] elements = new float[place(name).count];
        long stream = SeededRandom.hash(seed, name.chars().asLongStream().toArray());
        initialisation.fill(elements, rows, rows == 0 ? 0 : elements.length / rows, groups, new SeededRandom(stream));
        set(name, elements);
    }

    /**
     * Lets an optimizer follow the gradient. What it remembers is kept here from step to step.
     *
     * @param rate the learning rate
     * @param step the first is 1
     */
    public void update(Optimizer optimizer, double rate, long step) {
        update(optimizer, rate, step, Workers.of(1));
    }

    void update(Optimizer optimizer, double rate, long step, Workers workers) {
        Settings.require(Double.isFinite(rate), "learning rate", "is finite", rate);
        Settings.require(step >= 1, "step", "is at least 1", step);
        List<MemorySegment> memory = slots(optimizer);
        Optimizer sparing = optimizer.withoutDecay();
        inPieces(workers, piece -> {
            var span = new Optimizer.Span(values, gradient, memory, piece.from(), piece.to());
            (piece.spared() ? sparing : optimizer).update(span, rate, step);
        });
    }

    /** The trained parameters in pieces, the same whatever the number of threads. */
    List<Piece> pieces() {
        return pieces;
    }

    void inPieces(Workers workers, Consumer<Piece> work) {
        workers.run(pieces.size(), i -> work.accept(pieces.get(i)));
    }

    /** The whole block of values, of gradients, of a slot. */
    MemorySegment values() {
        return values;
    }

    MemorySegment gradient() {
        return gradient;
    }

    /** Memory for what an optimizer remembers; zero at first, kept from then on. */
    List<MemorySegment> slots(Optimizer optimizer) {
        return optimizer.slots().stream()
                .map(name -> slots.computeIfAbsent(name, n -> block()))
                .toList();
    }

    /** A copy of the values, to {@link #restore}; it is freed with this store, not before. */
    MemorySegment copy() {
        return block().copyFrom(values);
    }

    /** Puts the values over an older {@link #copy}. */
    void copyTo(MemorySegment copy) {
        copy.copyFrom(values);
    }

    void restore(MemorySegment copy) {
        values.copyFrom(copy);
    }

    MemorySegment slice(MemorySegment block, String name) {
        Place place = place(name);
        return block.asSlice(place.from * Float.BYTES, (long) place.count * Float.BYTES);
    }

    Place place(String name) {
        Place place = places.get(name);
        if (place == null) {
            throw new InputException("parameter " + name, "is one of " + places.keySet(), name, "check the name");
        }
        return place;
    }

    /** The parameters that are trained. */
    List<Place> trained() {
        return places.values().stream().filter(p -> !p.frozen).toList();
    }
}
