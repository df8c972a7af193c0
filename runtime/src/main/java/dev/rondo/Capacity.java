package dev.rondo;

import dev.rondo.error.ShapeException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The largest sizes a session will see, by dimension name: {@code Capacity.of("B", 4).and("T", 128)}. Names that are not
 * mentioned have capacity 1. Memory is laid out for it once; sizes within it change freely.
 */
public record Capacity(Map<String, Integer> sizes) {
    /** One of everything: a stream of single steps. */
    public static final Capacity ONE = new Capacity(Map.of());

    public Capacity {
        for (Map.Entry<String, Integer> size : sizes.entrySet()) {
            if (size.getValue() < 0) {
                throw new ShapeException(
                        "capacity of " + size.getKey(),
                        "is not negative",
                        "" + size.getValue(),
                        "give the largest size");
            }
        }
        sizes = Map.copyOf(sizes);
    }

    public static Capacity of(String name, int size) {
        return ONE.and(name, size);
    }

    public Capacity and(String name, int size) {
        var all = new LinkedHashMap<>(sizes);
        all.put(name, size);
        return new Capacity(all);
    }
}
