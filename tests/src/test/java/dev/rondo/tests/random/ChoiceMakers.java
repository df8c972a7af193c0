package dev.rondo.tests.random;

import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Value;
import dev.rondo.graph.ValueType;
import java.util.List;

/** How to add a node that chooses among the elements of a row, hard or soft, to a random function. */
final class ChoiceMakers {
    private ChoiceMakers() {}

    static void argMax(Pool p) {
        List<Dim> dims = p.dims(p.between(1, 3));
        int axis = p.random.nextInt(dims.size());
        dims.set(axis, Dim.of(p.size()));
        Value x = p.real(Pool.f32(dims), 8, 0);
        int size = (int) dims.get(axis).fixed();
        Value y = p.f.add(new Aggregation.ArgMax(p.flip() ? axis : axis - dims.size()), x);
        p.put(y, new Pool.Info(size, 0, size));
    }

    /** Which elements are the largest jumps, so x is exact. */
    static void topK(Pool p) {
        List<Dim> dims = p.dims(p.between(1, 3));
        int size = p.size();
        dims.set(dims.size() - 1, Dim.of(size));
        Value x = p.real(Pool.f32(dims), 8, 0);
        var normalisation = p.one(Aggregation.Normalisation.values());
        List<Value> found = p.f.addAll(new Aggregation.TopK(p.between(1, size), normalisation), List.of(), List.of(x));
        double m = p.magnitude(x);
        boolean plain = normalisation == Aggregation.Normalisation.NONE;
        p.put(found.getFirst(), plain ? m : 2 * m + 4, plain ? 0 : 64 * Pool.EPS * (1 + m));
        p.put(found.getLast(), new Pool.Info(size, 0, size));
    }

    static void softmax(Pool p) {
        Value x = p.real(1);
        boolean log = p.flip();
        List<Dim> dims = x.type().dims();
        Value mask = p.flip() ? Value.ABSENT : p.flags(new ValueType(ElementType.BOOL, Catalogue.narrower(p, dims)));
        double e = 2 * p.error(x) + 64 * Pool.EPS * (1 + p.magnitude(x));
        // The logarithm of what is masked is infinite.
        double m = !log ? 1 : mask.isAbsent() ? 2 * p.magnitude(x) + 4 : 1e9;
        p.add(new Aggregation.Softmax(log), m, e, x, mask);
    }

    static void attention(Pool p) {
        int width = p.size();
        Dim queries = p.dim();
        Dim places = p.dim();
        Dim rows = p.flip() ? Pool.ROWS : Dim.ONE;
        float scale = p.one(1f, 0.25f, -0.5f);
        Value query = p.real(Pool.f32(List.of(Pool.ROWS, queries, Dim.of(width))), 2, 1e-6);
        Value keys = p.real(Pool.f32(List.of(rows, places, Dim.of(width))), 2, 1e-6);
        Value values = p.real(Pool.f32(List.of(rows, places, p.dim())), 8, 1e-5);
        Value vector = p.flip() ? Value.ABSENT : p.real(Pool.f32(width), 2, 1e-6);
        List<Dim> dims = List.of(Pool.ROWS, queries, places);
        Value mask = p.flip() ? Value.ABSENT : p.flags(new ValueType(ElementType.BOOL, Catalogue.narrower(p, dims)));
        double m = width * 4 + 4;
        double e = 2 * width * (2 * p.error(query) + 2 * p.error(keys) + p.error(vector) + 16 * Pool.EPS * m);
        double share = 2 * e + 64 * Pool.EPS * (1 + m);
        double most = p.magnitude(values);
        List<Value> results =
                p.f.addAll(new Aggregation.Attention(scale), List.of(), List.of(query, keys, values, vector, mask));
        p.put(results.getFirst(), most, p.error(values) + most * share);
        p.put(results.getLast(), 1, share);
    }
}
