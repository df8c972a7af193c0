package dev.rondo.tests.random;

import static dev.rondo.tests.random.Pool.EPS;
import static dev.rondo.tests.random.Pool.ROWS;
import static dev.rondo.tests.random.Pool.STEPS;
import static dev.rondo.tests.random.Pool.f32;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Activation;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.BinaryFunction;
import dev.rondo.graph.Comparison;
import dev.rondo.graph.Contraction;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Elementwise;
import dev.rondo.graph.Op;
import dev.rondo.graph.Reduction;
import dev.rondo.graph.Scan;
import dev.rondo.graph.Structure;
import dev.rondo.graph.UnaryFunction;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** How to add a node of each operator to a random function. A walk over the sealed hierarchy holds this table complete. */
final class Catalogue {
    private static final double ANY = 1e-4;

    private Catalogue() {}

    /** One entry per record of the catalogue. */
    static Map<Class<? extends Op>, Consumer<Pool>> makers() {
        var makers = new LinkedHashMap<Class<? extends Op>, Consumer<Pool>>();
        makers.put(Elementwise.Unary.class, Catalogue::unary);
        makers.put(Elementwise.Activate.class, Catalogue::activate);
        makers.put(Elementwise.Binary.class, Catalogue::binary);
        makers.put(Elementwise.Compare.class, Catalogue::compare);
        makers.put(Elementwise.Not.class, Catalogue::not);
        makers.put(Elementwise.Where.class, Catalogue::where);
        makers.put(Elementwise.Cast.class, Catalogue::cast);
        makers.put(Structure.Concat.class, Moves::concat);
        makers.put(Structure.Slice.class, Moves::slice);
        makers.put(Structure.Reshape.class, Moves::reshape);
        makers.put(Structure.Transpose.class, Moves::transpose);
        makers.put(Structure.Expand.class, Moves::expand);
        makers.put(Structure.Pad.class, Moves::pad);
        makers.put(Structure.Gather.class, Moves::gather);
        makers.put(Structure.Pick.class, Moves::pick);
        makers.put(Structure.LengthMask.class, Moves::lengthMask);
        makers.put(Structure.Fill.class, Moves::fill);
        makers.put(Structure.Size.class, Moves::size);
        makers.put(Contraction.Linear.class, Catalogue::linear);
        makers.put(Contraction.MatMul.class, Catalogue::matMul);
        makers.put(Contraction.Conv1d.class, Catalogue::conv1d);
        makers.put(Aggregation.Reduce.class, Catalogue::reduce);
        makers.put(Aggregation.ArgMax.class, ChoiceMakers::argMax);
        makers.put(Aggregation.TopK.class, ChoiceMakers::topK);
        makers.put(Aggregation.Attention.class, ChoiceMakers::attention);
        makers.put(Aggregation.Softmax.class, ChoiceMakers::softmax);
        makers.put(Aggregation.LayerNorm.class, Catalogue::layerNorm);
        makers.put(Aggregation.PoolTime.class, Catalogue::poolTime);
        makers.put(Aggregation.PoolWindow.class, Catalogue::poolWindow);
        makers.putAll(RecurrentMakers.makers());
        makers.put(Scan.class, Catalogue::scan);
        return makers;
    }

    /** A random function; the same seed with fewer nodes gives one that begins in the same way. */
    static RandomFunction function(long seed, int nodes) {
        return fill(new Pool("main", new Random(seed), new LinkedHashMap<>(), false), nodes)
                .build();
    }

    /** A random function of elementwise operators over one shape and single elements: chains that grow, meet and part. */
    static RandomFunction elementwise(long seed, int nodes) {
        var p = new Pool("main", new Random(seed), new LinkedHashMap<>(), false);
        ValueType type = f32("B", 5);
        var open = new ArrayList<Value>(List.of(p.real(type, 2, 0), p.real(type, 2, 0), p.real(f32(), 2, 0)));
        for (int i = 0; i < nodes; i++) {
            Value a = open.remove(p.random.nextInt(open.size()));
            Value b = open.isEmpty() || p.flip() ? null : open.remove(p.random.nextInt(open.size()));
            Value y;
            if (b == null) {
                Op op = p.flip()
                        ? new Elementwise.Unary(p.one(UnaryFunction.NEGATE, UnaryFunction.ABS, UnaryFunction.SIN))
                        : new Elementwise.Activate(p.one(Activation.TANH, Activation.RELU, Activation.SOFTSIGN));
                y = p.add(op, p.magnitude(a), p.error(a) + 8 * EPS * (1 + p.magnitude(a)), a);
            } else {
                var op = new Elementwise.Binary(
                        p.one(BinaryFunction.ADD, BinaryFunction.SUBTRACT, BinaryFunction.MAXIMUM));
                double m = p.magnitude(a) + p.magnitude(b);
                y = p.add(op, m, p.error(a) + p.error(b) + EPS * m, a, b);
            }
            open.add(y);
            if (open.size() < 2 || p.random.nextInt(4) == 0) {
                // Used once more, or something new.
                open.add(p.flip() ? a : p.real(type, 2, 0));
            }
        }
        return p.build();
    }

