package dev.rondo.convert.onnx.op;

final class Selection {
    private Selection() {}

    static void addTo(OperatorTable table) {}
}
