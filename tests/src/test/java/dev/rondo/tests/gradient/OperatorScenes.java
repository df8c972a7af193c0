package dev.rondo.tests.gradient;

import dev.rondo.architecture.training.Training;
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
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** How to make a function of each operator with random attributes, shapes and optional inputs. */
final class OperatorScenes {
    private static final Dim B = Dim.named("B");
    private static final Dim T = Dim.named("T");

    private OperatorScenes() {}

    /** One entry per record of the catalogue that may stand in a function that is differentiated. */
    static Map<Class<? extends Op>, Consumer<Scene>> makers() {
        var makers = new LinkedHashMap<Class<? extends Op>, Consumer<Scene>>();
        makers.put(Elementwise.Unary.class, OperatorScenes::unary);
        makers.put(Elementwise.Activate.class, OperatorScenes::activate);
        makers.put(Elementwise.Binary.class, OperatorScenes::binary);
        makers.put(Elementwise.Compare.class, OperatorScenes::compare);
        makers.put(Elementwise.Not.class, OperatorScenes::not);
        makers.put(Elementwise.Where.class, OperatorScenes::where);
        makers.put(Elementwise.Cast.class, OperatorScenes::cast);
        makers.put(Structure.Concat.class, OperatorScenes::concat);
        makers.put(Structure.Slice.class, OperatorScenes::slice);
        makers.put(Structure.Reshape.class, OperatorScenes::reshape);
        makers.put(Structure.Transpose.class, OperatorScenes::transpose);
        makers.put(Structure.Expand.class, OperatorScenes::expand);
        makers.put(Structure.Pad.class, OperatorScenes::pad);
        makers.put(Structure.Gather.class, OperatorScenes::gather);
        makers.put(Structure.Pick.class, OperatorScenes::pick);
        makers.put(Structure.LengthMask.class, OperatorScenes::lengthMask);
        makers.put(Structure.Fill.class, s -> scaled(s, new Structure.Fill(ElementType.F32, -1.5, List.of())));
        makers.put(Structure.Size.class, s -> scaled(s, new Structure.Size(T.plus(1), ElementType.F32)));
        makers.put(Contraction.Linear.class, OperatorScenes::linear);
        makers.put(Contraction.MatMul.class, OperatorScenes::matMul);
        makers.put(Contraction.Conv1d.class, OperatorScenes::conv1d);
        makers.put(Aggregation.Reduce.class, OperatorScenes::reduce);
        makers.put(Aggregation.ArgMax.class, OperatorScenes::argMax);
        makers.put(Aggregation.TopK.class, OperatorScenes::topK);
        makers.put(Aggregation.Attention.class, OperatorScenes::attention);
        makers.put(Aggregation.Softmax.class, OperatorScenes::softmax);
        makers.put(Aggregation.LayerNorm.class, OperatorScenes::layerNorm);
        makers.put(Aggregation.PoolTime.class, OperatorScenes::poolTime);
        makers.put(Aggregation.PoolWindow.class, OperatorScenes::poolWindow);
        makers.putAll(RecurrentScenes.makers());
        makers.put(Scan.class, ScanScenes::scan);
        makers.put(Training.Dropout.class, OperatorScenes::dropout);
        makers.put(Training.CrossEntropy.class, OperatorScenes::crossEntropy);
        makers.put(Training.OuterSum.class, OperatorScenes::outerSum);
        return makers;
    }

    /** f32, or now and then f64: computed from an f32 input, since parameters are f32. */
    private static Value real(Scene s, List<Dim> dims, boolean wide) {
        Value x = s.real(new ValueType(ElementType.F32, dims));
        return wide ? s.f.add(new Elementwise.Cast(ElementType.F64), x) : x;
    }

    private static Value positive(Scene s, List<Dim> dims, boolean wide) {
        Value x = s.positive(new ValueType(ElementType.F32, dims));
        return wide ? s.f.add(new Elementwise.Cast(ElementType.F64), x) : x;
    }

    /** All above zero, or all below. */
    private static Value notZero(Scene s, List<Dim> dims, boolean wide) {
        Value x = positive(s, dims, wide);
        return s.flip() ? x : s.f.add(new Elementwise.Unary(UnaryFunction.NEGATE), x);
    }

    private static boolean wide(Scene s) {
        return s.random.nextInt(5) == 0;
    }

    private static void unary(Scene s) {
        UnaryFunction function = s.one(UnaryFunction.values());
        List<Dim> dims = s.dims(s.between(0, 3));
        boolean wide = wide(s);
        Value x = switch (function) {
            case LOG, SQRT -> positive(s, dims, wide);
            case RECIPROCAL -> notZero(s, dims, wide);
            case NEGATE, ABS, SIGN, EXP, FLOOR, CEIL, ROUND, SIN, COS, ERF -> real(s, dims, wide);
        };
        s.add(new Elementwise.Unary(function), x);
    }