    private static Pool fill(Pool pool, int nodes) {
        var makers = new ArrayList<>(makers().entrySet());
        if (pool.flip()) {
            // A few operators only, most of them elementwise: chains grow and meet.
            List<Class<? extends Op>> often =
                    List.of(Elementwise.Unary.class, Elementwise.Activate.class, Elementwise.Binary.class);
            makers.removeIf(m -> !often.contains(m.getKey()) && pool.random.nextInt(8) > 0);
        }
        for (int i = 0; i < nodes; i++) {
            Map.Entry<Class<? extends Op>, Consumer<Pool>> entry;
            do {
                entry = makers.get(pool.random.nextInt(makers.size()));
            } while (pool.isBody() && entry.getKey() == Scan.class);
            entry.getValue().accept(pool);
        }
        return pool;
    }

    private static ElementType element(Pool p, ElementType... of) {
        return p.one(of);
    }

    private static void unary(Pool p) {
        UnaryFunction function = p.one(UnaryFunction.values());
        ElementType element = p.random.nextInt(4) == 0 ? ElementType.F64 : ElementType.F32;
        ValueType type = new ValueType(element, p.shape());
        var op = new Elementwise.Unary(function);
        switch (function) {
            case NEGATE, ABS, SIGN -> {
                if (p.flip()) {
                    Value x = p.whole(type.withElement(element(p, ElementType.I32, ElementType.I64)));
                    p.add(op, p.magnitude(x), 0, x);
                    return;
                }
                Value x = function == UnaryFunction.SIGN ? p.real(type, 8, 0) : p.real(type, 8, ANY);
                p.add(op, p.magnitude(x) + 1, p.error(x), x);
            }
            case EXP -> {
                Value x = p.real(type, 2, ANY);
                double most = Math.exp(p.magnitude(x));
                p.add(op, most, most * (2 * p.error(x) + 8 * EPS), x);
            }
            case LOG, SQRT, RECIPROCAL -> {
                Value x = p.positive(type);
                p.add(op, 2 + p.magnitude(x), 4 * p.error(x) + 8 * EPS, x);
            }
            case FLOOR, CEIL, ROUND -> {
                Value x = p.real(type, 8, 0);
                p.add(op, p.magnitude(x) + 1, 0, x);
            }
            case SIN, COS, ERF -> {
                Value x = p.real(type, 8, ANY);
                p.add(op, 1, 1.2 * p.error(x) + 8 * EPS, x);
            }
        }
    }

    static Activation activation(Pool p) {
        Activation.Kind kind = p.one(Activation.Kind.values());
        return switch (kind) {
            case HARD_SIGMOID -> new Activation(kind, 0.2f, 0.5f);
            case LEAKY_RELU -> new Activation(kind, 0.1f, 0);
            case ELU -> new Activation(kind, 1.5f, 0);
            case AFFINE -> new Activation(kind, -0.5f, 0.25f);
            case SCALED_TANH -> new Activation(kind, 1.5f, 0.75f);
            case THRESHOLDED_RELU -> new Activation(Activation.Kind.RELU, 0, 0);
            case IDENTITY, TANH, SIGMOID, RELU, SELU, SOFTSIGN, SOFTPLUS, SILU, GELU -> new Activation(kind, 0, 0);
        };
    }

    private static void activate(Pool p) {
        if (p.random.nextInt(8) == 0) {
            Value x = p.exact(0);
            var jump = new Activation(Activation.Kind.THRESHOLDED_RELU, 0.5f, 0);
            p.add(new Elementwise.Activate(jump), p.magnitude(x), 0, x);
            return;
        }
        Value x = p.real(f32(p.shape()), 8, ANY);
        double m = p.magnitude(x);
        p.add(new Elementwise.Activate(activation(p)), 2 * m + 2, 2 * p.error(x) + 8 * EPS * (1 + m), x);
    }

