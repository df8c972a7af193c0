package dev.rondo.convert.onnx.op;

final class Reductions {
    private Reductions() {}

    static void addTo(OperatorTable table) {}
}
