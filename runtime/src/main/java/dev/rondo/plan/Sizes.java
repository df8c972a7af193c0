package dev.rondo.plan;

import dev.rondo.error.ShapeException;
import dev.rondo.graph.Dim;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * The sizes that a session's dimension names have: their capacity, for which memory is laid out, and their actual size,
 * which may change from call to call within it.
 */
public sealed interface Sizes extends ToLongFunction<String> {
    /** The largest size of a name. */
    long capacity(String name);

    /** The size of a name now. */
    long actual(String name);

    /** As a function, sizes are the actual ones. */
    @Override
    default long applyAsLong(String name) {
        return actual(name);
    }

    /** The largest size of a dimension. */
    default long capacity(Dim dim) {
        return dim.upperBound(new Capacities(this));
    }

    /** The largest sizes as a function. */
    record Capacities(Sizes sizes) implements ToLongFunction<String> {
        @Override
        public long applyAsLong(String name) {
            return sizes.capacity(name);
        }
    }

    /** Sizes declared by a session. Belongs to the session's thread. */
    final class Declared implements Sizes {
        private final String[] names;
        private final int[] capacity;
        private final int[] actual;
        private int version;

        /** All names begin at their capacity. */
        public Declared(List<String> names, Map<String, Integer> capacity) {
            this.names = names.toArray(new String[0]);
            this.capacity = new int[this.names.length];
            for (int i = 0; i < this.names.length; i++) {
                this.capacity[i] = capacity.getOrDefault(this.names[i], 1);
            }
            this.actual = this.capacity.clone();
            for (String name : capacity.keySet()) {
                index(name);
            }
        }

        /** Changes with every change of a size. */
        public int version() {
            return version;
        }

        public List<String> names() {
            return List.of(names);
        }

        /** Sets the size of a name, within its capacity. */
        public void set(String name, int size) {
            int i = index(name);
            if (size < 0 || size > capacity[i]) {
                throw new ShapeException(
                        "size of " + name,
                        "lies between 0 and the session's capacity " + capacity[i],
                        "" + size,
                        "open the session with a larger capacity");
            }
            if (actual[i] != size) {
                actual[i] = size;
                version++;
            }
        }

        private int index(String name) {
            for (int i = 0; i < names.length; i++) {
                if (names[i].equals(name)) {
                    return i;
                }
            }
            throw new ShapeException(
                    "size of " + name,
                    "the model has dimensions " + Arrays.toString(names),
                    "'" + name + "'",
                    "use one of the model's names");
        }

        @Override
        public long capacity(String name) {
            return capacity[index(name)];
        }

        @Override
        public long actual(String name) {
            return actual[index(name)];
        }
    }

    /** The sizes inside a scan's body: its names are expressions over the names outside. */
    final class Inner implements Sizes {
        private final Map<String, Dim> bindings;
        private final Sizes outer;

        public Inner(Map<String, Dim> bindings, Sizes outer) {
            this.bindings = Map.copyOf(bindings);
            this.outer = outer;
        }

        @Override
        public long capacity(String name) {
            Dim dim = bindings.get(name);
            return dim == null ? outer.capacity(name) : outer.capacity(dim);
        }

        @Override
        public long actual(String name) {
            Dim dim = bindings.get(name);
            return dim == null ? outer.actual(name) : dim.evaluate(outer);
        }
    }
}