    /** A shape that broadcasts to another one. */
    static List<Dim> narrower(Pool p, List<Dim> dims) {
        var narrow = new ArrayList<>(dims);
        if (p.flip()) {
            return narrow;
        }
        narrow.subList(0, p.between(0, dims.size())).clear();
        for (int d = 0; d < narrow.size(); d++) {
            if (p.random.nextInt(4) == 0) {
                narrow.set(d, Dim.ONE);
            }
        }
        return narrow;
    }

    private static void binary(Pool p) {
        BinaryFunction function = p.one(BinaryFunction.values());
        var op = new Elementwise.Binary(function);
        List<Dim> dims = p.shape();
        ElementType element = p.random.nextInt(3) == 0
                ? element(p, ElementType.F64, ElementType.I32, ElementType.I64)
                : ElementType.F32;
        boolean whole = element == ElementType.I32 || element == ElementType.I64;
        switch (function) {
            case AND, OR -> {
                ValueType type = new ValueType(ElementType.BOOL, dims);
                two(p, op, p.flags(type), p.flags(type.withDims(narrower(p, dims))), 1, 0);
            }
            case POWER -> {
                ValueType type = new ValueType(whole ? ElementType.F32 : element, dims);
                Value a = p.positive(type);
                Value b = p.real(type.withDims(narrower(p, dims)), 2, ANY);
                p.add(op, 4, 16 * (p.error(a) + p.error(b)) + 64 * EPS, a, b);
            }
            case DIVIDE -> {
                ValueType type = new ValueType(element, dims);
                ValueType narrow = type.withDims(narrower(p, dims));
                if (whole) {
                    Value a = p.whole(type);
                    p.add(op, p.magnitude(a), 0, a, p.input(narrow, new RandomFunction.Domain(1, 3)));
                } else {
                    Value a = p.real(type, 4, ANY);
                    Value b = p.positive(narrow);
                    double m = p.magnitude(a);
                    p.add(op, 2 * m, 2 * p.error(a) + 4 * m * p.error(b) + 8 * EPS * m, a, b);
                }
            }
            case ADD, SUBTRACT, MULTIPLY, MAXIMUM, MINIMUM -> {
                ValueType type = new ValueType(element, dims);
                Value a = p.any(type);
                ValueType own = a.type();
                Value b = p.random.nextInt(6) == 0 ? a : p.any(own.withDims(narrower(p, own.dims())));
                double ma = p.magnitude(a);
                double mb = p.magnitude(b);
                boolean product = function == BinaryFunction.MULTIPLY;
                double m = product ? ma * mb : ma + mb;
                double e =
                        product ? ma * p.error(b) + mb * p.error(a) + p.error(a) * p.error(b) : p.error(a) + p.error(b);
                boolean rounds = !whole && function != BinaryFunction.MAXIMUM && function != BinaryFunction.MINIMUM;
                two(p, op, a, b, m, e + (rounds ? EPS * m : 0));
            }
        }
    }

    private static void two(Pool p, Op op, Value a, Value b, double magnitude, double error) {
        if (p.flip()) {
            p.add(op, magnitude, error, a, b);
        } else {
            p.add(op, magnitude, error, b, a);
        }
    }

    private static void compare(Pool p) {
        ElementType element = p.one(ElementType.values());
        ValueType type = new ValueType(element, p.shape());
        boolean real = element == ElementType.F32 || element == ElementType.F64;
        Value a = real ? p.real(type, 8, 0) : p.any(type);
        ValueType narrow = type.withDims(narrower(p, type.dims()));
        Value b = real ? p.real(narrow, 8, 0) : p.any(narrow);
        two(p, new Elementwise.Compare(p.one(Comparison.values())), a, b, 1, 0);
    }

    private static void not(Pool p) {
        p.add(new Elementwise.Not(), 1, 0, p.flags(new ValueType(ElementType.BOOL, p.shape())));
    }

    private static void where(Pool p) {
        ValueType type = new ValueType(p.one(ElementType.values()), p.shape());
        Value condition = p.flags(new ValueType(ElementType.BOOL, narrower(p, type.dims())));
        Value a = p.any(type);
        Value b = p.any(type.withDims(narrower(p, type.dims())));
        double m = Math.max(p.magnitude(a), p.magnitude(b));
        double e = Math.max(p.error(a), p.error(b));
        if (p.flip()) {
            p.add(new Elementwise.Where(), m, e, condition, a, b);
        } else {
            p.add(new Elementwise.Where(), m, e, condition, b, a);
        }
    }

