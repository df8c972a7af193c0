package dev.rondo.tests.random;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Op;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import dev.rondo.tests.oracle.NdArray;
import dev.rondo.tests.random.RandomFunction.Domain;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A function in the making: the values it has so far, each with a bound of its magnitude and of the error that f32
 * arithmetic may have made in it. The errors are generous estimates, not proofs; what they must not do is let a wrong
 * result pass, so a value whose estimate has grown beyond a small part of its magnitude is not computed with any more.
 */
final class Pool {
    /** One rounding of f32. */
    static final double EPS = 0x1p-23;

    static final Dim ROWS = Dim.named("B");
    static final Dim STEPS = Dim.named("T");

    /** Values with a larger error than this are results only. */
    private static final double LARGEST_ERROR = 1e-4;

    private static final double LARGEST = 8;

    /** More elements than this, at the largest sizes, a value should not have. */
    private static final long MOST_ELEMENTS = 4000;

    private static final int LARGEST_SIZE = 5;

    /**
     * What is known of a value.
     *
     * @param magnitude no element is larger
     * @param error no element is further off
     * @param bound where positive, whole numbers from 0 to bound-1
     */
    record Info(double magnitude, double error, int bound) {
        Info(double magnitude, double error) {
            this(magnitude, error, 0);
        }
    }

    final Random random;
    final FunctionBuilder f;
    final Map<String, NdArray> weights;
    private final String name;
    private final boolean isBody;
    private final Map<String, Info> infos = new HashMap<>();
    private final Map<String, Domain> domains = new LinkedHashMap<>();
    private final List<Value> values = new ArrayList<>();
    private final List<Value> states = new ArrayList<>();
    private final List<Dim> theme = new ArrayList<>();
    private final Set<Value> taken = new HashSet<>();
    private int named;

    Pool(String name, Random random, Map<String, NdArray> weights, boolean isBody) {
        this.name = name;
        this.random = random;
        this.weights = weights;
        this.isBody = isBody;
        this.f = Function.builder(name);
        for (int i = 0; i < 3; i++) {
            theme.add(i == 0 ? ROWS : dim());
        }
    }

    String name() {
        return name;
    }

    boolean isBody() {
        return isBody;
    }

    boolean flip() {
        return random.nextBoolean();
    }

    int between(int low, int high) {
        return low + random.nextInt(high - low + 1);
    }

    @SafeVarargs
    final <T> T one(T... of) {
        return of[random.nextInt(of.length)];
    }

    Info info(Value value) {
        return value.isAbsent() ? new Info(0, 0) : infos.get(value.name());
    }

    double magnitude(Value value) {
        return info(value).magnitude;
    }

    double error(Value value) {
        return info(value).error;
    }

    /** Notes a value that has been computed. */
    Value put(Value value, double magnitude, double error) {
        return put(value, new Info(magnitude, error));
    }

    Value put(Value value, Info info) {
        infos.put(value.name(), info);
        values.add(value);
        return value;
    }

    /** A small fixed size, now and then one around the width of a panel. */
    int size() {
        return random.nextInt(8) == 0 ? between(15, 18) : between(1, LARGEST_SIZE);
    }

    Dim dim() {
        return switch (random.nextInt(5)) {
            case 0, 1 -> ROWS;
            case 2 -> isBody ? Dim.of(size()) : STEPS;
            default -> Dim.of(size());
        };
    }

    /** Dimensions of a value: often those of the function's theme, so that values meet. */
    List<Dim> dims(int rank) {
        if (rank <= theme.size() && random.nextInt(3) > 0) {
            return new ArrayList<>(theme.subList(0, rank));
        }
        var dims = new ArrayList<Dim>();
        for (int i = 0; i < rank; i++) {
            dims.add(dim());
        }
        return dims;
    }

    /** Any shape, mostly that of a value that nothing uses yet: so values meet. */
    List<Dim> shape() {
        List<List<Dim>> shapes = values.stream()
                .filter(v -> !taken.contains(v) && !domains.containsKey(v.name()) && usable(v))
                .map(v -> v.type().dims())
                .toList();
        if (!shapes.isEmpty() && random.nextInt(4) > 0) {
            return shapes.get(random.nextInt(shapes.size()));
        }
        return dims(between(0, 3));
    }

    static ValueType f32(List<Dim> dims) {
        return new ValueType(ElementType.F32, dims);
    }

    static ValueType f32(Object... dims) {
        return ValueType.f32(dims);
    }

    /** The most elements that a value of these dimensions has in the tests. */
    static long most(List<Dim> dims) {
        long count = 1;
        for (Dim dim : dims) {
            count *= Math.max(1, dim.upperBound(_ -> LARGEST_SIZE));
        }
        return count;
    }