    static Activation activation(Scene s) {
        Activation.Kind kind = s.one(Activation.Kind.values());
        return switch (kind) {
            case HARD_SIGMOID -> new Activation(kind, 0.2f, 0.5f);
            case LEAKY_RELU -> new Activation(kind, 0.1f, 0);
            case ELU -> new Activation(kind, 1.5f, 0);
            case AFFINE -> new Activation(kind, -0.5f, 0.25f);
            case SCALED_TANH -> new Activation(kind, 1.5f, 0.75f);
            case THRESHOLDED_RELU -> new Activation(kind, 0.5f, 0);
            case IDENTITY, TANH, SIGMOID, RELU, SELU, SOFTSIGN, SOFTPLUS, SILU, GELU -> new Activation(kind, 0, 0);
        };
    }

    private static void activate(Scene s) {
        s.add(new Elementwise.Activate(activation(s)), s.real(new ValueType(ElementType.F32, s.dims(s.between(0, 3)))));
    }

    private static void binary(Scene s) {
        BinaryFunction function = s.one(
                BinaryFunction.ADD,
                BinaryFunction.SUBTRACT,
                BinaryFunction.MULTIPLY,
                BinaryFunction.DIVIDE,
                BinaryFunction.MAXIMUM,
                BinaryFunction.MINIMUM,
                BinaryFunction.POWER);
        List<Dim> dims = s.dims(s.between(0, 3));
        List<Dim> narrow = s.flip() ? dims : s.narrower(dims);
        boolean wide = wide(s);
        boolean swap = s.flip();
        List<Dim> first = swap ? narrow : dims;
        List<Dim> second = swap ? dims : narrow;
        Value a = function == BinaryFunction.POWER ? positive(s, first, wide) : real(s, first, wide);
        Value b = function == BinaryFunction.DIVIDE ? notZero(s, second, wide) : real(s, second, wide);
        boolean kinked = function == BinaryFunction.MAXIMUM || function == BinaryFunction.MINIMUM;
        // The same value twice is a tie where it is not moved apart; elsewhere its cotangents add up.
        if (!kinked && narrow.equals(dims) && function != BinaryFunction.POWER && s.random.nextInt(5) == 0) {
            b = function == BinaryFunction.DIVIDE ? b : a;
        }
        s.add(new Elementwise.Binary(function), a, b);
    }

    /** What only decides has no slope; x goes on besides. */
    private static void compare(Scene s) {
        List<Dim> dims = s.dims(2);
        Value x = real(s, dims, false);
        Value less = s.f.add(new Elementwise.Compare(s.one(Comparison.values())), x, real(s, s.narrower(dims), false));
        s.add(new Elementwise.Binary(BinaryFunction.MULTIPLY), x, s.f.add(new Elementwise.Cast(ElementType.F32), less));
    }

    private static void not(Scene s) {
        Value x = real(s, s.dims(2), false);
        Value flag = s.f.add(new Elementwise.Cast(ElementType.BOOL), x);
        s.add(new Elementwise.Where(), s.f.add(new Elementwise.Not(), flag), x, s.f.times(x, x));
    }

    private static void where(Scene s) {
        List<Dim> dims = s.dims(s.between(0, 3));
        boolean wide = wide(s);
        Value a = real(s, s.flip() ? dims : s.narrower(dims), wide);
        Value b = real(s, s.flip() ? dims : s.narrower(dims), wide);
        s.add(new Elementwise.Where(), s.flags(s.flip() ? dims : s.narrower(dims)), a, b);
    }

    private static void cast(Scene s) {
        Value x = real(s, s.dims(2), s.flip());
        Value there = s.f.add(new Elementwise.Cast(s.one(ElementType.values())), x);
        s.add(new Elementwise.Cast(s.one(ElementType.F32, ElementType.F64)), there);
    }

    private static int axis(Scene s, int rank) {
        int axis = s.random.nextInt(rank);
        return s.flip() ? axis : axis - rank;
    }

    private static void concat(Scene s) {
        List<Dim> dims = s.dims(s.between(1, 3));
        int axis = axis(s, dims.size());
        boolean wide = wide(s);
        var parts = new ArrayList<Value>();
        for (int i = s.between(1, 3); i > 0; i--) {
            var own = new ArrayList<>(dims);
            own.set(axis < 0 ? axis + dims.size() : axis, s.dim());
            parts.add(real(s, own, wide));
        }
        if (s.flip()) {
            parts.add(parts.getFirst());
        }
        s.add(new Structure.Concat(axis), parts.toArray(Value[]::new));
    }