    private static void cast(Pool p) {
        ElementType to = p.one(ElementType.values());
        ElementType from = p.one(ElementType.values());
        ValueType type = new ValueType(from, p.shape());
        boolean real = from == ElementType.F32 || from == ElementType.F64;
        boolean jumps = real && to != ElementType.F32 && to != ElementType.F64;
        Value x = jumps ? p.real(type, 8, 0) : p.any(type);
        double e = p.error(x) + (from == ElementType.F64 && to == ElementType.F32 ? EPS * p.magnitude(x) : 0);
        p.add(new Elementwise.Cast(to), Math.max(1, p.magnitude(x)), e, x);
    }

    /** A value whose last axis is fixed. */
    private static Value rows(Pool p, int leastRank) {
        Value found = p.existing(v -> v.type().element() == ElementType.F32
                && v.type().rank() >= leastRank
                && v.type().dim(-1).isFixed()
                && v.type().dim(-1).fixed() > 0);
        if (found != null) {
            return found;
        }
        List<Dim> dims = p.dims(p.between(leastRank, 3));
        dims.set(dims.size() - 1, Dim.of(p.size()));
        return p.real(f32(dims), 2, ANY);
    }

    private static void linear(Pool p) {
        Value x = rows(p, 1);
        int columns = (int) x.type().dim(-1).fixed();
        int outputs = p.size();
        Value weight = p.matrix(outputs, columns);
        Value bias = p.vector(outputs);
        double m = p.magnitude(x) + p.magnitude(bias);
        double e = p.error(x) + p.magnitude(x) * p.error(weight) * columns + p.error(bias) + 2 * columns * EPS * m;
        p.add(new Contraction.Linear(), m, e, x, weight, bias);
    }

    private static void matMul(Pool p) {
        boolean transpose = p.flip();
        Value a = rows(p, 2);
        long inner = a.type().dim(-1).fixed();
        Dim outer = p.dim();
        var dims =
                new ArrayList<>(narrower(p, a.type().dims().subList(0, a.type().rank() - 2)));
        dims.add(transpose ? outer : Dim.of(inner));
        dims.add(transpose ? Dim.of(inner) : outer);
        Value b = p.real(f32(dims), 2, ANY);
        double ma = p.magnitude(a);
        double mb = p.magnitude(b);
        double e = inner * (ma * p.error(b) + mb * p.error(a) + 2 * inner * EPS * ma * mb);
        p.add(new Contraction.MatMul(transpose), inner * ma * mb, e, a, b);
    }

    private static void conv1d(Pool p) {
        int groups = p.between(1, 2);
        int channels = p.between(1, 4);
        int taps = p.between(1, 3);
        int dilation = p.between(1, 2);
        int reach = (taps - 1) * dilation + 1;
        int before = p.between(0, reach - 1);
        // So much padding that even an empty sequence has no negative number of windows.
        int after = reach - 1 - before + p.between(0, 1);
        Dim time = p.isBody() || p.flip() ? Dim.of(p.between(1, 6)) : STEPS;
        Value x = p.real(f32(List.of(ROWS, time, Dim.of(groups * channels))), 4, ANY);
        int outputs = groups * p.between(1, 9);
        Value weight = p.matrix(outputs, taps, channels);
        Value bias = p.vector(outputs);
        double m = p.magnitude(x) + p.magnitude(bias);
        int fan = taps * channels;
        double e = p.error(x) + p.magnitude(x) * p.error(weight) * fan + p.error(bias) + 2 * fan * EPS * m;
        p.add(new Contraction.Conv1d(p.between(1, 3), dilation, groups, before, after), m, e, x, weight, bias);
    }

    private static void reduce(Pool p) {
        Value x = p.real(1);
        int axis = p.random.nextInt(x.type().rank());
        Reduction reduction = p.one(Reduction.values());
        double count = Pool.most(List.of(x.type().dim(axis)));
        double m = p.magnitude(x);
        double e = p.error(x);
        double most = reduction == Reduction.SUM ? count * m : m + Math.log(count + 1);
        double error = reduction == Reduction.SUM ? count * e : 2 * e;
        boolean jumps = reduction == Reduction.MAX || reduction == Reduction.MIN;
        // Nothing is computed with what an empty axis may give: infinities and NaN.
        boolean tame = x.type().dim(axis).isFixed() || reduction == Reduction.SUM;
        p.add(
                new Aggregation.Reduce(
                        reduction, p.flip() ? axis : axis - x.type().rank(), p.flip()),
                tame ? most : 1e9,
                error + (jumps ? 0 : 2 * count * EPS * (1 + most)),
                x);
    }