    static boolean isFixed(ValueType type) {
        return type.dims().stream().allMatch(Dim::isFixed);
    }

    private boolean usable(Value value) {
        Info info = info(value);
        return info.error <= LARGEST_ERROR
                && info.magnitude <= LARGEST
                && most(value.type().dims()) <= MOST_ELEMENTS;
    }

    /** A value there is already that fits; null without. Those that nothing uses yet are likelier, so that functions grow deep. */
    Value existing(Predicate<Value> fits) {
        List<Value> found = values.stream().filter(this::usable).filter(fits).toList();
        if (found.isEmpty() || random.nextInt(5) == 0) {
            return null;
        }
        List<Value> fresh = found.stream().filter(v -> !taken.contains(v)).toList();
        List<Value> choice = fresh.isEmpty() || random.nextInt(4) == 0 ? found : fresh;
        Value value = choice.get(random.nextInt(choice.size()));
        taken.add(value);
        return value;
    }

    /** Any f32 value of at least that rank. */
    Value real(int leastRank) {
        Value found =
                existing(v -> v.type().element() == ElementType.F32 && v.type().rank() >= leastRank);
        return found != null ? found : real(f32(dims(between(leastRank, Math.max(leastRank, 3)))), 2, LARGEST_ERROR);
    }

    /** Any f32 value whose elements f32 holds exactly: nothing that jumps is asked about a value that is off a little. */
    Value exact(int leastRank) {
        Value found =
                existing(v -> v.type().element() == ElementType.F32 && v.type().rank() >= leastRank && error(v) == 0);
        return found != null ? found : real(f32(dims(between(leastRank, Math.max(leastRank, 3)))), 2, 0);
    }

    /** A floating-point value of a type within bounds, from the pool or new. */
    Value real(ValueType type, double magnitude, double error) {
        Value found = existing(v -> v.type().equals(type) && magnitude(v) <= magnitude && error(v) <= error);
        return found != null ? found : source(type, Math.min(2, magnitude));
    }

    /** A new input, state or weight, or something computed of weights alone. */
    private Value source(ValueType type, double magnitude) {
        boolean f32 = type.element() == ElementType.F32;
        if (f32 && isFixed(type) && flip()) {
            return weight(type, magnitude);
        }
        boolean rows = type.rank() > 0
                && type.dim(0).equals(ROWS)
                && type.dims().stream().skip(1).allMatch(Dim::isFixed);
        if (f32 && rows && magnitude >= 2 && random.nextInt(3) == 0) {
            return state(type);
        }
        return input(type, new Domain(-magnitude, magnitude));
    }

    Value input(ValueType type, Domain domain) {
        Value value = f.input("x" + named++, type);
        domains.put(value.name(), domain);
        double most = domain.top() == null ? Math.max(Math.abs(domain.low()), Math.abs(domain.high())) : 1000;
        return put(value, new Info(most, 0, domain.low() == 0 && domain.top() == null ? (int) domain.high() + 1 : 0));
    }

    private Value state(ValueType type) {
        Value value = f.state("s" + named++ + "_" + name, type);
        domains.put(value.name(), new Domain(-2, 2));
        states.add(value);
        // Inside a scan a state carries the rounding of the steps before.
        return put(value, 2, isBody ? 1e-6 : 0);
    }

    private Value weight(ValueType type, double magnitude) {
        Value value = stored(type, -magnitude, magnitude);
        if (random.nextInt(3) == 0) {
            Value bent = f.add(new Elementwise.Activate(Activation.TANH), value);
            return put(bent, Math.min(1, magnitude), 4 * EPS);
        }
        return value;
    }

    private Value stored(ValueType type, double low, double high) {
        String tensor = "w" + weights.size();
        List<Integer> shape = type.dims().stream().map(d -> (int) d.fixed()).toList();
        weights.put(tensor, RandomFunction.random(type, shape, new Domain(low, high), random, n -> 1));
        return put(f.weight(tensor, type), Math.max(Math.abs(low), Math.abs(high)), 0);
    }

    /** A value of numbers from 0.5 up: what a logarithm or a quotient may see. */
    Value positive(ValueType type) {
        if (type.element() == ElementType.F32 && flip()) {
            Value floor = stored(f32(), 0.5, 1);
            Value x = real(type, 2, LARGEST_ERROR);
            return put(f.add(new Elementwise.Binary(BinaryFunction.MAXIMUM), floor, x), 2, error(x));
        }
        return input(type, new Domain(0.5, 2));
    }

    /** Whole numbers. */
    Value whole(ValueType type) {
        Value found = existing(v -> v.type().equals(type));
        return found != null ? found : input(type, new Domain(flip() ? 0 : -3, 3));
    }

