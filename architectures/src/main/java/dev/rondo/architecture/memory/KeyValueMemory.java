package dev.rondo.architecture.memory;

import dev.rondo.error.InputException;
import dev.rondo.format.ElementType;
import dev.rondo.graph.Aggregation;
import dev.rondo.graph.Dim;
import dev.rondo.graph.Function;
import dev.rondo.graph.FunctionBuilder;
import dev.rondo.graph.Structure;
import dev.rondo.graph.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * A memory of keys and values that are given (Miller et al. 2016): {@code α = softmax(K x), s = Σ_i α_i v_i}, and with
 * several hops {@code x := x + s}. A key that matches x far better than the others returns its value. It has no parameters.
 *
 * @param keySize   of x and of each key
 * @param valueSize of each value; with several hops that of keys
 * @param hops      how often it is read
 */
public record KeyValueMemory(int keySize, int valueSize, int hops) {
    public static final String READ = "read";

    private static final int MAX_HOPS = 64;

    /** @throws InputException when the sizes do not fit each other */
    public KeyValueMemory {
        if (keySize < 1 || valueSize < 1 || hops < 1 || hops > MAX_HOPS || hops > 1 && keySize != valueSize) {
            throw new InputException(
                    "key-value memory",
                    "has sizes above 0, 1 to " + MAX_HOPS + " hops, and with several hops values as long as keys",
                    keySize + ", " + valueSize + " and " + hops + " hops",
                    "change the sizes");
        }
    }

    /**
     * {@code read(query f32[B,D], keys f32[B,S,D], values f32[B,S,E], places i32[B]) -> read f32[B,E], attention
     * f32[B,hops,S]}: only the first {@code places} count; {@code read} is s of the last hop.
     */
    public Function read() {
        FunctionBuilder f = Function.builder(READ);
        Dim rows = Dim.named("B");
        Dim places = Dim.named("S");
        Value x = f.input("query", ElementType.F32, rows, keySize);
        Value keys = f.input("keys", ElementType.F32, rows, places, keySize);
        Value values = f.input("values", ElementType.F32, rows, places, valueSize);
        Value mask = f.add(new Structure.LengthMask(places), f.input("places", ElementType.I32, rows));
        Value valid = f.reshape(mask, rows, 1, places);
        var looks = new ArrayList<Value>();
        Value read = Value.ABSENT;
        for (int hop = 0; hop < hops; hop++) {
            x = hop == 0 ? x : f.plus(x, f.reshape(read, rows, keySize));
            List<Value> found = f.addAll(
                    new Aggregation.Attention(1),
                    List.of(),
                    List.of(f.reshape(x, rows, 1, keySize), keys, values, Value.ABSENT, valid));
            read = found.getFirst();
            looks.add(found.get(1));
        }
        f.output(f.add("read", new Structure.Reshape(List.of(rows, Dim.of(valueSize))), read));
        f.output(f.add("attention", new Structure.Concat(1), looks.toArray(new Value[0])));
        return f.build();
    }
}