    private static void slice(Scene s) {
        List<Dim> dims = s.dims(s.between(1, 3));
        int axis = axis(s, dims.size());
        Dim size = dims.get(axis < 0 ? axis + dims.size() : axis);
        int step = s.between(1, 3);
        Dim start = Dim.of(0);
        Dim length = size.plus(step - 1L).dividedBy(step);
        if (size.isFixed()) {
            int from = s.random.nextInt((int) size.fixed());
            start = Dim.of(from);
            length = Dim.of(s.between(0, ((int) size.fixed() - from + step - 1) / step));
        }
        s.add(new Structure.Slice(axis, start, length, step), real(s, dims, wide(s)));
    }

    private static void reshape(Scene s) {
        List<Dim> dims = s.dims(3);
        List<Dim> to = s.one(
                List.of(Dim.product(dims)),
                List.of(dims.get(0), dims.get(1).times(dims.get(2))),
                List.of(dims.get(0), Dim.ONE, dims.get(1), dims.get(2)));
        s.add(new Structure.Reshape(to), real(s, dims, wide(s)));
    }

    private static void transpose(Scene s) {
        List<Dim> dims = s.dims(s.between(1, 4));
        var axes = new ArrayList<>(IntStream.range(0, dims.size()).boxed().toList());
        Collections.shuffle(axes, s.random);
        s.add(new Structure.Transpose(axes), real(s, dims, wide(s)));
    }

    private static void expand(Scene s) {
        List<Dim> dims = s.dims(s.between(0, 3));
        s.add(new Structure.Expand(dims), real(s, s.narrower(dims), wide(s)));
    }

    private static void pad(Scene s) {
        List<Dim> dims = s.dims(s.between(1, 3));
        int axis = axis(s, dims.size());
        Dim size = dims.get(axis < 0 ? axis + dims.size() : axis);
        int now = (int) size.evaluate(s.sizes::of);
        Structure.PadMode mode = now == 0 ? Structure.PadMode.ZERO : s.one(Structure.PadMode.values());
        int most = mode == Structure.PadMode.REFLECT ? Math.min(3, now - 1) : 3;
        s.add(new Structure.Pad(axis, s.between(0, most), s.between(0, most), mode), real(s, dims, wide(s)));
    }

    private static void gather(Scene s) {
        int rows = s.size();
        List<Dim> dims = s.dims(s.between(1, 3));
        dims.set(0, Dim.of(rows));
        s.add(new Structure.Gather(), real(s, dims, wide(s)), s.index(s.dims(s.between(0, 2)), rows));
    }

    private static void pick(Scene s) {
        int size = s.size();
        List<Dim> dims = s.dims(s.between(1, 3));
        dims.set(dims.size() - 1, Dim.of(size));
        s.add(new Structure.Pick(), real(s, dims, wide(s)), s.index(dims.subList(0, dims.size() - 1), size));
    }

    private static void lengthMask(Scene s) {
        Value lengths = s.whole(new ValueType(ElementType.I32, List.of(B)), 0, s.sizes.steps());
        Value mask = s.f.add(new Structure.LengthMask(T), lengths);
        s.add(new Elementwise.Where(), mask, real(s, List.of(B, T), false), real(s, List.of(), false));
    }

    private static void scaled(Scene s, Structure number) {
        s.add(new Elementwise.Binary(BinaryFunction.MULTIPLY), real(s, s.dims(2), false), s.f.add(number));
    }

    private static void linear(Scene s) {
        List<Dim> dims = s.dims(s.between(1, 3));
        int inputs = s.size();
        int outputs = s.size();
        dims.set(dims.size() - 1, Dim.of(inputs));
        s.add(new Contraction.Linear(), real(s, dims, false), s.matrix(outputs, inputs), s.maybe(s.real(outputs)));
    }

    private static void matMul(Scene s) {
        boolean transpose = s.flip();
        List<Dim> outer = s.dims(s.between(0, 2));
        Dim inner = s.dim();
        Dim columns = s.dim();
        boolean swap = s.flip();
        var a = new ArrayList<>(swap ? s.narrower(outer) : outer);
        var b = new ArrayList<>(swap ? outer : s.narrower(outer));
        a.addAll(List.of(s.dim(), inner));
        b.addAll(transpose ? List.of(columns, inner) : List.of(inner, columns));
        s.add(new Contraction.MatMul(transpose), real(s, a, false), real(s, b, false));
    }

    private static void conv1d(Scene s) {
        int groups = s.between(1, 2);
        int channels = s.between(1, 2);
        int taps = s.between(1, 3);
        int dilation = s.between(1, 2);
        int reach = (taps - 1) * dilation + 1;
        int stride = s.between(1, 3);
        int before = s.between(0, reach);
        // As little padding as leaves no negative number of windows, or more.
        int after = Math.max(0, reach - stride - before - s.sizes.steps()) + s.between(0, 1);
        int outputs = groups * s.between(1, 2);
        s.add(
                new Contraction.Conv1d(stride, dilation, groups, before, after),
                real(s, List.of(B, T, Dim.of((long) groups * channels)), false),
                s.matrix(outputs, taps, channels),
                s.maybe(s.real(outputs)));
    }