    private static void layerNorm(Pool p) {
        Value x = rows(p, 1);
        int size = (int) x.type().dim(-1).fixed();
        Value gain = p.vector(size);
        Value bias = p.vector(size);
        double m = p.magnitude(x);
        double most = 3 * m + 1;
        double e = 30 * (1 + m) * (p.error(x) + size * EPS * (1 + m)) + most * p.error(gain) + p.error(bias);
        p.add(new Aggregation.LayerNorm(0.25f), most, e, x, gain, bias);
    }

    private static Value sequence(Pool p, Dim time) {
        return p.real(f32(List.of(ROWS, time, Dim.of(p.size()))), 8, ANY);
    }

    private static Dim time(Pool p) {
        return p.isBody() || p.flip() ? Dim.of(p.between(1, 6)) : STEPS;
    }

    private static void poolTime(Pool p) {
        Value x = sequence(p, time(p));
        Value lengths = p.flip() ? Value.ABSENT : p.lengths(ROWS, x.type().dim(1));
        double e = p.error(x) + 16 * EPS * p.magnitude(x);
        p.add(new Aggregation.PoolTime(p.one(Aggregation.Pooling.values())), p.magnitude(x), e, x, lengths);
    }

    private static void poolWindow(Pool p) {
        int size = p.between(1, 3);
        // A window no longer than its stride has no negative number of places in an empty sequence.
        int stride = p.between(size, 4);
        Value x = sequence(p, p.isBody() || p.flip() ? Dim.of(p.between(3, 6)) : STEPS);
        double e = p.error(x) + 16 * EPS * p.magnitude(x);
        p.add(new Aggregation.PoolWindow(p.one(Aggregation.Pooling.values()), size, stride), p.magnitude(x), e, x);
    }

    /** A scan of a random function of one to three nodes. */
    private static void scan(Pool p) {
        Pool inner = new Pool("body" + p.weights.size() + "_" + p.between(0, 99999), p.random, p.weights, true);
        RandomFunction body = fill(inner, p.between(1, 3)).build();
        List<Value> inputs = body.function().inputs();
        boolean changes = !body.function().outputs().isEmpty()
                || body.function().states().stream().anyMatch(s -> s.isReplaced());
        if (inputs.isEmpty() || !changes) {
            return;
        }
        int first = p.random.nextInt(inputs.size());
        List<String> over = IntStream.range(0, inputs.size())
                .filter(i -> i == first || p.flip())
                .mapToObj(i -> inputs.get(i).name())
                .toList();
        Dim time = p.flip() ? STEPS : Dim.of(p.between(1, 4));
        var in = new ArrayList<Value>();
        for (Value input : inputs) {
            ValueType type = input.type();
            var dims = new ArrayList<>(type.dims());
            if (over.contains(input.name())) {
                dims.add(Scan.timeAxis(type), time);
            }
            in.add(p.input(type.withDims(dims), body.domains().get(input.name())));
        }
        boolean namesRows = in.stream().anyMatch(v -> v.type().dims().contains(ROWS));
        for (var state : body.function().states()) {
            boolean zero = namesRows && p.flip();
            in.add(zero ? Value.ABSENT : p.real(state.value().type(), 2, 1e-6));
        }
        boolean rowwise = body.function().outputs().stream()
                        .allMatch(v -> v.type().rank() > 0 && v.type().dim(0).equals(ROWS))
                && body.function().states().stream()
                        .allMatch(s -> s.value().type().dim(0).equals(ROWS));
        in.add(rowwise && p.flip() ? p.lengths(ROWS, time) : Value.ABSENT);
        List<Value> out = p.f.addAll(new Scan(body.function(), over, p.flip(), p.flip()), List.of(), in);
        int outputs = body.function().outputs().size();
        for (int i = 0; i < out.size(); i++) {
            if (i < outputs) {
                Value result = body.function().outputs().get(i);
                double error = body.errors().get(result.name());
                boolean feedsBack = !body.function().states().isEmpty();
                p.put(out.get(i), inner.magnitude(result), feedsBack ? 300 * error : error);
            } else {
                p.put(out.get(i), 2, 1e-3);
            }
        }
    }
}
