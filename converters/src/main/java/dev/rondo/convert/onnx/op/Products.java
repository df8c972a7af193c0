package dev.rondo.convert.onnx.op;

final class Products {
    private Products() {}

    static void addTo(OperatorTable table) {}
}
