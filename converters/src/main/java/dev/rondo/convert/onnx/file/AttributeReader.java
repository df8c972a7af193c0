package dev.rondo.convert.onnx.file;

import dev.rondo.error.FormatException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads one attribute: several fields, of which its type says which one counts. */
final class AttributeReader {
    private final OnnxReader in;
    private final TensorReader tensors;
    private String name = "";
    private long type;
    private float real;
    private long integer;
    private String text = "";
    private OnnxTensor tensor;
    private OnnxGraph graph;
    private final List<Float> reals = new ArrayList<>();
    private final List<Long> integers = new ArrayList<>();
    private final List<String> texts = new ArrayList<>();
    private boolean reference;

    AttributeReader(OnnxReader in, TensorReader tensors) {
        this.in = in;
        this.tensors = tensors;
    }

    Map.Entry<String, OnnxAttribute> read() throws IOException {
        in.fields((field, wire) -> {
            switch (field) {
                case 1 -> name = in.text(wire);
                case 2 -> real = in.real(wire);
                case 3 -> integer = in.number(wire);
                case 4 -> text = in.text(wire);
                case 5 -> tensor = in.message(wire, () -> tensors.read(in));
                case 6 -> graph = in.message(wire, in::graph);
                case 7 -> in.reals(wire, reals);
                case 8 -> in.numbers(wire, integers);
                case 9 -> texts.add(in.text(wire));
                case 20 -> type = in.number(wire);
                case 21 -> {
                    in.text(wire);
                    reference = true;
                }
                default -> in.skip(field, wire);
            }
        });
        return Map.entry(name, value());
    }

    private OnnxAttribute value() {
        if (reference) {
            return new OnnxAttribute.Other("a reference to an attribute of a function");
        }
        return switch ((int) Math.min(type, 100)) {
            case 1 -> new OnnxAttribute.Real(real);
            case 2 -> new OnnxAttribute.Integer(integer);
            case 3 -> new OnnxAttribute.Text(text);
            case 4 -> new OnnxAttribute.Tensor(present(tensor, "tensor"));
            case 5 -> new OnnxAttribute.Graph(present(graph, "graph"));
            case 6 -> new OnnxAttribute.Reals(reals);
            case 7 -> new OnnxAttribute.Integers(integers);
            case 8 -> new OnnxAttribute.Texts(texts);
            default -> new OnnxAttribute.Other("type number " + type);
        };
    }

    private <T> T present(T value, String what) {
        if (value == null) {
            throw new FormatException(
                    "attribute '" + name + "'", "holds a " + what + ", as its type says", "none", "export it again");
        }
        return value;
    }
}
