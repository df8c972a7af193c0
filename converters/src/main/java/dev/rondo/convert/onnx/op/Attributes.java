package dev.rondo.convert.onnx.op;

import dev.rondo.convert.onnx.file.OnnxAttribute;
import dev.rondo.convert.onnx.file.OnnxGraph;
import dev.rondo.convert.onnx.file.OnnxNode;
import dev.rondo.convert.onnx.file.OnnxTensor;
import dev.rondo.error.FormatException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The attributes of a node; remembers which were asked for. */
public final class Attributes {
    private final OnnxNode node;
    private final Set<String> used = new HashSet<>();

    Attributes(OnnxNode node) {
        this.node = node;
    }

    public boolean has(String name) {
        return node.attributes().containsKey(name);
    }

    public long integer(String name, long absent) {
        return switch (get(name)) {
            case null -> absent;
            case OnnxAttribute.Integer(long value) -> value;
            case OnnxAttribute other -> throw kind(name, "an integer", other);
        };
    }

    /** An integer that must be 0 or 1. */
    public boolean flag(String name, boolean absent) {
        long value = integer(name, absent ? 1 : 0);
        if (value != 0 && value != 1) {
            throw error(name, "is 0 or 1", "" + value);
        }
        return value == 1;
    }

    public float real(String name, float absent) {
        return switch (get(name)) {
            case null -> absent;
            case OnnxAttribute.Real(float value) -> value;
            case OnnxAttribute other -> throw kind(name, "a float", other);
        };
    }

    public String text(String name, String absent) {
        return switch (get(name)) {
            case null -> absent;
            case OnnxAttribute.Text(String value) -> value;
            case OnnxAttribute other -> throw kind(name, "a string", other);
        };
    }

    public Optional<List<Long>> integers(String name) {
        return switch (get(name)) {
            case null -> Optional.empty();
            case OnnxAttribute.Integers(List<Long> values) -> Optional.of(values);
            case OnnxAttribute other -> throw kind(name, "a list of integers", other);
        };
    }

    public Optional<List<Float>> reals(String name) {
        return switch (get(name)) {
            case null -> Optional.empty();
            case OnnxAttribute.Reals(List<Float> values) -> Optional.of(values);
            case OnnxAttribute other -> throw kind(name, "a list of floats", other);
        };
    }

    public Optional<List<String>> texts(String name) {
        return switch (get(name)) {
            case null -> Optional.empty();
            case OnnxAttribute.Texts(List<String> values) -> Optional.of(values);
            case OnnxAttribute other -> throw kind(name, "a list of strings", other);
        };
    }

    public Optional<OnnxTensor> tensor(String name) {
        return switch (get(name)) {
            case null -> Optional.empty();
            case OnnxAttribute.Tensor(OnnxTensor value) -> Optional.of(value);
            case OnnxAttribute other -> throw kind(name, "a tensor", other);
        };
    }

    public Optional<OnnxGraph> graph(String name) {
        return switch (get(name)) {
            case null -> Optional.empty();
            case OnnxAttribute.Graph(OnnxGraph value) -> Optional.of(value);
            case OnnxAttribute other -> throw kind(name, "a graph", other);
        };
    }

    /** Says that attributes mean nothing here. */
    public void ignore(String... names) {
        used.addAll(List.of(names));
    }

    /** @throws FormatException when nobody asked for an attribute */
    void checkUsed() {
        var unused = new TreeSet<>(node.attributes().keySet());
        unused.removeAll(used);
        if (!unused.isEmpty()) {
            throw new FormatException(
                    node.subject(),
                    "has only attributes that are understood",
                    "also " + unused,
                    "export the model without " + (unused.size() == 1 ? "it" : "them"));
        }
    }

    /** An error about an attribute. */
    public FormatException error(String name, String rule, String got) {
        return new FormatException(
                node.subject() + ", attribute '" + name + "'", rule, got, "docs/onnx.md says what is converted");
    }

    private OnnxAttribute get(String name) {
        used.add(name);
        return node.attributes().get(name);
    }

    private FormatException kind(String name, String wanted, OnnxAttribute got) {
        String what = got instanceof OnnxAttribute.Other(String kind)
                ? kind
                : got.getClass().getSimpleName();
        return error(name, "is " + wanted, what);
    }
}