    Value flags(ValueType type) {
        Value found = existing(v -> v.type().equals(type));
        return found != null ? found : input(type, new Domain(0, 1));
    }

    /** A value of any type's elements. */
    Value any(ValueType type) {
        return switch (type.element()) {
            case F32, F64 -> real(type, LARGEST, LARGEST_ERROR);
            case I32, I64 -> whole(type);
            case BOOL -> flags(type);
        };
    }

    /** Indices into an axis. */
    Value index(List<Dim> dims, int size) {
        Value found =
                existing(v -> (v.type().element() == ElementType.I32 || v.type().element() == ElementType.I64)
                        && v.type().dims().equals(dims)
                        && info(v).bound > 0
                        && info(v).bound <= size);
        ElementType element = one(ElementType.I32, ElementType.I64);
        return found != null ? found : input(new ValueType(element, dims), new Domain(0, size - 1));
    }

    Value lengths(Dim rows, Dim steps) {
        return input(new ValueType(ElementType.I32, List.of(rows)), Domain.lengths(steps));
    }

    /** A matrix to multiply with, whose rows have a sum of magnitudes up to 1: of the file, computed of it, or fed. */
    Value matrix(int... sizes) {
        int fan = 1;
        for (int i = 1; i < sizes.length; i++) {
            fan *= sizes[i];
        }
        double scale = 1.0 / fan;
        ValueType type = f32(Arrays.stream(sizes).boxed().toArray());
        return switch (random.nextInt(8)) {
            case 0 -> input(type, new Domain(-scale, scale));
            case 1 -> {
                Value fed = input(type, new Domain(-scale, scale));
                yield put(f.add(new Elementwise.Activate(Activation.TANH), fed), scale, 4 * EPS * scale);
            }
            case 2 -> {
                if (sizes.length != 2) {
                    yield stored(type, -scale, scale);
                }
                Value turned = stored(f32(sizes[1], sizes[0]), -scale, scale);
                yield put(f.add(new Structure.Transpose(List.of(1, 0)), turned), scale, 0);
            }
            default -> stored(type, -scale, scale);
        };
    }

    /** A bias: of the file, computed, or fed; or none. */
    Value vector(int size) {
        return flip() ? Value.ABSENT : real(f32(size), 1, LARGEST_ERROR);
    }

    /** Adds a node with one output. */
    Value add(Op op, double magnitude, double error, Value... in) {
        return put(f.add(op, in), magnitude, error);
    }

    /** Replaces states, chooses results, and finishes. */
    RandomFunction build() {
        nameSizes();
        var errors = new HashMap<String, Double>();
        for (Value state : states) {
            double most = isBody ? 3e-6 : LARGEST_ERROR;
            List<Value> fitting = values.stream()
                    .filter(v -> v.type().equals(state.type()) && magnitude(v) <= 2 && error(v) <= most)
                    .toList();
            Value next = random.nextInt(6) == 0 ? Value.ABSENT : fitting.get(random.nextInt(fitting.size()));
            if (!next.isAbsent()) {
                f.next(state, next);
            }
            errors.put(state.name(), next.isAbsent() ? 0 : error(next));
        }
        for (Value output : outputs()) {
            f.output(output);
            errors.put(output.name(), error(output));
        }
        return new RandomFunction(f.build(), weights, domains, errors);
    }

    /** Adds an input for sizes that so far only nodes mention: a function's sizes have to follow from what it is given. */
    private void nameSizes() {
        var missing = new LinkedHashSet<Dim>();
        for (Value value : values) {
            value.type().dims().forEach(d -> d.names().forEach(n -> missing.add(Dim.named(n))));
        }
        domains.keySet()
                .forEach(given -> values.stream()
                        .filter(v -> v.name().equals(given))
                        .forEach(v -> missing.removeAll(v.type().dims())));
        if (!missing.isEmpty()) {
            values.addFirst(input(new ValueType(ElementType.BOOL, List.copyOf(missing)), new Domain(0, 1)));
            values.removeLast();
        }
    }

    /** Everything that no node uses, so that nothing goes unseen, and a few others, be they inputs or states. */
    private Set<Value> outputs() {
        var used = new HashSet<Value>();
        f.build().nodes().forEach(n -> used.addAll(n.inputs()));
        var outputs = new LinkedHashSet<Value>();
        for (Value value : values) {
            if (!used.contains(value) && !domains.containsKey(value.name())) {
                outputs.add(value);
            }
        }
        for (int i = values.isEmpty() ? 0 : between(0, 2); i > 0; i--) {
            outputs.add(values.get(random.nextInt(values.size())));
        }
        // A file holds no function whose result is a weight as it stands.
        outputs.removeIf(Value::isWeight);
        return outputs;
    }
}
