package dev.rondo.convert.onnx.op;

final class Recurrence {
    private Recurrence() {}

    static void addTo(OperatorTable table) {}
}
