package dev.rondo.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * A value of a function: an input, a state, a weight or a node's output. The name is unique in its function; the name
 * of a weight is {@code @} and the tensor's name.
 */
public record Value(String name, ValueType type) {
    /** Stands where an optional input of a node is not given. */
    public static final Value ABSENT = new Value("_", ValueType.f32());

    /** The names of values. */
    static List<String> names(List<Value> values) {
        var names = new ArrayList<String>();
        for (Value value : values) {
            names.add(value.name);
        }
        return names;
    }

    public boolean isAbsent() {
        return name.equals("_");
    }

    public boolean isWeight() {
        return name.startsWith("@");
    }

    /** The tensor's name, of a weight. */
    public String tensorName() {
        return name.substring(1);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Value that && name.equals(that.name) && type.equals(that.type);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + type.hashCode();
    }

    @Override
    public String toString() {
        return name + ": " + type;
    }
}
