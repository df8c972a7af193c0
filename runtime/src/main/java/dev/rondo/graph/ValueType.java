package dev.rondo.graph;

import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The type of a value in a function: element type and dimensions, written {@code f32[B,T,512]}. */
public record ValueType(ElementType element, List<Dim> dims) {
    /** More dimensions than this no operator has a use for; the file format has the same limit. */
    public static final int MAX_RANK = 8;

    /** @throws ShapeException when there are more than {@link #MAX_RANK} dimensions, or one is a negative number */
    public ValueType {
        dims = List.copyOf(dims);
        boolean fits = dims.size() <= MAX_RANK;
        for (Dim dim : dims) {
            fits &= !dim.isFixed() || dim.fixed() >= 0;
        }
        if (!fits) {
            throw new ShapeException(
                    "type of a value",
                    "it has at most " + MAX_RANK + " dimensions, none negative",
                    element.text() + dims,
                    "check the function that built this node");
        }
    }

    /** Dimensions as numbers, names or expression texts. */
    public static ValueType of(ElementType element, Object... dims) {
        return new ValueType(element, Dim.parseAll(Arrays.asList(dims)));
    }

    public static ValueType f32(Object... dims) {
        return of(ElementType.F32, dims);
    }

    public int rank() {
        return dims.size();
    }

    /** Dimension {@code axis}; negative axes count from the end. */
    public Dim dim(int axis) {
        return dims.get(axis < 0 ? axis + rank() : axis);
    }

    public ValueType withElement(ElementType other) {
        return new ValueType(other, dims);
    }

    public ValueType withDims(List<Dim> other) {
        return new ValueType(element, other);
    }

    /** This type with names of dimensions replaced. */
    public ValueType substitute(Map<String, Dim> replacements) {
        var substituted = new ArrayList<Dim>();
        for (Dim dim : dims) {
            substituted.add(dim.substitute(replacements));
        }
        return withDims(substituted);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ValueType that && element == that.element && dims.equals(that.dims);
    }

    @Override
    public int hashCode() {
        return 31 * element.ordinal() + dims.hashCode();
    }

    @Override
    public String toString() {
        return element.text() + "[" + String.join(",", Dim.texts(dims)) + "]";
    }
}
