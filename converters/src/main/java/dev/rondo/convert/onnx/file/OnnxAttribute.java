package dev.rondo.convert.onnx.file;

import java.util.List;

/** The value of an attribute. */
public sealed interface OnnxAttribute {
    record Integer(long value) implements OnnxAttribute {}

    record Real(float value) implements OnnxAttribute {}

    record Text(String value) implements OnnxAttribute {}

    record Integers(List<Long> values) implements OnnxAttribute {
        public Integers {
            values = List.copyOf(values);
        }
    }

    record Reals(List<Float> values) implements OnnxAttribute {
        public Reals {
            values = List.copyOf(values);
        }
    }

    record Texts(List<String> values) implements OnnxAttribute {
        public Texts {
            values = List.copyOf(values);
        }
    }

    record Tensor(OnnxTensor value) implements OnnxAttribute {}

    record Graph(OnnxGraph value) implements OnnxAttribute {}

    /**
     * Sparse tensors, types, lists of tensors or graphs, references to attributes of a function: nothing here takes
     * them.
     */
    record Other(String kind) implements OnnxAttribute {}
}
