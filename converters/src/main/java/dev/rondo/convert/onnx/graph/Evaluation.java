package dev.rondo.convert.onnx.graph;

import java.util.HashMap;
import java.util.Map;

/** What is read and computed to have one constant: each part once. */
final class Evaluation {
    private final Map<Constant, Elements> known = new HashMap<>();

    Elements of(Constant constant) {
        Elements elements = known.get(constant);
        if (elements == null) {
            elements = constant.elements().apply(this);
            known.put(constant, elements);
        }
        return elements;
    }
}
