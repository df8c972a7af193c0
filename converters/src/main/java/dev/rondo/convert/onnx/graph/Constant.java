package dev.rondo.convert.onnx.graph;

import dev.rondo.format.ElementType;
import dev.rondo.format.Encoding;
import dev.rondo.graph.Dim;
import dev.rondo.graph.ValueType;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** A value whose contents are known. Two are equal when they are the same object. */
final class Constant {
    private final String name;
    private final ElementType element;
    private final List<Integer> shape;
    private final List<String> sources;
    private final Encoding kept;
    private final Function<Evaluation, Elements> elements;
    private final Set<Constant> large;

    /**
     * @param name     of the tensor in the file
     * @param sources  tensors of the source that it is made from
     * @param kept     the encoding that keeps its values, of f32
     * @param large    what is computed to have it, without what lies on the heap: this one comes in addition
     * @param held     whether it lies on the heap
     * @param elements reads or computes them
     */
    Constant(
            String name,
            ElementType element,
            List<Integer> shape,
            List<String> sources,
            Encoding kept,
            Set<Constant> large,
            boolean held,
            Function<Evaluation, Elements> elements) {
        this.name = name;
        this.element = element;
        this.shape = List.copyOf(shape);
        this.sources = List.copyOf(sources);
        this.kept = kept;
        this.elements = elements;
        this.large = new LinkedHashSet<>(large);
        if (!held) {
            this.large.add(this);
        }
    }

    String name() {
        return name;
    }

    ElementType element() {
        return element;
    }

    List<Integer> shape() {
        return shape;
    }

    List<String> sources() {
        return sources;
    }

    Encoding kept() {
        return kept;
    }

    Function<Evaluation, Elements> elements() {
        return elements;
    }

    /** What is read or computed whenever this one is, itself included. */
    Set<Constant> large() {
        return large;
    }

    int count() {
        return shape.stream().mapToInt(Integer::intValue).reduce(1, Math::multiplyExact);
    }

    ValueType type() {
        return new ValueType(element, shape.stream().map(Dim::of).toList());
    }
}