    private static void reduce(Scene s) {
        List<Dim> dims = s.dims(s.between(1, 3));
        int axis = axis(s, dims.size());
        Reduction reduction = s.one(Reduction.values());
        boolean empty = s.shape(dims).get(axis < 0 ? axis + dims.size() : axis) == 0;
        // Only a sum of nothing is a number.
        s.add(new Aggregation.Reduce(empty ? Reduction.SUM : reduction, axis, s.flip()), real(s, dims, false));
    }

    private static void argMax(Scene s) {
        List<Dim> dims = s.dims(2);
        dims.set(1, Dim.of(s.size()));
        Value x = real(s, dims, false);
        s.add(new Structure.Pick(), x, s.f.add(new Aggregation.ArgMax(-1), x));
    }

    private static void topK(Scene s) {
        int size = s.size();
        List<Dim> dims = s.dims(s.between(1, 3));
        dims.set(dims.size() - 1, Dim.of(size));
        s.add(
                new Aggregation.TopK(s.between(1, size), s.one(Aggregation.Normalisation.values())),
                real(s, dims, false));
    }

    private static void attention(Scene s) {
        int width = s.size();
        Dim queries = s.dim();
        Dim places = s.dim();
        Dim rows = s.flip() ? B : Dim.ONE;
        List<Dim> weights = List.of(B, queries, places);
        s.add(
                new Aggregation.Attention(s.one(1f, 0.5f)),
                real(s, List.of(B, queries, Dim.of(width)), false),
                s.matrix(rows, places, width),
                real(s, List.of(rows, places, Dim.of(s.size())), false),
                s.maybe(s.matrix(width)),
                s.flip() ? Value.ABSENT : s.flags(s.flip() ? weights : s.narrower(weights)));
    }

    private static void softmax(Scene s) {
        boolean log = s.flip();
        List<Dim> dims = s.dims(s.between(1, 3));
        Value mask = s.flip() ? Value.ABSENT : s.flags(s.flip() ? dims : s.narrower(dims));
        Value x = real(s, dims, false);
        if (!log || mask.isAbsent()) {
            s.add(new Aggregation.Softmax(log), x, mask);
            return;
        }
        // Minus infinity is no part of a loss.
        Value y = s.f.add(new Aggregation.Softmax(true), x, mask);
        s.add(new Elementwise.Where(), mask, y, s.f.add(new Structure.Fill(ElementType.F32, 0, List.of())));
    }

    private static void layerNorm(Scene s) {
        List<Dim> dims = s.dims(s.between(1, 3));
        int size = s.size();
        dims.set(dims.size() - 1, Dim.of(size));
        s.add(
                new Aggregation.LayerNorm(s.one(0.25f, 1e-5f)),
                real(s, dims, false),
                s.maybe(s.real(size)),
                s.maybe(s.real(size)));
    }

    private static void poolTime(Scene s) {
        Dim steps = s.flip() ? T : Dim.of(s.size());
        Value x = real(s, List.of(B, steps, Dim.of(s.size())), false);
        s.add(new Aggregation.PoolTime(s.one(Aggregation.Pooling.values())), x, s.lengths(B, steps));
    }

    private static void poolWindow(Scene s) {
        int size = s.between(1, 3);
        // An empty sequence has no negative number of windows.
        int stride = s.between(Math.max(1, size - s.sizes.steps()), 4);
        Value x = real(s, List.of(B, T, Dim.of(s.size())), false);
        s.add(new Aggregation.PoolWindow(s.one(Aggregation.Pooling.values()), size, stride), x);
    }

    private static void dropout(Scene s) {
        Value seed = s.whole(new ValueType(ElementType.I64, List.of()), 0, 1 << 20);
        s.add(new Training.Dropout(s.one(0f, 0.25f, 0.5f), s.between(0, 3)), real(s, s.dims(2), false), seed);
    }

    private static void crossEntropy(Scene s) {
        int size = s.size();
        List<Dim> dims = s.dims(s.between(1, 3));
        dims.set(dims.size() - 1, Dim.of(size));
        Value target = s.index(dims.subList(0, dims.size() - 1), size);
        s.add(new Training.CrossEntropy(s.one(0f, 0.125f)), real(s, dims, false), target);
    }

    private static void outerSum(Scene s) {
        List<Dim> rows = s.dims(s.between(0, 2));
        var a = new ArrayList<>(rows);
        a.add(s.dim());
        var b = new ArrayList<>(rows);
        b.add(s.dim());
        s.add(new Training.OuterSum(), real(s, a, false), real(s, b, false));
    }
}
