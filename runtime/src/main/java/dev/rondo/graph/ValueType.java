package dev.rondo.graph;

import dev.rondo.error.ShapeException;
import dev.rondo.format.ElementType;
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
        if (dims.size() > MAX_RANK || dims.stream().anyMatch(d -> d.isFixed() && d.fixed() < 0)) {
            throw new ShapeException(
                    "type of a value",
                    "it has at most " + MAX_RANK + " dimensions, none negative",
                    element.text() + dims,
                    "check the function that built this node");
        }
    }

    /** Dimensions as numbers, names or expression texts. */
    public static ValueType of(ElementType element, Object... dims) {
        return new ValueType(
                element, Arrays.stream(dims).map(d -> Dim.parse(d.toString())).toList());
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
        return withDims(dims.stream().map(d -> d.substitute(replacements)).toList());
    }

    @Override
    public String toString() {
        return element.text() + "["
                + String.join(",", dims.stream().map(Dim::toString).toList()) + "]";
    }
}
